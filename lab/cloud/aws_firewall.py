"""aws:ec2 security groups and aws:vpc rules, one CIDR each."""

import ipaddress

from lab.cloud.aws_base import AwsResource, known
from lab.cloud.aws_network import INSTANCE, Vpc
from lab.cloud.errors import CloudError
from lab.cloud.resource import Call
from lab.cloud.values import Plain

_PEERS = ("cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId")
_ALL_PROTOCOLS = "-1"
_LAST_PORT = 65535


class SecurityGroup(AwsResource):
    """aws:ec2/securityGroup:SecurityGroup without inline rules."""

    token = "aws:ec2/securityGroup:SecurityGroup"  # noqa: S105 - a type token, here and below
    prefix, arn, autoname = "sg", "security-group", "name"
    takes = frozenset({"description", "name", "revokeRulesOnDelete", "vpcId"})
    gives = frozenset({"description", "ownerId"})
    replaces = frozenset({"description", "name", "vpcId"})
    refers = (("vpcId", Vpc, "InvalidVpcID.NotFound"),)
    used_by = ((INSTANCE, "vpcSecurityGroupIds"),)

    def made(self, call: Call, id: str, inputs: Plain) -> Plain:  # noqa: A002, ARG002
        """Refused when the VPC has a group of that name."""
        for other in call.world.find(self.token).values():
            if (other["name"], other.get("vpcId")) == (inputs["name"], inputs.get("vpcId")):
                message = (
                    f"The security group '{inputs['name']}' already exists"
                    f" for VPC '{inputs.get('vpcId')}'"
                )
                raise CloudError("InvalidGroup.Duplicate", message)
        return {"description": "Managed by Pulumi"}

    def delete(self, call: Call, id: str, outputs: Plain) -> None:  # noqa: A002
        """The group's rules go with it."""
        super().delete(call, id, outputs)
        for rule in (SecurityGroupIngressRule, SecurityGroupEgressRule):
            for rule_id, body in call.world.find(rule.token).items():
                if body["securityGroupId"] == id:
                    call.world.remove(rule.token, rule_id)


class _Rule(AwsResource):
    prefix, arn = "sgr", "security-group-rule"
    required = frozenset({"ipProtocol", "securityGroupId"})
    takes = frozenset({"description", "fromPort", "toPort", *_PEERS})
    gives = frozenset({"securityGroupRuleId"})
    replaces = frozenset({"securityGroupId"})
    refers = (
        ("securityGroupId", SecurityGroup, "InvalidGroup.NotFound"),
        ("referencedSecurityGroupId", SecurityGroup, "InvalidGroup.NotFound"),
    )

    def check(self, inputs: Plain) -> list[tuple[str, str]]:
        """Exactly one peer, a canonical network, ports where the protocol has them."""
        problems = []
        peers = [key for key in _PEERS if key in inputs]
        if len(peers) != 1:
            problems.append((_PEERS[0], f"exactly one of {', '.join(_PEERS)} must be given"))
        for key, kind in (("cidrIpv4", ipaddress.IPv4Network), ("cidrIpv6", ipaddress.IPv6Network)):
            value = known(inputs, key)
            try:
                if value is not None:
                    kind(value)
            except ValueError as error:
                problems.append((key, f'"{value}" is not a CIDR block: {error}'))
        if known(inputs, "ipProtocol") in {"tcp", "udp"}:
            for key in ("fromPort", "toPort"):
                port = inputs.get(key)
                if port is None:
                    problems.append((key, f"{key} is required for this protocol"))
                elif isinstance(port, float) and not 0 <= port <= _LAST_PORT:
                    problems.append((key, f"{port:.0f} is not a port"))
        return problems

    def made(self, call: Call, id: str, inputs: Plain) -> Plain:  # noqa: A002
        """The rule's id twice; refused when the group has the same rule."""
        self.changed(call, id, {}, inputs)
        return {"securityGroupRuleId": id}

    def changed(self, call: Call, id: str, current: Plain, inputs: Plain) -> None:  # noqa: A002, ARG002
        """Refused when the group has the same rule."""
        keys = ["securityGroupId", "ipProtocol", *_PEERS]
        if inputs["ipProtocol"] != _ALL_PROTOCOLS:
            keys += ["fromPort", "toPort"]
        for other_id, other in call.world.find(self.token).items():
            if other_id != id and all(other.get(key) == inputs.get(key) for key in keys):
                peer = next(inputs[key] for key in _PEERS if key in inputs)
                message = (
                    f'the specified rule "peer: {peer}, {inputs["ipProtocol"].upper()}, '
                    f"ports {inputs.get('fromPort', 'ALL')} to {inputs.get('toPort', 'ALL')}, "
                    f'ALLOW" already exists'
                )
                raise CloudError("InvalidPermission.Duplicate", message)


class SecurityGroupIngressRule(_Rule):
    """aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule."""

    token = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"  # noqa: S105


class SecurityGroupEgressRule(_Rule):
    """aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule."""

    token = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"  # noqa: S105
