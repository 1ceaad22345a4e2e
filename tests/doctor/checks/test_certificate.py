"""The certificate that clients are shown, each once, whichever services show it."""

import dataclasses
import datetime
import ssl
from pathlib import Path

import pytest
import trustme

from doctor.checks.certificate import check_certificate
from doctor.deployment import Deployment
from doctor.outputs import TlsOutput
from doctor.result import CheckResult, Status
from tests.doctor.mail_world import Imap, Lines, MailWorld, Smtp
from tests.doctor.offers import offering, server_tls

HOSTNAME = "mail.example.test"


def in_days(days: float) -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=days)


def check(
    deployment: Deployment,
    world: MailWorld,
    ca: str | None,
    imaps: trustme.LeafCert,
    submissions: trustme.LeafCert | None = None,
) -> list[CheckResult]:
    ports = {"imaps": world.serve(Imap(), tls=server_tls(imaps))}
    if submissions is not None:
        ports["submissions"] = world.serve(Smtp(), tls=server_tls(submissions))
    return check_certificate(offering(deployment, ca=ca, ports=ports))


def test_one_certificate_is_one_result(
    deployment: Deployment, mail_world: MailWorld, authority: trustme.CA, ca: str
) -> None:
    good = authority.issue_cert(HOSTNAME, not_after=in_days(60.5))
    (result,) = check(deployment, mail_world, ca, good, good)
    assert result.status is Status.OK
    assert result.subject == "imaps, submissions"
    assert result.message == "the certificate is valid for 60 more days"


@pytest.mark.parametrize(("days", "status"), [(21.5, Status.OK), (20.5, Status.WARNING)])
def test_an_end_is_seen_three_weeks_ahead(
    deployment: Deployment,
    mail_world: MailWorld,
    authority: trustme.CA,
    ca: str,
    *,
    days: float,
    status: Status,
) -> None:
    issued = authority.issue_cert(HOSTNAME, not_after=in_days(days))
    (result,) = check(deployment, mail_world, ca, issued)
    assert result.status is status
    assert f"{int(days)} " in result.message


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("selfSigned", "run `pulumi up`"),
        ("manual", "put the renewed pair into mailstack:server.tls"),
        ("letsencrypt", "docker logs"),
        ("traefik", "Traefik"),
        ("caddy", "Caddy"),
    ],
)
def test_who_renews_it_is_told(
    deployment: Deployment,
    mail_world: MailWorld,
    authority: trustme.CA,
    ca: str,
    *,
    kind: str,
    words: str,
) -> None:
    tls = TlsOutput.model_validate({"kind": kind})
    outputs = deployment.outputs.model_copy(update={"tls": tls})
    soon = authority.issue_cert(HOSTNAME, not_after=in_days(5))
    (result,) = check(dataclasses.replace(deployment, outputs=outputs), mail_world, ca, soon)
    assert words in result.fix


def test_another_name_fails(
    deployment: Deployment, mail_world: MailWorld, authority: trustme.CA, ca: str
) -> None:
    (result,) = check(deployment, mail_world, ca, authority.issue_cert("other.example.test"))
    assert result.status is Status.FAILED
    assert "it is for another name" in result.message
    assert HOSTNAME in result.fix


def test_a_wildcard_is_good(
    deployment: Deployment, mail_world: MailWorld, authority: trustme.CA, ca: str
) -> None:
    (result,) = check(deployment, mail_world, ca, authority.issue_cert("*.example.test"))
    assert result.status is Status.OK


def test_one_that_has_ended_fails(
    deployment: Deployment, mail_world: MailWorld, authority: trustme.CA, ca: str
) -> None:
    ended = authority.issue_cert(HOSTNAME, not_after=in_days(-1))
    (result,) = check(deployment, mail_world, ca, ended)
    assert result.status is Status.FAILED
    assert "it has ended" in result.message


def test_a_missing_intermediate_fails(
    deployment: Deployment, mail_world: MailWorld, authority: trustme.CA, ca: str, tmp_path: Path
) -> None:
    issued = authority.create_child_ca().issue_cert(HOSTNAME)
    issued.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    issued.private_key_pem.write_to_path(tmp_path / "key.pem")
    leaf_alone = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    leaf_alone.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    ports = {"imaps": mail_world.serve(Imap(), tls=leaf_alone)}
    (result,) = check_certificate(offering(deployment, ca=ca, ports=ports))
    assert result.status is Status.FAILED
    assert "an intermediate certificate is missing" in result.message


def test_a_whole_chain_is_good(
    deployment: Deployment, mail_world: MailWorld, authority: trustme.CA, ca: str
) -> None:
    issued = authority.create_child_ca().issue_cert(HOSTNAME)
    (result,) = check(deployment, mail_world, ca, issued)
    assert result.status is Status.OK


def test_a_service_that_was_not_reloaded(
    deployment: Deployment, mail_world: MailWorld, authority: trustme.CA, ca: str
) -> None:
    old = authority.issue_cert(HOSTNAME, not_after=in_days(25))
    new = authority.issue_cert(HOSTNAME, not_after=in_days(85))
    results = check(deployment, mail_world, ca, old, new)
    assert [result.status for result in results] == [Status.OK, Status.OK, Status.WARNING]
    assert "different certificates" in results[-1].message


def test_silence_is_the_ports_business(
    deployment: Deployment, mail_world: MailWorld, ca: str
) -> None:
    port = mail_world.serve(Lines(["554 no service here"]))
    (result,) = check_certificate(offering(deployment, ca=ca, ports={"imaps": port}))
    assert result.status is Status.SKIPPED
