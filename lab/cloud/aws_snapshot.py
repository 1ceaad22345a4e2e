"""aws:ebs snapshots that a program asks for."""

from lab.cloud.aws_base import AwsResource, timestamp
from lab.cloud.aws_storage import SNAPSHOT, Volume
from lab.cloud.resource import Call
from lab.cloud.values import Plain


class Snapshot(AwsResource):
    """aws:ebs/snapshot:Snapshot. It outlives its volume."""

    token = SNAPSHOT
    prefix, arn = "snap", "snapshot"
    required = frozenset({"volumeId"})
    takes = frozenset({"description"})
    gives = frozenset({"encrypted", "kmsKeyId", "ownerId", "volumeSize"})
    replaces = frozenset({"description", "volumeId"})
    refers = (("volumeId", Volume, "InvalidVolume.NotFound"),)

    def made(self, call: Call, id: str, inputs: Plain) -> Plain:  # noqa: A002, ARG002
        """What the volume is like at this moment."""
        volume = call.world.get(Volume.token, inputs["volumeId"]) or {}
        return {
            "encrypted": volume["encrypted"],
            "kmsKeyId": volume["kmsKeyId"],
            "startTime": timestamp(),
            "volumeSize": volume["size"],
        }

    def kept(self, outputs: Plain) -> Plain:
        """When it was taken, too: the SDK has no output for it, but a listing shows it."""
        return super().kept(outputs) | {"startTime": outputs["startTime"]}

    def index(self, body: Plain) -> str:
        """By the volume."""
        return str(body["volumeId"])
