"""What is asked of a person at each relay's provider: once, and for the right domains."""

import pytest

from components.relay.relay_instructions import relay_instructions
from mail.instructions import Instruction
from settings import load
from tests.settings.conftest import GOOD, Raw

SMTP = {"kind": "smtp", "host": "smtp.example.net", "user": "u", "password": "geheim"}


def of(relay: Raw, domains: dict[str, Raw] | None = None) -> list[Instruction]:
    ways = domains or {}
    raw = GOOD | {
        "relay": relay,
        "domains": {
            domain: mail | ({"relay": ways[domain]} if domain in ways else {})
            for domain, mail in GOOD["domains"].items()
        },
    }
    return relay_instructions(load(raw))


def test_the_sandbox_is_left_region_by_region() -> None:
    both = of({"kind": "ses"}, {"example.org": {"kind": "ses", "region": "us-east-1"}})
    assert ["in eu-central-1" in both[0].what, "in us-east-1" in both[1].what] == [True, True]
    assert "example.test" in both[0].why
    assert "example.org" not in both[0].why
    assert "--region us-east-1" in both[1].how


def test_domains_that_share_a_relay_are_told_together() -> None:
    (one,) = of({"kind": "ses"})
    assert "example.test and example.org" in one.why
    (sendgrid,) = of({"kind": "sendgrid", "apiKey": "geheim"})
    assert "example.test and example.org" in sendgrid.what


@pytest.mark.parametrize(
    ("relay", "words"),
    [
        ({"kind": "sendgrid", "apiKey": "geheim"}, ["SendGrid", "tracking"]),
        (
            {"kind": "mailgun", "user": "u", "password": "geheim", "region": "eu"},
            ["Mailgun (EU)", "tracking"],
        ),
        (
            {"kind": "gmail", "user": "me@gmail.com", "password": "geheim"},
            ["me@gmail.com", "app password"],
        ),
        (SMTP, ["smtp.example.net", "spfInclude"]),
    ],
)
def test_each_provider_asks_for_its_own(relay: Raw, words: list[str]) -> None:
    (one,) = of({"kind": "none"}, {"example.org": relay})
    text = f"{one.what} {one.why} {one.how}"
    for word in (*words, "example.org"):
        assert word in text
    assert "geheim" not in text


def test_an_include_that_is_there_is_not_asked_for() -> None:
    (one,) = of(SMTP | {"spfInclude": "_spf.example.net"})
    assert "spfInclude" not in one.how


def test_delivering_directly_asks_nothing_of_a_relay() -> None:
    assert of({"kind": "none"}) == []


@pytest.mark.parametrize(
    ("relay", "own", "direct"),
    [
        ({"kind": "none"}, {}, True),
        (SMTP, {}, False),
        (SMTP, {"example.org": {"kind": "none"}}, True),
        # Bounces and forwarded mail still leave by themselves.
        ({"kind": "none"}, {"example.test": SMTP, "example.org": SMTP}, True),
    ],
)
def test_whether_port_25_is_needed(relay: Raw, own: dict[str, Raw], direct: bool) -> None:
    domains = {
        domain: mail | ({"relay": own[domain]} if domain in own else {})
        for domain, mail in GOOD["domains"].items()
    }
    assert load(GOOD | {"relay": relay, "domains": domains}).delivers_directly is direct
