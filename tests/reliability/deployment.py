"""What a lab's project has on disk and in the emulated world, seen without any engine running."""

import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import dns.message
import dns.query

from lab.engine import Orphan, checkpoint
from lab.engine.checkpoint import StackPaths
from lab.engine.properties import plain
from lab.engine.recovery import recover
from lab.engine.resources import Resource
from lab.engine.secrets import PassphraseSecrets
from lab.engine.serialize import Serializer
from lab.passphrase import DEV_PASSPHRASE
from lab.stack_file import load_stack
from lab.world import World
from tests.lab_project import LabProject

# Outputs that nothing may change once they are in the state.
_KEYS = {
    *("private_key", "public_record", "ca_key", "ca_certificate", "certificate", "password"),
    *("secret", "sesSmtpPasswordV4"),
}


@dataclass
class Deployment:
    """A project's lab, as the next engine will find it."""

    project: LabProject
    passphrase: str = DEV_PASSPHRASE
    _secrets: PassphraseSecrets | None = field(default=None, repr=False)

    @property
    def paths(self) -> StackPaths:
        return StackPaths(self.project.lab / "backend", "mailstack", "dev")

    @property
    def secrets(self) -> PassphraseSecrets:
        if self._secrets is None:  # one for all: opening costs half a second
            self._secrets = load_stack(self.project.folder, "dev", self.passphrase).secrets
        return self._secrets

    def resources(self) -> list[Resource]:
        """Everything the state knows, with what the journal of a killed engine adds."""
        serializer = Serializer(self.secrets)
        with World(self.project.lab / "world.db") as world:
            snapshot = checkpoint.load(self.paths, self.secrets, serializer)
            return recover(
                self.paths,
                snapshot,
                serializer,
                lambda urn: [
                    Orphan(type=e.type, id=e.id, outputs=e.outputs) for e in world.ledger(urn)
                ],
            ).resources

    def pending(self) -> list[str]:
        """Operations of unknown outcome in the checkpoint."""
        serializer = Serializer(self.secrets)
        found = checkpoint.load(self.paths, self.secrets, serializer).pending
        return [f"{operation.type} {operation.resource.urn}" for operation in found]

    def keys(self, *, but: str = "nothing") -> dict[str, str]:
        """Every key, certificate and password, by output, but those of one resource."""
        return {
            f"{resource.urn} {key}": str(plain(value))
            for resource in self.resources()
            for key, value in resource.outputs.items()
            if key in _KEYS and not resource.urn.endswith(f"::{but}")
        }

    def counts(self) -> Counter[str]:
        """How many objects of each kind there are in the emulated clouds and Docker."""
        return Counter(kind for kind, _ in self._objects())

    def records(self) -> Counter[tuple[str, str]]:
        """How many DNS records of each name and type there are."""
        with World(self.project.lab / "world.db") as world:
            found = world.find("cloudflare:index/dnsRecord:DnsRecord").values()
            return Counter((str(record["name"]), str(record["type"])) for record in found)

    def unknown(self) -> set[tuple[str, str]]:
        """Objects that were made for the stack but are not in its state, or the reverse."""
        with closing(sqlite3.connect(self.project.lab / "world.db")) as database:
            made = set(database.execute("SELECT type, id FROM ledger"))
        packages = ("aws:", "cloudflare:", "docker:")
        state = {(r.type, r.id) for r in self.resources() if r.type.startswith(packages)}
        return made ^ state

    def files(self) -> set[str]:
        """Paths in Docker's volumes."""
        volumes = self.project.lab / "volumes"
        return {str(path.relative_to(volumes)) for path in volumes.rglob("*")}

    def dkim_answers(self) -> dict[str, tuple[str, str]]:
        """For each DKIM key: the state's public half, and what the lab's DNS answers."""
        keys = [
            {name: str(plain(value)) for name, value in resource.outputs.items()}
            for resource in self.resources()
            if resource.type.endswith(":DkimKey")
        ]
        names = [f"{key['selector']}._domainkey.{key['domain']}" for key in keys]
        return {
            name: (key["public_record"], self._txt(name))
            for name, key in zip(names, keys, strict=True)
        }

    def _txt(self, name: str) -> str:
        address, port = self.project.dns()
        query = dns.message.make_query(name, "TXT")
        reply = dns.query.tcp(query, address, port=port, timeout=10)
        return "|".join(
            b"".join(data.strings).decode() for answer in reply.answer for data in answer
        )

    def _objects(self) -> list[tuple[str, str]]:
        with closing(sqlite3.connect(self.project.lab / "world.db")) as database:
            rows: list[tuple[Any, Any]] = database.execute(
                "SELECT kind, id FROM objects"
            ).fetchall()
        return [(str(kind), str(identifier)) for kind, identifier in rows]
