"""A certificate with its chain and key, as text: what is wrong with them."""

from datetime import UTC, datetime
from itertools import pairwise

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

_NO_NAMES = (x509.ExtensionNotFound, x509.DuplicateExtension, x509.UnsupportedGeneralNameType)
_KINDS = {rsa.RSAPublicKey: "RSA", ec.EllipticCurvePublicKey: "ECDSA"}


class Pair:
    """A certificate chain and the key of its first certificate, both PEM. No text is repeated."""

    def __init__(self, *, certificate: str, key: str) -> None:
        self._chain = _chain(certificate)
        self._key = key

    @property
    def key_kind(self) -> str | None:
        """The kind of the certificate's key, as people call it; None where it cannot be read."""
        if not self._chain:
            return None
        try:
            key = self._chain[0].public_key()
        except (ValueError, UnsupportedAlgorithm):
            return None
        return next((name for kind, name in _KINDS.items() if isinstance(key, kind)), None)

    def certificate_fault(self, hostname: str) -> str | None:
        """Say why a client would refuse the certificate for this name, or None."""
        if not self._chain:
            return "is not a certificate in PEM form"
        first = self._chain[0]
        if not _covers(first, hostname):
            return f"does not cover {hostname}"
        end = first.not_valid_after_utc
        if end <= datetime.now(UTC):
            return f"expired on {end:%Y-%m-%d}"
        if not all(_issued(one, by) for one, by in pairwise(self._chain)):
            return "has a chain in which one certificate is not issued by the next"
        return None

    def key_fault(self) -> str | None:
        """Say why the key cannot serve, or None."""
        public = _public_half(self._key)
        if public is None:
            return "is not a private key in PEM form without a passphrase"
        if self._chain and public != _public_key_of(self._chain[0]):
            return "belongs to another certificate"
        return None


def _chain(pem: str) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(pem.encode())
    except ValueError:
        return []


def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _public_key_of(certificate: x509.Certificate) -> bytes | None:
    try:
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        return None
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _public_half(pem: str) -> bytes | None:
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        # TypeError: the key has a passphrase.
        return None
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _covers(certificate: x509.Certificate, hostname: str) -> bool:
    """Whether a client would take the certificate for the name (RFC 6125 6.4: names, one `*`)."""
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except (*_NO_NAMES, ValueError):
        return False
    names = [name.lower() for name in extension.value.get_values_for_type(x509.DNSName)]
    return hostname in names or f"*.{hostname.partition('.')[2]}" in names
