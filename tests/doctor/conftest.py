"""A small deployment as its outputs describe it, and the world around it."""

import ssl
from collections.abc import Iterator
from typing import Any

import pytest
import trustme
from checkdmarc.utils import DNS_CACHE

from doctor.deployment import Deployment
from doctor.outputs import parse_outputs
from mail.dkim import generate_key, public_record
from mail.dmarc import DmarcPolicy
from mail.facts import DkimRecord, DomainFacts, Record
from mail.records import domain_records, mail_host_records, ptr_record
from tests.doctor.dns_world import DnsWorld
from tests.doctor.mail_world import MailWorld
from tests.doctor.offers import server_tls

HOSTNAME = "mail.example.test"
ADDRESS = "127.0.0.1"
ZONES = {"example.test": "example.test", "example.org": "example.org"}


@pytest.fixture(scope="session")
def dkim_values() -> dict[str, str]:
    """Give the published halves of an RSA and an Ed25519 key, by algorithm."""
    return {
        "rsa": public_record(generate_key("rsa")),
        "ed25519": public_record(generate_key("ed25519")),
    }


@pytest.fixture
def planned(dkim_values: dict[str, str]) -> list[Record]:
    """Give the records of two domains; example.test sends its reports to example.org."""
    keys = (
        DkimRecord(selector="mail", value=dkim_values["rsa"]),
        DkimRecord(selector="mail-ed25519", value=dkim_values["ed25519"]),
    )
    records = mail_host_records(hostname=HOSTNAME, ipv4=ADDRESS, ipv6=None, zone="example.test")
    for domain, reports in (("example.test", "dmarc@example.org"), ("example.org", None)):
        facts = DomainFacts(
            domain=domain,
            hostname=HOSTNAME,
            ipv4=ADDRESS,
            zones=ZONES,
            dkim=keys,
            dmarc=DmarcPolicy(reports=reports),
        )
        records += domain_records(facts)
    return records


@pytest.fixture
def raw_outputs(planned: list[Record], dkim_values: dict[str, str]) -> dict[str, Any]:
    """Give the outputs of that deployment, as JSON has them."""
    ptr = ptr_record(hostname=HOSTNAME, address=ADDRESS)
    return {
        "hostname": HOSTNAME,
        "ipv4": ADDRESS,
        "ipv6": None,
        "ptr": {"name": ptr.name, "content": ptr.content, "why": ptr.why},
        "records": [
            {
                "zone": record.zone,
                "name": record.name,
                "type": record.type,
                "content": record.content,
                "priority": record.priority,
                "ttl": record.ttl,
                "why": record.why,
            }
            for record in planned
        ],
        "endpoints": {},
        "mailboxes": {},
        "dkim": [
            {
                "domain": domain,
                "selector": selector,
                "algorithm": algorithm,
                "record": dkim_values[algorithm],
            }
            for domain in ZONES
            for selector, algorithm in (("mail", "rsa"), ("mail-ed25519", "ed25519"))
        ],
        "relay": {"kind": "none"},
        "tls": {"kind": "selfSigned"},
        "caCertificate": None,
        "containerId": "c0ffee",
    }


@pytest.fixture
def dns(planned: list[Record]) -> Iterator[DnsWorld]:
    """Give a DNS server that answers everything as planned."""
    # checkdmarc remembers answers by name for the process; each test has a world of its own.
    DNS_CACHE.clear()
    with DnsWorld() as world:
        world.publish([*planned, ptr_record(hostname=HOSTNAME, address=ADDRESS)])
        yield world


@pytest.fixture
def deployment(raw_outputs: dict[str, Any], dns: DnsWorld) -> Deployment:
    """Give a deployment that is what its outputs say, in a world without mail servers."""
    return Deployment(outputs=parse_outputs(raw_outputs), resolver=dns.resolver(), timeout=5)


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """Give the authority that `caCertificate` names."""
    return trustme.CA()


@pytest.fixture
def mail_world() -> Iterator[MailWorld]:
    """Give a place for mail servers."""
    with MailWorld() as world:
        yield world


@pytest.fixture
def ca(authority: trustme.CA) -> str:
    """Give that authority's certificate as the outputs have it."""
    return authority.cert_pem.bytes().decode("ascii")


@pytest.fixture
def tls(authority: trustme.CA) -> ssl.SSLContext:
    """Give the server's side of TLS with a good certificate."""
    return server_tls(authority.issue_cert(HOSTNAME))
