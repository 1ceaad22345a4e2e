"""The rule on keys: in the DNS, for logins, and in the files of the mail server."""

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.dsa import DSAPrivateKey, DSAPublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import (
    load_der_private_key,
    load_der_public_key,
    load_pem_private_key,
    load_ssh_public_key,
)

from policy.resource import Asked, Resource

SHORTEST_RSA = 2048  # bits: RFC 8301, 3.2 (signers SHOULD use at least 2048)
_DNS_RECORDS = {"cloudflare:index/dnsRecord:DnsRecord", "aws:route53/record:Record"}
_PEM_KEY = re.compile(r"-----BEGIN ([A-Z ]*)PRIVATE KEY-----.+?-----END \1PRIVATE KEY-----", re.S)
_SHORT_AT_SES = "RSA_1024_BIT"


def weak_keys(resource: Resource, _asked: Asked) -> Iterator[str]:
    """No RSA key below 2048 bits, no DSA key."""
    for where, problem in _found(resource):
        if problem:
            yield f"{resource.name} has a weak key{where}: {problem}"


def _found(resource: Resource) -> Iterator[tuple[str, str]]:
    if resource.type in _DNS_RECORDS:
        yield from (("", _dkim(text)) for text in resource.texts("content", "records"))
    elif resource.type == "aws:ec2/keyPair:KeyPair":
        yield from (("", _ssh(key)) for key in resource.texts("publicKey"))
    elif resource.type == "aws:sesv2/emailIdentity:EmailIdentity":
        signing = resource.props.get("dkimSigningAttributes") or {}
        key = str(signing.get("domainSigningPrivateKey") or "")
        yield "", _loaded(lambda: load_der_private_key(base64.b64decode(key), None))
        if signing.get("nextSigningKeyLength") == _SHORT_AT_SES:
            yield "", "RSA with 1024 bits"
    elif resource.type.endswith(":ConfigFiles"):
        files = resource.props.get("files") or {}
        for path, file in files.items():
            for pem in _PEM_KEY.finditer(str(file.get("content", ""))):
                text = pem.group()
                yield f" in {path}", _loaded(lambda: load_pem_private_key(text.encode(), None))  # noqa: B023


def _dkim(record: str) -> str:
    """Say what is wrong with a DKIM key record (RFC 6376, 3.6.1); "" for anything else."""
    text = "".join(re.findall(r'"([^"]*)"', record)) or record
    tags = {name.strip(): value for name, _, value in (t.partition("=") for t in text.split(";"))}
    if tags.get("v", "").strip() != "DKIM1" or tags.get("k", "rsa").strip() != "rsa":
        return ""
    key = re.sub(r"\s", "", tags.get("p", ""))
    return _loaded(lambda: load_der_public_key(base64.b64decode(key)))


def _ssh(key: str) -> str:
    if key.startswith("ssh-dss"):
        return "DSA"
    return _loaded(lambda: load_ssh_public_key(key.encode()))


def _loaded(load: Callable[[], Any]) -> str:
    """Say what is wrong with a key; whether it is one at all is its user's business."""
    try:
        key = load()
    except (ValueError, TypeError, UnsupportedAlgorithm, binascii.Error):
        return ""
    if isinstance(key, DSAPublicKey | DSAPrivateKey):
        return "DSA"
    if isinstance(key, RSAPublicKey | RSAPrivateKey) and key.key_size < SHORTEST_RSA:
        return f"RSA with {key.key_size} bits"
    return ""
