from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

from settings import load
from tests.settings.conftest import Raw, Spoil

AT = "mailstack:server.tls"


KEYS = {name: ec.generate_private_key(ec.SECP256R1()) for name in ("ours", "other")}


def key(name: str, encryption: KeySerializationEncryption | None = None) -> str:
    how = encryption or NoEncryption()
    return KEYS[name].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, how).decode()


def certificate(name: str, *sans: str) -> str:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.example.test")])
    start = datetime(2026, 1, 1, tzinfo=UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(KEYS[name].public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=90))
    )
    if sans:
        names = x509.SubjectAlternativeName([x509.DNSName(san) for san in sans])
        builder = builder.add_extension(names, critical=False)
    return builder.sign(KEYS[name], hashes.SHA256()).public_bytes(Encoding.PEM).decode()


@pytest.mark.parametrize("san", ["mail.example.test", "MAIL.example.test", "*.example.test"])
def test_a_pair_that_fits(good: Raw, san: str) -> None:
    pair = {"certificate": certificate("ours", "other.test", san), "key": key("ours")}
    good["server"]["tls"] = {"kind": "manual", **pair}
    assert load(good).server.tls.kind == "manual"


@pytest.mark.parametrize(
    ("certificate_pem", "key_pem", "path", "message"),
    [
        ("marked", key("ours"), "certificate", "is not a certificate in PEM form"),
        (certificate("ours"), key("ours"), "certificate", "does not cover mail.example.test"),
        (certificate("ours", "*.test"), key("ours"), "certificate", "does not cover"),
        (certificate("ours", "*.example.test"), "marked", "key", "is not a private key"),
        (certificate("ours", "*.example.test"), key("other"), "key", "another certificate"),
        (
            certificate("ours", "*.example.test"),
            key("ours", BestAvailableEncryption(b"x")),
            "key",
            "without a passphrase",
        ),
    ],
    # Keys are made anew by each worker: as names they would be other tests to each.
    ids=["no certificate", "common name", "wide wildcard", "no key", "other key", "passphrase"],
)
def test_a_pair_that_does_not(
    problems_with: Spoil, certificate_pem: str, key_pem: str, path: str, message: str
) -> None:
    tls = {"kind": "manual", "certificate": certificate_pem, "key": key_pem}
    (problem,) = problems_with("server", "tls", tls)
    assert problem.path == f"{AT}.{path}"
    assert message in problem.message
    assert "marked" not in str(problem)
    assert "< " in problem.remedy
