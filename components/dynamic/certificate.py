"""The mail server's certificate from a small CA of the stack's own.

For the lab, for development, and for a server whose certificate comes later: the CA's
certificate is a stack output, so a client (and the doctor) can trust it and no other.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pulumi
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider, UpdateResult

CA_LIFETIME = timedelta(days=3650)
LIFETIME = timedelta(days=397)  # the longest that clients with browser-like rules accept
RENEW_BEFORE = timedelta(days=30)


def _pem(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _make_ca(hostname: str, now: datetime) -> tuple[str, str]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"mailstack CA of {hostname}"[:64])])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + CA_LIFETIME)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(
            x509.KeyUsage(
                key_cert_sign=True,
                crl_sign=True,
                digital_signature=False,
                content_commitment=False,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(Encoding.PEM).decode(), _pem(key)


def _issue(hostname: str, ca_certificate: str, ca_key: str, now: datetime) -> dict[str, Any]:
    issuer = x509.load_pem_x509_certificate(ca_certificate.encode())
    issuer_key = load_pem_private_key(ca_key.encode(), password=None)
    if not isinstance(issuer_key, ec.EllipticCurvePrivateKey):
        raise TypeError("the CA's key in the state is not one that mailstack makes")
    key = ec.generate_private_key(ec.SECP256R1())
    # The name stands in the SAN, where clients look (RFC 9525); a CN ends at 64 characters.
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, hostname[:64])])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + LIFETIME)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(hostname)]), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()),
            critical=False,
        )
        .sign(issuer_key, hashes.SHA256())
    )
    return {
        "certificate": certificate.public_bytes(Encoding.PEM).decode(),
        "private_key": _pem(key),
        "renew_after": (now + LIFETIME - RENEW_BEFORE).isoformat(),
    }


class CertificateProvider(ResourceProvider):
    """Makes the CA once, and a certificate when one is due. The module's path is frozen."""

    serialize_as_secret_always = False  # the class is stateless: its reference hides nothing

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Make the CA and the first certificate."""
        now = datetime.now(UTC)
        ca_certificate, ca_key = _make_ca(props["hostname"], now)
        outs = {
            "hostname": props["hostname"],
            "ca_certificate": ca_certificate,
            "ca_key": ca_key,
            **_issue(props["hostname"], ca_certificate, ca_key, now),
        }
        return CreateResult(props["hostname"], outs)

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """A new host name, or an end that is near, asks for a new certificate."""
        due = datetime.now(UTC) >= datetime.fromisoformat(olds["renew_after"])
        return DiffResult(changes=due or olds["hostname"] != news["hostname"])

    def update(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Issue a new certificate from the same CA, so that nobody has to trust anew."""
        now = datetime.now(UTC)
        issued = _issue(news["hostname"], olds["ca_certificate"], olds["ca_key"], now)
        kept = {"ca_certificate": olds["ca_certificate"], "ca_key": olds["ca_key"]}
        return UpdateResult({"hostname": news["hostname"], **kept, **issued})


class Certificate(Resource, module="mailstack", name="Certificate"):
    """A TLS certificate for one host name from the stack's own CA (RFC 5280)."""

    certificate: pulumi.Output[str]
    """The server's certificate, PEM."""
    private_key: pulumi.Output[str]
    """Its key, PEM (PKCS #8); a secret."""
    ca_certificate: pulumi.Output[str]
    """What a client has to trust, PEM."""

    def __init__(
        self, name: str, *, hostname: str, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Register the certificate of ``hostname``."""
        props: dict[str, Any] = {"hostname": hostname}
        computed = ("certificate", "private_key", "ca_certificate", "ca_key", "renew_after")
        props |= dict.fromkeys(computed)
        secret = pulumi.ResourceOptions(additional_secret_outputs=["private_key", "ca_key"])
        super().__init__(
            CertificateProvider(), name, props, pulumi.ResourceOptions.merge(opts, secret)
        )
