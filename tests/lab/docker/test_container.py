from typing import Any

import docker
import pytest

from lab.cloud.errors import CloudError
from lab.cloud.provider import Call
from lab.docker.container import Container
from lab.docker.resource import LAB_LABEL
from lab.world import World
from tests.lab.docker.engine import IMAGE

HOST = "ssh://admin@127.77.0.9"


@pytest.fixture
def call(world: World) -> Call:
    return Call(world=world, urn="urn:pulumi:dev::p::t::c", name="c", config={"host": HOST})


@pytest.fixture
def container(engine_socket: str) -> Container:
    return Container(engine_socket, "lab")


@pytest.fixture
def inputs(client: docker.DockerClient, volume: str) -> dict[str, Any]:
    client.networks.create("net")
    return {
        "name": "server",
        "image": client.images.get(IMAGE).id,
        "hostname": "mail.example.test",
        "envs": ["LOG_LEVEL=info"],
        "ports": [{"internal": 25.0, "external": 2525.0}],
        "mounts": [{"type": "volume", "source": volume, "target": "/tmp/docker-mailserver"}],
        "networksAdvanced": [{"name": "net"}],
        "restart": "unless-stopped",
        "mustRun": True,
    }


def test_create_starts_it_and_publishes_on_the_vps(
    call: Call, container: Container, inputs: dict[str, Any], client: docker.DockerClient
) -> None:
    identity, outputs = container.create(call, inputs)
    made = client.containers.get("server")
    assert (made.id, made.status) == (identity, "running")
    assert made.ports == {"25/tcp": [{"HostIp": "127.77.0.9", "HostPort": "2525"}]}
    assert made.labels[LAB_LABEL] == "lab"
    assert outputs["networkDatas"][0]["networkName"] == "net"
    assert {key: outputs[key] for key in inputs} == inputs
    assert "exitCode" not in outputs
    assert container.read(call, identity, outputs) == outputs


def test_stopped_outside_is_an_update_that_starts_it(
    call: Call, container: Container, inputs: dict[str, Any], client: docker.DockerClient
) -> None:
    identity, outputs = container.create(call, inputs)
    client.containers.get(identity).stop()
    seen = container.read(call, identity, outputs)
    assert seen is not None
    assert (seen["mustRun"], seen["exitCode"]) == (False, 0)
    assert container.update(call, identity, seen, inputs)["mustRun"] is True
    assert client.containers.get(identity).status == "running"


def test_removed_outside_is_gone(
    call: Call, container: Container, inputs: dict[str, Any], client: docker.DockerClient
) -> None:
    identity, outputs = container.create(call, inputs)
    client.containers.get(identity).remove(force=True)
    assert container.read(call, identity, outputs) is None
    container.delete(call, identity, outputs)


def test_limits_change_in_place(
    call: Call, container: Container, inputs: dict[str, Any], client: docker.DockerClient
) -> None:
    identity, outputs = container.create(call, inputs)
    new = inputs | {"memory": 512.0, "restart": "always"}
    assert container.update(call, identity, outputs, new)["memory"] == 512
    settings = client.containers.get(identity).attrs["HostConfig"]
    assert settings["Memory"] == 512 * 1024**2
    assert settings["RestartPolicy"]["Name"] == "always"


def test_delete(
    call: Call, container: Container, inputs: dict[str, Any], client: docker.DockerClient
) -> None:
    identity, outputs = container.create(call, inputs)
    container.delete(call, identity, outputs)
    assert client.containers.list(all=True) == []


def test_what_does_not_start_is_removed_and_names_the_port(
    call: Call, container: Container, inputs: dict[str, Any], client: docker.DockerClient
) -> None:
    container.create(call, inputs)
    with pytest.raises(CloudError, match=r"127\.77\.0\.9:2525 is in use already"):
        container.create(call, inputs | {"name": "second"})
    assert [made.name for made in client.containers.list(all=True)] == ["server"]


def test_a_taken_name_is_refused(
    call: Call, container: Container, inputs: dict[str, Any], client: docker.DockerClient
) -> None:
    client.containers.create(IMAGE, name="server")
    with pytest.raises(CloudError, match="already in use"):
        container.create(call, inputs)


def test_what_a_killed_lab_left_is_replaced_but_not_what_the_ledger_knows(
    call: Call, container: Container, inputs: dict[str, Any], client: docker.DockerClient
) -> None:
    left, _ = container.create(call, inputs)  # no line in the ledger: killed before it
    made, outputs = container.create(call, inputs)
    assert [found.id for found in client.containers.list()] == [made]
    assert left != made
    call.world.record(call.urn, Container.token, made, outputs)
    with pytest.raises(CloudError, match="already in use"):
        container.create(call, inputs)


def test_an_upload_has_no_place_in_a_simulated_container(
    call: Call, container: Container, inputs: dict[str, Any], client: docker.DockerClient
) -> None:
    with pytest.raises(CloudError, match="Could not find the file /"):
        container.create(call, inputs | {"uploads": [{"file": "/etc/app", "content": "x"}]})
    assert client.containers.list(all=True) == []


def test_waiting_for_health_has_an_end(
    call: Call, container: Container, inputs: dict[str, Any], client: docker.DockerClient
) -> None:
    with pytest.raises(CloudError, match="container failed to be in healthy state"):
        container.create(call, inputs | {"wait": True, "waitTimeout": 0.1})
    assert client.containers.list(all=True) == []


def test_a_container_that_is_not_to_start(
    call: Call, container: Container, inputs: dict[str, Any], client: docker.DockerClient
) -> None:
    identity, _ = container.create(call, inputs | {"start": False})
    assert client.containers.get(identity).status == "created"
