import re
from typing import Any

import pytest

from lab.world import World
from tests.lab.cloud.aws_objects import (
    ASSOCIATION,
    EIP,
    GATEWAY,
    ROUTES,
    ROUTES_ASSOCIATION,
    SUBNET,
    VPC,
    Objects,
    refusal,
)
from tests.lab.cloud.client import Client, kinds


def test_vpc(objects: Objects) -> None:
    made = objects.make(VPC, cidrBlock="10.25.0.0/24", tags={"Name": "x"})
    assert re.fullmatch("vpc-0[0-9a-f]{16}", made.id)
    outputs = made.outputs
    assert outputs["arn"] == f"arn:aws:ec2:eu-central-1:123456789012:vpc/{made.id}"
    assert outputs["tagsAll"] == {"Name": "x"}
    assert outputs["region"] == "eu-central-1"
    assert outputs["ipv6CidrBlock"] == ""
    assert outputs["enableDnsSupport"] is True


def test_default_tags_of_the_provider(running: Any) -> None:
    config = {"region": "eu-central-1", "defaultTags": '{"tags": {"a": "1", "b": "1"}}'}
    client = Client(running.providers["aws"], **config)
    try:
        inputs = {"cidrBlock": "10.0.0.0/16", "tags": {"b": "2"}}
        made = client.create(VPC, "v", inputs)
        assert made.outputs["tagsAll"] == {"a": "1", "b": "2"}
        assert made.outputs["tags"] == {"b": "2"}
    finally:
        client.close()


def test_a_region_of_its_own(objects: Objects) -> None:
    made = objects.make(VPC, cidrBlock="10.25.0.0/24", region="eu-west-1")
    assert ":eu-west-1:" in made.outputs["arn"]


def test_no_region_at_all(running: Any) -> None:
    client = Client(running.providers["aws"])
    try:
        assert refusal(client.create, VPC, "v", {"cidrBlock": "10.0.0.0/16"}) == "MissingRegion"
    finally:
        client.close()


@pytest.mark.parametrize("block", ["10.25.0.0/15", "10.25.0.0/29", "10.25.0.1/24", "x", "::/56"])
def test_blocks_that_aws_refuses(aws: Client, block: str) -> None:
    assert set(aws.refusals(VPC, "v", {"cidrBlock": block})) == {"cidrBlock"}


def test_a_vpc_gets_ipv6_later_and_keeps_it(objects: Objects) -> None:
    inputs = {"cidrBlock": "10.25.0.0/24"}
    made = objects.make(VPC, **inputs)
    wanted = inputs | {"assignGeneratedIpv6CidrBlock": True}
    block = objects.client.update(VPC, "v", made, wanted)["ipv6CidrBlock"]
    assert block.endswith("/56")
    assert objects.client.update(VPC, "v", made, wanted)["ipv6CidrBlock"] == block
    assert objects.client.update(VPC, "v", made, inputs)["ipv6CidrBlock"] == ""


def test_ipv6_goes_down_to_the_instance(objects: Objects) -> None:
    vpc = objects.make(VPC, cidrBlock="10.25.0.0/24", assignGeneratedIpv6CidrBlock=True)
    block = vpc.outputs["ipv6CidrBlock"]
    assert re.fullmatch("2001:db8:.*/56", block)
    subnet = objects.make(
        SUBNET,
        vpcId=vpc.id,
        cidrBlock="10.25.0.0/26",
        ipv6CidrBlock=block.replace("/56", "/64"),
    )
    instance = objects.instance(subnet, ipv6AddressCount=1.0)
    (address,) = instance.outputs["ipv6Addresses"]
    assert address.startswith(block.split("::")[0])


def test_subnets(objects: Objects) -> None:
    vpc = objects.make(VPC, cidrBlock="10.25.0.0/24")
    made = objects.make(SUBNET, vpcId=vpc.id, cidrBlock="10.25.0.0/26")
    assert made.outputs["availabilityZone"] == "eu-central-1a"

    def subnet(block: str, **more: Any) -> str:
        return refusal(objects.make, SUBNET, cidrBlock=block, **({"vpcId": vpc.id} | more))

    assert subnet("10.25.0.32/27") == "InvalidSubnet.Conflict"
    assert subnet("10.26.0.0/26") == "InvalidSubnet.Range"
    assert subnet("10.25.0.64/26", ipv6CidrBlock="2001:db8::/64") == "InvalidSubnet.Range"
    assert subnet("10.25.0.64/26", vpcId="vpc-0") == "InvalidVpcID.NotFound"


