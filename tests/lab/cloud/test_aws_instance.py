import base64
import hashlib
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from lab.cloud import aws_ami
from lab.world import World
from tests.lab.cloud.aws_objects import (
    GET_AMI,
    INSTANCE,
    KEY_PAIR,
    PUBLIC_KEY,
    Objects,
    refusal,
)
from tests.lab.cloud.client import Client, kinds


def test_key_pairs(objects: Objects) -> None:
    made = objects.make(KEY_PAIR, keyName="login", publicKey=PUBLIC_KEY)
    assert made.id == made.outputs["keyName"] == "login"
    assert made.outputs["keyType"] == "ed25519"
    assert made.outputs["arn"].endswith(":key-pair/login")
    digest = hashlib.sha256(base64.b64decode(PUBLIC_KEY.split()[1])).digest()
    assert made.outputs["fingerprint"] == base64.b64encode(digest).decode()
    again = {"keyName": "login", "publicKey": PUBLIC_KEY}
    assert refusal(objects.make, KEY_PAIR, **again) == "InvalidKeyPair.Duplicate"


def test_key_types(objects: Objects) -> None:
    def openssh(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
        return key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()

    made = objects.make(KEY_PAIR, publicKey=openssh(rsa.generate_private_key(65537, 2048)))
    assert made.outputs["keyType"] == "rsa"
    for wrong in (openssh(ec.generate_private_key(ec.SECP256R1())), "ssh-ed25519 AAAA", "x"):
        assert refusal(objects.make, KEY_PAIR, publicKey=wrong) == "InvalidKey.Format"


def test_images(aws: Client) -> None:
    def find(**more: Any) -> dict[str, Any]:
        return aws.invoke(GET_AMI, {"owners": ["136693071363"], "mostRecent": True} | more)

    def by(name: str, *values: str) -> dict[str, Any]:
        return {"filters": [{"name": name, "values": list(values)}]}

    arm = find(**by("name", "debian-12-arm64-*"))
    assert arm["architecture"] == "arm64"
    assert arm == find(**by("name", "debian-12-arm64-*"))
    assert arm["creationDate"] == "2025-08-14T00:00:00.000Z"
    amd = find(**by("architecture", "x86_64"))
    assert amd["name"].startswith("debian-12-amd64-")
    assert find(nameRegex="amd64-20250316")["id"] not in {amd["id"], arm["id"]}
    assert find(region="eu-west-1", **by("architecture", "arm64"))["id"] != arm["id"]
    assert refusal(find, **by("name", "ubuntu*")) == "no AMI"
    assert refusal(find, owners=["1"]) == "no AMI"
    assert refusal(find, mostRecent=False) == "several AMIs"
    assert refusal(find, **by("colour", "red")) == "not in the lab"


def test_a_new_build_is_the_newest_at_once(objects: Objects, lab_world: World) -> None:
    before = objects.image()
    aws_ami.publish(lab_world, "20991231-2359")
    after = objects.image()
    assert after != before
    subnet = objects.subnet()
    assert objects.instance(subnet, ami=after).outputs["ami"] == after
    assert objects.instance(subnet, ami=before).outputs["ami"] == before


def test_outputs(objects: Objects) -> None:
    options = {"httpTokens": "required", "httpPutResponseHopLimit": 1.0}
    root = {"volumeSize": 16.0, "volumeType": "gp3", "encrypted": True}
    made = objects.instance(objects.subnet(), metadataOptions=options, rootBlockDevice=root)
    outputs = made.outputs
    assert outputs["availabilityZone"] == "eu-central-1a"
    assert outputs["privateIp"].startswith("10.25.0.")
    assert outputs["publicIp"] == ""
    assert outputs["instanceState"] == "running"
    assert outputs["metadataOptions"].items() >= (options | {"httpEndpoint": "enabled"}).items()
    assert outputs["rootBlockDevice"].items() >= root.items()
    assert outputs["rootBlockDevice"]["volumeId"].startswith("vol-")
    inputs = {key: outputs[key] for key in ("ami", "instanceType", "subnetId")}
    inputs |= {"metadataOptions": options, "rootBlockDevice": root}
    assert kinds(objects.client.diff(INSTANCE, "i", outputs, inputs, inputs)) == {}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"ami": "ami-0"}, "InvalidAMIID.NotFound"),
        ({"instanceType": "big"}, "InvalidParameterValue"),
        ({"instanceType": "t3.small"}, "InvalidParameterValue"),
        ({"subnetId": "subnet-0"}, "InvalidSubnetID.NotFound"),
        ({"subnetId": None}, "MissingInput"),
        ({"keyName": "nobody"}, "InvalidKeyPair.NotFound"),
        ({"vpcSecurityGroupIds": ["sg-0"]}, "InvalidGroup.NotFound"),
        ({"ipv6AddressCount": 1.0}, "InvalidParameterCombination"),
    ],
)
def test_refusals(objects: Objects, changes: dict[str, Any], code: str) -> None:
    subnet = objects.subnet()
    assert refusal(objects.instance, subnet, **changes) == code


