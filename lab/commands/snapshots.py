"""The snapshots that the emulated AWS holds: what is left of volumes that are gone."""

from lab.cloud.aws_storage import snapshots
from lab.commands.workspace import Workspace
from lab.world import World


def describe_snapshots(workspace: Workspace) -> list[str]:
    """Give a line for each snapshot, the oldest first."""
    with World(workspace.world) as world:
        return [
            f"{made}  {body['startTime']}  {body['volumeId']}  {body['volumeSize']:g} GiB  "
            f"{body['tags'].get('Name', '')}"
            for made, body in snapshots(world)
        ]
