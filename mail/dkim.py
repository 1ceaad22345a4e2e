"""DKIM keys: made, named, and written as DNS and SES want them (RFC 6376, RFC 8463)."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

Algorithm = Literal["rsa", "ed25519"]
Signer = Literal["rspamd", "opendkim"]

# 2048 is the most that SES takes and RFC 8301's recommendation; every receiver verifies it.
_RSA_BITS = 2048

PLACEHOLDER: Mapping[Algorithm, str] = MappingProxyType(
    {"rsa": "v=DKIM1; k=rsa; p=" + "A" * 392, "ed25519": "v=DKIM1; k=ed25519; p=" + "A" * 44}
)
"""Stands for a key's record before the key exists; as long as the real one, for the TXT limits."""


@dataclass(frozen=True, kw_only=True)
class DkimKeyName:
    """Which key a domain has at which selector."""

    domain: str
    selector: str
    algorithm: Algorithm

    @property
    def key(self) -> str:
        """The stable id of the key and of its DNS record, such as `example.org/dkim/mail`."""
        return f"{self.domain}/dkim/{self.selector}"


def key_names(*, domain: str, selector: str, signer: Signer) -> list[DkimKeyName]:
    """List the keys that a domain has.

    RSA always, since few receivers verify Ed25519 alone (RFC 8463 2 asks for both). OpenDKIM signs
    with RSA only, and with one key per address.
    """
    names = [DkimKeyName(domain=domain, selector=selector, algorithm="rsa")]
    if signer == "rspamd":
        second = f"{selector}-ed25519"
        names.append(DkimKeyName(domain=domain, selector=second, algorithm="ed25519"))
    return names


def generate_key(algorithm: Algorithm) -> str:
    """Make a private key: PEM, PKCS #8, unencrypted."""
    key = (
        rsa.generate_private_key(public_exponent=65537, key_size=_RSA_BITS)
        if algorithm == "rsa"
        else ed25519.Ed25519PrivateKey.generate()
    )
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return pem.decode("ascii")


def algorithm_of(private_key: str) -> Algorithm:
    """Say which algorithm a private key is for. Raises ValueError for any other key."""
    return "rsa" if isinstance(_load(private_key), rsa.RSAPrivateKey) else "ed25519"


def public_record(private_key: str) -> str:
    """Give the TXT value that publishes a key's public half (unquoted, unsplit).

    RSA: SubjectPublicKeyInfo (RFC 6376 3.6.1). Ed25519: the 32 raw octets (RFC 8463 4.2).
    The key may be in PEM or in the form of `private_key_for_rspamd`, as a config volume holds it.
    Raises ValueError for a key of another kind.
    """
    key = _load(private_key)
    if isinstance(key, rsa.RSAPrivateKey):
        public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return f"v=DKIM1; k=rsa; p={_base64(public)}"
    raw = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return f"v=DKIM1; k=ed25519; p={_base64(raw)}"


def private_key_for(signer: Signer, private_key: str) -> str:
    """Give a key as the signer's file holds it. Raises ValueError for a key it cannot use."""
    if signer == "rspamd":
        return private_key_for_rspamd(private_key)
    if algorithm_of(private_key) != "rsa":
        raise ValueError("OpenDKIM signs with RSA keys only")
    return private_key


def private_key_for_rspamd(private_key: str) -> str:
    """Give a key as every version of Rspamd reads it from a file.

    RSA stays PEM. Of an Ed25519 key it takes the bare seed in base64; only Rspamd 4 reads the PEM
    form too, and older ones (3.12 in docker-mailserver 15.1) send mail out without that signature.
    """
    key = _load(private_key)
    if isinstance(key, rsa.RSAPrivateKey):
        return private_key
    return _base64(key.private_bytes_raw()) + "\n"


def private_key_for_ses(private_key: str) -> str:
    """Give an RSA key as SES's `domain_signing_private_key`: PKCS #1, base64, no PEM armour.

    Raises ValueError for an Ed25519 key, which SES refuses.
    """
    key = _load(private_key)
    if isinstance(key, rsa.RSAPrivateKey):
        der = key.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())
        return _base64(der)
    raise ValueError("SES signs with RSA keys only")


def _load(private_key: str) -> rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey:
    """Read a key in PEM, or an Ed25519 seed as Rspamd's files have it."""
    try:
        if not private_key.startswith("-----BEGIN"):
            seed = base64.b64decode(private_key.strip(), validate=True)
            return ed25519.Ed25519PrivateKey.from_private_bytes(seed)
        # Looking for primes that are none takes 30 ms, at each use of a key that we made.
        key = load_pem_private_key(
            private_key.encode("ascii"), password=None, unsafe_skip_rsa_key_validation=True
        )
    except (ValueError, TypeError):
        # The library's own message can hold a part of what it could not parse.
        raise ValueError("not an unencrypted private key in PEM") from None
    if isinstance(key, rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey):
        return key
    raise ValueError("a DKIM key is either RSA or Ed25519")


def _base64(octets: bytes) -> str:
    return base64.b64encode(octets).decode("ascii")
