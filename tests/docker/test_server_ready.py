"""The wait for a real container, and what it tells of one that fails."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import docker
import pytest
from docker.models.containers import Container

from components.dynamic.server_ready import ServerNotReadyError, ServerReadyProvider

pytestmark = pytest.mark.docker

PROVIDER = ServerReadyProvider()
RESTART: Any = {"Name": "unless-stopped"}
Start = Callable[..., dict[str, Any]]


@pytest.fixture
def start(engine: docker.DockerClient, socket: str, image: str, name: str) -> Iterator[Start]:
    started: list[Container] = []

    def run(**environment: str) -> dict[str, Any]:
        container = engine.containers.run(
            image,
            name=name,
            detach=True,
            environment=environment,
            restart_policy=RESTART,
        )
        started.append(container)
        return {
            "host": f"unix://{socket}",
            "ssh_opts": [],
            "container_id": container.id,
            "ports": [25.0, 993.0, 11332.0],
            "timeout": 60,
            "image": image,
            "rollback": "",
        }

    yield run
    for container in started:
        container.remove(v=True, force=True)


def test_ready_when_the_ports_listen(start: Start) -> None:
    props = start()
    assert PROVIDER.create(props).outs == {**props, "ready": True}
    assert (PROVIDER.read("id", {**props, "ready": True}).outs or {})["ready"] is True


def test_a_panic_is_reported_within_seconds_with_its_reason(start: Start, name: str) -> None:
    props = start(PANIC="Missing expected file(s): /tmp/docker-mailserver/ssl/cert.pem")
    began = time.monotonic()
    with pytest.raises(ServerNotReadyError) as caught:
        PROVIDER.create(props)
    assert time.monotonic() - began < 10
    assert (
        "start-mailserver.sh: Missing expected file(s): /tmp/docker-mailserver/ssl/cert.pem"
        in str(caught.value)
    )
    assert f"docker logs {name}" in str(caught.value)


def test_a_port_that_never_opens_is_named(start: Start) -> None:
    props = start(PORTS="25 11332")
    with pytest.raises(ServerNotReadyError, match="port 993 did not open within 1 s"):
        PROVIDER.create({**props, "timeout": 1})


def test_an_error_of_an_earlier_life_does_not_count(
    start: Start, engine: docker.DockerClient, name: str
) -> None:
    props = start()
    PROVIDER.create(props)
    container = engine.containers.get(name)
    container.exec_run(
        ["sh", "-c", "echo 'ERROR start-mailserver.sh: Shutting down' > /proc/1/fd/2"]
    )
    with pytest.raises(ServerNotReadyError, match="it is shutting down"):
        PROVIDER.create(props)
    container.restart(timeout=0)
    assert PROVIDER.update("id", props, props).outs == {**props, "ready": True}


def test_stopped_for_good(start: Start, engine: docker.DockerClient, name: str) -> None:
    props = start()
    engine.containers.get(name).stop(timeout=1)
    with pytest.raises(ServerNotReadyError, match="it stopped with exit code"):
        PROVIDER.create(props)
    assert (PROVIDER.read("id", {**props, "ready": True}).outs or {})["ready"] is False
