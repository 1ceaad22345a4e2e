"""No service takes a password before TLS."""

import socket

import pytest

from doctor.checks.plaintext import check_plaintext
from doctor.deployment import Deployment
from doctor.result import CheckResult, Status
from tests.doctor.mail_world import Imap, Lines, MailWorld, Smtp
from tests.doctor.offers import offering


def check(deployment: Deployment, service: str, port: int) -> CheckResult:
    (result,) = check_plaintext(offering(deployment, ca=None, ports={service: port}))
    return result


@pytest.mark.parametrize("service", ["smtp", "submission"])
def test_smtp(deployment: Deployment, mail_world: MailWorld, service: str) -> None:
    good = mail_world.serve(Smtp(offers="STARTTLS"))
    assert check(deployment, service, good).status is Status.OK
    bad = mail_world.serve(Smtp(offers="AUTH PLAIN LOGIN"))
    result = check(deployment, service, bad)
    assert result.status is Status.FAILED
    assert "takes passwords without TLS" in result.message


@pytest.mark.parametrize(
    ("offers", "status"),
    [
        ("IMAP4rev1 STARTTLS LOGINDISABLED", Status.OK),
        ("IMAP4rev1 STARTTLS", Status.FAILED),
        ("IMAP4rev1 STARTTLS LOGINDISABLED AUTH=PLAIN", Status.FAILED),
    ],
)
def test_imap(deployment: Deployment, mail_world: MailWorld, offers: str, status: Status) -> None:
    port = mail_world.serve(Imap(offers=offers))
    assert check(deployment, "imap", port).status is status


@pytest.mark.parametrize(
    ("capabilities", "status"),
    [
        (["STLS"], Status.OK),
        (["STLS", "SASL"], Status.OK),
        (["STLS", "USER"], Status.FAILED),
        (["STLS", "SASL PLAIN"], Status.FAILED),
    ],
)
def test_pop3(
    deployment: Deployment, mail_world: MailWorld, capabilities: list[str], status: Status
) -> None:
    port = mail_world.serve(Lines(["+OK"], {"CAPA": ["+OK", *capabilities, "."]}))
    assert check(deployment, "pop3", port).status is status


def test_silence_is_for_the_ports_to_report(deployment: Deployment) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    assert check(deployment, "imap", port).status is Status.SKIPPED


def test_services_that_start_with_tls_are_not_asked(deployment: Deployment) -> None:
    assert check_plaintext(offering(deployment, ca=None, ports={"imaps": 1})) == []
