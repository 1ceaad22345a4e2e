"""aws:ec2 VPC, subnet, internet gateway, route table."""

import ipaddress
import zlib

from lab.cloud.aws_base import AwsResource, known, new_id
from lab.cloud.errors import CloudError
from lab.cloud.resource import Call
from lab.cloud.values import Plain

ASSOCIATION = "aws:ec2/eipAssociation:EipAssociation"
INSTANCE = "aws:ec2/instance:Instance"
_VPC_SIZES = range(16, 29)  # prefix lengths that AWS allows for VPCs and subnets


class Vpc(AwsResource):
    """aws:ec2/vpc:Vpc."""

    token = "aws:ec2/vpc:Vpc"  # noqa: S105 - a type token, here and below
    prefix, arn = "vpc", "vpc"
    required = frozenset({"cidrBlock"})
    takes = frozenset(
        {
            "assignGeneratedIpv6CidrBlock",
            "enableDnsHostnames",
            "enableDnsSupport",
            "instanceTenancy",
        }
    )
    gives = frozenset(
        {
            "defaultNetworkAclId",
            "defaultRouteTableId",
            "defaultSecurityGroupId",
            "dhcpOptionsId",
            "enableDnsHostnames",
            "enableDnsSupport",
            "instanceTenancy",
            "ipv6AssociationId",
            "ipv6CidrBlock",
            "mainRouteTableId",
            "ownerId",
        }
    )
    replaces = frozenset({"cidrBlock"})
    volatile = frozenset({"ipv6AssociationId", "ipv6CidrBlock"})
    used_by = (
        ("aws:ec2/subnet:Subnet", "vpcId"),
        ("aws:ec2/internetGateway:InternetGateway", "vpcId"),
        ("aws:ec2/routeTable:RouteTable", "vpcId"),
        ("aws:ec2/securityGroup:SecurityGroup", "vpcId"),
    )

    def check(self, inputs: Plain) -> list[tuple[str, str]]:
        """The IPv4 block must be a network of an allowed size."""
        return _check_block(inputs, "cidrBlock")

    def made(self, call: Call, id: str, inputs: Plain) -> Plain:  # noqa: A002, ARG002
        """The parts that come with a VPC."""
        routes = new_id("rtb")
        return {
            "defaultNetworkAclId": new_id("acl"),
            "defaultRouteTableId": routes,
            "defaultSecurityGroupId": new_id("sg"),
            "dhcpOptionsId": new_id("dopt"),
            "enableDnsHostnames": False,
            "enableDnsSupport": True,
            "instanceTenancy": "default",
            "ipv6AssociationId": "",
            "ipv6CidrBlock": "",
            "mainRouteTableId": routes,
        }

    def store(self, call: Call, id: str, body: Plain) -> Plain:  # noqa: A002
        """An IPv6 block of the documentation's prefix comes and goes with the wish for it."""
        wanted = bool(body.get("assignGeneratedIpv6CidrBlock"))
        if wanted and not body["ipv6CidrBlock"]:
            part = zlib.crc32(id.encode()) & 0xFFFFFF
            block = f"2001:db8:{part >> 8:x}:{part & 0xFF:x}00::/56"
            body["ipv6AssociationId"] = new_id("vpc-cidr-assoc")
            body["ipv6CidrBlock"] = str(ipaddress.ip_network(block))
        elif not wanted:
            body |= {"ipv6AssociationId": "", "ipv6CidrBlock": ""}
        return super().store(call, id, body)


class Subnet(AwsResource):
    """aws:ec2/subnet:Subnet."""

    token = "aws:ec2/subnet:Subnet"  # noqa: S105
    prefix, arn = "subnet", "subnet"
    required = frozenset({"vpcId", "cidrBlock"})
    takes = frozenset(
        {
            "assignIpv6AddressOnCreation",
            "availabilityZone",
            "ipv6CidrBlock",
            "mapPublicIpOnLaunch",
        }
    )
    gives = frozenset(
        {"availabilityZone", "availabilityZoneId", "ipv6CidrBlockAssociationId", "ownerId"}
    )
    replaces = frozenset({"availabilityZone", "cidrBlock", "vpcId"})
    refers = (("vpcId", Vpc, "InvalidVpcID.NotFound"),)
    used_by = ((INSTANCE, "subnetId"),)

    def check(self, inputs: Plain) -> list[tuple[str, str]]:
        """The IPv4 block must be a network of an allowed size."""
        return _check_block(inputs, "cidrBlock")

    def made(self, call: Call, id: str, inputs: Plain) -> Plain:  # noqa: A002, ARG002
        """The zone; refused when it is not in its VPC or overlaps a neighbour."""
        vpc = call.world.get(Vpc.token, inputs["vpcId"]) or {}
        own = ipaddress.IPv4Network(inputs["cidrBlock"])
        if not own.subnet_of(ipaddress.IPv4Network(vpc["cidrBlock"])):
            raise CloudError("InvalidSubnet.Range", f"The CIDR '{own}' is invalid.")
        for other in call.world.find(self.token).values():
            if other["vpcId"] == inputs["vpcId"] and own.overlaps(
                ipaddress.IPv4Network(other["cidrBlock"])
            ):
                message = f"The CIDR '{own}' conflicts with another subnet"
                raise CloudError("InvalidSubnet.Conflict", message)
        outputs = {
            "availabilityZone": f"{inputs['region']}a",
            "availabilityZoneId": f"{inputs['region']}-az1",
            "ipv6CidrBlockAssociationId": "",
        }
        if inputs.get("ipv6CidrBlock"):
            block = ipaddress.IPv6Network(inputs["ipv6CidrBlock"])
            if not vpc["ipv6CidrBlock"] or not block.subnet_of(
                ipaddress.IPv6Network(vpc["ipv6CidrBlock"])
            ):
                raise CloudError("InvalidSubnet.Range", f"The CIDR '{block}' is invalid.")
            outputs["ipv6CidrBlockAssociationId"] = new_id("subnet-cidr-assoc")
        return outputs


