"""Mail through docker-mailserver as deployed: to each other, to others, and not for strangers."""

import json
import smtplib
import subprocess
import sys

import dkim as dkimpy
import pytest

from tests.e2e import smarthost
from tests.e2e.deployment import ALICE, BOB, Deployment

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e")]


def signatures(deployment: Deployment, content: bytes) -> set[tuple[str, str]]:
    """Domain and selector of each DKIM signature that verifies against the lab's DNS."""
    resolver = deployment.resolver()

    def text(name: bytes, timeout: float = 5) -> bytes:
        answer = resolver.resolve(name.decode(), "TXT", lifetime=timeout)
        return b"".join(answer[0].strings)

    message = dkimpy.DKIM(content)
    count = sum(name.lower() == b"dkim-signature" for name, _ in message.headers)
    verified = set()
    for index in range(count):
        message = dkimpy.DKIM(content)
        assert message.verify(idx=index, dnsfunc=text), message.signature_fields
        verified.add((message.domain.decode(), message.selector.decode()))
    return verified


def selectors(deployment: Deployment, domain: str) -> set[tuple[str, str]]:
    keys = deployment.outputs["dkim"]
    found = {(key["domain"], key["selector"]) for key in keys if key["domain"] == domain}
    assert len(found) == 2  # RSA and Ed25519
    return found


@pytest.mark.parametrize("port", [465, 587])
def test_alice_writes_to_bob(deployment: Deployment, port: int) -> None:
    subject = deployment.send(ALICE, BOB, port=port)
    assert ". a line that begins with a dot" in deployment.arrived(BOB, subject)


def test_alias_and_catch_all_lead_to_alice(deployment: Deployment) -> None:
    for recipient in ("hello@example.test", "whoever@example.test"):
        subject = deployment.send(BOB, recipient)
        assert deployment.arrived(ALICE, subject)


@pytest.mark.parametrize("sender", [ALICE, "dora@xn--bcher-kva.example"])
def test_mail_to_others_is_signed_by_every_selector(deployment: Deployment, sender: str) -> None:
    subject = deployment.send(sender, "someone@elsewhere.example")
    message = deployment.left(subject)
    assert (message.sender, message.recipients) == (sender, ["someone@elsewhere.example"])
    assert message.encrypted
    domain = sender.partition("@")[2]
    assert signatures(deployment, message.content) == selectors(deployment, domain)


def test_changed_mail_does_not_verify(deployment: Deployment) -> None:
    message = deployment.left(deployment.send(ALICE, "someone@elsewhere.example"))
    with pytest.raises(dkimpy.ValidationError, match="body hash mismatch"):
        signatures(deployment, message.content.replace(b"Hello", b"Goodbye"))


def test_nobody_sends_as_somebody_else(deployment: Deployment) -> None:
    with deployment.submission(465) as smtp:
        smtp.login(BOB, deployment.password(BOB))
        smtp.mail(ALICE)
        code, said = smtp.rcpt("someone@elsewhere.example")
    assert code == 553, said


def test_relaying_for_strangers_is_refused(deployment: Deployment) -> None:
    with smtplib.SMTP(deployment.hostname, 25, "stranger.example") as smtp:
        smtp.ehlo()
        smtp.mail("stranger@elsewhere.example")
        code, said = smtp.rcpt("someone@elsewhere.example")
    assert code == 554
    assert b"Relay access denied" in said


def test_no_login_without_tls_nor_on_port_25(deployment: Deployment) -> None:
    with smtplib.SMTP(deployment.hostname, 587, "client.test") as smtp:
        smtp.ehlo()
        assert not smtp.has_extn("auth")
        smtp.starttls(context=deployment.tls())
        smtp.ehlo()
        assert smtp.has_extn("auth")
    with smtplib.SMTP(deployment.hostname, 25, "client.test") as smtp:
        smtp.ehlo()
        assert not smtp.has_extn("auth")
        smtp.starttls(context=deployment.tls())
        smtp.ehlo()
        assert not smtp.has_extn("auth")


def test_doctor_finds_nothing_wrong(deployment: Deployment) -> None:
    project = deployment.project
    done = subprocess.run(
        [sys.executable, "-m", "doctor", "--stack", project.stack, "--verbose"],
        cwd=project.folder,
        env=project.environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_docker_inspect_shows_no_secret(deployment: Deployment) -> None:
    shown = json.dumps(deployment.container.attrs)
    assert deployment.hostname in shown
    secrets = {smarthost.PASSWORD}
    secrets |= {box["password"] for box in deployment.outputs["mailboxes"].values()}
    accounts = deployment.project.cat("config:postfix-accounts.cf")
    secrets |= {line.partition("|")[2] for line in accounts.splitlines() if "|" in line}
    _, listed = deployment.execute(
        "sh", "-c", "cd /tmp/docker-mailserver && cat ssl/key.pem rspamd/dkim/*.key"
    )
    secrets |= {line for line in listed.splitlines() if line and "-----" not in line}
    assert len(secrets) > 20
    assert [secret for secret in secrets if secret in shown] == []
