"""Every key is published as the server signs with it."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from doctor.checks.dkim import check_dkim
from doctor.deployment import Deployment
from doctor.result import CheckResult, Status
from mail.dkim import generate_key, public_record
from tests.doctor.dns_world import DnsWorld

NAME = "mail._domainkey.example.test"


def of(deployment: Deployment, name: str = NAME) -> CheckResult:
    return next(result for result in check_dkim(deployment) if result.subject == name)


def rsa_record(bits: int) -> str:
    # Any odd number will do for a modulus: nothing is signed, and real short keys are refused.
    key = rsa.RSAPublicNumbers(65537, 2**bits - 1).public_key()
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return f"v=DKIM1; k=rsa; p={base64.b64encode(der).decode()}"


def test_every_key_is_published(deployment: Deployment) -> None:
    results = check_dkim(deployment)
    assert [result.message for result in results] == [
        "the server's key is published (2048 bits)",
        "the server's key is published (Ed25519)",
    ] * 2
    assert {result.status for result in results} == {Status.OK}


def test_another_key_fails(deployment: Deployment, dns: DnsWorld) -> None:
    dns.put_text(NAME, public_record(generate_key("rsa")))
    result = of(deployment)
    assert result.status is Status.FAILED
    assert "another key" in result.message
    assert deployment.outputs.dkim[0].record in result.fix


@pytest.mark.parametrize(
    "value", ["v=DKIM1; k=rsa; p=", "v=DKIM1; k=rsa; p=AAAA", "v=DKIM1; k=rsa; p=abc", "hello"]
)
def test_what_is_no_key_fails(deployment: Deployment, dns: DnsWorld, value: str) -> None:
    dns.put_text(NAME, value)
    result = of(deployment)
    assert result.status is Status.FAILED
    assert "not a DKIM key" in result.message


def test_a_truncated_key_fails(
    deployment: Deployment, dns: DnsWorld, dkim_values: dict[str, str]
) -> None:
    dns.put_text(NAME, dkim_values["rsa"][:255])
    assert of(deployment).status is Status.FAILED


def test_two_keys_at_one_selector_fail(
    deployment: Deployment, dns: DnsWorld, dkim_values: dict[str, str]
) -> None:
    dns.put_text(NAME, dkim_values["rsa"], dkim_values["ed25519"])
    result = of(deployment)
    assert result.status is Status.FAILED
    assert "2 TXT records" in result.message


def test_no_key_fails(deployment: Deployment, dns: DnsWorld) -> None:
    dns.remove(NAME, "TXT")
    assert of(deployment).status is Status.FAILED


def test_no_answer_fails(deployment: Deployment, dns: DnsWorld) -> None:
    dns.broken.add(NAME)
    assert "no answer" in of(deployment).message


@pytest.mark.parametrize(("bits", "status"), [(1024, Status.WARNING), (768, Status.FAILED)])
def test_a_short_key(deployment: Deployment, dns: DnsWorld, bits: int, status: Status) -> None:
    value = rsa_record(bits)
    deployment.outputs.dkim[0] = deployment.outputs.dkim[0].model_copy(update={"record": value})
    dns.put_text(NAME, value)
    result = of(deployment)
    assert result.status is status
    assert f"{bits} bits" in result.message
