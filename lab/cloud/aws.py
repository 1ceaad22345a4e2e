"""The stand-in for AWS.

Its objects live in the world's file, not in moto: moto keeps them in memory and makes new random
ids when a recording is replayed, and pickling its backends would neither survive a kill between
two calls nor be one transaction with the ledger. It also lacks what matters here most (reverse
names, sesv2's DKIM keys and MAIL FROM).
"""

from pulumi.provider.experimental.provider import CheckFailure, CheckRequest, CheckResponse

from lab.cloud import (
    aws_address,
    aws_firewall,
    aws_iam,
    aws_iam_role,
    aws_instance,
    aws_network,
    aws_ses,
)
from lab.cloud.aws_ami import get_ami
from lab.cloud.aws_base import REGION, known
from lab.cloud.aws_dlm import LifecyclePolicy
from lab.cloud.aws_route53 import Record, get_records, get_zone
from lab.cloud.aws_snapshot import Snapshot
from lab.cloud.aws_storage import Volume, VolumeAttachment
from lab.cloud.provider import CloudProvider
from lab.cloud.resource import Resource
from lab.cloud.values import to_plain
from lab.world import World

RESOURCES: tuple[type[Resource], ...] = (
    aws_network.Vpc,
    aws_network.Subnet,
    aws_network.InternetGateway,
    aws_network.RouteTable,
    aws_network.RouteTableAssociation,
    aws_firewall.SecurityGroup,
    aws_firewall.SecurityGroupIngressRule,
    aws_firewall.SecurityGroupEgressRule,
    aws_instance.KeyPair,
    aws_instance.Instance,
    Volume,
    VolumeAttachment,
    Snapshot,
    aws_address.Eip,
    aws_address.EipAssociation,
    aws_address.EipDomainName,
    aws_iam.User,
    aws_iam.UserPolicy,
    aws_iam.AccessKey,
    aws_iam_role.Role,
    aws_iam_role.RolePolicyAttachment,
    LifecyclePolicy,
    aws_ses.EmailIdentity,
    aws_ses.EmailIdentityMailFromAttributes,
    Record,
)


class AwsProvider(CloudProvider):
    """Package `aws`. Credentials are neither needed nor looked at."""

    def __init__(self, world: World) -> None:
        super().__init__(
            "aws",
            world,
            resources=[kind() for kind in RESOURCES],
            functions={
                "aws:ec2/getAmi:getAmi": get_ami,
                "aws:route53/getRecords:getRecords": get_records,
                "aws:route53/getZone:getZone": get_zone,
            },
        )

    async def check_config(self, request: CheckRequest) -> CheckResponse:
        """Refuse a region that cannot be one."""
        region = known(to_plain(request.new_inputs), "region")
        failures = []
        if region is not None and not REGION.fullmatch(region):
            failures.append(CheckFailure("region", f"invalid AWS Region: {region}"))
        return CheckResponse(inputs=request.new_inputs, failures=failures)
