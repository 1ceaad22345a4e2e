"""A real Docker Engine: DOCKER_HOST, or the usual socket; skipped with the reason elsewhere."""

import os
import secrets
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import docker
import pytest

from lab.docker.reach import unreachable
from lab.docker.simulated_api import VERSION
from tests.docker.tiny import busybox, import_image


@pytest.fixture(scope="session")
def socket() -> str:
    host = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")
    path = host.removeprefix("unix://")
    if path == host or unreachable(path):
        pytest.skip(f"needs a Docker Engine on a unix socket; {host} gives none")
    return path


@pytest.fixture(scope="session")
def engine(socket: str) -> Iterator[docker.DockerClient]:
    with closing(docker.DockerClient(f"unix://{socket}")) as client:
        if client.version()["Version"] == VERSION:
            pytest.skip("DOCKER_HOST leads to a lab's simulated Engine")
        yield client


@pytest.fixture(scope="session")
def program() -> Path:
    found = busybox()
    if found is None:
        pytest.skip("needs Debian's busybox-static for the tiny image")
    return found


@pytest.fixture(scope="session")
def images(engine: docker.DockerClient, program: Path) -> Iterator[tuple[str, str]]:
    """Two releases of a tiny server."""
    # Test processes side by side must not remove each other's image.
    tags = [f"{release}-{secrets.token_hex(4)}" for release in (1, 2)]
    names = [import_image(engine, program, tag) for tag in tags]
    yield names[0], names[1]
    for name in names:
        engine.images.remove(name, force=True)


@pytest.fixture(scope="session")
def bad_image(engine: docker.DockerClient, program: Path) -> Iterator[str]:
    """A release that does not start."""
    tag = f"bad-{secrets.token_hex(4)}"
    name = import_image(engine, program, tag, panic="This release is a bad one")
    yield name
    engine.images.remove(name, force=True)


@pytest.fixture
def image(images: tuple[str, str]) -> str:
    return images[0]


@pytest.fixture
def name() -> str:
    """A name that nothing else on the Engine has."""
    return f"mailstack-test-{secrets.token_hex(4)}"


@pytest.fixture
def volume(engine: docker.DockerClient, name: str) -> Iterator[str]:
    made = engine.volumes.create(f"{name}-config")
    yield str(made.name)
    for container in engine.containers.list(all=True, filters={"volume": made.name}):
        container.remove(v=True, force=True)
    made.remove()
