"""The container's environment is safe by default and says what the settings say."""

import pytest

from mail.dkim import Signer
from mail.dms.checks import check_environment
from mail.dms.environment import RESERVED, environment
from mail.dms.variables import VARIABLES


@pytest.mark.parametrize("signer", ["rspamd", "opendkim"])
def test_the_defaults_pass_our_own_checks(signer: Signer) -> None:
    env = environment(postmaster="p@x.test", services=("smtp", "imaps"), signer=signer)
    assert check_environment(env) == []


def test_the_safe_defaults() -> None:
    env = environment(postmaster="p@x.test", services=("smtp",), signer="rspamd")
    assert env["PERMIT_DOCKER"] == "none"
    assert env["SPOOF_PROTECTION"] == "1"
    assert env["SSL_TYPE"] == "manual"
    assert env["SSL_KEY_PATH"] == "/tmp/docker-mailserver/ssl/key.pem"
    assert env["POSTMASTER_ADDRESS"] == "p@x.test"


def test_one_signer_is_on_and_the_other_family_is_off() -> None:
    rspamd = environment(postmaster="p@x.test", services=(), signer="rspamd")
    opendkim = environment(postmaster="p@x.test", services=(), signer="opendkim")
    for name in ("ENABLE_OPENDKIM", "ENABLE_OPENDMARC", "ENABLE_POLICYD_SPF"):
        assert (rspamd[name], opendkim[name]) == ("0", "1")
    assert (rspamd["ENABLE_RSPAMD"], opendkim["ENABLE_RSPAMD"]) == ("1", "0")


@pytest.mark.parametrize(
    ("services", "on"),
    [
        (("imap",), {"ENABLE_IMAP"}),
        (("imaps", "pop3s"), {"ENABLE_IMAP", "ENABLE_POP3"}),
        (("managesieve",), {"ENABLE_MANAGESIEVE"}),
        (("smtp", "submissions"), set()),
    ],
)
def test_only_asked_for_services_run(services: tuple[str, ...], on: set[str]) -> None:
    env = environment(postmaster="p@x.test", services=services, signer="rspamd")
    names = {"ENABLE_IMAP", "ENABLE_POP3", "ENABLE_MANAGESIEVE"}
    assert {name for name in names if env[name] == "1"} == on


def test_the_users_wish_wins() -> None:
    env = environment(
        postmaster="p@x.test", services=(), signer="rspamd", user={"TLS_LEVEL": "intermediate"}
    )
    assert env["TLS_LEVEL"] == "intermediate"


def test_without_a_relay_nothing_is_relayed() -> None:
    env = environment(postmaster="p@x.test", services=(), signer="rspamd")
    assert not [name for name in env if "RELAY" in name]


def test_reserved_names_are_real_variables() -> None:
    assert set(RESERVED) <= set(VARIABLES)
