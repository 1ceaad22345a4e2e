"""Asks a lab's DNS server with the real `dig`."""

import shutil
import subprocess
from collections.abc import Iterable

import dns.rdatatype
import dns.rrset
import dns.zonefile
import pytest

from tests.deployed import Deployed

Question = tuple[str, str]  # a name without its final dot, and a type


def dig(stack: Deployed, questions: Iterable[Question], *, section: str = "answer") -> list[str]:
    """Give the lines of one section of all answers, as `dig` prints them."""
    program = shutil.which("dig")
    if program is None:
        pytest.skip("dig is not installed (bind9-dnsutils); .ci/run installs it")
    address, port = stack.project.dns()
    done = subprocess.run(
        [program, f"@{address}", "-p", str(port), "+noall", f"+{section}", "-f", "/dev/stdin"],
        input="".join(f"{name} {kind}\n" for name, kind in questions),
        check=True,
        capture_output=True,
        text=True,
    )
    return [line for line in done.stdout.splitlines() if line]


def rrsets(lines: Iterable[str]) -> dict[Question, dns.rrset.RRset]:
    """Read `dig`'s lines as the zone file that they are."""
    found = dns.zonefile.read_rrsets("\n".join(lines), rdclass=None)
    return {
        (rrset.name.to_text(omit_final_dot=True), dns.rdatatype.to_text(rrset.rdtype)): rrset
        for rrset in found
    }
