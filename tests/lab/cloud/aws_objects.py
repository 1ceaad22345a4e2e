"""Makes AWS objects for tests, each with its check before, and says how a call is refused."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import grpc
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from lab.cloud.cloudflare_record import DNS_RECORD
from lab.world import zone_id
from tests.lab.cloud.client import Client, Made

VPC = "aws:ec2/vpc:Vpc"
SUBNET = "aws:ec2/subnet:Subnet"
GATEWAY = "aws:ec2/internetGateway:InternetGateway"
ROUTES = "aws:ec2/routeTable:RouteTable"
ROUTES_ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
KEY_PAIR = "aws:ec2/keyPair:KeyPair"
INSTANCE = "aws:ec2/instance:Instance"
VOLUME = "aws:ebs/volume:Volume"
ATTACHMENT = "aws:ec2/volumeAttachment:VolumeAttachment"
EIP = "aws:ec2/eip:Eip"
ASSOCIATION = "aws:ec2/eipAssociation:EipAssociation"
REVERSE_NAME = "aws:ec2/eipDomainName:EipDomainName"
GET_AMI = "aws:ec2/getAmi:getAmi"

PUBLIC_KEY = (
    Ed25519PrivateKey.generate()
    .public_key()
    .public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    .decode()
)


@dataclass
class Objects:
    """Objects of one provider instance; each gets a resource name of its own."""

    client: Client

    def __post_init__(self) -> None:
        self._numbers = itertools.count()

    def make(self, kind: str, **inputs: Any) -> Made:
        name = f"n{next(self._numbers)}"
        return self.client.create(kind, name, self.client.check(kind, name, inputs))

    def delete(self, kind: str, made: Made) -> None:
        self.client.delete(kind, "any", made)

    def read(self, kind: str, made: Made) -> dict[str, Any]:
        return self.client.read(kind, "any", made, {})[1]

    def subnet(self, **more: Any) -> Made:
        vpc = self.make(VPC, cidrBlock="10.25.0.0/24")
        return self.make(SUBNET, vpcId=vpc.id, cidrBlock="10.25.0.0/26", **more)

    def image(self, architecture: str = "arm64") -> str:
        names = [{"name": "name", "values": [f"debian-12-{architecture}-*"]}]
        found = self.client.invoke(GET_AMI, {"mostRecent": True, "filters": names})
        return str(found["id"])

    def instance(self, subnet: Made, **more: Any) -> Made:
        inputs = {"ami": self.image(), "instanceType": "t4g.small", "subnetId": subnet.id}
        return self.make(INSTANCE, **(inputs | more))

    def address_record(self, cloudflare: Client, name: str, address: str) -> Made:
        inputs = {"zoneId": zone_id("example.test"), "name": name, "type": "A", "ttl": 300.0}
        return cloudflare.create(DNS_RECORD, f"a {name}", inputs | {"content": address})


def refusal(call: Callable[..., object], *arguments: Any, **inputs: Any) -> str:
    """The code of the error that the call must give."""
    with pytest.raises(grpc.RpcError) as error:
        call(*arguments, **inputs)
    details = str(error.value.details())
    assert error.value.code() == grpc.StatusCode.UNKNOWN, details
    return details.rpartition("(")[2].removesuffix(")")
