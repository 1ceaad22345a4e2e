"""aws:ebs volumes and their attachment to instances."""

from lab.cloud.aws_base import ACCOUNT, AwsResource, new_id, timestamp
from lab.cloud.aws_instance import Instance
from lab.cloud.errors import CloudError
from lab.cloud.resource import Call
from lab.cloud.values import Plain
from lab.world import World

SNAPSHOT = "aws:ebs/snapshot:Snapshot"
"""Kind of the snapshots; a deleted volume leaves its last one behind."""
ATTACHMENT = "aws:ec2/volumeAttachment:VolumeAttachment"
_SIZES = range(1, 65537)  # GiB, of gp3


class Volume(AwsResource):
    """aws:ebs/volume:Volume."""

    token = "aws:ebs/volume:Volume"  # noqa: S105 - a type token
    prefix, arn = "vol", "volume"
    required = frozenset({"availabilityZone"})
    takes = frozenset(
        {
            "encrypted",
            "finalSnapshot",
            "iops",
            "kmsKeyId",
            "size",
            "snapshotId",
            "throughput",
            "type",
        }
    )
    gives = frozenset(
        {"createTime", "encrypted", "iops", "kmsKeyId", "size", "snapshotId", "throughput", "type"}
    )
    replaces = frozenset({"availabilityZone", "encrypted", "kmsKeyId", "snapshotId"})

    def check(self, inputs: Plain) -> list[tuple[str, str]]:
        """A size that exists, unless a snapshot gives it."""
        size = inputs.get("size")
        if size is None and "snapshotId" not in inputs:
            return [("size", "one of size, snapshotId must be given")]
        if isinstance(size, float) and int(size) not in _SIZES:
            return [("size", f"volumes have 1 to 65536 GiB, not {size:.0f}")]
        return []

    def made(self, call: Call, id: str, inputs: Plain) -> Plain:  # noqa: A002, ARG002
        """The defaults; refused outside of the region's zones, or without its snapshot."""
        zone, region = inputs["availabilityZone"], inputs["region"]
        if not zone.startswith(region):
            raise CloudError("InvalidZone.NotFound", f"The zone '{zone}' does not exist.")
        source = call.world.get(SNAPSHOT, inputs.get("snapshotId", ""))
        if source is None and "snapshotId" in inputs:
            message = f"The snapshot '{inputs['snapshotId']}' does not exist."
            raise CloudError("InvalidSnapshot.NotFound", message)
        kind = inputs.get("type", "gp2")
        return {
            "createTime": timestamp(),
            "encrypted": bool(source and source["encrypted"]),
            "iops": 3000 if kind == "gp3" else 100,
            "kmsKeyId": "",
            "size": source["volumeSize"] if source else 0,
            "snapshotId": "",
            "throughput": 125 if kind == "gp3" else 0,
            "type": kind,
        }

    def changed(self, call: Call, id: str, current: Plain, inputs: Plain) -> None:  # noqa: A002, ARG002
        """A volume only grows."""
        if inputs.get("size", current["size"]) < current["size"]:
            message = "New size cannot be smaller than existing size"
            raise CloudError("InvalidParameterValue", message)

    def delete(self, call: Call, id: str, outputs: Plain) -> None:  # noqa: A002
        """Refused while it is attached; leaves a snapshot when `finalSnapshot` says so."""
        for attachment in call.world.find(ATTACHMENT).values():
            if attachment["volumeId"] == id:
                message = f"Volume {id} is currently attached to {attachment['instanceId']}"
                raise CloudError("VolumeInUse", message)
        current = call.world.get(self.token, id)
        # What the state says counts: the real provider, too, keeps this wish to itself.
        if current and outputs.get("finalSnapshot"):
            take_snapshot(call.world, id, current, tags=outputs.get("tags", {}))
        super().delete(call, id, outputs)


def take_snapshot(world: World, id: str, volume: Plain, *, tags: Plain) -> str:  # noqa: A002
    """Record a snapshot of a volume, under the volume's id as its name; give the new id."""
    made = new_id("snap")
    region = volume["region"]
    body = {
        "arn": f"arn:aws:ec2:{region}::snapshot/{made}",
        "encrypted": volume["encrypted"],
        "ownerId": ACCOUNT,
        "region": region,
        "startTime": timestamp(),
        "state": "completed",
        "tags": tags,
        "volumeId": id,
        "volumeSize": volume["size"],
    }
    world.put(SNAPSHOT, made, body, name=id)
    return made


def snapshots(world: World) -> list[tuple[str, Plain]]:
    """List every snapshot by id, the oldest first."""
    return sorted(world.find(SNAPSHOT).items(), key=lambda item: str(item[1]["startTime"]))


class VolumeAttachment(AwsResource):
    """aws:ec2/volumeAttachment:VolumeAttachment."""

    token = ATTACHMENT
    prefix = "vai"
    required = frozenset({"deviceName", "instanceId", "volumeId"})
    takes = frozenset({"forceDetach", "skipDestroy", "stopInstanceBeforeDetaching"})
    replaces = frozenset({"deviceName", "instanceId", "volumeId"})
    refers = (
        ("instanceId", Instance, "InvalidInstanceID.NotFound"),
        ("volumeId", Volume, "InvalidVolume.NotFound"),
    )

    def made(self, call: Call, id: str, inputs: Plain) -> Plain:  # noqa: A002, ARG002
        """Refused for a volume in use, in another zone, or a device name that is taken."""
        instance = call.world.get(Instance.token, inputs["instanceId"]) or {}
        volume = call.world.get(Volume.token, inputs["volumeId"]) or {}
        if instance["availabilityZone"] != volume["availabilityZone"]:
            message = (
                f"The volume '{inputs['volumeId']}' is not in the same availability zone"
                f" as instance '{inputs['instanceId']}'"
            )
            raise CloudError("InvalidVolume.ZoneMismatch", message)
        for other in call.world.find(self.token).values():
            if other["volumeId"] == inputs["volumeId"]:
                message = f"{inputs['volumeId']} is already attached to an instance"
                raise CloudError("VolumeInUse", message)
            if all(other[key] == inputs[key] for key in ("instanceId", "deviceName")):
                message = f"Attachment point {inputs['deviceName']} is already in use"
                raise CloudError("InvalidParameterValue", message)
        return {}
