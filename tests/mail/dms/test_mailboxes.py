"""Accounts, aliases, quotas and masters, with docker-mailserver's traps kept clear of."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail.dms.inputs import Alias, CatchAll, Mailbox, ServerFiles
from mail.dms.mailboxes import mailbox_files

LOGINS = st.lists(
    st.text("abx", min_size=1, max_size=4).map(lambda local: f"{local}@example.test"), unique=True
)


def _lines(server: ServerFiles, path: str) -> list[str]:
    content = mailbox_files(server)[path].content
    return [line for line in content.splitlines() if not line.startswith("#")]


def test_an_account_is_login_and_hash(server: ServerFiles) -> None:
    first = _lines(server, "postfix-accounts.cf")[0]
    assert first.startswith("bob@example.test|{SHA512-CRYPT}$6$")


def test_every_account_has_a_quota_line(server: ServerFiles) -> None:
    assert _lines(server, "dovecot-quotas.cf") == [
        "bob@example.test:0",
        "xbob@example.test:500M",
        "alice@example.test:2G",
        "carol@xn--bcher-kva.example:0",
    ]


@given(LOGINS)
def test_the_first_line_that_a_loose_search_finds_is_the_logins_own(logins: list[str]) -> None:
    # docker-mailserver: grep "<login>:" dovecot-quotas.cf, and grep "<login>" postfix-accounts.cf
    server = ServerFiles(
        mailboxes=tuple(
            Mailbox(address=login, password_hash="{X}h", quota=f"{number}M")
            for number, login in enumerate(logins, start=1)
        )
    )
    quotas, accounts = _lines(server, "dovecot-quotas.cf"), _lines(server, "postfix-accounts.cf")
    for number, login in enumerate(logins, start=1):
        found = next(line for line in quotas if f"{login}:" in line)
        assert found == f"{login}:{number}M"
        assert next(line for line in accounts if login in line).startswith(f"{login}|")


def test_a_catch_all_leaves_every_account_and_alias_its_mail(server: ServerFiles) -> None:
    assert _lines(server, "postfix-virtual.cf") == [
        "@example.test alice@example.test",
        "alice@example.test alice@example.test",
        "bob@example.test bob@example.test",
        "postmaster@example.test alice@example.test",
        "team@example.test alice@example.test,Bob+mail@elsewhere.test",
        "xbob@example.test xbob@example.test",
    ]


def test_without_a_catch_all_no_identity_aliases_are_needed(server: ServerFiles) -> None:
    lines = _lines(replace(server, catch_alls=()), "postfix-virtual.cf")
    assert [line.split()[0] for line in lines] == ["postmaster@example.test", "team@example.test"]


def test_an_accounts_own_forward_is_not_overwritten_by_its_identity() -> None:
    server = ServerFiles(
        mailboxes=(Mailbox(address="a@x.test", password_hash="{X}h"),),
        aliases=(Alias(address="a@x.test", targets=("a@x.test", "b@y.test")),),
        catch_alls=(CatchAll(domain="x.test", target="a@x.test"),),
    )
    assert "a@x.test a@x.test,b@y.test" in _lines(server, "postfix-virtual.cf")


def test_regexp_aliases_keep_their_order(server: ServerFiles) -> None:
    assert _lines(server, "postfix-regexp.cf") == [
        "/^sales-(.+)@example\\.test$/i $1@elsewhere.test",
        "/^sales/ alice@example.test",
    ]


def test_masters_have_no_domain(server: ServerFiles) -> None:
    assert _lines(server, "dovecot-masters.cf")[0].startswith("root|{SHA512-CRYPT}$6$")


def test_a_line_end_cannot_smuggle_in_an_entry() -> None:
    evil = Mailbox(address="a@x.test", password_hash="{X}h\nroot@x.test|{PLAIN}x")
    with pytest.raises(ValueError, match="holds a line end"):
        mailbox_files(ServerFiles(mailboxes=(evil,)))
