"""aws:ec2 key pairs and instances."""

import base64
import hashlib
import ipaddress
import re
import zlib

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_ssh_public_key

from lab.cloud.aws_ami import find_image, runs_on
from lab.cloud.aws_base import AwsResource, known, new_id
from lab.cloud.aws_firewall import SecurityGroup
from lab.cloud.aws_network import INSTANCE, Subnet
from lab.cloud.errors import CloudError
from lab.cloud.resource import Call
from lab.cloud.values import Plain

_TYPE = re.compile(r"[a-z][a-z0-9-]*\.[a-z0-9-]+")
_USER_DATA_LIMIT = 16384  # bytes, before base64
_METADATA_OPTIONS = {
    "httpEndpoint": "enabled",
    "httpProtocolIpv6": "disabled",
    "httpPutResponseHopLimit": 2,
    "httpTokens": "required",
    "instanceMetadataTags": "disabled",
}
_ROOT_DEVICE = {
    "deleteOnTermination": True,
    "deviceName": "/dev/xvda",
    "encrypted": False,
    "volumeSize": 8,
    "volumeType": "gp2",
}
_RESERVED_ADDRESSES = 4  # AWS keeps the first four of a subnet for itself


class KeyPair(AwsResource):
    """aws:ec2/keyPair:KeyPair; its id is its name."""

    token = "aws:ec2/keyPair:KeyPair"  # noqa: S105 - a type token
    arn, autoname = "key-pair", "keyName"
    required = frozenset({"publicKey"})
    takes = frozenset({"keyName"})
    gives = frozenset({"fingerprint", "keyPairId", "keyType"})
    replaces = frozenset({"keyName", "publicKey"})

    def create(self, call: Call, inputs: Plain) -> tuple[str, Plain]:
        """Refused for a taken name, or what isn't an SSH public key."""
        name = inputs["keyName"]
        if call.world.get(self.token, name) is not None:
            message = f"The keypair '{name}' already exists."
            raise CloudError("InvalidKeyPair.Duplicate", message)
        kind, fingerprint = _inspect(inputs["publicKey"])
        made, body = super().create(call, inputs)
        # The generated id is the pair's inner one: Pulumi and everyone else go by the name.
        call.world.remove(self.token, made)
        body |= {"fingerprint": fingerprint, "keyPairId": f"key{made}", "keyType": kind}
        body["arn"] = body["arn"].replace(made, name)
        return name, self.store(call, name, body)


