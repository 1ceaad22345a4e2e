"""Strangers' mail is refused; nobody's mail is sent to find out."""

import socket

import pytest

from doctor.checks.relay import check_relay
from doctor.deployment import Deployment
from doctor.result import CheckResult, Status
from tests.doctor.mail_world import MailWorld, Smtp
from tests.doctor.offers import offering


def check(deployment: Deployment, port: int, *, try_relay: bool = True) -> CheckResult:
    (result,) = check_relay(
        offering(deployment, ca=None, ports={"smtp": port}, try_relay=try_relay)
    )
    return result


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ("554 5.7.1 <stranger@example.com>: Relay access denied", Status.OK),
        ("450 4.7.1 try again", Status.WARNING),
        ("250 2.1.5 Ok", Status.FAILED),
    ],
)
def test_the_answer_decides(
    deployment: Deployment, mail_world: MailWorld, answer: str, status: Status
) -> None:
    server = Smtp(recipient=answer)
    result = check(deployment, mail_world.serve(server))
    assert result.status is status
    # smtplib's spelling of its own words differs between versions.
    assert [line.lower() for line in server.heard[1:]] == [
        "mail from:<>",
        "rcpt to:<stranger@example.com>",
        "quit",
    ]


def test_an_open_relay_is_called_one(deployment: Deployment, mail_world: MailWorld) -> None:
    result = check(deployment, mail_world.serve(Smtp(recipient="250 Ok")))
    assert "an open relay" in result.message
    assert result.fix.startswith("stop the container")


def test_unasked_nothing_is_tried(deployment: Deployment, mail_world: MailWorld) -> None:
    server = Smtp()
    result = check(deployment, mail_world.serve(server), try_relay=False)
    assert result.status is Status.SKIPPED
    assert "--relay" in result.message
    assert server.heard == []


def test_silence_is_for_the_ports_to_report(deployment: Deployment) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    assert check(deployment, port).status is Status.SKIPPED


def test_without_smtp_there_is_no_relay(deployment: Deployment) -> None:
    (result,) = check_relay(offering(deployment, ca=None, ports={"imaps": 993}))
    assert result.status is Status.SKIPPED
