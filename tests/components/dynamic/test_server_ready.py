from typing import Any

import docker
import pytest
from docker.models.containers import Container

from components.dynamic.server_ready import ServerNotReadyError, ServerReadyProvider, last_error
from tests.lab.docker.engine import IMAGE

PROVIDER = ServerReadyProvider()
RED, PLAIN = "\x1b[1;31m", "\x1b[0m"


@pytest.fixture
def server(client: docker.DockerClient) -> Container:
    client.images.pull(IMAGE)
    made = client.containers.create(IMAGE, name="server", ports={"25/tcp": None, "993/tcp": None})
    made.start()
    return made


@pytest.fixture
def props(engine_socket: str, server: Container) -> dict[str, Any]:
    return {
        "host": f"unix://{engine_socket}",
        "ssh_opts": [],
        "container_id": server.id,
        "ports": [25.0, 993.0],
        "timeout": 0.5,
        "image": IMAGE,
        "rollback": "",
        "ready": None,
    }


def test_ready_when_all_ports_listen(props: dict[str, Any]) -> None:
    result = PROVIDER.create(props)
    assert result.outs == {**props, "ready": True}
    assert PROVIDER.diff("id", result.outs, props).changes is False
    assert PROVIDER.read("id", result.outs).outs == result.outs


def test_names_the_ports_that_never_open(props: dict[str, Any]) -> None:
    with pytest.raises(ServerNotReadyError) as caught:
        PROVIDER.create({**props, "ports": [587.0, 25.0, 465.0]})
    assert "port 465, 587 did not open within 0 s" in str(caught.value)
    assert "docker logs server" in str(caught.value)


def test_a_stopped_server_is_reported_at_once(props: dict[str, Any], server: Container) -> None:
    server.stop()
    with pytest.raises(ServerNotReadyError, match="it stopped with exit code 0"):
        PROVIDER.create({**props, "timeout": 600})


def test_a_removed_server_is_reported(props: dict[str, Any], server: Container) -> None:
    server.remove(force=True)
    with pytest.raises(ServerNotReadyError, match="was removed"):
        PROVIDER.update("id", props, props)


def test_refresh_sees_a_stopped_server_and_the_next_up_waits(
    props: dict[str, Any], server: Container
) -> None:
    outs = PROVIDER.create(props).outs or {}
    server.stop()
    stopped = PROVIDER.read("id", outs)
    assert stopped.outs == {**outs, "ready": False}
    assert PROVIDER.diff("id", stopped.outs, props).changes
    server.start()
    assert (PROVIDER.update("id", stopped.outs, props).outs or {})["ready"] is True


def test_a_new_image_that_does_not_start_tells_the_way_back(
    props: dict[str, Any], server: Container
) -> None:
    olds = PROVIDER.create(props | {"image": "mail.test/server:0"}).outs or {}
    server.stop()
    with pytest.raises(ServerNotReadyError) as caught:
        PROVIDER.update("id", olds, props | {"rollback": "pulumi go back"})
    assert "mail.test/server:0 ran well" in str(caught.value)
    assert str(caught.value).endswith(": pulumi go back")


def test_an_image_that_ran_before_is_not_to_blame(props: dict[str, Any], server: Container) -> None:
    olds = PROVIDER.create(props).outs or {}
    server.stop()
    with pytest.raises(ServerNotReadyError) as caught:
        PROVIDER.update("id", olds, props | {"rollback": "pulumi go back"})
    assert "go back" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [("container_id", "another"), ("ports", [25.0]), ("image", "mail.test/server:2")],
)
def test_another_container_port_or_image_means_waiting_again(
    props: dict[str, Any], name: str, value: object
) -> None:
    diff = PROVIDER.diff("id", {**props, "ready": True}, {**props, name: value})
    assert diff.changes
    assert not diff.replaces


@pytest.mark.parametrize(
    "line",
    [
        "2026-01-01 00:00:00+00:00 ERROR start-mailserver.sh: No TLS files",
        "[   ERROR   ]  start-mailserver.sh: No TLS files",
    ],
)
def test_finds_the_servers_own_reason(line: str) -> None:
    log = [
        "2026-01-01 00:00:00+00:00 WARN  start-mailserver.sh: nothing to see",
        line,
        "2026-01-01 00:00:01+00:00 ERROR start-mailserver.sh: Shutting down",
    ]
    assert last_error(log) == "start-mailserver.sh: No TLS files"


def test_a_log_without_errors_has_no_reason() -> None:
    assert last_error(["postfix/smtpd: error: lost connection", "ERRORS: none"]) is None