class Instance(AwsResource):
    """aws:ec2/instance:Instance."""

    token = INSTANCE
    prefix, arn = "i", "instance"
    required = frozenset({"ami", "instanceType"})
    takes = frozenset(
        {
            "associatePublicIpAddress",
            "availabilityZone",
            "disableApiTermination",
            "ebsOptimized",
            "iamInstanceProfile",
            "ipv6AddressCount",
            "keyName",
            "metadataOptions",
            "monitoring",
            "privateIp",
            "rootBlockDevice",
            "sourceDestCheck",
            "subnetId",
            "userData",
            "userDataReplaceOnChange",
            "volumeTags",
            "vpcSecurityGroupIds",
        }
    )
    gives = frozenset(
        {
            "availabilityZone",
            "instanceState",
            "ipv6AddressCount",
            "ipv6Addresses",
            "keyName",
            "metadataOptions",
            "primaryNetworkInterfaceId",
            "privateDns",
            "privateIp",
            "publicDns",
            "publicIp",
            "rootBlockDevice",
            "subnetId",
            "vpcSecurityGroupIds",
        }
    )
    replaces = frozenset(
        {
            "ami",
            "associatePublicIpAddress",
            "availabilityZone",
            "keyName",
            "privateIp",
            "rootBlockDevice.encrypted",
            "rootBlockDevice.kmsKeyId",
            "subnetId",
        }
    )
    volatile = frozenset({"publicDns", "publicIp"})
    sets = frozenset({"vpcSecurityGroupIds"})
    refers = (
        ("keyName", KeyPair, "InvalidKeyPair.NotFound"),
        ("subnetId", Subnet, "InvalidSubnetID.NotFound"),
        ("vpcSecurityGroupIds", SecurityGroup, "InvalidGroup.NotFound"),
    )

    def replaced_by(self, inputs: Plain) -> frozenset[str]:
        """User data changes need a stop and start only, unless asked to replace."""
        if inputs.get("userDataReplaceOnChange"):
            return self.replaces | {"userData"}
        return self.replaces

    def check(self, inputs: Plain) -> list[tuple[str, str]]:
        """User data of a size that EC2 takes."""
        data = known(inputs, "userData") or ""
        if len(data.encode()) > _USER_DATA_LIMIT:
            return [("userData", f"User data is limited to {_USER_DATA_LIMIT} bytes")]
        return []

    def made(self, call: Call, id: str, inputs: Plain) -> Plain:  # noqa: A002
        """Addresses and defaults; refused for a wrong type or image."""
        kind, region = inputs["instanceType"], inputs["region"]
        if not _TYPE.fullmatch(kind):
            raise CloudError("InvalidParameterValue", f"Invalid value '{kind}' for InstanceType.")
        image = find_image(call.world, region, inputs["ami"])
        if image is None:
            message = f"The image id '[{inputs['ami']}]' does not exist"
            raise CloudError("InvalidAMIID.NotFound", message)
        if runs_on(kind) != image["architecture"]:
            message = (
                f"The architecture '{runs_on(kind)}' of the specified instance type does not match"
                f" the architecture '{image['architecture']}' of the specified AMI"
            )
            raise CloudError("InvalidParameterValue", message)
        if "subnetId" not in inputs:
            raise CloudError("MissingInput", "No subnets found for the default VPC: give a subnet")
        subnet = call.world.get(Subnet.token, inputs["subnetId"]) or {}
        number = zlib.crc32(id.encode())
        private = _pick(subnet["cidrBlock"], number)
        count = int(inputs.get("ipv6AddressCount", 0))
        if count and not subnet.get("ipv6CidrBlock"):
            message = f"The subnet {inputs['subnetId']} has no IPv6 CIDR block"
            raise CloudError("InvalidParameterCombination", message)
        return {
            "availabilityZone": subnet["availabilityZone"],
            "instanceState": "running",
            "ipv6AddressCount": count,
            "ipv6Addresses": [_pick(subnet["ipv6CidrBlock"], number + at) for at in range(count)],
            "primaryNetworkInterfaceId": new_id("eni"),
            "privateDns": f"ip-{private.replace('.', '-')}.{region}.compute.internal",
            "privateIp": private,
            "publicDns": "",
            "publicIp": "",
            "vpcSecurityGroupIds": [],
        }

    def store(self, call: Call, id: str, body: Plain) -> Plain:  # noqa: A002
        """Inputs name some parts of nested values only; the rest stays as the cloud has it."""
        current = call.world.get(self.token, id)
        if current is None:
            body["metadataOptions"] = _METADATA_OPTIONS | body.get("metadataOptions", {})
            root = _ROOT_DEVICE | {"volumeId": new_id("vol")}
            body["rootBlockDevice"] = root | body.get("rootBlockDevice", {})
        else:
            for key in ("metadataOptions", "rootBlockDevice"):
                body[key] = current[key] | body.get(key, {})
        return super().store(call, id, body)

    def changed(self, call: Call, id: str, current: Plain, inputs: Plain) -> None:  # noqa: A002, ARG002
        """A new type must fit the image, and disks only grow."""
        if runs_on(inputs["instanceType"]) != runs_on(current["instanceType"]):
            message = "The instance type's architecture does not match that of the AMI"
            raise CloudError("InvalidInstanceType", message)
        size = inputs.get("rootBlockDevice", {}).get("volumeSize", 0)
        if size and size < current["rootBlockDevice"]["volumeSize"]:
            message = "New size cannot be smaller than existing size"
            raise CloudError("InvalidParameterValue", message)

    def delete(self, call: Call, id: str, outputs: Plain) -> None:  # noqa: A002
        """Terminate it; refused while it is protected against that."""
        if (call.world.get(self.token, id) or {}).get("disableApiTermination"):
            message = f"The instance '{id}' may not be terminated: disableApiTermination is set"
            raise CloudError("OperationNotPermitted", message)
        super().delete(call, id, outputs)


def _inspect(public_key: str) -> tuple[str, str]:
    """Type and fingerprint as EC2 gives them: SHA-256 for Ed25519, MD5 of the DER for RSA."""
    try:
        load_ssh_public_key(public_key.encode())
    except (ValueError, UnsupportedAlgorithm):
        message = "Key is not in valid OpenSSH public key format"
        raise CloudError("InvalidKey.Format", message) from None
    kind, body = public_key.split()[:2]
    if kind == "ssh-ed25519":
        return "ed25519", base64.b64encode(hashlib.sha256(base64.b64decode(body)).digest()).decode()
    if kind == "ssh-rsa":
        digest = hashlib.md5(base64.b64decode(body), usedforsecurity=False).hexdigest()
        return "rsa", ":".join(re.findall("..", digest))
    raise CloudError("InvalidKey.Format", f"EC2 takes RSA and Ed25519 keys, not {kind}")


def _pick(block: str, number: int) -> str:
    network = ipaddress.ip_network(block)
    free = min(network.num_addresses, 2**32) - _RESERVED_ADDRESSES - 1
    return str(network[_RESERVED_ADDRESSES + number % free])