def test_one_gateway_for_a_vpc(objects: Objects) -> None:
    vpc = objects.make(VPC, cidrBlock="10.25.0.0/24")
    objects.make(GATEWAY, vpcId=vpc.id)
    assert refusal(objects.make, GATEWAY, vpcId=vpc.id) == "Resource.AlreadyAssociated"
    loose = objects.make(GATEWAY)
    assert (
        refusal(objects.client.update, GATEWAY, "g", loose, {"vpcId": vpc.id})
        == "Resource.AlreadyAssociated"
    )


def test_routes(objects: Objects) -> None:
    subnet = objects.subnet()
    vpc = subnet.outputs["vpcId"]
    gateway = objects.make(GATEWAY, vpcId=vpc)
    routes = [{"cidrBlock": "0.0.0.0/0", "gatewayId": gateway.id}]
    table = objects.make(ROUTES, vpcId=vpc, routes=routes)
    objects.make(ROUTES_ASSOCIATION, routeTableId=table.id, subnetId=subnet.id)
    other = objects.make(ROUTES, vpcId=vpc)
    assert (
        refusal(objects.make, ROUTES_ASSOCIATION, routeTableId=other.id, subnetId=subnet.id)
        == "Resource.AlreadyAssociated"
    )
    nowhere = [{"cidrBlock": "0.0.0.0/0", "gatewayId": "igw-0"}]
    assert refusal(objects.make, ROUTES, vpcId=vpc, routes=nowhere) == "InvalidGatewayID.NotFound"


def test_order_of_routes_means_nothing(aws: Client) -> None:
    old = {"vpcId": "v", "routes": [{"cidrBlock": "a"}, {"ipv6CidrBlock": "b"}]}
    new = old | {"routes": old["routes"][::-1]}
    assert kinds(aws.diff(ROUTES, "r", old, old, new)) == {}


@pytest.mark.parametrize(
    ("kind", "changes", "expected"),
    [
        (VPC, {"cidrBlock": "10.26.0.0/24"}, {"cidrBlock": "ADD_REPLACE"}),
        (VPC, {"region": "eu-west-1"}, {"region": "ADD_REPLACE"}),
        (VPC, {"tags": {"a": "1"}}, {"tags": "ADD"}),
        (SUBNET, {"vpcId": "x"}, {"vpcId": "ADD_REPLACE"}),
        (SUBNET, {"mapPublicIpOnLaunch": True}, {"mapPublicIpOnLaunch": "ADD"}),
        (GATEWAY, {"vpcId": "x"}, {"vpcId": "ADD"}),
        (ROUTES, {"routes": [{"cidrBlock": "a"}]}, {"routes": "ADD"}),
        (ROUTES_ASSOCIATION, {"routeTableId": "x"}, {"routeTableId": "ADD"}),
        (ROUTES_ASSOCIATION, {"subnetId": "x"}, {"subnetId": "ADD_REPLACE"}),
    ],
)
def test_what_replaces(
    aws: Client, kind: str, changes: dict[str, Any], expected: dict[str, str]
) -> None:
    assert kinds(aws.diff(kind, "r", {}, {}, changes)) == expected


def test_nothing_goes_from_under_its_users(objects: Objects, lab_world: World) -> None:
    subnet = objects.subnet()
    vpc = subnet.outputs["vpcId"]
    gateway = objects.make(GATEWAY, vpcId=vpc)
    instance = objects.instance(subnet)
    address = objects.make(EIP, domain="vpc")
    association = objects.make(ASSOCIATION, allocationId=address.id, instanceId=instance.id)

    in_use = [
        (VPC, subnet._replace(id=vpc)),
        (SUBNET, subnet),
        (GATEWAY, gateway),
        (EIP, address),
    ]
    codes = [refusal(objects.delete, kind, made) for kind, made in in_use]
    assert codes == ["DependencyViolation"] * 3 + ["InvalidIPAddress.InUse"]
    objects.delete(ASSOCIATION, association)
    for kind, made in [("aws:ec2/instance:Instance", instance), *reversed(in_use)]:
        objects.delete(kind, made)
    assert not any(lab_world.find(kind) for kind, _ in in_use)


def test_update_of_what_is_gone(objects: Objects, lab_world: World) -> None:
    made = objects.make(VPC, cidrBlock="10.25.0.0/24")
    lab_world.remove(VPC, made.id)
    assert (
        refusal(objects.client.update, VPC, "v", made, {"cidrBlock": "10.25.0.0/24"})
        == "Vpc.NotFound"
    )
