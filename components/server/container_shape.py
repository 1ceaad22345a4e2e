"""How the container is described so that Docker and Podman both keep to it.

The official Docker provider reads a container back after it has made it. Podman's API lists there
every single capability that ``drop: ALL`` took away, its own default ulimits, and no mounts: the
provider would replace the container at each ``up``. (HostConfig as Podman 4.3 answers it, and
``resourceDockerContainerRead`` of the Terraform provider that the official one wraps.)
"""

from collections.abc import Sequence
from typing import TypedDict

import pulumi
import pulumi_docker as docker

from settings.host import Engine


class Storage(TypedDict, total=False):
    """The arguments of ``docker.Container`` that hang volumes and folders into it."""

    mounts: list[docker.ContainerMountArgs]
    volumes: list[docker.ContainerVolumeArgs]


def storage(engine: Engine, mounts: Sequence[docker.ContainerMountArgs]) -> Storage:
    """Give ``mounts`` as they are, or for Podman as volumes, which the provider reads back not."""
    if engine == "docker":
        return {"mounts": list(mounts)}
    return {
        "volumes": [
            docker.ContainerVolumeArgs(
                container_path=mount.target,
                volume_name=mount.source if mount.type == "volume" else None,
                host_path=mount.source if mount.type == "bind" else None,
                read_only=mount.read_only,
            )
            for mount in mounts
        ]
    }


def restart_policy(engine: Engine) -> str:
    """Give the policy that brings the server back after a crash and after a reboot.

    Every panic of docker-mailserver exits 0, so `on-failure` would not restart it; and Podman's
    unit for the boot, podman-restart.service, starts only what has `always`.
    """
    return "always" if engine == "podman" else "unless-stopped"


def unread(engine: Engine) -> pulumi.ResourceOptions:
    """Ignore what Podman answers in words of its own; it counts when the container is made."""
    if engine == "docker":
        return pulumi.ResourceOptions()
    return pulumi.ResourceOptions(ignore_changes=["capabilities", "ulimits"])
