"""The Docker provider's stand-in on a real Engine: what a simulated one cannot tell."""

import socket as sockets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docker
import pytest

from lab.cloud.aws_address import Eip
from lab.cloud.errors import CloudError
from lab.cloud.provider import Call
from lab.docker.container import Container
from lab.docker.resource import lab_id
from lab.docker.resources import Network, Volume
from lab.docker.volumes import cleanup, read_file
from lab.world import World

pytestmark = pytest.mark.docker

ADDRESS = "127.77.254.7"


@pytest.fixture
def call(tmp_path: Path, socket: str) -> Iterator[Call]:
    with World(tmp_path / "world.db") as world:
        world.set_setting("docker", {"socket": socket, "simulated": False, "reason": ""})
        config = {"host": f"ssh://admin@{ADDRESS}"}
        yield Call(world=world, urn="urn:pulumi:t::p::t::n", name="n", config=config)
    cleanup(tmp_path)


@pytest.fixture
def container(socket: str, tmp_path: Path) -> Container:
    return Container(socket, lab_id(tmp_path))


@pytest.fixture
def port() -> int:
    """A port that was free a moment ago."""
    with sockets.socket() as probe:
        probe.bind((ADDRESS, 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def inputs(call: Call, container: Container, image: str, name: str, port: int) -> dict[str, Any]:
    Network(container.socket, container.lab).create(call, {"name": f"{name}-net"})
    Volume(container.socket, container.lab).create(call, {"name": f"{name}-mail"})
    return {
        "name": name,
        "image": image,
        "hostname": "mail.example.test",
        "envs": ["LOG_LEVEL=info"],
        "ports": [{"internal": 25.0, "external": float(port)}],
        "mounts": [{"type": "volume", "source": f"{name}-mail", "target": "/var/mail"}],
        "networksAdvanced": [{"name": f"{name}-net"}],
        "capabilities": {"drops": ["ALL"], "adds": ["CAP_NET_BIND_SERVICE"]},
        "restart": "unless-stopped",
        "destroyGraceSeconds": 5.0,
        "stopTimeout": 60.0,
        "healthcheck": {"tests": ["CMD", "true"], "interval": "1s", "startPeriod": "1s"},
        "wait": True,
        "mustRun": True,
    }


def test_serves_on_the_vps_address_and_nowhere_else(
    call: Call, container: Container, inputs: dict[str, Any], port: int
) -> None:
    identity, outputs = container.create(call, inputs)
    assert {key: outputs[key] for key in inputs} == inputs
    with sockets.create_connection((ADDRESS, port), timeout=5) as connection:
        connection.sendall(b"hello")
        assert connection.recv(5) == b"hello"
    with pytest.raises(ConnectionRefusedError):
        sockets.create_connection(("127.0.0.1", port), timeout=5)
    seen = container.read(call, identity, outputs)
    assert seen == outputs


def test_life_of_a_container(
    call: Call,
    container: Container,
    inputs: dict[str, Any],
    engine: docker.DockerClient,
) -> None:
    uploads = [{"file": "/etc/uploaded", "content": "x", "permissions": "0600"}]
    identity, outputs = container.create(call, inputs | {"uploads": uploads})
    made = engine.containers.get(identity)
    assert made.exec_run(["cat", "/etc/uploaded"]).output == b"x"
    made.stop(timeout=1)
    seen = container.read(call, identity, outputs)
    assert seen is not None
    assert seen["mustRun"] is False
    new = inputs | {"memory": 64.0, "memorySwap": 64.0}
    assert container.update(call, identity, seen, new)["mustRun"] is True
    made.reload()
    assert (made.status, made.attrs["HostConfig"]["Memory"]) == ("running", 64 * 1024**2)
    container.delete(call, identity, outputs)
    assert container.read(call, identity, outputs) is None


def test_a_taken_port_is_named_and_nothing_stays(
    call: Call, container: Container, inputs: dict[str, Any], engine: docker.DockerClient, port: int
) -> None:
    with sockets.socket() as other:
        other.bind((ADDRESS, port))
        other.listen()
        with pytest.raises(CloudError, match=f"{ADDRESS}:{port} is in use already"):
            container.create(call, inputs)
    assert engine.containers.list(all=True, filters={"name": inputs["name"]}) == []


def test_another_instance_takes_over_the_volumes_and_nothing_else(
    call: Call,
    container: Container,
    inputs: dict[str, Any],
    engine: docker.DockerClient,
) -> None:
    def boot(instance: str) -> None:
        call.world.put(Eip.token, "eipalloc-0", {"publicIp": ADDRESS, "instance": instance})

    boot("i-1")
    network = {"name": f"{inputs['name']}-vps"}
    Network(container.socket, container.lab).create(call, network)
    its = inputs | {"networksAdvanced": [network]}
    old, outputs = container.create(call, its)
    engine.containers.get(old).exec_run(["sh", "-c", "echo letter > /var/mail/1"])
    boot("i-2")
    assert container.read(call, old, outputs) is None
    assert engine.networks.list(names=[network["name"]]) == []
    Network(container.socket, container.lab).create(call, network)
    container.create(call, its)
    assert read_file(container.socket, f"{inputs['name']}-mail", "1") == b"letter\n"


def test_an_engine_says_more_of_ipv6_than_it_was_asked(
    call: Call, container: Container, inputs: dict[str, Any], engine: docker.DockerClient, port: int
) -> None:
    """Why the program ignores drift there: each difference would replace container or network."""
    network = {"name": f"{inputs['name']}-6", "ipv6": True}
    asked = [{"subnet": f"fd00:{port:x}::/64"}]
    identity, outputs = Network(container.socket, container.lab).create(
        call, network | {"ipamConfigs": asked}
    )
    found = Network(container.socket, container.lab).read(call, identity, outputs)
    assert found is not None
    assert len(found["ipamConfigs"]) == 2
    assert asked[0] in found["ipamConfigs"]
    both: Any = [("0.0.0.0", port), ("::", port)]  # docker-py's stubs know a single one
    made = engine.containers.run(
        inputs["image"],
        detach=True,
        name=f"{inputs['name']}-6",
        network=f"{inputs['name']}-6",
        ports={"25/tcp": both},
    )
    try:
        made.reload()
        bindings = made.attrs["NetworkSettings"]["Ports"]["25/tcp"]
        assert {binding["HostIp"] for binding in bindings} == {"0.0.0.0", "::"}
    finally:
        made.remove(force=True)


def test_cleanup_takes_all_of_it(
    call: Call,
    container: Container,
    inputs: dict[str, Any],
    engine: docker.DockerClient,
    tmp_path: Path,
) -> None:
    identity, _ = container.create(call, inputs)
    name = inputs["name"]
    engine.containers.get(identity).exec_run(["sh", "-c", "echo letter > /var/mail/1"])
    assert read_file(container.socket, f"{name}-mail", "1") == b"letter\n"
    cleanup(tmp_path)
    assert engine.containers.list(all=True, filters={"name": name}) == []
    assert engine.networks.list(names=[f"{name}-net"]) == []
    assert engine.volumes.list(filters={"name": f"{name}-mail"}) == []
