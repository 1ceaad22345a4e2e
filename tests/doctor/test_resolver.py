"""Questions to the DNS: one server, bounded time, and no answer told from no record."""

import socket

import pytest

from doctor.errors import DnsError, DoctorError
from doctor.resolver import Resolver
from tests.doctor.dns_world import DnsWorld


def test_what_is_there(dns: DnsWorld) -> None:
    resolver = dns.resolver()
    assert resolver.addresses("mail.example.test") == {"127.0.0.1"}
    assert resolver.texts("_dmarc.example.org") == ["v=DMARC1; p=quarantine"]


def test_a_long_text_is_joined(dns: DnsWorld, dkim_values: dict[str, str]) -> None:
    assert len(dkim_values["rsa"]) > 255
    assert dns.resolver().texts("mail._domainkey.example.org") == [dkim_values["rsa"]]


@pytest.mark.parametrize("name", ["nobody.example.test", "mail.example.test"])
def test_what_is_not_there_is_empty(dns: DnsWorld, name: str) -> None:
    assert dns.resolver().look_up(name, "CNAME") == []


def test_a_failing_server_is_no_empty_answer(dns: DnsWorld) -> None:
    dns.broken.add("example.test")
    with pytest.raises(DnsError, match=r"no answer for example\.test MX"):
        dns.resolver().look_up("example.test", "MX")


def test_a_silent_server_is_given_up() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mute:
        mute.bind(("127.0.0.1", 0))
        resolver = Resolver(f"127.0.0.1:{mute.getsockname()[1]}", lifetime=0.2)
        assert resolver.engine.lifetime == 0.2
        with pytest.raises(DnsError, match="timed out"):
            resolver.look_up("example.test", "MX")


@pytest.mark.parametrize(
    ("server", "host", "port"),
    [("127.0.0.1:5353", "127.0.0.1", 5353), ("9.9.9.9", "9.9.9.9", 53), ("[::1]:54", "::1", 54)],
)
def test_how_a_server_is_named(server: str, host: str, port: int) -> None:
    engine = Resolver(server).engine
    assert (engine.nameservers, engine.port) == ([host], port)


@pytest.mark.parametrize("server", ["dns.example.test:53", "127.0.0.1:x", "", "127.0.0.1:99999"])
def test_a_bad_server_is_refused(server: str) -> None:
    with pytest.raises(DoctorError, match="not a DNS server"):
        Resolver(server)