def test_user_data_has_a_limit(aws: Client) -> None:
    inputs = {"ami": "ami-0", "instanceType": "t4g.small", "userData": "x" * 16385}
    assert set(aws.refusals(INSTANCE, "i", inputs)) == {"userData"}


OLD = {
    "ami": "ami-0",
    "instanceType": "t4g.small",
    "keyName": "a",
    "metadataOptions": {"httpTokens": "required"},
    "rootBlockDevice": {"volumeSize": 16.0, "encrypted": True},
    "subnetId": "subnet-0",
    "tags": {"Name": "a"},
    "userData": "a",
    "vpcSecurityGroupIds": ["sg-0"],
}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"ami": "b"}, {"ami": "UPDATE_REPLACE"}),
        ({"keyName": "b"}, {"keyName": "UPDATE_REPLACE"}),
        ({"subnetId": "b"}, {"subnetId": "UPDATE_REPLACE"}),
        ({"availabilityZone": "b"}, {"availabilityZone": "ADD_REPLACE"}),
        ({"instanceType": "b"}, {"instanceType": "UPDATE"}),
        ({"tags": {"Name": "b"}}, {"tags.Name": "UPDATE"}),
        ({"metadataOptions": {"httpTokens": "optional"}}, {"metadataOptions.httpTokens": "UPDATE"}),
        ({"vpcSecurityGroupIds": ["b"]}, {"vpcSecurityGroupIds[0]": "UPDATE"}),
        ({"userData": "b"}, {"userData": "UPDATE"}),
        (
            {"userData": "b", "userDataReplaceOnChange": True},
            {"userData": "UPDATE_REPLACE", "userDataReplaceOnChange": "ADD"},
        ),
        (
            {"rootBlockDevice": {"volumeSize": 20.0, "encrypted": False}},
            {
                "rootBlockDevice.encrypted": "UPDATE_REPLACE",
                "rootBlockDevice.volumeSize": "UPDATE",
            },
        ),
    ],
)
def test_what_replaces(aws: Client, change: dict[str, Any], expected: dict[str, str]) -> None:
    assert kinds(aws.diff(INSTANCE, "i", OLD, OLD, OLD | change)) == expected


def test_updates(objects: Objects) -> None:
    made = objects.instance(objects.subnet(), rootBlockDevice={"volumeSize": 16.0})
    inputs = {key: made.outputs[key] for key in ("ami", "subnetId")}
    larger = inputs | {"instanceType": "t4g.medium", "rootBlockDevice": {"volumeSize": 20.0}}
    outputs = objects.client.update(INSTANCE, "i", made, larger)
    assert outputs["instanceType"] == "t4g.medium"
    assert outputs["privateIp"] == made.outputs["privateIp"]
    device = made.outputs["rootBlockDevice"] | {"volumeSize": 20.0}
    assert outputs["rootBlockDevice"] == device
    for wrong, code in (
        ({"instanceType": "t3.small"}, "InvalidInstanceType"),
        ({"rootBlockDevice": {"volumeSize": 19.0}}, "InvalidParameterValue"),
    ):
        assert refusal(objects.client.update, INSTANCE, "i", made, larger | wrong) == code


def test_protection_against_termination(objects: Objects) -> None:
    made = objects.instance(objects.subnet(), disableApiTermination=True)
    assert refusal(objects.delete, INSTANCE, made) == "OperationNotPermitted"
    inputs = {key: made.outputs[key] for key in ("ami", "instanceType", "subnetId")}
    objects.client.update(INSTANCE, "i", made, inputs)
    objects.delete(INSTANCE, made)
