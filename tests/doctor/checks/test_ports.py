"""Every endpoint greets as its service does, with a certificate that clients accept."""

import dataclasses
import datetime
import socket
import ssl

import pytest
import trustme

from doctor.checks.ports import check_ports
from doctor.deployment import Deployment
from doctor.outputs import InstructionOutput
from doctor.result import CheckResult, Status
from mail.host_instructions import open_ports_instruction
from tests.doctor.mail_world import Conversation, Imap, Lines, MailWorld, Smtp
from tests.doctor.offers import offering, server_tls

HOSTNAME = "mail.example.test"
SERVICES = [
    "smtp",
    "submission",
    "submissions",
    "imap",
    "imaps",
    "pop3",
    "pop3s",
    "managesieve",
]
CAPA = ["+OK", "STLS", "."]
SIEVE = ['"IMPLEMENTATION" "Dovecot"', '"STARTTLS"', 'OK "ready"']


def serve(world: MailWorld, service: str, tls: ssl.SSLContext) -> int:
    conversations: dict[str, Conversation] = {
        "smtp": Smtp(starttls=tls),
        "submission": Smtp(starttls=tls),
        "submissions": Smtp(),
        "imap": Imap(starttls=tls),
        "imaps": Imap(),
        "pop3": Lines(["+OK"], {"CAPA": CAPA, "STLS": ["+OK"]}, tls),
        "pop3s": Lines(["+OK"]),
        "managesieve": Lines(SIEVE, {"STARTTLS": ["OK"]}, tls),
    }
    from_the_start = service in {"submissions", "imaps", "pop3s"}
    return world.serve(conversations[service], tls=tls if from_the_start else None)


def check(
    deployment: Deployment, world: MailWorld, service: str, certificate: trustme.LeafCert, ca: str
) -> CheckResult:
    port = serve(world, service, server_tls(certificate))
    (result,) = check_ports(offering(deployment, ca=ca, ports={service: port}))
    return result


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_with_a_good_certificate(
    deployment: Deployment, mail_world: MailWorld, authority: trustme.CA, ca: str, service: str
) -> None:
    certificate = authority.issue_cert(HOSTNAME)
    result = check(deployment, mail_world, service, certificate, ca)
    assert result.status is Status.OK, result.message
    assert result.message == "answers over TLS"


@pytest.mark.parametrize("service", SERVICES)
def test_a_certificate_for_another_name_fails(
    deployment: Deployment, mail_world: MailWorld, authority: trustme.CA, ca: str, service: str
) -> None:
    certificate = authority.issue_cert("other.example.test", "127.0.0.1")
    result = check(deployment, mail_world, service, certificate, ca)
    assert result.status is Status.FAILED
    assert "Hostname mismatch" in result.message
    assert HOSTNAME in result.fix


@pytest.mark.parametrize("service", ["smtp", "imaps"])
def test_an_unknown_issuer_fails(
    deployment: Deployment, mail_world: MailWorld, ca: str, service: str
) -> None:
    result = check(deployment, mail_world, service, trustme.CA().issue_cert(HOSTNAME), ca)
    assert result.status is Status.FAILED
    assert "certificate is refused" in result.message


def test_without_a_ca_of_its_own_the_system_decides(
    deployment: Deployment, mail_world: MailWorld, authority: trustme.CA
) -> None:
    port = serve(mail_world, "imaps", server_tls(authority.issue_cert(HOSTNAME)))
    (result,) = check_ports(offering(deployment, ca=None, ports={"imaps": port}))
    assert result.status is Status.FAILED
    assert "certificate is refused" in result.message


def test_an_expired_certificate_fails(
    deployment: Deployment, mail_world: MailWorld, authority: trustme.CA, ca: str
) -> None:
    end = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
    result = check(
        deployment, mail_world, "imaps", authority.issue_cert(HOSTNAME, not_after=end), ca
    )
    assert result.status is Status.FAILED
    assert "expired" in result.message


# Not pop3: poplib leaves the socket of a wrong greeting to the garbage collector, which warns.
@pytest.mark.parametrize("service", ["smtp", "imap", "managesieve"])
def test_the_wrong_greeting_fails(
    deployment: Deployment, mail_world: MailWorld, ca: str, service: str
) -> None:
    port = mail_world.serve(Lines(["554 no service here"]))
    (result,) = check_ports(offering(deployment, ca=ca, ports={service: port}))
    assert result.status is Status.FAILED
    assert f"not as {service} over TLS" in result.message


@pytest.mark.parametrize(
    ("service", "conversation"),
    [
        ("smtp", Smtp(offers="8BITMIME")),
        ("imap", Imap(offers="IMAP4rev1")),
        ("pop3", Lines(["+OK"], {"CAPA": ["+OK", "."]})),
        ("pop3", Lines(["+OK"], {"CAPA": CAPA, "STLS": ["-ERR no"]})),
        ("managesieve", Lines(["OK"], {"STARTTLS": ['NO "no"']})),
    ],
)
def test_a_service_without_starttls_fails(
    deployment: Deployment,
    mail_world: MailWorld,
    ca: str,
    *,
    service: str,
    conversation: Conversation,
) -> None:
    port = mail_world.serve(conversation)
    (result,) = check_ports(offering(deployment, ca=ca, ports={service: port}))
    assert result.status is Status.FAILED
    assert f"not as {service} over TLS" in result.message


def test_silence_fails(deployment: Deployment, ca: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    (result,) = check_ports(offering(deployment, ca=ca, ports={"imaps": port}))
    assert result.status is Status.FAILED
    assert result.message == "nothing answers"


def test_silence_names_the_firewall_that_only_its_owner_opens(
    deployment: Deployment, ca: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    silent = offering(deployment, ca=ca, ports={"imaps": port})
    asked = open_ports_instruction(address="127.0.0.1", ports={"imaps": port})
    instructions = [InstructionOutput(what=asked.what, why=asked.why, how=asked.how)]
    outputs = silent.outputs.model_copy(update={"instructions": instructions})
    (result,) = check_ports(dataclasses.replace(silent, outputs=outputs))
    assert asked.how in result.fix
    (result,) = check_ports(silent)
    assert "security group" in result.fix


def test_a_server_that_never_greets_does_not_hold_the_doctor_up(
    deployment: Deployment, ca: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        port = mute.getsockname()[1]
        (result,) = check_ports(offering(deployment, ca=ca, ports={"imap": port}, timeout=0.2))
    assert result.status is Status.FAILED
    assert result.message == "nothing answers"


def test_a_refusing_smtp_server_is_quoted(
    deployment: Deployment, mail_world: MailWorld, ca: str
) -> None:
    port = mail_world.serve(Smtp(greeting="421 4.3.2 all screening ports are busy"))
    (result,) = check_ports(offering(deployment, ca=ca, ports={"smtp": port}))
    assert result.status is Status.FAILED
    assert "greets with 421 4.3.2 all screening ports are busy" in result.message
