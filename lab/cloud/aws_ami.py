"""aws:ec2 getAmi: Debian's images, with ids that never change."""

import fnmatch
import hashlib
import re

from lab.cloud.aws_base import region_of
from lab.cloud.errors import CloudError
from lab.cloud.resource import Call
from lab.cloud.values import Plain
from lab.world import World

DEBIAN = "136693071363"
"""Debian's account (wiki.debian.org/Cloud/AmazonEC2Image)."""
_BUILDS = ("20250316-2053", "20250814-2204")  # two, so that `mostRecent` has something to choose
_LATER = "debian builds"  # the world's setting with those that appeared since
_ARCHITECTURES = {"amd64": "x86_64", "arm64": "arm64"}
_FILTERS = {
    "architecture": "architecture",
    "name": "name",
    "root-device-type": "rootDeviceType",
    "state": "state",
    "virtualization-type": "virtualizationType",
}


def get_ami(call: Call, arguments: Plain) -> Plain:
    """Find one image; raises CloudError when none or, without `mostRecent`, several match."""
    region = region_of(call, arguments)
    matching = [image for image in images(call.world, region) if _matches(image, arguments)]
    if not matching:
        message = "Your query returned no results. Please change your search criteria and try again"
        raise CloudError("no AMI", message)
    if len(matching) > 1 and not arguments.get("mostRecent"):
        message = "Your query returned more than one result. Set mostRecent, or search narrower"
        raise CloudError("several AMIs", message)
    return arguments | max(matching, key=lambda image: str(image["creationDate"]))


def find_image(world: World, region: str, ami: str) -> Plain | None:
    """The image with this id, if the region has it."""
    return next((image for image in images(world, region) if image["id"] == ami), None)


def publish(world: World, build: str) -> None:
    """Let Debian bring out another build, named as Debian does: "20991231-2359"."""
    world.set_setting(_LATER, [*world.setting(_LATER, []), build])


def runs_on(instance_type: str) -> str:
    """The architecture of an instance type: AWS's own ARM processors have a "g" (t4g, c7gn)."""
    return "arm64" if re.match(r"[a-z]+[0-9]+g", instance_type) else "x86_64"


def images(world: World, region: str) -> list[Plain]:
    """Every image of a region, Debian's first builds first."""
    return [
        _image(region, f"debian-12-{debian}-{build}", architecture, build)
        for build in (*_BUILDS, *world.setting(_LATER, []))
        for debian, architecture in _ARCHITECTURES.items()
    ]


def _image(region: str, name: str, architecture: str, build: str) -> Plain:
    made = "ami-0" + hashlib.sha256(f"{region} {name}".encode()).hexdigest()[:16]
    return {
        "architecture": architecture,
        "arn": f"arn:aws:ec2:{region}::image/{made}",
        "creationDate": f"{build[:4]}-{build[4:6]}-{build[6:8]}T00:00:00.000Z",
        "id": made,
        "imageId": made,
        "imageType": "machine",
        "name": name,
        "ownerId": DEBIAN,
        "public": True,
        "region": region,
        "rootDeviceName": "/dev/xvda",
        "rootDeviceType": "ebs",
        "state": "available",
        "virtualizationType": "hvm",
    }


def _matches(image: Plain, arguments: Plain) -> bool:
    owners = arguments.get("owners")
    if owners and image["ownerId"] not in owners:
        return False
    if not re.search(arguments.get("nameRegex", ""), image["name"]):
        return False
    for wanted in arguments.get("filters", []):
        key = _FILTERS.get(wanted["name"])
        if key is None:
            message = f"the lab cannot filter images by {wanted['name']}"
            raise CloudError("not in the lab", message)
        if not any(fnmatch.fnmatchcase(image[key], value) for value in wanted["values"]):
            return False
    return True
