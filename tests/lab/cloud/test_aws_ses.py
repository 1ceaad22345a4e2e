import base64
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from lab.cloud.cloudflare_record import DNS_RECORD
from lab.world import zone_id
from tests.lab.cloud.aws_objects import Objects, refusal
from tests.lab.cloud.client import Client, kinds

IDENTITY = "aws:sesv2/emailIdentity:EmailIdentity"
MAIL_FROM = "aws:sesv2/emailIdentityMailFromAttributes:EmailIdentityMailFromAttributes"
KEY = rsa.generate_private_key(65537, 2048)


def private(
    key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey = KEY,
    form: PrivateFormat = PrivateFormat.TraditionalOpenSSL,
) -> str:
    return base64.b64encode(key.private_bytes(Encoding.DER, form, NoEncryption())).decode()


def signing(key: str, selector: str = "mail") -> dict[str, Any]:
    return {"domainSigningPrivateKey": key, "domainSigningSelector": selector}


def publish(cloudflare: Client, key: rsa.RSAPrivateKey) -> None:
    der = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    text = f"v=DKIM1; k=rsa; p={base64.b64encode(der).decode()}"
    inputs = {
        "zoneId": zone_id("example.test"),
        "name": "mail._domainkey.example.test",
        "type": "TXT",
        "ttl": 300.0,
        "content": f'"{text[:255]}" "{text[255:]}"',
    }
    cloudflare.create(DNS_RECORD, "dkim", inputs)


def test_verified_once_the_dns_has_the_key(objects: Objects, cloudflare: Client) -> None:
    inputs = {"emailIdentity": "example.test", "dkimSigningAttributes": signing(private())}
    made = objects.make(IDENTITY, **inputs)
    assert made.id == "example.test"
    arn = "arn:aws:ses:eu-central-1:123456789012:identity/example.test"
    assert made.outputs["arn"] == arn
    assert made.outputs["identityType"] == "DOMAIN"
    assert made.outputs["verificationStatus"] == "PENDING"
    attributes = made.outputs["dkimSigningAttributes"]
    assert attributes["currentSigningKeyLength"] == "RSA_2048_BIT"
    assert attributes["signingAttributesOrigin"] == "EXTERNAL"

    publish(cloudflare, rsa.generate_private_key(65537, 2048))
    assert objects.read(IDENTITY, made)["verificationStatus"] == "PENDING"
    publish(cloudflare, KEY)
    outputs = objects.read(IDENTITY, made)
    assert outputs["verificationStatus"] == outputs["dkimSigningAttributes"]["status"] == "SUCCESS"
    assert outputs["verifiedForSendingStatus"] is True
    # That is no drift to mend.
    _, outputs, refreshed = objects.client.read(IDENTITY, "i", made, inputs)
    assert refreshed == inputs
    assert kinds(objects.client.diff(IDENTITY, "i", outputs, refreshed, inputs)) == {}


def test_identity_is_unique(objects: Objects) -> None:
    objects.make(IDENTITY, emailIdentity="example.test")
    assert refusal(objects.make, IDENTITY, emailIdentity="example.test") == "AlreadyExistsException"


def test_each_region_has_identities_of_its_own(objects: Objects) -> None:
    there = {"emailIdentity": "example.test", "region": "us-east-1"}
    here = objects.make(IDENTITY, emailIdentity="example.test")
    made = objects.make(IDENTITY, **there)
    assert made.outputs["arn"] == "arn:aws:ses:us-east-1:123456789012:identity/example.test"
    assert refusal(objects.make, IDENTITY, **there) == "AlreadyExistsException"
    mail_from = {"mailFromDomain": "bounce.example.test"}
    objects.make(MAIL_FROM, **there, **mail_from)
    objects.delete(IDENTITY, here)
    assert objects.read(IDENTITY, made)["region"] == "us-east-1"
    gone = refusal(objects.make, MAIL_FROM, emailIdentity="example.test", **mail_from)
    assert gone == "NotFoundException"


@pytest.mark.parametrize(
    "attributes",
    [
        signing("no base64!"),
        signing(base64.b64encode(b"no key").decode()),
        signing(private(ed25519.Ed25519PrivateKey.generate(), PrivateFormat.PKCS8)),
        signing(private(rsa.generate_private_key(65537, 4096))),
        signing(private(), "two words"),
        {"domainSigningPrivateKey": private()},
    ],
)
def test_keys_that_ses_refuses(objects: Objects, attributes: dict[str, Any]) -> None:
    assert (
        refusal(
            objects.make, IDENTITY, emailIdentity="example.test", dkimSigningAttributes=attributes
        )
        == "BadRequestException"
    )


def test_both_der_forms_are_taken(objects: Objects) -> None:
    inputs = {"emailIdentity": "example.test"}
    made = objects.make(
        IDENTITY, dkimSigningAttributes=signing(private(form=PrivateFormat.PKCS8)), **inputs
    )
    new = inputs | {"dkimSigningAttributes": signing(private(), "new")}
    reply = objects.client.diff(IDENTITY, "i", made.outputs, inputs, new)
    assert set(kinds(reply).values()) == {"UPDATE"}
    outputs = objects.client.update(IDENTITY, "i", made, new)
    assert outputs["dkimSigningAttributes"]["domainSigningSelector"] == "new"
    assert kinds(objects.client.diff(IDENTITY, "i", outputs, new, new)) == {}


def test_mail_from(objects: Objects) -> None:
    inputs = {"emailIdentity": "example.test", "mailFromDomain": "bounce.example.test"}
    assert refusal(objects.make, MAIL_FROM, **inputs) == "NotFoundException"
    objects.make(IDENTITY, emailIdentity="example.test")
    made = objects.make(MAIL_FROM, **inputs)
    assert made.id == "example.test"
    assert made.outputs["behaviorOnMxFailure"] == "USE_DEFAULT_VALUE"
    for wrong in ({"mailFromDomain": "example.test"}, {"behaviorOnMxFailure": "PANIC"}):
        assert (
            refusal(objects.client.update, MAIL_FROM, "m", made, inputs | wrong)
            == "BadRequestException"
        )
    objects.delete(MAIL_FROM, made)


def test_what_replaces(aws: Client) -> None:
    for kind in (IDENTITY, MAIL_FROM):
        old = {"emailIdentity": "a"}
        assert kinds(aws.diff(kind, "x", old, old, {"emailIdentity": "b"})) == {
            "emailIdentity": "UPDATE_REPLACE"
        }
