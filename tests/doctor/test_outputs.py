"""The outputs as the contract has them, and refusals that show no secret."""

from typing import Any

import pytest

from doctor.errors import DoctorError
from doctor.outputs import parse_outputs

SECRET = "correct horse battery staple"


def test_what_checks_need(raw_outputs: dict[str, Any]) -> None:
    outputs = parse_outputs({**raw_outputs, "ipv6": "2001:DB8::1", "newer": True})
    assert outputs.addresses == ["127.0.0.1", "2001:db8::1"]
    assert outputs.domains == ["example.org", "example.test"]
    assert outputs.dkim[0].name == "mail._domainkey.example.test"


def test_a_domain_with_nothing_but_a_mailbox_counts(raw_outputs: dict[str, Any]) -> None:
    mailboxes = {"carol@example.net": {"password": None, "quota": None}}
    outputs = parse_outputs({**raw_outputs, "mailboxes": mailboxes})
    assert "example.net" in outputs.domains


def test_hidden_mailboxes_are_unknown_ones(raw_outputs: dict[str, Any]) -> None:
    assert parse_outputs({**raw_outputs, "mailboxes": "[secret]"}).mailboxes == {}


def test_numbers_may_come_as_pulumi_writes_them(raw_outputs: dict[str, Any]) -> None:
    endpoints = {"smtp": {"host": "mail.example.test", "port": 25.0}}
    assert parse_outputs({**raw_outputs, "endpoints": endpoints}).endpoints["smtp"].port == 25


def test_passwords_are_in_no_repr(raw_outputs: dict[str, Any]) -> None:
    mailboxes = {"alice@example.test": {"password": SECRET, "quota": None}}
    assert SECRET not in repr(parse_outputs({**raw_outputs, "mailboxes": mailboxes}))


def test_every_problem_is_named_and_no_value_shown(raw_outputs: dict[str, Any]) -> None:
    del raw_outputs["hostname"]
    raw_outputs["ipv4"] = "nowhere"
    raw_outputs["mailboxes"] = {"alice@example.test": {"password": [SECRET], "quota": None}}
    with pytest.raises(DoctorError) as caught:
        parse_outputs(raw_outputs)
    text = str(caught.value)
    assert all(f"  {name}" in text for name in ("hostname", "ipv4", "mailboxes.alice@"))
    assert SECRET not in text
