from typing import Any

import pytest

from lab.world import World
from tests.lab.cloud.aws_objects import EGRESS, GROUP, INGRESS, VPC, Objects, refusal
from tests.lab.cloud.client import Client, Made, kinds


@pytest.fixture
def group(objects: Objects) -> Made:
    vpc = objects.make(VPC, cidrBlock="10.25.0.0/24")
    return objects.make(GROUP, vpcId=vpc.id, name="mail")


def rule(group: Made, **more: Any) -> dict[str, Any]:
    base = {"ipProtocol": "tcp", "fromPort": 25.0, "toPort": 25.0, "cidrIpv4": "0.0.0.0/0"}
    return {"securityGroupId": group.id} | base | more


def test_names_are_unique_in_a_vpc(objects: Objects, group: Made) -> None:
    assert group.outputs["description"] == "Managed by Pulumi"
    vpc = group.outputs["vpcId"]
    assert refusal(objects.make, GROUP, vpcId=vpc, name="mail") == "InvalidGroup.Duplicate"
    objects.make(GROUP, vpcId=vpc, name="other")
    second = objects.make(VPC, cidrBlock="10.25.0.0/24")
    objects.make(GROUP, vpcId=second.id, name="mail")


def test_the_same_rule_twice(objects: Objects, group: Made) -> None:
    made = objects.make(INGRESS, **rule(group))
    assert made.outputs["securityGroupRuleId"] == made.id
    for again in (rule(group), rule(group, description="other words")):
        assert refusal(objects.make, INGRESS, **again) == "InvalidPermission.Duplicate"
    objects.make(EGRESS, **rule(group))
    other = objects.make(INGRESS, **rule(group, toPort=26.0))
    assert (
        refusal(objects.client.update, INGRESS, "r", other, rule(group))
        == "InvalidPermission.Duplicate"
    )
    objects.client.update(INGRESS, "r", made, rule(group, description="new"))


def test_all_protocols_have_no_ports(objects: Objects, group: Made) -> None:
    everything = {"securityGroupId": group.id, "ipProtocol": "-1", "cidrIpv6": "::/0"}
    objects.make(EGRESS, **everything)
    assert refusal(objects.make, EGRESS, **everything) == "InvalidPermission.Duplicate"


@pytest.mark.parametrize(
    ("change", "properties"),
    [
        ({"cidrIpv4": None}, {"cidrIpv4"}),
        ({"cidrIpv6": "::/0"}, {"cidrIpv4"}),
        ({"cidrIpv4": "10.0.0.1/24"}, {"cidrIpv4"}),
        ({"cidrIpv4": "everyone"}, {"cidrIpv4"}),
        ({"cidrIpv4": None, "cidrIpv6": "10.0.0.0/24"}, {"cidrIpv6"}),
        ({"fromPort": None, "toPort": None}, {"fromPort", "toPort"}),
        ({"toPort": 65536.0}, {"toPort"}),
        ({"ipProtocol": None}, {"ipProtocol"}),
    ],
)
def test_rules_that_cannot_be(
    aws: Client, group: Made, change: dict[str, Any], properties: set[str]
) -> None:
    assert set(aws.refusals(INGRESS, "r", rule(group, **change))) == properties


def test_rules_need_their_group(objects: Objects, group: Made) -> None:
    lost = rule(group, securityGroupId="sg-0")
    assert refusal(objects.make, INGRESS, **lost) == "InvalidGroup.NotFound"
    peer = rule(group, cidrIpv4=None, referencedSecurityGroupId="sg-0")
    assert refusal(objects.make, INGRESS, **peer) == "InvalidGroup.NotFound"


def test_what_replaces(aws: Client, group: Made) -> None:
    old = rule(group)
    new = rule(group, fromPort=26.0, cidrIpv4="10.0.0.0/8", description="x")
    changes = {"fromPort": "UPDATE", "cidrIpv4": "UPDATE", "description": "ADD"}
    assert kinds(aws.diff(INGRESS, "r", old, old, new)) == changes
    moved = rule(group, securityGroupId="sg-1")
    assert kinds(aws.diff(INGRESS, "r", old, old, moved)) == {"securityGroupId": "UPDATE_REPLACE"}
    before = {"name": "mail", "description": "a", "vpcId": "v"}
    after = before | {"description": "b"}
    reply = aws.diff(GROUP, "g", before, before, after)
    assert kinds(reply) == {"description": "UPDATE_REPLACE"}
    assert reply.deleteBeforeReplace


def test_rules_go_with_their_group(objects: Objects, group: Made, lab_world: World) -> None:
    objects.make(INGRESS, **rule(group))
    objects.make(EGRESS, **rule(group))
    objects.delete(GROUP, group)
    assert lab_world.find(INGRESS) == lab_world.find(EGRESS) == {}


def test_a_group_in_use(objects: Objects) -> None:
    subnet = objects.subnet()
    group = objects.make(GROUP, vpcId=subnet.outputs["vpcId"])
    objects.instance(subnet, vpcSecurityGroupIds=[group.id])
    assert refusal(objects.delete, GROUP, group) == "DependencyViolation"
