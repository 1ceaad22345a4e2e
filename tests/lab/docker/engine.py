"""A simulated Engine of a test's own."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import docker
import pytest

from lab.docker.simulated import SimulatedEngine
from lab.world import World

IMAGE = "mail.test/server:1"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path / "world.db") as made:
        yield made


@pytest.fixture
def engine_socket(world: World, tmp_path: Path) -> Iterator[str]:
    engine = SimulatedEngine(world, tmp_path)
    yield engine.start()
    engine.stop()


@pytest.fixture
def client(engine_socket: str) -> Iterator[docker.DockerClient]:
    with closing(docker.DockerClient(f"unix://{engine_socket}")) as made:
        yield made


@pytest.fixture
def volume(client: docker.DockerClient) -> str:
    """The name of an empty volume; IMAGE is there too."""
    client.images.pull(IMAGE)
    return str(client.volumes.create("mailstack-test-config").name)
