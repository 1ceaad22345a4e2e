from pathlib import Path

import docker
import pytest

from lab.docker.resource import LAB_LABEL, lab_id
from lab.docker.simulated import SimulatedEngine
from lab.docker.volumes import DockerLeftError, VolumeFileError, cleanup, read_file
from lab.world import World
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
    world: World, engine_socket: str, client: docker.DockerClient, volume: str, tmp_path: Path
) -> None:
    world.set_setting("docker", {"socket": engine_socket, "simulated": False, "reason": ""})
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
    cleanup(tmp_path)
    assert {found.name for found in client.containers.list(all=True)} == {"theirs-server"}
    assert {found.name for found in client.networks.list()} == {"theirs-net"}
    assert {found.name for found in client.volumes.list()} == {"theirs-mail", volume}


def test_cleanup_says_what_it_cannot_remove(world: World, tmp_path: Path) -> None:
    gone = str(tmp_path / "gone.sock")
    world.set_setting("docker", {"socket": gone, "simulated": False, "reason": ""})
    with pytest.raises(DockerLeftError, match=f"label={LAB_LABEL}={lab_id(tmp_path)}"):
        cleanup(tmp_path)


def test_cleanup_of_a_simulated_engine_takes_its_socket(world: World, tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 120)
    deep.mkdir()
    World(deep / "world.db").close()
    engine = SimulatedEngine(world, deep)
    socket = Path(engine.start())
    cleanup(deep)  # the engine itself may be long gone
    assert not socket.parent.exists()
    engine.stop()
    cleanup(deep / "no lab")
