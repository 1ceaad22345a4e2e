"""Snapshots of the mail, one before each change of the image.

At AWS the whole data volume, without a word to the server: the disk is as after a power cut,
which Maildir, Postfix's queue and ext4 are made for. Elsewhere hard links beside the mail.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components.dynamic.image_history import ImageHistory
from components.dynamic.mail_snapshot import MailSnapshot
from components.hosts.host import DataVolume, Host
from components.naming import prefix, tags

PATIENCE = "3h"  # EBS copies all that was written since the last snapshot; the provider waits


@dataclass(frozen=True, kw_only=True)
class SnapshotArgs:
    """What to keep: the volumes' names, and the image that comes."""

    host: Host
    image_id: pulumi.Output[str]
    mail: pulumi.Output[str]
    state: pulumi.Output[str]


def take_snapshots(
    name: str,
    history: ImageHistory,
    args: SnapshotArgs,
    *,
    after: Sequence[pulumi.Resource],
    parent: pulumi.Resource,
) -> pulumi.Output[list[pulumi.Resource]]:
    """Make the snapshots that the history asks for, the new one last of all before the container.

    after: what may fail before the server is stopped for a snapshot.
    """
    disk = args.host.data_volume

    def make(wanted: list[dict[str, Any]]) -> list[pulumi.Resource]:
        return [
            _of_disk(name, snapshot, disk, parent)
            if disk is not None
            else _beside_the_mail(name, snapshot, args, after, parent)
            for snapshot in wanted
        ]

    return history.snapshots.apply(make)


def _before(name: str, snapshot: dict[str, Any]) -> str:
    return f"{name}-before-{int(snapshot['number'])}"


def _of_disk(
    name: str, snapshot: dict[str, Any], disk: DataVolume, parent: pulumi.Resource
) -> aws.ebs.Snapshot:
    role = f"before-{int(snapshot['number'])}"
    return aws.ebs.Snapshot(
        _before(name, snapshot),
        volume_id=disk.id,
        description=f"{prefix()}: the mail as {snapshot['image']} left it",
        tags=tags(role),
        opts=pulumi.ResourceOptions(
            parent=parent,
            provider=disk.provider,
            custom_timeouts=pulumi.CustomTimeouts(create=PATIENCE),
        ),
    )


def _beside_the_mail(
    name: str,
    snapshot: dict[str, Any],
    args: SnapshotArgs,
    after: Sequence[pulumi.Resource],
    parent: pulumi.Resource,
) -> MailSnapshot:
    return MailSnapshot(
        _before(name, snapshot),
        host=args.host.docker,
        ssh_opts=args.host.ssh_opts,
        image=args.image_id,
        container=prefix(),
        mail=args.mail,
        state=args.state,
        snapshot=f"before-{int(snapshot['number'])}",
        opts=pulumi.ResourceOptions(parent=parent, depends_on=after),
    )
