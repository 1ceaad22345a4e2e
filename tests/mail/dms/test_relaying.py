"""A relay's credentials reach Postfix whole, under the very key that it looks up."""

from dataclasses import replace

import pytest

from mail.dms.inputs import RelayAccess
from mail.dms.relaying import (
    LOGINS,
    MAP,
    TLS,
    TRANSPORTS,
    Routes,
    relay_files,
    relay_main_lines,
    relay_master_lines,
)

RELAY = RelayAccess(host="smtp.relay.test", port=587, user="me@x.test", password="p:a ss#")
OTHER = RelayAccess(host="other.test", port=465, user="other", password="geheim")


def _entries(path: str, relay: RelayAccess | None, domains: Routes) -> str:
    lines = relay_files(relay, domains)[path].content.splitlines()
    return "\n".join(line for line in lines if not line.startswith("#"))


@pytest.mark.parametrize("domains", [{}, {"a.test": None}])
def test_without_a_relay_there_is_no_file_to_force_tls_on_everyone(
    domains: Routes,
) -> None:
    assert relay_files(None, domains) == {}
    assert relay_main_lines(None, domains) == []
    assert relay_master_lines(None, domains) == []


def test_the_login_stands_under_the_next_hop_itself() -> None:
    assert _entries(LOGINS, RELAY, {}) == "[smtp.relay.test]:587 me@x.test:p:a ss#"
    assert "default_transport = smtp:[smtp.relay.test]:587" in relay_main_lines(RELAY, {})


def test_each_domain_has_its_own_way() -> None:
    ways = {"own.test": OTHER, "direct.test": None}
    assert _entries(TRANSPORTS, RELAY, ways) == (
        "@direct.test smtp:\n@own.test relay:[other.test]:465"
    )
    # What docker-mailserver notices a change of names the same ways.
    assert _entries(MAP, RELAY, ways) == "@direct.test\n@own.test [other.test]:465"
    assert _entries(TLS, RELAY, ways) == "[other.test]:465 secure\n[smtp.relay.test]:587 secure"


def test_only_where_mail_leaves_directly_may_tls_be_missing() -> None:
    def policy(relay: RelayAccess | None, ways: Routes) -> str:
        return relay_main_lines(relay, ways)[-1]

    assert "static:may" not in policy(RELAY, {"own.test": OTHER})
    assert policy(RELAY, {"direct.test": None}).endswith(", static:may")
    assert policy(None, {"own.test": OTHER}).endswith(", static:may")


def test_a_domain_asks_for_no_new_container_to_get_another_way() -> None:
    before = relay_main_lines(RELAY, {"a.test": OTHER})
    assert relay_main_lines(RELAY, {"a.test": OTHER, "b.test": RELAY}) == before


def test_two_logins_at_one_next_hop_are_told_apart_by_the_sender() -> None:
    second = replace(RELAY, user="second")
    ways = {"a.test": RELAY, "b.test": second}
    assert _entries(LOGINS, RELAY, ways) == (
        "[smtp.relay.test]:587 me@x.test:p:a ss#\n@b.test second:p:a ss#"
    )
    assert _entries(LOGINS, None, ways) == _entries(LOGINS, RELAY, ways)


@pytest.mark.parametrize(("port", "wrapped"), [(587, False), (2587, False), (465, True)])
def test_only_ports_that_begin_with_tls_are_wrapped(port: int, wrapped: bool) -> None:
    relay = replace(RELAY, port=port)
    lines = ["relay/unix/smtp_tls_wrappermode=yes"] if wrapped else []
    assert relay_master_lines(relay, {}) == lines
    assert relay_master_lines(None, {"a.test": relay}) == lines


@pytest.mark.parametrize("user", ["", "a:b", "a b", " a", "a\nb"])
def test_a_user_that_the_file_cannot_carry_is_refused(user: str) -> None:
    bad = replace(RELAY, user=user)
    for relay, ways in ((bad, {}), (None, {"a.test": bad})):
        with pytest.raises(ValueError, match="relay's user"):
            relay_files(relay, ways)


@pytest.mark.parametrize("password", ["", " geheim", "geheim ", "geheim\nx"])
def test_a_password_that_the_file_cannot_carry_is_refused_unseen(password: str) -> None:
    with pytest.raises(ValueError, match=r"relay's password|line end") as caught:
        relay_files(replace(RELAY, password=password), {})
    assert "geheim" not in str(caught.value)
