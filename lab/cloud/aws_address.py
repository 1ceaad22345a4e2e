"""aws:ec2 Elastic IPs, their association with instances, their reverse names."""

import hashlib
import ipaddress

from lab.cloud.aws_base import ACCOUNT, AwsResource
from lab.cloud.aws_instance import Instance
from lab.cloud.aws_network import ASSOCIATION, InternetGateway, Subnet
from lab.cloud.errors import CloudError
from lab.cloud.resource import Call
from lab.cloud.values import Plain
from lab.dns.records import PTR_RECORD, answers
from lab.world import World

_QUOTA = 5  # addresses per region of a new AWS account
_LAST_HOST = 254


class Eip(AwsResource):
    """aws:ec2/eip:Eip: an address of 127.77.0.0/16, which every Linux can bind."""

    token = "aws:ec2/eip:Eip"  # noqa: S105 - a type token
    prefix, arn = "eipalloc", "elastic-ip"
    takes = frozenset({"domain"})
    gives = frozenset(
        {
            "allocationId",
            "associationId",
            "domain",
            "instance",
            "networkInterface",
            "privateIp",
            "ptrRecord",
            "publicDns",
            "publicIp",
        }
    )
    replaces = frozenset({"domain"})

    def made(self, call: Call, id: str, inputs: Plain) -> Plain:  # noqa: A002
        """A free address; refused beyond the account's quota."""
        if len(call.world.find(self.token)) >= _QUOTA:
            message = "The maximum number of addresses has been reached."
            raise CloudError("AddressLimitExceeded", message)
        address = _free_address(call.world)
        return {
            "allocationId": id,
            "associationId": "",
            "domain": "vpc",
            "instance": "",
            "networkInterface": "",
            "privateIp": "",
            "ptrRecord": "",
            "publicDns": _public_dns(address, inputs["region"]),
            "publicIp": address,
        }

    def delete(self, call: Call, id: str, outputs: Plain) -> None:  # noqa: A002
        """Release it; refused while it is associated, or locked by a reverse name."""
        address = outputs.get("publicIp")
        if call.world.get(PTR_RECORD, id) is not None:
            message = f"The address {address} is locked: remove its reverse DNS name first"
            raise CloudError("InvalidAddress.Locked", message)
        if any(other["allocationId"] == id for other in call.world.find(ASSOCIATION).values()):
            raise CloudError("InvalidIPAddress.InUse", f"Address {address} is in use.")
        super().delete(call, id, outputs)


class EipAssociation(AwsResource):
    """aws:ec2/eipAssociation:EipAssociation."""

    token = ASSOCIATION
    prefix = "eipassoc"
    required = frozenset({"allocationId", "instanceId"})
    takes = frozenset({"allowReassociation"})
    gives = frozenset({"networkInterfaceId", "privateIpAddress", "publicIp"})
    replaces = frozenset({"allocationId", "instanceId"})
    refers = (
        ("allocationId", Eip, "InvalidAllocationID.NotFound"),
        ("instanceId", Instance, "InvalidInstanceID.NotFound"),
    )

    def made(self, call: Call, id: str, inputs: Plain) -> Plain:  # noqa: A002
        """Move the address over; refused in a VPC without internet gateway."""
        instance = call.world.get(Instance.token, inputs["instanceId"]) or {}
        address = call.world.get(Eip.token, inputs["allocationId"]) or {}
        vpc = (call.world.get(Subnet.token, instance["subnetId"]) or {})["vpcId"]
        gateways = call.world.find(InternetGateway.token).values()
        if not any(gateway.get("vpcId") == vpc for gateway in gateways):
            message = f"Network {vpc} is not attached to any internet gateway"
            raise CloudError("Gateway.NotAttached", message)
        # In a VPC an associated address moves without further ado: the old association ends.
        for other_id, other in call.world.find(self.token).items():
            if other["allocationId"] == inputs["allocationId"]:
                self.delete(call, other_id, other)
        outputs = {
            "networkInterfaceId": instance["primaryNetworkInterfaceId"],
            "privateIpAddress": instance["privateIp"],
            "publicIp": address["publicIp"],
        }
        public = {"publicIp": address["publicIp"], "publicDns": address["publicDns"]}
        call.world.put(Instance.token, inputs["instanceId"], instance | public)
        bound = {
            "associationId": id,
            "instance": inputs["instanceId"],
            "networkInterface": instance["primaryNetworkInterfaceId"],
            "privateIp": instance["privateIp"],
        }
        call.world.put(Eip.token, inputs["allocationId"], address | bound)
        return outputs

    def delete(self, call: Call, id: str, outputs: Plain) -> None:  # noqa: A002
        """Part the two; no error when a newer association has done so already."""
        current = call.world.get(self.token, id)
        if current is None:
            return
        instance = call.world.get(Instance.token, current["instanceId"])
        if instance:
            body = instance | {"publicIp": "", "publicDns": ""}
            call.world.put(Instance.token, current["instanceId"], body)
        address = call.world.get(Eip.token, current["allocationId"])
        if address:
            parted = dict.fromkeys(
                ("associationId", "instance", "networkInterface", "privateIp"), ""
            )
            call.world.put(Eip.token, current["allocationId"], address | parted)
        super().delete(call, id, outputs)


