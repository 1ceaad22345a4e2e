"""Mailboxes open with their passwords, over TLS that is verified first."""

import ssl

import pytest
import trustme

from doctor.checks import login
from doctor.checks.login import check_login
from doctor.deployment import Deployment
from doctor.result import Status
from mail.password import hash_password
from tests.doctor.mail_world import Imap, MailWorld
from tests.doctor.offers import offering, server_tls

ALICE, BOB = "alice@example.test", "bob@example.test"
SECRET = "correct horse battery staple"


def test_mailboxes_open(
    deployment: Deployment, mail_world: MailWorld, tls: ssl.SSLContext, ca: str
) -> None:
    port = mail_world.serve(Imap({ALICE: "one", BOB: "two"}), tls=tls)
    results = check_login(
        offering(deployment, ca=ca, ports={"imaps": port}, mailboxes={ALICE: "one", BOB: "two"})
    )
    assert [(result.subject, result.status) for result in results] == [
        (ALICE, Status.OK),
        (BOB, Status.OK),
    ]


def test_imap_with_starttls_serves_where_imaps_is_not_offered(
    deployment: Deployment, mail_world: MailWorld, tls: ssl.SSLContext, ca: str
) -> None:
    port = mail_world.serve(Imap({ALICE: "one"}, starttls=tls))
    (result,) = check_login(
        offering(deployment, ca=ca, ports={"imap": port}, mailboxes={ALICE: "one"})
    )
    assert result.status is Status.OK


def test_a_refused_password_fails_and_is_never_shown(
    deployment: Deployment, mail_world: MailWorld, tls: ssl.SSLContext, ca: str
) -> None:
    port = mail_world.serve(Imap({ALICE: "another"}), tls=tls)
    (result,) = check_login(
        offering(deployment, ca=ca, ports={"imaps": port}, mailboxes={ALICE: SECRET})
    )
    assert result.status is Status.FAILED
    assert "refuses its password" in result.message
    assert SECRET not in repr(result)


def test_it_stops_before_fail2ban_does(
    deployment: Deployment, mail_world: MailWorld, tls: ssl.SSLContext, ca: str
) -> None:
    server = Imap()
    port = mail_world.serve(server, tls=tls)
    mailboxes: dict[str, str | None] = {f"u{n}@example.test": "wrong" for n in range(5)}
    results = check_login(offering(deployment, ca=ca, ports={"imaps": port}, mailboxes=mailboxes))
    assert server.tried == ["u0@example.test", "u1@example.test"]
    assert [result.status for result in results] == [Status.FAILED] * 2 + [Status.SKIPPED] * 3


@pytest.mark.parametrize("password", [None, hash_password("one")], ids=["none", "a hash"])
def test_an_unknown_password_is_not_tried(
    deployment: Deployment,
    mail_world: MailWorld,
    tls: ssl.SSLContext,
    ca: str,
    *,
    password: str | None,
) -> None:
    server = Imap()
    port = mail_world.serve(server, tls=tls)
    (result,) = check_login(
        offering(deployment, ca=ca, ports={"imaps": port}, mailboxes={ALICE: password})
    )
    assert result.status is Status.SKIPPED
    assert server.tried == []


def test_no_password_is_given_to_an_impostor(
    deployment: Deployment, mail_world: MailWorld, ca: str
) -> None:
    server = Imap({ALICE: "one"})
    impostor = server_tls(trustme.CA().issue_cert("mail.example.test"))
    port = mail_world.serve(server, tls=impostor)
    (result,) = check_login(
        offering(deployment, ca=ca, ports={"imaps": port}, mailboxes={ALICE: "one"})
    )
    assert result.status is Status.FAILED
    assert server.tried == []


def test_hidden_mailboxes_are_skipped(deployment: Deployment, ca: str) -> None:
    (result,) = check_login(offering(deployment, ca=ca, ports={"imaps": 993}))
    assert result.status is Status.SKIPPED
    assert "--show-secrets" in result.fix


def test_without_imap_there_is_nothing_to_open(deployment: Deployment, ca: str) -> None:
    (result,) = check_login(
        offering(deployment, ca=ca, ports={"smtp": 25}, mailboxes={ALICE: "one"})
    )
    assert result.status is Status.SKIPPED


def test_a_crowd_is_not_tried_whole(
    deployment: Deployment,
    mail_world: MailWorld,
    tls: ssl.SSLContext,
    ca: str,
    *,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(login, "_MOST", 1)
    server = Imap({ALICE: "one", BOB: "two"})
    port = mail_world.serve(server, tls=tls)
    results = check_login(
        offering(deployment, ca=ca, ports={"imaps": port}, mailboxes={ALICE: "one", BOB: "two"})
    )
    assert [result.status for result in results] == [Status.OK, Status.SKIPPED]
    assert server.tried == [ALICE]
