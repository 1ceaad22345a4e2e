"""What is left to a person when no DNS provider is spoken to."""

import pytest

from mail.dns_instructions import dns_instructions
from mail.instructions import Instruction


def instructions(provider: str, aws_region: str | None = None) -> list[Instruction]:
    return dns_instructions(
        provider=provider,
        zones=["example.test", "example.org", "example.test"],
        hostname="mail.example.test",
        aws_region=aws_region,
    )


@pytest.mark.parametrize("provider", ["cloudflare", "route53"])
def test_nothing_where_a_provider_does_it(provider: str) -> None:
    assert instructions(provider, "eu-central-1") == []


def test_each_zone_is_loaded_once() -> None:
    whats = [one.what for one in instructions("zonefile")]
    assert whats == [
        "Load the records of the zone example.org",
        "Load the records of the zone example.test",
    ]
    assert "'.\"example.org\"' > example.org.zone" in instructions("zonefile")[0].how


def test_the_reverse_name_comes_after_the_file() -> None:
    *_, last = instructions("zonefile", "eu-central-1")
    assert last.what == "Give the server's address the reverse name mail.example.test"
    assert "--region eu-central-1 --domain-name mail.example.test" in last.how
    assert '--public-ips "$(pulumi stack output ipv4)"' in last.how
