"""The PTR record of the VPS's address.

AWS sets it only when the A record already points at the address, locks the address while it
is set, and wants it gone before the A record goes: hence the dependency, which holds for
both directions.
"""

import pulumi
import pulumi_aws as aws

from components.hosts.host import ElasticIp


class ReverseName(pulumi.ComponentResource):
    """PTR of an Elastic IP (RFC 1912, 2.1: forward and reverse names agree)."""

    ptr: pulumi.Output[str]
    """The name that the address leads back to."""

    def __init__(
        self,
        name: str,
        *,
        address: ElasticIp,
        hostname: str,
        forward: pulumi.Resource,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("mailstack:aws:ReverseName", name, None, opts)
        domain_name = aws.ec2.EipDomainName(
            f"{name}-ptr",
            allocation_id=address.allocation_id,
            domain_name=hostname,
            opts=pulumi.ResourceOptions(
                parent=self, provider=address.provider, depends_on=[forward]
            ),
        )
        self.ptr = domain_name.ptr_record
        self.register_outputs({"ptr": self.ptr})
