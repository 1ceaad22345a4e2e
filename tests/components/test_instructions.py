"""What a person is asked to do: all of it, with the stack's own values, and nothing else."""

from copy import deepcopy
from typing import Any

from components.instructions import instructions
from settings import load
from tests.settings.conftest import GOOD

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBNhRrrLXEHjwj3pDZ4wYVmKRFgrDlGLKMWr6YV8L0Rb"
SSH = {"kind": "ssh", "address": "192.0.2.10", "hostKey": KEY}


def asked(host: dict[str, Any], relay: dict[str, Any] | None = None) -> dict[str, str]:
    raw = deepcopy(GOOD) | {"host": host, "relay": relay or {"kind": "none"}}
    return {each.what: each.how for each in instructions(load(raw))}


def test_a_machine_of_somebody_elses() -> None:
    told = asked(SSH | {"ipv6": "2001:db8::10"})
    assert list(told) == [
        "Set the reverse name (PTR) of 192.0.2.10 to mail.example.test",
        "Let mail in to 192.0.2.10 on TCP 25, 465, 587, 993",
        "Have outgoing TCP port 25 allowed for 192.0.2.10",
        "Set the reverse name (PTR) of 2001:db8::10 to mail.example.test",
        "Let mail in to 2001:db8::10 on TCP 25, 465, 587, 993",
        "Have outgoing TCP port 25 allowed for 2001:db8::10",
    ]
    ptr, ports, _, ptr6, ports6, _ = told.values()
    assert "10.2.0.192.in-addr.arpa. PTR mail.example.test." in ptr
    assert "25 (smtp), 465 (submissions), 587 (submission), 993 (imaps)" in ports
    assert "(0.0.0.0/0)" in ports
    assert ".8.b.d.0.1.0.0.2.ip6.arpa. PTR mail.example.test." in ptr6
    assert "(::/0)" in ports6


def test_with_a_relay_nothing_goes_out_on_port_25() -> None:
    relay = {"kind": "smtp", "host": "smtp.example.net", "user": "me", "password": "x"}
    assert not [what for what in asked(SSH, relay) if "outgoing" in what]


def test_podman_needs_its_units() -> None:
    told = asked(SSH | {"engine": "podman"})
    assert "podman.socket podman-restart.service" in told[next(w for w in told if "Podman" in w)]


def test_aws_does_all_but_open_port_25() -> None:
    aws = GOOD["host"]
    (what,) = asked(aws)
    assert what == "Ask AWS to lift the block on outgoing port 25 in eu-central-1"
    (through_ses,) = asked(aws, {"kind": "ses"})
    assert "out of its sandbox" in through_ses


def test_nobody_is_asked_about_a_server_for_oneself() -> None:
    assert asked({"kind": "local"}) == {}


def test_high_ports_at_a_public_address_need_forwarding() -> None:
    told = asked({"kind": "local", "ipv4": "192.0.2.10", "portOffset": 20000})
    assert (
        "forward it to 20025" in told["Let mail in to 192.0.2.10 on TCP 20025, 20465, 20587, 20993"]
    )
