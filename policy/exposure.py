"""Rules on what is reachable from outside."""

import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mail.services import PORTS
from policy.resource import Asked, Resource

SSH = 22
_EVERY_PORT = (0, 65535)
# Prefixes shorter than these are no administrator's network: /0, and /0 cut into pieces.
_SHORTEST = {4: 8, 6: 16}
_RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
_OLD_RULE = "aws:ec2/securityGroupRule:SecurityGroupRule"
_GROUP = "aws:ec2/securityGroup:SecurityGroup"
_CONTAINER = "docker:index/container:Container"


@dataclass(frozen=True, kw_only=True)
class Opening:
    """Ports that a firewall rule opens, and to whom."""

    first: int
    last: int
    protocol: str
    cidrs: tuple[str, ...]

    @property
    def has_ssh(self) -> bool:
        """Whether SSH is among the ports."""
        return self.protocol in {"tcp", "6", "-1"} and self.first <= SSH <= self.last

    @property
    def is_public(self) -> bool:
        """Whether all the world may come in, or so much of it that it is nobody's network."""
        networks = [ipaddress.ip_network(cidr, strict=False) for cidr in self.cidrs]
        return any(network.prefixlen < _SHORTEST[network.version] for network in networks)

    def __str__(self) -> str:
        ports = str(self.first) if self.first == self.last else f"{self.first} to {self.last}"
        return f"{self.protocol if self.protocol != '-1' else 'every protocol,'} port {ports}"


def ports_beyond_the_settings(resource: Resource, asked: Asked) -> Iterator[str]:
    """Only ports of `server.services` are open; SSH has a rule of its own."""
    allowed = {PORTS[service] for service in asked.services if service in PORTS}
    wanted = ", ".join(str(port) for port in sorted(allowed))
    for opening in openings(resource):
        if opening.first == opening.last == SSH and opening.has_ssh:
            continue
        one_of_ours = opening.first == opening.last and opening.first in allowed
        if not one_of_ours or opening.protocol not in {"tcp", "6"}:
            yield f"{resource.name} opens {opening}; the stack file asks for TCP {wanted} alone"
    if resource.type == _CONTAINER:
        for port in resource.maps("ports"):
            if int(port.get("internal", 0)) not in allowed:
                yield (
                    f"{resource.name} publishes port {int(port.get('internal', 0))}; the stack "
                    f"file asks for {wanted} alone"
                )


def public_ssh(resource: Resource, _asked: Asked) -> Iterator[str]:
    """Nobody but the networks of `host.sshFrom` reaches SSH."""
    for opening in openings(resource):
        if opening.has_ssh and opening.is_public:
            yield (
                f"{resource.name} opens SSH to {', '.join(opening.cidrs)}: "
                "name your own networks in host.sshFrom"
            )


def openings(resource: Resource) -> Iterator[Opening]:
    """Give what a firewall rule of AWS lets in, in whichever of its three forms."""
    if resource.type == _RULE:
        yield _opening(resource.props, "ipProtocol", ("cidrIpv4", "cidrIpv6"))
    elif resource.type == _OLD_RULE and resource.props.get("type") == "ingress":
        yield _opening(resource.props, "protocol", ("cidrBlocks", "ipv6CidrBlocks"))
    elif resource.type == _GROUP:
        for rule in resource.maps("ingress"):
            yield _opening(rule, "protocol", ("cidrBlocks", "ipv6CidrBlocks"))


def _opening(rule: Mapping[str, Any], protocol: str, cidrs: tuple[str, ...]) -> Opening:
    name = str(rule.get(protocol, "-1"))
    first, last = _EVERY_PORT
    if name != "-1":
        first, last = int(rule.get("fromPort", first)), int(rule.get("toPort", last))
    view = Resource(type="", name="", props=rule)
    return Opening(first=first, last=last, protocol=name, cidrs=tuple(view.texts(*cidrs)))
