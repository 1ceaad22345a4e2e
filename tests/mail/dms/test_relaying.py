"""A relay's credentials reach Postfix whole, under the very key that it looks up."""

import pytest

from mail.dms.environment import environment
from mail.dms.inputs import RelayAccess
from mail.dms.relaying import relay_files, relay_main_lines

RELAY = RelayAccess(host="smtp.relay.test", port=587, user="me@x.test", password="p:a ss#")


def _entry(relay: RelayAccess) -> str:
    return relay_files(relay)["postfix-sasl-password.cf"].content.splitlines()[-1]


def test_without_a_relay_there_is_no_file_to_force_tls_on_everyone() -> None:
    assert relay_files(None) == {}
    assert relay_main_lines(None) == []


def test_the_key_of_the_credentials_is_the_relayhost_itself() -> None:
    relayhost = environment(
        postmaster="p@x.test", services=("smtp",), signer="rspamd", relay_nexthop=RELAY.nexthop
    )["DEFAULT_RELAY_HOST"]
    assert _entry(RELAY) == f"{relayhost} me@x.test:p:a ss#"


@pytest.mark.parametrize(("port", "wrapped"), [(587, False), (2587, False), (465, True)])
def test_only_ports_that_begin_with_tls_are_wrapped(port: int, wrapped: bool) -> None:
    relay = RelayAccess(host="smtp.relay.test", port=port, user="u", password="p")
    assert ("smtp_tls_wrappermode = yes" in relay_main_lines(relay)) is wrapped


@pytest.mark.parametrize("user", ["", "a:b", "a b", " a", "a\nb"])
def test_a_user_that_the_file_cannot_carry_is_refused(user: str) -> None:
    with pytest.raises(ValueError, match="relay's user"):
        relay_files(RelayAccess(host="h.test", port=587, user=user, password="geheim"))


@pytest.mark.parametrize("password", ["", " geheim", "geheim ", "geheim\nx"])
def test_a_password_that_the_file_cannot_carry_is_refused_unseen(password: str) -> None:
    with pytest.raises(ValueError, match=r"relay's password|line end") as caught:
        relay_files(RelayAccess(host="h.test", port=587, user="u", password=password))
    assert "geheim" not in str(caught.value)
