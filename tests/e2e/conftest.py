"""One deployment for all tests here; each brings it to the stack file that it needs."""

import copy
import os
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import docker
import pytest

from lab.docker.choose import choose
from lab.world import World
from settings.server import Server
from tests.e2e import smarthost
from tests.e2e.deployment import Deployment, names_from, stack_file
from tests.lab_project import LabProject

IMAGE = str(Server.model_fields["image"].default)


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[docker.DockerClient]:
    """The real Engine, where it can run docker-mailserver's image."""
    world = World(tmp_path_factory.mktemp("choice") / "world.db")
    try:
        choice = choose(IMAGE, world)
    finally:
        world.close()
    if choice.simulated:
        pytest.skip(choice.reason)
    with closing(docker.DockerClient(base_url=f"unix://{choice.socket}")) as client:
        yield client


@pytest.fixture(scope="session")
def deployment(
    engine: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Deployment]:
    """The deployed stack. Its name is this run's own: a Docker Engine may serve several."""
    identity = smarthost.make_identity()
    stack = stack_file(identity)
    project = LabProject.make(tmp_path_factory.mktemp("e2e"))
    project.stack = f"e2e{os.getpid()}"
    project.write(stack)
    try:
        project.small("up")
        network = f"mailstack-{project.stack}"
        with smarthost.running(engine, image=IMAGE, network=network, identity=identity) as relay:
            made = Deployment(project=project, client=engine, stack=stack, smarthost=relay)
            made.read_outputs()
            with names_from(made):
                yield made
    finally:
        project.destroy()
        for image in engine.images.list(f"mailstack-{project.stack}"):
            engine.images.remove(str(image.id), force=True)


@pytest.fixture
def stack(deployment: Deployment) -> dict[str, Any]:
    """The stack file as the last lasting change left it, to change."""
    return copy.deepcopy(deployment.stack)
