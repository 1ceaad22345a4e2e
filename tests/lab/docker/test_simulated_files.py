"""What the simulated Engine does with an archive that is put into a container."""

import io
import tarfile
from pathlib import Path

import docker
import pytest
from docker.errors import APIError

from lab.docker.simulated_store import VOLUME
from lab.world import World
from tests.lab.docker.engine import IMAGE


def archive(name: str, kind: bytes = tarfile.REGTYPE, mode: int = 0o600) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as made:
        entry = tarfile.TarInfo(name)
        entry.type, entry.mode, entry.linkname = kind, mode, "/etc/passwd"
        made.addfile(entry)
    return buffer.getvalue()


@pytest.fixture
def data(world: World, volume: str) -> Path:
    """Where the volume's files lie on this machine."""
    record = world.get(VOLUME, volume)
    assert record is not None
    return Path(record["Mountpoint"])


def put(client: docker.DockerClient, volume: str, content: bytes) -> None:
    mount = docker.types.Mount("/v", volume, type="volume")
    client.containers.create(IMAGE, mounts=[mount]).put_archive("/v", content)


@pytest.mark.parametrize(
    ("kind", "mode"), [(tarfile.DIRTYPE, 0o700), (tarfile.REGTYPE, 0o600), (tarfile.REGTYPE, 0o644)]
)
def test_an_entry_keeps_its_mode(
    client: docker.DockerClient, volume: str, data: Path, kind: bytes, mode: int
) -> None:
    put(client, volume, archive("a", kind, mode))
    assert (data / "a").stat().st_mode & 0o777 == mode


@pytest.mark.parametrize(
    ("name", "kind"),
    [("../out", tarfile.REGTYPE), ("/tmp/out", tarfile.DIRTYPE), ("a", tarfile.SYMTYPE)],
)
def test_nothing_leads_out_of_the_volume(
    client: docker.DockerClient, volume: str, data: Path, name: str, kind: bytes
) -> None:
    with pytest.raises(APIError, match=r"leads out|neither file nor directory"):
        put(client, volume, archive(name, kind))
    assert list(data.iterdir()) == []
    assert not (data.parent / "out").exists()
