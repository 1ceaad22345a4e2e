"""Stacks that stay deployed for all the tests that only look at them: an `up` takes seconds."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import dns.message
import dns.query
import dns.rdatatype

from tests.lab_project import LabProject, dev_stack

RSPAMD_DOMAINS = ("example.test", "example.org", "xn--bcher-kva.example")
OPENDKIM_DOMAINS = (
    "example.test",
    "news.example.test",
    "lists.example.test",
    "xn--bcher-kva.example",
)


def opendkim_stack() -> dict[str, Any]:
    """What the dev stack has not: OpenDKIM, IPv6, masters, patterns, zones that share a domain."""
    stack = dev_stack()
    config = stack["config"]
    config["mailstack:host"]["ipv6"] = True
    config["mailstack:server"] |= {
        "signer": "opendkim",
        "masters": {"admin": {}},
        "regexpAliases": {r"/^sales-.+@xn--bcher-kva\.example$/": "alice@example.test"},
    }
    config["mailstack:dns"]["zones"] = ["lists.example.test"]
    domains = config["mailstack:domains"]
    config["mailstack:domains"] = {
        "example.test": domains["example.test"],
        "news.example.test": {"accounts": {"eve": {}}},  # in the zone of example.test
        "lists.example.test": {"accounts": {"lena": {"quota": "500M"}}},  # a zone of its own
        "bücher.example": domains["bücher.example"],
    }
    return stack


@dataclass
class Deployed:
    """A stack in its lab, with the simulated Docker Engine: its volumes are folders."""

    project: LabProject

    @cached_property
    def outputs(self) -> dict[str, Any]:
        return self.project.outputs(secrets=True)

    @property
    def volume(self) -> Path:
        return self.project.lab / "volumes" / "mailstack-dev-config" / "_data"

    @property
    def passwords(self) -> dict[str, str]:
        return {address: box["password"] for address, box in self.outputs["mailboxes"].items()}

    def change(self, stack_file: Mapping[str, Any]) -> None:
        """Deploy another stack file to the same lab; it must hold all that the last one held."""
        self.project.write(stack_file)
        self.project.small("up")
        self.__dict__.pop("outputs", None)

    def txt(self, name: bytes, timeout: int = 5) -> bytes | None:
        """Ask the lab's DNS server, with the signature of dkimpy's `dnsfunc`."""
        address, port = self.project.dns()
        query = dns.message.make_query(name.decode(), "TXT")
        reply, _ = dns.query.udp_with_fallback(query, address, port=port, timeout=timeout)
        strings = [
            b"".join(record.strings)
            for rrset in reply.answer
            if rrset.rdtype == dns.rdatatype.TXT
            for record in rrset
        ]
        return strings[0] if len(strings) == 1 else None


@contextmanager
def deployed(folder: Path, stack_file: Mapping[str, Any]) -> Iterator[Deployed]:
    project = LabProject.make(folder, stack_file)
    project.extra["MAILSTACK_LAB_DOCKER"] = "simulated"
    try:
        project.small("up")
        yield Deployed(project)
    finally:
        project.destroy()
