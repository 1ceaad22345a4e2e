"""An engine that answers at once, so that what is left to measure is our own time.

It gives back what it is asked for, with the outputs that the program goes on to work with.
"""

from functools import cache
from typing import Any

from pulumi.runtime import MockCallArgs, MockResourceArgs, Mocks

from mail.dkim import Algorithm, generate_key, public_record

_ADDRESS = "192.0.2.1"
_SSH_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"


class InstantEngine(Mocks):
    """Knows every resource, and makes none."""

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        kind = args.typ.rsplit(":", maxsplit=1)[-1]
        # The user data of the VPS is made for an EBS volume's id, and for nothing else.
        id_ = "vol-0123456789abcdef0" if args.typ == "aws:ebs/volume:Volume" else f"{args.name}-id"
        return id_, {**args.inputs, **_outputs(kind, args.inputs)}

    def call(self, args: MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        return {**args.args, "id": "found-id", "zoneId": "found-id"}, []


def _outputs(kind: str, inputs: dict[str, Any]) -> dict[str, Any]:
    if kind == "DkimKey":
        return _key(inputs["algorithm"])
    return _OUTPUTS.get(kind, {})


@cache
def _key(algorithm: Algorithm) -> dict[str, Any]:
    key = generate_key(algorithm)
    return {"private_key": key, "public_record": public_record(key)}


_OUTPUTS: dict[str, dict[str, Any]] = {
    "SshKey": {"private_key": "a key", "public_key": _SSH_KEY},
    "MailboxPassword": {"password": "a password", "hash": "{SHA512-CRYPT}$6$a$hash"},
    "Salt": {"value": "00" * 32},
    "Certificate": {"certificate": "a chain", "private_key": "a key", "ca_certificate": "a ca"},
    "DockerReady": {"endpoint": f"ssh://admin@{_ADDRESS}"},
    "ServerReady": {"container_id": "a container"},
    "Eip": {"publicIp": _ADDRESS, "allocationId": "an address"},
    "EmailIdentity": {"arn": "arn:aws:ses:eu-central-1:123456789012:identity/some.example"},
    "Subnet": {"availabilityZone": "a zone"},
    "ImageHistory": {"came_from": [], "count": 0, "snapshots": []},
    "RemoteImage": {"imageId": "an image"},
    "AccessKey": {"sesSmtpPasswordV4": "a password", "secret": "a secret"},
}
