"""The lab's volumes from outside: reading a file of one, and leaving nothing behind."""

import io
import tarfile
from pathlib import Path

from docker.errors import NotFound

from lab.docker.resource import LAB_LABEL, engine, lab_id
from lab.errors import LabError


class VolumeFileError(LabError):
    """There is no such file, or no way to it."""


def read_file(socket: str, volume: str, path: str) -> bytes:
    """Read a file of a volume, through any container that mounts it.

    Raises:
        VolumeFileError: no container mounts the volume, or there is no such file in it.
        CloudError: the Engine does not answer.
    """
    with engine(socket) as client:
        for container in client.containers.list(all=True, ignore_removed=True):
            for mount in container.attrs["Mounts"]:
                if mount.get("Name") == volume:
                    inside = f"{mount['Destination']}/{path.lstrip('/')}"
                    try:
                        chunks, _ = container.get_archive(inside)
                    except NotFound:
                        raise VolumeFileError(f"there is no {path} in volume {volume}") from None
                    return _only_file(b"".join(chunks), path)
    raise VolumeFileError(f"no container uses a volume {volume}: is the stack up?")


def cleanup(socket: str, directory: Path) -> None:
    """Remove whatever the Engine still has of the lab in ``directory``.

    Retained volumes and what a killed run left: nothing of it is in the state any more.

    Raises:
        CloudError: the Engine does not answer, or refuses.
    """
    ours = {"label": f"{LAB_LABEL}={lab_id(directory)}"}
    with engine(socket) as client:
        volumes = client.volumes.list(filters=ours)
        names = {volume.name for volume in volumes}
        for container in client.containers.list(all=True, ignore_removed=True):
            used = {mount.get("Name") for mount in container.attrs["Mounts"]}
            if container.labels.get(LAB_LABEL) == lab_id(directory) or used & names:
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
