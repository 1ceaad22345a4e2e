"""The lab's volumes from outside: reading a file of one, and leaving nothing behind."""

import io
import tarfile
from pathlib import Path

from docker import DockerClient
from docker.errors import NotFound
from docker.models.containers import Container

from lab.cloud.errors import CloudError
from lab.docker.choose import chosen
from lab.docker.resource import LAB_LABEL, engine, lab_id
from lab.docker.socket_path import remove_socket
from lab.errors import LabError
from lab.world import World


class VolumeFileError(LabError):
    """There is no such file, or no way to it."""


class DockerLeftError(LabError):
    """Not everything of the lab could be removed from the Engine."""


def read_file(socket: str, volume: str, path: str) -> bytes:
    """Read a file of a volume, through any container that mounts it.

    Raises:
        VolumeFileError: no container mounts the volume, there is no such file in it, or the
            Engine does not answer.
    """
    try:
        with engine(socket) as client:
            container, mounted = _user_of(client, volume)
            try:
                chunks, _ = container.get_archive(f"{mounted}/{path.lstrip('/')}")
            except NotFound:
                raise VolumeFileError(f"there is no {path} in volume {volume}") from None
            return _only_file(b"".join(chunks), path)
    except CloudError as error:
        raise VolumeFileError(str(error)) from None


def cleanup(directory: Path) -> None:
    """Remove whatever Docker still has of the lab in ``directory``, whether the lab runs or not.

    Retained volumes and what a killed run left: nothing of it is in the state any more.

    Raises:
        DockerLeftError: the real Engine does not answer, or refuses.
    """
    database = directory / "world.db"
    if not database.exists():
        return
    with World(database) as world:
        choice = chosen(world)
    if choice.simulated:  # its volumes and records lie in the directory itself
        remove_socket(directory)
        return
    try:
        _remove_labelled(choice.socket, lab_id(directory))
    except CloudError as error:
        raise DockerLeftError(
            f"Docker still has things of this lab (docker ps -a --filter label={LAB_LABEL}="
            f"{lab_id(directory)}): {error}"
        ) from None


def _user_of(client: DockerClient, volume: str) -> tuple[Container, str]:
    for container in client.containers.list(all=True, ignore_removed=True):
        for mount in container.attrs["Mounts"]:
            if mount.get("Name") == volume:
                return container, mount["Destination"]
    raise VolumeFileError(f"no container uses a volume {volume}: is the stack up?")


def _remove_labelled(socket: str, lab: str) -> None:
    ours = {"label": f"{LAB_LABEL}={lab}"}
    with engine(socket) as client:
        volumes = client.volumes.list(filters=ours)
        names = {volume.name for volume in volumes}
        for container in client.containers.list(all=True, ignore_removed=True):
            # The config writer's helper has no label of the lab, but may hold its volume.
            used = {mount.get("Name") for mount in container.attrs["Mounts"]}
            if container.labels.get(LAB_LABEL) == lab or used & names:
                container.remove(v=True, force=True)
        for network in client.networks.list(filters=ours):
            network.remove()
        for volume in volumes:
            volume.remove()


def _only_file(archive: bytes, path: str) -> bytes:
    with tarfile.open(fileobj=io.BytesIO(archive)) as members:
        first = members.next()
        content = members.extractfile(first) if first is not None and first.isreg() else None
        if content is None:
            raise VolumeFileError(f"{path} is not a file")
        return content.read()
