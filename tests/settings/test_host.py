"""Where the server runs: engines and their sockets."""

import pytest

from settings import load
from settings.host import LocalHost, SshHost
from tests.settings.conftest import Raw, Spoil

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBNhRrrLXEHjwj3pDZ4wYVmKRFgrDlGLKMWr6YV8L0Rb"
SSH = {"kind": "ssh", "address": "192.0.2.10", "hostKey": KEY}


@pytest.fixture(autouse=True)
def without_relay(good: Raw) -> None:
    """SES would ask for a region, which only a host at AWS names."""
    good["relay"] = {"kind": "none"}


def test_docker_is_meant_unless_podman_is_said(good: Raw) -> None:
    host = load(good | {"host": SSH}).host
    assert isinstance(host, SshHost)
    assert (host.engine, host.socket) == ("docker", None)


@pytest.mark.parametrize(
    ("engine", "example"), [("podman", "/run/podman/podman.sock"), ("docker", "/run/docker.sock")]
)
def test_a_far_engine_without_root_is_refused(
    problems_with: Spoil, engine: str, example: str
) -> None:
    socket = f"/run/user/1000/{engine}.sock"
    (problem,) = problems_with("host", SSH | {"engine": engine, "socket": socket})
    assert problem.path == "mailstack:host.socket"
    assert "hides the clients' addresses" in problem.message
    assert f"root's own is usually {example}" in problem.message


@pytest.mark.parametrize("socket", ["docker.sock", "unix:///run/docker.sock", "/a b", "/$(id)"])
def test_a_socket_is_a_plain_path(problems_with: Spoil, socket: str) -> None:
    (problem,) = problems_with("host", {"kind": "local", "socket": socket})
    assert problem.path == "mailstack:host.socket"
    assert "is not the path of a socket" in problem.message


@pytest.mark.parametrize(
    ("settings", "environment", "root", "endpoint"),
    [
        ({}, {}, False, "unix:///var/run/docker.sock"),
        ({}, {"DOCKER_HOST": "unix:///x"}, False, "unix:///x"),
        ({"socket": "/mine"}, {"DOCKER_HOST": "unix:///x"}, False, "unix:///mine"),
        (
            {"engine": "podman"},
            {"XDG_RUNTIME_DIR": "/run/user/7"},
            True,
            "unix:///run/podman/podman.sock",
        ),
        (
            {"engine": "podman"},
            {"XDG_RUNTIME_DIR": "/run/user/7"},
            False,
            "unix:///run/user/7/podman/podman.sock",
        ),
        ({"engine": "podman"}, {}, False, "unix:///run/podman/podman.sock"),
        ({"engine": "podman"}, {"DOCKER_HOST": "unix:///x"}, True, "unix:///x"),
    ],
)
def test_the_local_engine_is_found_as_its_client_finds_it(
    settings: Raw, environment: dict[str, str], root: bool, endpoint: str
) -> None:
    host = LocalHost.model_validate({"kind": "local", **settings})
    assert host.endpoint(environment, root=root) == endpoint
