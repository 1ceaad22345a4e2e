"""Pulumi.yaml and Pulumi.<stack>.yaml, read as the real CLI reads them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from lab.engine.errors import StateError, WrongPassphraseError
from lab.engine.secrets import PassphraseSecrets
from lab.engine.stack import StackFile
from lab.errors import LabError

PASSPHRASE = "passphrase"  # noqa: S105 - what the provider is called
"""The secrets provider that needs nothing but a passphrase: Pulumi's name for it."""


class StackFileError(LabError):
    """A stack or project file is missing or wrong; the message names file and line."""


def load_stack(folder: Path, stack: str, passphrase: str) -> StackFile:
    """Read a stack's configuration from the project's folder.

    Raises:
        StackFileError: a file is missing, is no YAML, has a wrong form, or holds secrets of a
            provider that only the real CLI can ask.
        WrongPassphraseError: the passphrase does not open the `secure:` values.
    """
    project_file, stack_file = folder / "Pulumi.yaml", folder / f"Pulumi.{stack}.yaml"
    project = _read(project_file)
    if not isinstance(project.get("name"), str):
        raise StackFileError(f"{project_file}: it has no `name`")
    if not stack_file.exists():
        known = sorted(path.name.split(".")[1] for path in folder.glob("Pulumi.*.yaml"))
        raise StackFileError(
            f"there is no stack {stack!r}: {stack_file} does not exist "
            f"(stacks here: {', '.join(known) or 'none'})"
        )
    document = _read(stack_file)
    secrets = PassphraseSecrets(passphrase, document.get("encryptionsalt"))
    given = _section(document, stack_file)
    opened = _Opener(secrets, stack_file, str(document.get("secretsprovider") or PASSPHRASE))
    config = {key: _text(opened.open(key, value)) for key, value in given.items()}
    for key, value in _defaults(project, project_file):
        config.setdefault(key, _text(value))
    return StackFile(
        project=project["name"],
        stack=stack,
        config=config,
        secret_keys=frozenset(opened.keys),
        secret_values=frozenset(opened.values),
        secrets=secrets,
    )


class _Opener:
    """Replaces `secure:` values by what they hold, and remembers which they were."""

    def __init__(self, secrets: PassphraseSecrets, path: Path, provider: str) -> None:
        self._secrets = secrets
        self._path = path
        self._provider = provider.partition("://")[0]
        self.keys: set[str] = set()
        self.values: set[str] = set()

    def open(self, key: str, value: Any) -> Any:  # noqa: ANN401 (anything YAML can hold)
        if isinstance(value, list):
            return [self.open(key, item) for item in value]
        if not isinstance(value, dict):
            return value
        if set(value) == {"secure"}:
            return self._decrypt(key, value["secure"])
        return {str(name): self.open(key, item) for name, item in value.items()}

    def _decrypt(self, key: str, ciphertext: object) -> str:
        if self._provider != PASSPHRASE:
            raise StackFileError(
                f"{self._path}: its secrets are kept by {self._provider}, which the lab cannot "
                "ask; preview it with `pulumi preview`, or give the lab a stack of its own"
            )
        try:
            text = self._secrets.decrypt(str(ciphertext))
        except WrongPassphraseError:
            raise
        except StateError as error:
            raise StackFileError(
                f"{self._path}: a secure value in {key} cannot be opened with this file's "
                f"`encryptionsalt`: set it again with `pulumi config set --secret --path`"
            ) from error
        self.keys.add(key)
        self.values.add(text)
        return text


def _defaults(project: dict[str, Any], path: Path) -> Iterator[tuple[str, Any]]:
    """What the project's own `config:` block gives to every stack."""
    for name, declared in _section(project, path, namespaced=False).items():
        key = name if ":" in name else f"{project['name']}:{name}"
        if not isinstance(declared, dict):
            yield key, declared
            continue
        for field_name in ("value", "default"):
            if field_name in declared:
                yield key, declared[field_name]
                break


def _section(document: dict[str, Any], path: Path, *, namespaced: bool = True) -> dict[str, Any]:
    section = document.get("config") or {}
    if not isinstance(section, dict):
        raise StackFileError(f"{path}: `config` has to be a map of keys to values")
    wrong = [key for key in section if namespaced and ":" not in str(key)]
    if wrong:
        raise StackFileError(
            f"{path}: the configuration key {wrong[0]!r} needs a namespace: `mailstack:{wrong[0]}`"
        )
    return section


def _read(path: Path) -> dict[str, Any]:
    try:
        document = YAML(typ="safe", pure=True).load(path.read_text())
    except OSError as error:
        raise StackFileError(f"cannot read {path}: {error.strerror}") from error
    except (YAMLError, UnicodeDecodeError) as error:
        raise StackFileError(_located(path, error)) from error
    if document is not None and not isinstance(document, dict):
        raise StackFileError(f"{path}: it has to be a map, such as `config:` with keys below it")
    return document or {}


def _located(path: Path, error: Exception) -> str:
    if isinstance(error, MarkedYAMLError) and error.problem_mark is not None:
        # What is left out quotes the values of a key that is there twice; they may be secret.
        problem = (error.problem or "not YAML").split(" with value ")[0]
        return f"{path}:{error.problem_mark.line + 1}: {problem}"
    return f"{path}: not a YAML text file"


def _text(value: object) -> str:
    """A value as the real CLI hands it to a program: text as it is, the rest as JSON."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
