"""The VPS's own network: a VPC with one public subnet.

An own VPC rather than the default one: accounts may have deleted theirs, and the default has
no IPv6. Deliberately without NAT, private subnets or flow logs: one host needs none of them.
"""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.naming import tags


@dataclass(frozen=True, kw_only=True)
class VpsNetworkArgs:
    """What the network has to offer."""

    ipv6: bool
    ports: tuple[int, ...]
    """TCP ports open to the world."""
    ssh_from: tuple[str, ...]
    """CIDR blocks that may reach port 22; empty means nobody."""


class VpsNetwork(pulumi.ComponentResource):
    """VPC, subnet, route to the internet, and the security group."""

    subnet_id: pulumi.Output[str]
    """The public subnet; resolves once its route to the internet exists."""
    availability_zone: pulumi.Output[str]
    """Where AWS put the subnet; volumes must live there too."""
    security_group_id: pulumi.Output[str]
    """The group with exactly the ports that the settings ask for."""

    def __init__(
        self, name: str, args: VpsNetworkArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("mailstack:aws:VpsNetwork", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        vpc = aws.ec2.Vpc(
            f"{name}-vpc",
            cidr_block="10.25.0.0/24",
            assign_generated_ipv6_cidr_block=args.ipv6,
            tags=tags("vpc"),
            opts=child,
        )
        gateway = aws.ec2.InternetGateway(
            f"{name}-gateway", vpc_id=vpc.id, tags=tags("gateway"), opts=child
        )
        subnet = aws.ec2.Subnet(
            f"{name}-subnet",
            vpc_id=vpc.id,
            cidr_block="10.25.0.0/26",
            # The first /64 of the VPC's /56.
            ipv6_cidr_block=vpc.ipv6_cidr_block.apply(lambda block: block.replace("/56", "/64"))
            if args.ipv6
            else None,
            tags=tags("subnet"),
            opts=child,
        )
        routes = [aws.ec2.RouteTableRouteArgs(cidr_block="0.0.0.0/0", gateway_id=gateway.id)]
        if args.ipv6:
            routes.append(
                aws.ec2.RouteTableRouteArgs(ipv6_cidr_block="::/0", gateway_id=gateway.id)
            )
        table = aws.ec2.RouteTable(
            f"{name}-routes", vpc_id=vpc.id, routes=routes, tags=tags("routes"), opts=child
        )
        association = aws.ec2.RouteTableAssociation(
            f"{name}-routes-subnet", subnet_id=subnet.id, route_table_id=table.id, opts=child
        )
        group = aws.ec2.SecurityGroup(
            f"{name}-group",
            name=tags("mail")["Name"],
            description="mailstack: the ports that the stack file asks for",
            vpc_id=vpc.id,
            tags=tags("mail"),
            opts=child,
        )
        everyone = ("0.0.0.0/0", "::/0") if args.ipv6 else ("0.0.0.0/0",)
        for cidr in everyone:
            family = "ipv6" if ":" in cidr else "ipv4"
            for port in args.ports:
                self._allow(f"{name}-in-{port}-{family}", group, cidr, port)
            aws.vpc.SecurityGroupEgressRule(
                f"{name}-out-{family}",
                security_group_id=group.id,
                ip_protocol="-1",
                description="anywhere",
                cidr_ipv4=_if_ipv4(cidr),
                cidr_ipv6=_if_ipv6(cidr),
                opts=child,
            )
        for cidr in args.ssh_from:
            # "::" parts what a URN is made of.
            self._allow(f"{name}-in-22-{cidr.replace('::', '--')}", group, cidr, 22)

        # An instance started before the route exists could not install Docker.
        self.subnet_id = pulumi.Output.all(subnet.id, association.id).apply(lambda ids: ids[0])
        self.availability_zone = subnet.availability_zone
        self.security_group_id = group.id
        self.register_outputs(
            {
                "subnet_id": self.subnet_id,
                "availability_zone": self.availability_zone,
                "security_group_id": self.security_group_id,
            }
        )

    def _allow(self, name: str, group: aws.ec2.SecurityGroup, cidr: str, port: int) -> None:
        # One rule per port and CIDR, as the provider's docs advise: a change touches just one.
        aws.vpc.SecurityGroupIngressRule(
            name,
            security_group_id=group.id,
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            description=f"TCP {port}",
            cidr_ipv4=_if_ipv4(cidr),
            cidr_ipv6=_if_ipv6(cidr),
            opts=pulumi.ResourceOptions(parent=self),
        )


def _if_ipv4(cidr: str) -> str | None:
    return None if ":" in cidr else cidr


def _if_ipv6(cidr: str) -> str | None:
    return cidr if ":" in cidr else None