class EipDomainName(AwsResource):
    """aws:ec2/eipDomainName:EipDomainName: the PTR record; its id is the allocation's."""

    token = PTR_RECORD
    required = frozenset({"allocationId", "domainName"})
    gives = frozenset({"ptrRecord"})
    replaces = frozenset({"allocationId"})
    volatile = frozenset({"ptrRecord"})
    refers = (("allocationId", Eip, "InvalidAllocationID.NotFound"),)

    def create(self, call: Call, inputs: Plain) -> tuple[str, Plain]:
        """Refused unless the name's A record points at the address already."""
        _, body = super().create(call, inputs)
        return inputs["allocationId"], body

    def store(self, call: Call, id: str, body: Plain) -> Plain:  # noqa: A002, ARG002
        """Under the reverse name, where the DNS server looks; `create` has no say in the id."""
        name, allocation = body["domainName"].rstrip("."), body["allocationId"]
        address = (call.world.get(Eip.token, allocation) or {})["publicIp"]
        pointed = answers(call.world, name, "A")
        if address not in pointed:
            found = ", ".join(pointed) or "nothing"
            message = f"the A record of {name} must point at {address} first; it gives {found}"
            raise CloudError("InvalidParameterValue", message)
        body["ptrRecord"] = f"{name}."
        reverse = ipaddress.ip_address(address).reverse_pointer
        call.world.put(self.token, allocation, body, name=reverse)
        return body

    def delete(self, call: Call, id: str, outputs: Plain) -> None:  # noqa: A002
        """Unlock the address; refused when the forward name went first."""
        name = outputs["domainName"].rstrip(".").lower()
        if call.world.get(self.token, id) and not answers(call.world, name, "A"):
            message = f"the A record of {name} is gone: it must outlive the reverse name"
            raise CloudError("InvalidParameterValue", message)
        super().delete(call, id, outputs)


def _free_address(world: World) -> str:
    # Each stack has a /24 of its own, so that two labs can publish their ports side by side. The
    # next address, not the lowest free one: what was released may linger in somebody's cache.
    third = hashlib.sha256(world.stack.encode()).digest()[0]
    taken = {body["publicIp"] for body in world.find(Eip.token).values()}
    last = int(world.setting("last address", 0))
    for step in range(1, _LAST_HOST + 1):
        host = (last + step - 1) % _LAST_HOST + 1
        address = f"127.77.{third}.{host}"
        if address not in taken:
            world.set_setting("last address", host)
            return address
    raise CloudError("InsufficientAddressCapacity", f"account {ACCOUNT} has no free address")


def _public_dns(address: str, region: str) -> str:
    return f"ec2-{address.replace('.', '-')}.{region}.compute.amazonaws.com"
