"""Secrets in plain text are refused, each with the command that seals it."""

import shlex
from typing import Any

import pytest

from mail.password import hash_password
from settings import SettingsError, load

SECTIONS = {"host", "server", "dns", "relay", "domains"}
SMTP = {"kind": "smtp", "host": "smtp.example.net", "user": "u", "password": "geheim"}
TLS = {"kind": "letsencrypt", "token": "geheim"}


def refused(raw: dict[str, Any], sealed: set[str]) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        load(raw, sealed=sealed)
    return caught.value


def test_nothing_is_asked_where_all_is_sealed(good: dict[str, Any]) -> None:
    good["relay"] = SMTP
    assert load(good, sealed=SECTIONS) == load(good)


@pytest.mark.parametrize(
    ("section", "value", "path"),
    [
        ("relay", SMTP, "mailstack:relay.password"),
        (
            "server",
            {"hostname": "mail.example.test", "tls": TLS},
            "mailstack:server.tls.token",
        ),
        (
            "server",
            {"hostname": "mail.example.test", "masters": {"admin": {"password": "geheim"}}},
            "mailstack:server.masters.admin.password",
        ),
        (
            "domains",
            {"bücher.example": {"accounts": {"dora": {"password": "geheim"}}}},
            'mailstack:domains["bücher.example"].accounts.dora.password',
        ),
        (
            "domains",
            {"a.test": {"accounts": {"dora": {}}}, "b.test": {"accounts": {}, "relay": SMTP}},
            'mailstack:domains["b.test"].relay.password',
        ),
    ],
)
def test_a_secret_in_plain_is_refused(
    good: dict[str, Any], section: str, value: object, path: str
) -> None:
    good[section] = value
    error = refused(good, SECTIONS - {section})
    assert [problem.path for problem in error.problems] == [path]
    assert error.problems[0].remedy == f"pulumi config set --secret --path {shlex.quote(path)}"
    assert "geheim" not in str(error)


def test_hashes_and_files_may_be_read_by_all(good: dict[str, Any]) -> None:
    good["domains"]["example.test"]["accounts"]["alice"]["password"] = hash_password("x")
    good["server"]["files"] = {"postfix-main.cf": "message_size_limit = 1000000"}
    assert load(good, sealed=set())
