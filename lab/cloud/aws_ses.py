"""aws:sesv2 email identities signed with our own DKIM key, and their MAIL FROM domain."""

import base64
import binascii
import re

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_private_key,
)

from lab.cloud.aws_base import ACCOUNT, AwsResource, region_of
from lab.cloud.cloudflare_rules import txt_strings
from lab.cloud.errors import CloudError
from lab.cloud.resource import Call
from lab.cloud.values import Plain
from lab.dns.records import answers

_SELECTOR = re.compile(r"[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?")
_KEY_BITS = range(1024, 2049)
_ON_MX_FAILURE = ("USE_DEFAULT_VALUE", "REJECT_MESSAGE")


class _OfRegion(AwsResource):
    """What has a domain for its id, and so may be in several regions under one id."""

    def read(self, call: Call, id: str, outputs: Plain) -> Plain | None:  # noqa: A002
        """The object of its region."""
        return call.world.get(self.token, _at(region_of(call, outputs), id))

    def update(self, call: Call, id: str, outputs: Plain, inputs: Plain) -> Plain:  # noqa: A002
        """Change the object of its region."""
        return super().update(call, _at(region_of(call, outputs), id), outputs, inputs)

    def delete(self, call: Call, id: str, outputs: Plain) -> None:  # noqa: A002
        """Remove the object of its region."""
        super().delete(call, _at(region_of(call, outputs), id), outputs)


class EmailIdentity(_OfRegion):
    """aws:sesv2/emailIdentity:EmailIdentity of a domain; its id is the domain.

    Verified, as for real, once the DNS has the public half of the key under the selector.
    """

    token = "aws:sesv2/emailIdentity:EmailIdentity"  # noqa: S105 - a type token
    arn = "identity"
    required = frozenset({"emailIdentity"})
    takes = frozenset({"configurationSetName", "dkimSigningAttributes"})
    gives = frozenset(
        {
            "dkimSigningAttributes",
            "identityType",
            "verificationStatus",
            "verifiedForSendingStatus",
        }
    )
    volatile = frozenset({"verificationStatus", "verifiedForSendingStatus"})
    replaces = frozenset({"emailIdentity"})

    def create(self, call: Call, inputs: Plain) -> tuple[str, Plain]:
        """Refused for a taken name, or a key that SES doesn't take."""
        name, region = inputs["emailIdentity"], region_of(call, inputs)
        if call.world.get(self.token, _at(region, name)) is not None:
            raise CloudError("AlreadyExistsException", f"Email identity {name} already exist.")
        body = inputs | {
            "arn": f"arn:aws:ses:{region}:{ACCOUNT}:identity/{name}",
            "identityType": "EMAIL_ADDRESS" if "@" in name else "DOMAIN",
            "region": region,
        }
        return name, self.store(call, _at(region, name), body)

    def store(self, call: Call, id: str, body: Plain) -> Plain:  # noqa: A002
        """Complete what SES says of the signing key."""
        attributes = dict(body.get("dkimSigningAttributes", {}))
        key = attributes.get("domainSigningPrivateKey")
        if key is not None:
            bits = _load(key).key_size
            if not _SELECTOR.fullmatch(attributes.get("domainSigningSelector", "")):
                raise CloudError("BadRequestException", "Invalid DKIM signing selector.")
            attributes["currentSigningKeyLength"] = f"RSA_{bits}_BIT"
            attributes["signingAttributesOrigin"] = "EXTERNAL"
        body["dkimSigningAttributes"] = attributes
        return super().store(call, id, self._verified(call, body))

    def read(self, call: Call, id: str, outputs: Plain) -> Plain | None:  # noqa: A002
        """The identity, verified or not by what the DNS says now."""
        body = super().read(call, id, outputs)
        return body and self._verified(call, body)

    def _verified(self, call: Call, body: Plain) -> Plain:
        attributes = body["dkimSigningAttributes"]
        selector = attributes.get("domainSigningSelector")
        key = attributes.get("domainSigningPrivateKey")
        name = f"{selector}._domainkey.{body['emailIdentity']}".lower()
        found = answers(call.world, name, "TXT")
        texts = [b"".join(txt_strings(text)).decode() for text in found]
        done = key is not None and any(_published(text) == _public_half(key) for text in texts)
        status = "SUCCESS" if done else "PENDING"
        return body | {
            "dkimSigningAttributes": attributes | {"status": status},
            "verificationStatus": status,
            "verifiedForSendingStatus": done,
        }


class EmailIdentityMailFromAttributes(_OfRegion):
    """aws:sesv2/emailIdentityMailFromAttributes; its id is the identity's."""

    token = "aws:sesv2/emailIdentityMailFromAttributes:EmailIdentityMailFromAttributes"  # noqa: S105
    required = frozenset({"emailIdentity"})
    takes = frozenset({"behaviorOnMxFailure", "mailFromDomain"})
    gives = frozenset({"behaviorOnMxFailure"})
    replaces = frozenset({"emailIdentity"})

    def create(self, call: Call, inputs: Plain) -> tuple[str, Plain]:
        """Refused without the identity, or for a domain that isn't below it."""
        identity, region = inputs["emailIdentity"], region_of(call, inputs)
        self.changed(call, identity, {}, inputs)
        body = {"behaviorOnMxFailure": _ON_MX_FAILURE[0], "region": region}
        return identity, self.store(call, _at(region, identity), body | inputs)

    def changed(self, call: Call, id: str, current: Plain, inputs: Plain) -> None:  # noqa: A002, ARG002
        """Refused as `create` does."""
        identity, domain = inputs["emailIdentity"], inputs.get("mailFromDomain")
        if call.world.get(EmailIdentity.token, _at(region_of(call, inputs), identity)) is None:
            message = f"Email identity {identity} does not exist."
            raise CloudError("NotFoundException", message)
        if domain and not domain.endswith(f".{identity}"):
            message = f"Provided MAIL-FROM domain <{domain}> is not subdomain of <{identity}>."
            raise CloudError("BadRequestException", message)
        if inputs.get("behaviorOnMxFailure", _ON_MX_FAILURE[0]) not in _ON_MX_FAILURE:
            message = f"behaviorOnMxFailure must be one of {', '.join(_ON_MX_FAILURE)}"
            raise CloudError("BadRequestException", message)


def _at(region: str, name: str) -> str:
    return f"{region}/{name}"


def _load(key: str) -> RSAPrivateKey:
    """The private key from SES's form: base64 of the DER, without PEM's armour."""
    try:
        loaded = load_der_private_key(base64.b64decode(key, validate=True), password=None)
    except (binascii.Error, ValueError, TypeError, UnsupportedAlgorithm):
        loaded = None
    if not isinstance(loaded, RSAPrivateKey) or loaded.key_size not in _KEY_BITS:
        message = "Invalid DKIM private key: base64 of an RSA key of 1024 to 2048 bits is needed"
        raise CloudError("BadRequestException", message)
    return loaded


def _public_half(key: str) -> str:
    public = _load(key).public_key()
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(der).decode()


def _published(text: str) -> str:
    """The p= tag of a DKIM record (RFC 6376 3.6.1)."""
    tags = dict(part.strip().partition("=")[::2] for part in text.split(";") if "=" in part)
    return re.sub(r"\s", "", tags.get("p", ""))
