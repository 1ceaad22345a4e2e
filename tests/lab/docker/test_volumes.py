from pathlib import Path

import docker
import pytest

from lab.docker.resource import LAB_LABEL, lab_id
from lab.docker.volumes import VolumeFileError, cleanup, read_file
from tests.lab.docker.engine import IMAGE


@pytest.fixture
def data(client: docker.DockerClient, volume: str, tmp_path: Path) -> Path:
    mount = docker.types.Mount("/tmp/docker-mailserver", volume, type="volume")
    client.containers.create(IMAGE, name="server", mounts=[mount])
    return tmp_path / "volumes" / volume / "_data"


def test_reads_a_file(engine_socket: str, volume: str, data: Path) -> None:
    (data / "dir").mkdir()
    (data / "dir" / "file").write_bytes(b"\x00content")
    assert read_file(engine_socket, volume, "dir/file") == b"\x00content"
    assert read_file(engine_socket, volume, "/dir/file") == b"\x00content"


@pytest.mark.parametrize("path", ["missing", "dir", "../../../world.db"])
def test_what_is_no_file_of_the_volume(
    engine_socket: str, volume: str, data: Path, path: str
) -> None:
    (data / "dir").mkdir()
    with pytest.raises(VolumeFileError, match=path):
        read_file(engine_socket, volume, path)


def test_a_volume_that_nothing_uses(engine_socket: str, volume: str) -> None:
    with pytest.raises(VolumeFileError, match="no container uses a volume"):
        read_file(engine_socket, volume, "file")


def test_cleanup_takes_this_labs_things_only(
    engine_socket: str, client: docker.DockerClient, volume: str, tmp_path: Path
) -> None:
    ours, theirs = {LAB_LABEL: lab_id(tmp_path)}, {LAB_LABEL: lab_id(tmp_path / "other")}
    for labels, prefix in ((ours, "ours"), (theirs, "theirs")):
        client.volumes.create(f"{prefix}-mail", labels=labels)
        client.networks.create(f"{prefix}-net", labels=labels)
        mount = docker.types.Mount("/m", f"{prefix}-mail", type="volume")
        client.containers.create(
            IMAGE, name=f"{prefix}-server", labels=labels, network=f"{prefix}-net", mounts=[mount]
        ).start()
    # What a killed config writer leaves has no label of the lab, but holds its volume.
    mount = docker.types.Mount("/m", "ours-mail", type="volume")
    client.containers.create(IMAGE, name="helper", mounts=[mount])
    cleanup(engine_socket, tmp_path)
    assert {found.name for found in client.containers.list(all=True)} == {"theirs-server"}
    assert {found.name for found in client.networks.list()} == {"theirs-net"}
    assert {found.name for found in client.volumes.list()} == {"theirs-mail", volume}
