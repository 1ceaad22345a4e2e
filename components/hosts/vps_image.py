"""Which machine image the VPS boots: the newest Debian 12 at its first ``up``, then that one."""

import re

import pulumi
import pulumi_aws as aws

from components.dynamic.pinned_image import PinnedImage
from settings.host import AwsHost

DEBIAN = "136693071363"  # Debian's own AWS account: wiki.debian.org/Cloud/AmazonEC2Image


def machine_image(name: str, host: AwsHost, parent: pulumi.Resource) -> pulumi.Output[str]:
    """Give the id of the image: ``host.image``, or what was the newest once."""
    # AWS marks its own ARM processors by a "g" behind the generation: t4g, m7gd, c8gn.
    arm = re.match(r"[a-z]+[0-9]+g", host.instance_type) is not None
    architecture = "arm64" if arm else "x86_64"
    return PinnedImage(
        name,
        region=host.region,
        architecture=architecture,
        asked=host.image,
        newest=host.image or _newest(architecture, parent),
        opts=pulumi.ResourceOptions(parent=parent),
    ).image


def _newest(architecture: str, parent: pulumi.Resource) -> pulumi.Output[str]:
    debian = {"arm64": "arm64", "x86_64": "amd64"}[architecture]
    found = aws.ec2.get_ami_output(
        owners=[DEBIAN],
        most_recent=True,
        filters=[
            aws.ec2.GetAmiFilterArgs(name="name", values=[f"debian-12-{debian}-*"]),
            aws.ec2.GetAmiFilterArgs(name="architecture", values=[architecture]),
        ],
        opts=pulumi.InvokeOutputOptions(parent=parent),
    )
    return found.id
