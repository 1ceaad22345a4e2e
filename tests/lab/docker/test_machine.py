"""The lab's Docker is that of a VPS: a new instance comes with the volumes, and nothing else."""

from typing import Any

import docker
import pytest

from lab.cloud.aws_address import Eip
from lab.cloud.provider import Call
from lab.docker.container import Container
from lab.docker.machine import MACHINE_LABEL, machine
from lab.docker.resource import LAB_LABEL
from lab.docker.resources import Network, Volume
from lab.world import World
from tests.lab.docker.engine import IMAGE

ADDRESS = "127.77.0.9"


def _boot(world: World, instance: str) -> None:
    world.put(Eip.token, "eipalloc-0", {"publicIp": ADDRESS, "instance": instance})


@pytest.fixture
def call(world: World) -> Call:
    _boot(world, "i-1")
    config = {"host": f"ssh://admin@{ADDRESS}"}
    return Call(world=world, urn="urn:pulumi:dev::p::t::c", name="c", config=config)


@pytest.fixture
def inputs(client: docker.DockerClient) -> dict[str, Any]:
    return {"name": "server", "image": client.images.pull(IMAGE).id, "mustRun": True}


def test_which_machine_it_is(call: Call, world: World) -> None:
    assert machine(call) == f"{ADDRESS}/i-1"
    for host in ("ssh://root@192.0.2.1", "unix:///var/run/docker.sock", ""):
        elsewhere = Call(world=world, urn="", name="", config={"host": host})
        assert machine(elsewhere) == ""


def test_another_instance_has_volumes_only(
    call: Call,
    world: World,
    engine_socket: str,
    inputs: dict[str, Any],
    client: docker.DockerClient,
) -> None:
    containers, networks = Container(engine_socket, "lab"), Network(engine_socket, "lab")
    volumes = Volume(engine_socket, "lab")
    volume, kept = volumes.create(call, {"name": "mail"})
    network, its = networks.create(call, {"name": "net"})
    container, facts = containers.create(call, inputs | {"networksAdvanced": [{"name": "net"}]})
    assert containers.read(call, container, facts) is not None
    foreign = client.containers.create(IMAGE, name="foreign", labels={MACHINE_LABEL: "i-1"})
    neighbours = {MACHINE_LABEL: "127.77.0.8/i-0", LAB_LABEL: "lab"}
    neighbour = client.containers.create(IMAGE, name="neighbour", labels=neighbours)

    _boot(world, "i-2")
    assert containers.read(call, container, facts) is None
    assert networks.read(call, network, its) is None
    assert volumes.read(call, volume, kept) == kept
    left = {one.id for one in client.containers.list(all=True)}
    assert left == {foreign.id, neighbour.id}
    containers.delete(call, container, facts)
    containers.create(call, inputs)


def test_between_two_instances_nothing_goes(
    call: Call, world: World, engine_socket: str, inputs: dict[str, Any]
) -> None:
    containers = Container(engine_socket, "lab")
    made, facts = containers.create(call, inputs)
    _boot(world, "")
    assert containers.read(call, made, facts) is not None
