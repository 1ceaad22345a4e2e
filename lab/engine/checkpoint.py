"""The stack's files in the layout of the real CLI's file backend (pkg/backend/diy)."""

import hashlib
import json
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from lab.engine import resources
from lab.engine.errors import StateError
from lab.engine.files import write_atomically
from lab.engine.resources import Resource
from lab.engine.secrets import PassphraseSecrets
from lab.engine.serialize import Json, Serializer

_VERSION: Final = 3
# Only written by the CLI when a feature flag is set; none of them is known here.
_VERSION_WITH_FEATURES: Final = 4


@dataclass(frozen=True, slots=True)
class StackPaths:
    """Where a stack keeps its files below the backend's folder."""

    backend: Path
    project: str
    stack: str

    @property
    def checkpoint(self) -> Path:
        """The state file, shared with the real CLI."""
        return self.backend / ".pulumi" / "stacks" / self.project / f"{self.stack}.json"

    @property
    def meta(self) -> Path:
        """Marks the backend as one with stacks by project."""
        return self.backend / ".pulumi" / "meta.yaml"

    @property
    def cli_locks(self) -> Path:
        """Where the real CLI locks this stack."""
        locks = self.backend / ".pulumi" / "locks" / "organization"
        return locks / self.project / self.stack

    @property
    def journal(self) -> Path:
        """The journal of a running or crashed operation of the small engine."""
        return self.backend / "engine" / self.project / f"{self.stack}.journal"

    @property
    def lock(self) -> Path:
        """The small engine's lock file."""
        return self.backend / "engine" / self.project / f"{self.stack}.lock"


@dataclass(slots=True)
class Pending:
    """An operation whose outcome is unknown: `creating`, `updating`, `deleting` or `reading`."""

    type: str
    resource: Resource


@dataclass(slots=True)
class Snapshot:
    """A state as read from disk.

    Attributes:
        digest: SHA-256 of the file's bytes, empty when there is none.
        opener: the secrets the state is sealed with.
    """

    resources: list[Resource] = field(default_factory=list)
    pending: list[Pending] = field(default_factory=list)
    digest: str = ""
    opener: PassphraseSecrets | None = None


def load(paths: StackPaths, secrets: PassphraseSecrets, serializer: Serializer) -> Snapshot:
    """Read the stack's state; an absent file is an empty state.

    Raises:
        StateError: the file is damaged or of a form this engine does not know.
        WrongPassphraseError: the passphrase is not the state's.
    """
    try:
        content = paths.checkpoint.read_bytes()
    except FileNotFoundError:
        return Snapshot(opener=secrets)
    except OSError as error:
        raise StateError(f"cannot read {paths.checkpoint}: {error.strerror}") from error
    try:
        document = json.loads(content)
        version, latest = document["version"], document["checkpoint"].get("latest") or {}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StateError(
            f"{paths.checkpoint} is not a Pulumi checkpoint (damaged?): restore it from a copy "
            f"such as {paths.checkpoint.name}.bak beside it"
        ) from error
    if version not in {_VERSION, _VERSION_WITH_FEATURES} or document.get("features"):
        raise StateError(
            f"{paths.checkpoint} uses features that only the real Pulumi CLI knows "
            f"(version {version}, {document.get('features')}): go on with `pulumi` itself"
        )
    opener = _opener(latest, secrets)
    return Snapshot(
        resources=[serializer.load(data, opener) for data in latest.get("resources") or []],
        pending=[
            Pending(data["type"], serializer.load(data["resource"], opener))
            for data in latest.get("pending_operations") or []
        ],
        digest=hashlib.sha256(content).hexdigest(),
        opener=opener,
    )


def _opener(latest: Json, secrets: PassphraseSecrets) -> PassphraseSecrets:
    providers = latest.get("secrets_providers")
    if not providers:
        return secrets
    if providers.get("type") != "passphrase":
        raise StateError(
            f"the state's secrets are kept by {providers.get('type')!r}; the lab only knows "
            "`passphrase`: run `pulumi stack change-secrets-provider passphrase`"
        )
    return secrets.for_salt(providers["state"]["salt"])


def save(
    paths: StackPaths,
    secrets: PassphraseSecrets,
    serializer: Serializer,
    state: tuple[list[Resource], list[Pending]],
) -> str:
    """Write the state, replacing the old file at once; gives the SHA-256 of what was written.

    The state before stays in a `.bak` file, as the real CLI does it.

    Raises:
        StateError: it could not be written; the old state is intact.
    """
    version = f"v{metadata.version('pulumi')}"
    latest: dict[str, Any] = {
        "manifest": {
            "time": resources.now(),
            "magic": hashlib.sha256(version.encode()).hexdigest(),
            "version": version,
        },
        "secrets_providers": {"type": "passphrase", "state": {"salt": secrets.salt}},
        "resources": [serializer.dump(resource) for resource in state[0]],
        "pending_operations": [
            {"resource": serializer.dump(pending.resource), "type": pending.type}
            for pending in state[1]
        ],
        "metadata": {},
    }
    name = f"organization/{paths.project}/{paths.stack}"
    document = {"version": _VERSION, "checkpoint": {"stack": name, "latest": latest}}
    if not paths.meta.exists():
        write_atomically(paths.meta, b"version: 1\n")
    content = json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()
    if paths.checkpoint.exists():
        backup = paths.checkpoint.with_name(f"{paths.checkpoint.name}.bak")
        write_atomically(backup, paths.checkpoint.read_bytes())
    write_atomically(paths.checkpoint, content)
    return hashlib.sha256(content).hexdigest()