class InternetGateway(AwsResource):
    """aws:ec2/internetGateway:InternetGateway."""

    token = "aws:ec2/internetGateway:InternetGateway"  # noqa: S105
    prefix, arn = "igw", "internet-gateway"
    takes = frozenset({"vpcId"})
    gives = frozenset({"ownerId"})
    refers = (("vpcId", Vpc, "InvalidVpcID.NotFound"),)

    def made(self, call: Call, id: str, inputs: Plain) -> Plain:  # noqa: A002
        """Refused when the VPC has a gateway already."""
        self.changed(call, id, {}, inputs)
        return {}

    def changed(self, call: Call, id: str, current: Plain, inputs: Plain) -> None:  # noqa: A002, ARG002
        """Refused when the VPC has another gateway already."""
        for other_id, other in call.world.find(self.token).items():
            if other_id != id and other.get("vpcId") == inputs.get("vpcId") is not None:
                message = f"resource {inputs['vpcId']} is already associated with {other_id}"
                raise CloudError("Resource.AlreadyAssociated", message)

    def delete(self, call: Call, id: str, outputs: Plain) -> None:  # noqa: A002
        """Refused while an Elastic IP is mapped to an instance of the VPC."""
        for association in call.world.find(ASSOCIATION).values():
            instance = call.world.get(INSTANCE, association["instanceId"]) or {}
            subnet = call.world.get(Subnet.token, instance.get("subnetId", "")) or {}
            if subnet.get("vpcId") == outputs.get("vpcId") is not None:
                message = f"Network {outputs['vpcId']} has some mapped public address(es)"
                raise CloudError("DependencyViolation", message)
        super().delete(call, id, outputs)


class RouteTable(AwsResource):
    """aws:ec2/routeTable:RouteTable, with its routes inside."""

    token = "aws:ec2/routeTable:RouteTable"  # noqa: S105
    prefix, arn = "rtb", "route-table"
    required = frozenset({"vpcId"})
    takes = frozenset({"routes"})
    gives = frozenset({"ownerId", "routes"})
    replaces = frozenset({"vpcId"})
    sets = frozenset({"routes"})
    refers = (("vpcId", Vpc, "InvalidVpcID.NotFound"),)
    used_by = (("aws:ec2/routeTableAssociation:RouteTableAssociation", "routeTableId"),)

    def check_references(self, call: Call, inputs: Plain) -> None:
        """The gateways of all routes must be there too."""
        super().check_references(call, inputs)
        for route in inputs.get("routes", []):
            gateway = route.get("gatewayId")
            if gateway and call.world.get(InternetGateway.token, gateway) is None:
                message = f"The gateway ID '{gateway}' does not exist"
                raise CloudError("InvalidGatewayID.NotFound", message)


class RouteTableAssociation(AwsResource):
    """aws:ec2/routeTableAssociation:RouteTableAssociation, of a subnet."""

    token = "aws:ec2/routeTableAssociation:RouteTableAssociation"  # noqa: S105
    prefix = "rtbassoc"
    required = frozenset({"routeTableId", "subnetId"})
    replaces = frozenset({"subnetId"})
    refers = (
        ("routeTableId", RouteTable, "InvalidRouteTableID.NotFound"),
        ("subnetId", Subnet, "InvalidSubnetID.NotFound"),
    )

    def made(self, call: Call, id: str, inputs: Plain) -> Plain:  # noqa: A002, ARG002
        """Refused when the subnet has a table of its own already."""
        for other_id, other in call.world.find(self.token).items():
            if other["subnetId"] == inputs["subnetId"]:
                message = f"the specified association for {inputs['subnetId']} exists: {other_id}"
                raise CloudError("Resource.AlreadyAssociated", message)
        return {}


def _check_block(inputs: Plain, key: str) -> list[tuple[str, str]]:
    value = known(inputs, key)
    if value is None:
        return []
    try:
        size = ipaddress.IPv4Network(value).prefixlen
    except ValueError as error:
        return [(key, f'"{value}" is not a valid IPv4 CIDR block: {error}')]
    return [] if size in _VPC_SIZES else [(key, f"expected a block of /16 to /28, got /{size}")]
