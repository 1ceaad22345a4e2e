"""A certificate that the user brings."""

from collections.abc import Iterator

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

from settings.errors import Problem
from settings.paths import Loc, config_path, set_command
from settings.stack import Settings
from settings.tls import ManualTls

_CERTIFICATE: Loc = ("server", "tls", "certificate")
_KEY: Loc = ("server", "tls", "key")
_NO_NAMES = (x509.ExtensionNotFound, x509.DuplicateExtension, x509.UnsupportedGeneralNameType)


def tls_problems(settings: Settings) -> Iterator[Problem]:
    """Refuse what does not parse, a key of another certificate, and one for another name."""
    tls = settings.server.tls
    if not isinstance(tls, ManualTls):
        return
    certificate = _certificate(tls.certificate)
    if certificate is None:
        yield _certificate_problem("is not a certificate in PEM form")
    elif not _covers(certificate, settings.server.hostname):
        yield _certificate_problem(f"does not cover {settings.server.hostname}")
    public = _public_half(tls.key.get_secret_value())
    if public is None:
        yield _key_problem("is not a private key in PEM form without a passphrase")
    elif certificate is not None and public != _public_key_of(certificate):
        yield _key_problem("belongs to another certificate")


def _certificate_problem(message: str) -> Problem:
    remedy = set_command(_CERTIFICATE, "").removesuffix("''") + "< fullchain.pem"
    return Problem(path=config_path(_CERTIFICATE), message=message, remedy=remedy)


def _key_problem(message: str) -> Problem:
    remedy = set_command(_KEY, "", secret=True) + " < privkey.pem"
    return Problem(path=config_path(_KEY), message=message, remedy=remedy)


def _certificate(pem: str) -> x509.Certificate | None:
    try:
        return x509.load_pem_x509_certificates(pem.encode())[0]
    except ValueError:
        return None


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
