from typing import Any

import pytest

from lab.cloud.aws_storage import SNAPSHOT, snapshots
from lab.world import World
from tests.lab.cloud.aws_objects import ATTACHMENT, VOLUME, Objects, refusal
from tests.lab.cloud.client import Client, kinds

ZONE = "eu-central-1a"
BASE = {"availabilityZone": ZONE, "size": 20.0}


def test_defaults(objects: Objects) -> None:
    made = objects.make(VOLUME, **BASE)
    assert made.outputs.items() >= {"type": "gp2", "encrypted": False, "iops": 100.0}.items()
    gp3 = objects.make(VOLUME, type="gp3", **BASE)
    assert gp3.outputs.items() >= {"iops": 3000.0, "throughput": 125.0}.items()


@pytest.mark.parametrize("inputs", [{"size": 0.0}, {"size": 65537.0}, {"size": None}])
def test_sizes(aws: Client, inputs: dict[str, Any]) -> None:
    assert set(aws.refusals(VOLUME, "v", BASE | inputs)) == {"size"}


def test_zones(objects: Objects) -> None:
    assert (
        refusal(objects.make, VOLUME, size=1.0, availabilityZone="us-east-1a")
        == "InvalidZone.NotFound"
    )


def test_volumes_only_grow(objects: Objects) -> None:
    made = objects.make(VOLUME, **BASE)
    outputs = objects.client.update(VOLUME, "v", made, BASE | {"size": 30.0})
    assert outputs["size"] == 30.0
    assert refusal(objects.client.update, VOLUME, "v", made, BASE) == "InvalidParameterValue"


def test_attachment(objects: Objects, lab_world: World) -> None:
    subnet = objects.subnet()
    instance, other = objects.instance(subnet), objects.instance(subnet)
    volume = objects.make(VOLUME, finalSnapshot=True, **BASE)
    inputs = {"instanceId": instance.id, "volumeId": volume.id, "deviceName": "/dev/sdf"}
    made = objects.make(ATTACHMENT, **inputs)

    def attach(**more: Any) -> str:
        return refusal(objects.make, ATTACHMENT, **(inputs | more))

    assert attach(instanceId=other.id) == "VolumeInUse"
    second = objects.make(VOLUME, **BASE)
    assert attach(volumeId=second.id) == "InvalidParameterValue"
    elsewhere = objects.make(VOLUME, size=1.0, availabilityZone="eu-central-1b")
    assert attach(volumeId=elsewhere.id) == "InvalidVolume.ZoneMismatch"
    assert attach(volumeId="vol-0") == "InvalidVolume.NotFound"
    assert attach(instanceId="i-0") == "InvalidInstanceID.NotFound"

    assert refusal(objects.delete, VOLUME, volume) == "VolumeInUse"
    objects.delete(ATTACHMENT, made)
    objects.delete(VOLUME, volume)
    assert [one["volumeId"] for _, one in snapshots(lab_world)] == [volume.id]
    objects.delete(VOLUME, second)
    assert len(snapshots(lab_world)) == 1


def test_a_volume_comes_back_from_its_last_snapshot(objects: Objects, lab_world: World) -> None:
    volume = objects.make(VOLUME, finalSnapshot=True, encrypted=True, tags={"Name": "data"}, **BASE)
    objects.delete(VOLUME, volume)
    ((snapshot, body),) = snapshots(lab_world)
    assert body.items() >= {"volumeId": volume.id, "volumeSize": 20.0, "encrypted": True}.items()
    assert body["tags"] == {"Name": "data"}
    again = objects.make(VOLUME, availabilityZone=ZONE, snapshotId=snapshot)
    assert again.outputs.items() >= {"size": 20.0, "encrypted": True}.items()
    unknown = {"availabilityZone": ZONE, "snapshotId": "snap-0"}
    assert refusal(objects.make, VOLUME, **unknown) == "InvalidSnapshot.NotFound"


def test_a_snapshot_outlives_its_volume(objects: Objects, lab_world: World) -> None:
    volume = objects.make(VOLUME, encrypted=True, **BASE)
    made = objects.make(SNAPSHOT, volumeId=volume.id, description="before")
    assert made.id.startswith("snap-")
    assert made.outputs.items() >= {"volumeSize": 20.0, "encrypted": True}.items()
    named = {"volumeId": volume.id, "description": "before", "tags": {"Name": "before"}}
    taken = made.outputs["startTime"]
    assert objects.client.update(SNAPSHOT, "s", made, named)["startTime"] == taken
    objects.delete(VOLUME, volume)
    assert list(lab_world.find(SNAPSHOT, volume.id)) == [made.id]
    assert refusal(objects.make, SNAPSHOT, volumeId=volume.id) == "InvalidVolume.NotFound"


@pytest.mark.parametrize(
    ("kind", "change", "expected"),
    [
        (VOLUME, {"availabilityZone": "b"}, {"availabilityZone": "UPDATE_REPLACE"}),
        (VOLUME, {"encrypted": True}, {"encrypted": "ADD_REPLACE"}),
        (VOLUME, {"size": 30.0}, {"size": "UPDATE"}),
        (VOLUME, {"type": "gp3"}, {"type": "ADD"}),
        (ATTACHMENT, {"instanceId": "b"}, {"instanceId": "ADD_REPLACE"}),
        (ATTACHMENT, {"volumeId": "b"}, {"volumeId": "ADD_REPLACE"}),
        (ATTACHMENT, {"deviceName": "b"}, {"deviceName": "ADD_REPLACE"}),
        (ATTACHMENT, {"forceDetach": True}, {"forceDetach": "ADD"}),
    ],
)
def test_what_replaces(
    aws: Client, kind: str, change: dict[str, Any], expected: dict[str, str]
) -> None:
    assert kinds(aws.diff(kind, "v", BASE, BASE, BASE | change)) == expected
