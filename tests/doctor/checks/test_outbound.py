"""The ways out: greeted when asked to, and what only their owners know is said, never passed."""

import dataclasses
import ssl
from collections.abc import Mapping

import pytest

from doctor.checks import outbound
from doctor.checks.outbound import check_outbound
from doctor.deployment import Deployment
from doctor.outputs import RelayOutput
from doctor.result import CheckResult, Status
from doctor.tls import NamedContext, client_context
from tests.doctor.mail_world import MailWorld, Smtp

NONE = RelayOutput(kind="none")
SES = RelayOutput(kind="ses", host="email-smtp.eu-central-1.amazonaws.com", port=587)


def check(
    deployment: Deployment,
    relay: RelayOutput,
    relays: Mapping[str, RelayOutput] | None = None,
    *,
    try_relay: bool = False,
) -> list[CheckResult]:
    outputs = deployment.outputs.model_copy(update={"relay": relay, "relays": dict(relays or {})})
    return check_outbound(dataclasses.replace(deployment, outputs=outputs, try_relay=try_relay))


@pytest.fixture
def trusted(monkeypatch: pytest.MonkeyPatch, ca: str) -> None:
    """Let the test's authority be one of the system's, and mail.example.test be loopback's name."""

    def context(_name: str, _ca: str | None) -> NamedContext:
        return client_context("mail.example.test", ca)

    monkeypatch.setattr(outbound, "client_context", context)


def at(port: int) -> RelayOutput:
    return RelayOutput(kind="smtp", host="127.0.0.1", port=port)


@pytest.mark.usefixtures("trusted")
def test_a_smarthost_is_greeted_over_tls(
    deployment: Deployment, mail_world: MailWorld, tls: ssl.SSLContext
) -> None:
    server = Smtp(starttls=tls)
    (result,) = check(deployment, at(mail_world.serve(server)), try_relay=True)
    assert result.status is Status.OK
    assert not any(line.upper().startswith(("AUTH", "MAIL")) for line in server.heard)


def test_a_certificate_that_this_machine_refuses_is_a_warning(
    deployment: Deployment, mail_world: MailWorld, tls: ssl.SSLContext
) -> None:
    (result,) = check(deployment, at(mail_world.serve(Smtp(starttls=tls))), try_relay=True)
    assert result.status is Status.WARNING
    assert "smtp_tls_CAfile" in result.fix


def test_unasked_nobody_is_greeted(deployment: Deployment, mail_world: MailWorld) -> None:
    server = Smtp()
    (result,) = check(deployment, at(mail_world.serve(server)))
    assert result.status is Status.SKIPPED
    assert server.heard == []


def test_sandbox_and_port_25_are_named_where_they_bite(deployment: Deployment) -> None:
    ways = {"example.org": NONE, "example.test": SES, "news.test": SES}
    greeted, sandbox, direct = check(deployment, SES, ways)
    assert greeted.subject == "email-smtp.eu-central-1.amazonaws.com:587"
    assert sandbox.subject == "example.test, news.test"
    assert "aws sesv2 get-account --region eu-central-1" in sandbox.fix
    assert direct.subject == "example.org"
    assert "port 25" in direct.message
    assert {one.status for one in (greeted, sandbox, direct)} == {Status.SKIPPED}


def test_bounces_have_a_way_of_their_own(deployment: Deployment) -> None:
    direct, greeted, _ = check(deployment, NONE, {"example.test": SES})
    assert direct.subject == "bounces and forwarded mail"
    assert greeted.subject.startswith("email-smtp.")
