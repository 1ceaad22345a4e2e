"""The real Postfix on the relay maps of a deployed config volume; secrets stay out of the rest."""

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.deployed import Deployed, deployed
from tests.lab_project import dev_stack, sealed
from tests.system.conftest import Need

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("deployed")]

SECRETS = {"mailgun": "mg geheim", "sendgrid": "SG.geheim", "gmail": "abcdefghijklmnop"}
DOMAINS = {
    "example.test": {"kind": "ses", "region": "us-east-1"},
    "example.org": {"kind": "none"},
    "bücher.example": {
        "kind": "mailgun",
        "region": "eu",
        "user": "postmaster@mg.test",
        "password": SECRETS["mailgun"],
    },
    "news.test": {"kind": "sendgrid", "apiKey": SECRETS["sendgrid"]},
}
SES, SENDGRID = "[email-smtp.us-east-1.amazonaws.com]:587", "[smtp.sendgrid.net]:587"
MAILGUN, GMAIL = "[smtp.eu.mailgun.org]:587", "[smtp.gmail.com]:587"

Lookup = Callable[[str, str], str | None]


def _stack() -> dict[str, Any]:
    stack = dev_stack()
    config = stack["config"]
    config["mailstack:relay"] = {
        "kind": "gmail",
        "user": "me@gmail.com",
        "password": sealed(stack, SECRETS["gmail"]),
    }
    domains = config["mailstack:domains"]
    domains["news.test"] = {"accounts": {"nina": {}}}
    for domain, relay in DOMAINS.items():
        domains[domain]["relay"] = relay
    return stack


@pytest.fixture(scope="module")
def on_relays(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    with deployed(tmp_path_factory.mktemp("relays") / "project", _stack()) as made:
        yield made


@pytest.fixture
def lookup(on_relays: Deployed, need: Need, tmp_path: Path) -> Lookup:
    """Ask Postfix for a key of one of the volume's tables."""
    postmap = need("postmap")
    (tmp_path / "main.cf").write_text("compatibility_level = 3.6\n")

    def answer(file: str, key: str) -> str | None:
        table = f"texthash:{on_relays.volume}/postfix-{file}.cf"
        done = subprocess.run(
            [postmap, "-c", str(tmp_path), "-q", key, table],
            check=False,
            capture_output=True,
            text=True,
            timeout=30,
        )
        assert done.stderr == ""
        return done.stdout.removesuffix("\n") if done.returncode == 0 else None

    return answer


@pytest.mark.parametrize(
    ("domain", "way"),
    [
        ("example.test", f"smtp:{SES}"),
        ("example.org", "smtp:"),
        ("xn--bcher-kva.example", f"smtp:{MAILGUN}"),
        ("news.test", f"smtp:{SENDGRID}"),
        ("elsewhere.test", None),
    ],
)
def test_each_domain_has_its_way(lookup: Lookup, domain: str, way: str | None) -> None:
    assert lookup("relay-transports", f"@{domain}") == way


def test_all_other_mail_takes_the_stacks_relay(on_relays: Deployed) -> None:
    lines = (on_relays.volume / "postfix-main.cf").read_text().splitlines()
    assert f"default_transport = smtp:{GMAIL}" in lines


def test_each_next_hop_has_its_login_and_must_prove_its_name(lookup: Lookup) -> None:
    for nexthop, login in (
        (GMAIL, f"me@gmail.com:{SECRETS['gmail']}"),
        (MAILGUN, f"postmaster@mg.test:{SECRETS['mailgun']}"),
        (SENDGRID, f"apikey:{SECRETS['sendgrid']}"),
    ):
        assert lookup("sasl-password", nexthop) == login
        assert lookup("relay-tls", nexthop) == "secure"
    ses = lookup("sasl-password", SES)
    assert ses is not None
    assert ses.startswith("AKIA")
    assert lookup("relay-tls", SES) == "secure"


def test_spf_and_mail_from_follow_each_domains_relay(on_relays: Deployed) -> None:
    records = {(one["name"], one["type"]): one["content"] for one in on_relays.outputs["records"]}
    for domain, include in (
        ("example.test", "include:amazonses.com "),
        ("example.org", ""),
        ("xn--bcher-kva.example", "include:mailgun.org "),
        ("news.test", "include:sendgrid.net "),
    ):
        address = on_relays.outputs["ipv4"]
        assert records[domain, "TXT"] == f"v=spf1 mx ip4:{address} {include}-all"
        assert ((f"bounce.{domain}", "MX") in records) is (domain == "example.test")
    assert records["bounce.example.test", "MX"] == "feedback-smtp.us-east-1.amazonses.com"


def test_the_outputs_name_every_way_and_no_login(on_relays: Deployed) -> None:
    outputs = on_relays.outputs
    assert outputs["relay"] == {"kind": "gmail", "host": "smtp.gmail.com", "port": 587}
    assert {domain: way["kind"] for domain, way in outputs["relays"].items()} == {
        "example.test": "ses",
        "example.org": "none",
        "xn--bcher-kva.example": "mailgun",
        "news.test": "sendgrid",
    }


def test_logins_are_in_one_file_alone(on_relays: Deployed) -> None:
    holding = {
        path.relative_to(on_relays.volume).as_posix()
        for path in on_relays.volume.rglob("*")
        if path.is_file() and any(one in path.read_text() for one in SECRETS.values())
    }
    assert holding == {"postfix-sasl-password.cf"}
    assert (on_relays.volume / "postfix-sasl-password.cf").stat().st_mode & 0o777 == 0o600
    backend = on_relays.project.lab / "backend" / ".pulumi" / "stacks" / "mailstack"
    state = json.loads((backend / "dev.json").read_text())["checkpoint"]["latest"]
    (container,) = [one for one in state["resources"] if one["type"].endswith(":Container")]
    environment = container["inputs"]["envs"]
    assert not [line for line in environment if "RELAY" in line]
    # (The relay of the stack itself stands in plain in this stack file, and so in its state.)
    shown = json.dumps(state)
    assert [kind for kind in ("mailgun", "sendgrid") if SECRETS[kind] in shown] == []
