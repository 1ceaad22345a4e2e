"""The simulated Engine, as docker-py sees it; what it shares with a real one is in tests/docker."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import docker
import pytest
from docker.errors import APIError, NotFound

from lab.docker.simulated import SimulatedEngine
from lab.docker.simulated_api import VERSION
from lab.world import World
from tests.lab.docker.engine import IMAGE

DIGEST = "sha256:" + "ab" * 32


@contextmanager
def started(world: World, directory: Path) -> Iterator[docker.DockerClient]:
    engine = SimulatedEngine(world, directory)
    try:
        with closing(docker.DockerClient(f"unix://{engine.start()}")) as client:
            yield client
    finally:
        engine.stop()


def test_says_that_it_is_simulated(client: docker.DockerClient) -> None:
    assert client.version()["Version"] == VERSION
    assert client.ping()


def test_everything_survives_a_restart(world: World, tmp_path: Path) -> None:
    with started(world, tmp_path) as client:
        client.images.pull(IMAGE)
        client.volumes.create("v1")
        network = client.networks.create("n", labels={"a": "b"})
        container = client.containers.create(IMAGE, name="c", network="n")
        container.start()
    assert not (tmp_path / "docker.sock").exists()
    with started(world, tmp_path) as client:
        again = client.containers.get("c")
        assert (again.id, again.status) == (container.id, "running")
        assert client.networks.list(filters={"label": "a=b"})[0].id == network.id
        assert client.networks.list(filters={"label": "a=c"}) == []
        assert client.volumes.get("v1").name == "v1"
        assert client.images.get(IMAGE)


def test_only_its_user_may_connect(engine_socket: str) -> None:
    assert Path(engine_socket).stat().st_mode & 0o777 == 0o600


def test_a_deep_directory_does_not_matter(world: World, tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 120)
    deep.mkdir()
    engine = SimulatedEngine(world, deep)
    socket = Path(engine.start())
    with closing(docker.DockerClient(f"unix://{socket}")) as client:
        assert client.ping()
    assert socket.parent.stat().st_mode & 0o777 == 0o700
    engine.stop()
    assert not socket.parent.exists()


def test_a_stale_socket_is_replaced(world: World, tmp_path: Path) -> None:
    (tmp_path / "docker.sock").touch()
    with started(world, tmp_path) as client:
        assert client.ping()


@pytest.mark.parametrize("reference", [IMAGE, f"mail.test/server@{DIGEST}", "library"])
def test_any_image_can_be_had(client: docker.DockerClient, reference: str) -> None:
    client.images.pull(reference)
    name = reference if ":" in reference else f"{reference}:latest"
    image = client.images.get(name)
    assert client.images.get(str(image.id)).id == image.id
    client.images.remove(name)
    with pytest.raises(NotFound):
        client.images.get(name)


def test_a_digest_is_the_images_digest(client: docker.DockerClient) -> None:
    client.images.pull(f"mail.test/server@{DIGEST}")
    image = client.images.get(f"mail.test/server@{DIGEST}")
    assert image.attrs["RepoDigests"] == [f"mail.test/server@{DIGEST}"]


def test_two_tags_are_two_images(client: docker.DockerClient) -> None:
    ids = set()
    for tag in ("1", "2"):
        client.images.pull("mail.test/server", tag)
        ids.add(client.images.get(f"mail.test/server:{tag}").id)
    assert len(ids) == 2


def test_names_are_unique(client: docker.DockerClient, volume: str) -> None:
    client.containers.create(IMAGE, name="c")
    client.networks.create("n")
    with pytest.raises(APIError, match="already in use"):
        client.containers.create(IMAGE, name="c")
    with pytest.raises(APIError, match="already exists"):
        client.networks.create("n")
    assert client.volumes.create(volume).name == volume


def test_no_container_without_its_image(client: docker.DockerClient) -> None:
    with pytest.raises(NotFound, match="No such image"):
        client.containers.create("mail.test/missing:1")


def test_what_is_in_use_stays(client: docker.DockerClient, volume: str) -> None:
    network = client.networks.create("n")
    mount = docker.types.Mount("/v", volume, type="volume")
    container = client.containers.create(IMAGE, mounts=[mount], network="n")
    container.start()
    with pytest.raises(APIError, match="volume is in use"):
        client.volumes.get(volume).remove()
    with pytest.raises(APIError, match="has active endpoints"):
        network.remove()
    with pytest.raises(APIError, match="cannot remove a running container"):
        container.remove()
    container.remove(force=True)
    network.remove()
    client.volumes.get(volume).remove()
    assert client.volumes.list() == []


def test_a_removed_volume_takes_its_files_along(
    client: docker.DockerClient, volume: str, tmp_path: Path
) -> None:
    (tmp_path / "volumes" / volume / "_data" / "mail").write_text("x")
    client.volumes.get(volume).remove()
    assert list((tmp_path / "volumes").iterdir()) == []


@pytest.mark.parametrize("path", ["/v/../../../secret", "/etc/passwd", "/v/link"])
def test_no_way_out_of_a_volume(
    client: docker.DockerClient, volume: str, tmp_path: Path, path: str
) -> None:
    (tmp_path / "secret").write_text("x")
    (tmp_path / "volumes" / volume / "_data" / "link").symlink_to(tmp_path / "secret")
    mount = docker.types.Mount("/v", volume, type="volume")
    container = client.containers.create(IMAGE, mounts=[mount])
    with pytest.raises(NotFound, match="Could not find the file"):
        container.get_archive(path)


def test_a_bind_mount_is_noted_and_leads_nowhere(
    client: docker.DockerClient, volume: str, tmp_path: Path
) -> None:
    (tmp_path / "acme.json").write_text("secret")
    mount = docker.types.Mount("/v", str(tmp_path), type="bind", read_only=True)
    container = client.containers.create(IMAGE, mounts=[mount])
    assert [(one["Source"], one["RW"]) for one in container.attrs["Mounts"]] == [
        (str(tmp_path), False)
    ]
    with pytest.raises(NotFound, match="Could not find the file"):
        container.get_archive("/v/acme.json")
    client.volumes.get(volume).remove()


def test_other_mounts_and_commands_are_refused(client: docker.DockerClient, volume: str) -> None:
    with pytest.raises(APIError, match="mounts volumes"):
        client.containers.create(IMAGE, mounts=[docker.types.Mount("/v", None, type="tmpfs")])
    container = client.containers.create(IMAGE)
    container.start()
    with pytest.raises(APIError, match="runs no commands"):
        container.exec_run("id")
    assert volume


def test_a_containers_command_never_runs(
    client: docker.DockerClient, volume: str, tmp_path: Path
) -> None:
    command = ["sh", "-c", f"touch {tmp_path}/ran"]
    mount = docker.types.Mount("/v", volume, type="volume")
    container = client.containers.create(
        IMAGE, entrypoint=command, mounts=[mount], working_dir="/v"
    )
    container.start()
    assert not (tmp_path / "ran").exists()
    assert b"simulated" in container.logs()


def test_a_port_is_published_once(client: docker.DockerClient, volume: str) -> None:
    ports = {"25/tcp": ("127.0.0.1", 2525)}
    client.containers.create(IMAGE, ports=ports).start()
    other = client.containers.create(IMAGE, ports=ports)
    with pytest.raises(APIError, match=r"Bind for 127\.0\.0\.1:2525 failed"):
        other.start()
    assert volume


def test_what_it_lacks_it_says(client: docker.DockerClient) -> None:
    with pytest.raises(APIError, match="the simulated Engine does not have GET /info"):
        client.info()
