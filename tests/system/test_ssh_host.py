"""``kind: ssh`` against a real OpenSSH: who is let in, who is refused, and what is said then."""

import json
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from components.dynamic import docker_ready
from components.dynamic.docker_link import DockerLinkError, docker_client
from components.hosts.ssh_files import write_ssh_files
from lab.docker.simulated_api import VERSION
from tests import engines
from tests.lab.docker.engine import engine_socket, world
from tests.lab_project import LabProject, dev_stack
from tests.system.daemons import free_port
from tests.system.openssh import Machine, agent, machine, make_key

__all__ = ["engine_socket", "world"]
pytestmark = pytest.mark.system


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short path: those of sockets may not be long."""
    with tempfile.TemporaryDirectory(prefix="ms-") as made:
        yield Path(made)


@pytest.fixture
def there(
    folder: Path, need: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Machine]:
    """A machine, and an agent with the key that it lets in."""
    client_key = make_key(folder / "mine")
    with (
        machine(folder / "machine", need, client_key=client_key) as made,
        agent(folder / "agent.sock", folder / "mine") as socket,
    ):
        monkeypatch.setenv("SSH_AUTH_SOCK", socket)
        yield made


@pytest.fixture
def with_docker(there: Machine, folder: Path, engine_socket: str) -> Machine:
    (folder / "run.json").write_text(json.dumps({"docker": {"socket": engine_socket}}))
    there.serve_docker_of(folder)
    return there


@pytest.fixture
def pin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Machine, str], list[str]]:
    """Give the options with which the program would go there."""
    monkeypatch.chdir(tmp_path)
    return lambda there, key: write_ssh_files(address="127.0.0.1", port=there.port, host_key=key)


Pin = Callable[[Machine, str], list[str]]


def refusal(host: str, options: list[str]) -> DockerLinkError:
    with pytest.raises(DockerLinkError) as caught, docker_client(host, options):
        pass
    return caught.value


def test_the_pinned_machine_is_reached(with_docker: Machine, pin: Pin) -> None:
    options = pin(with_docker, with_docker.host_key)
    with docker_client(with_docker.endpoint, options) as client:
        assert client.version()["Version"] == VERSION
    with docker_client(f"{with_docker.endpoint}/run/other.sock", options) as client:
        assert client.ping()
    assert with_docker.called[0] == "system dial-stdio"
    assert with_docker.called[-1] == "--host unix:///run/other.sock system dial-stdio"


def test_another_host_key_is_refused_before_anything_is_said(
    with_docker: Machine, pin: Pin, tmp_path: Path
) -> None:
    error = refusal(with_docker.endpoint, pin(with_docker, make_key(tmp_path / "other")))
    assert error.lasting
    assert "Host key verification failed. What answers shows another SSH host key" in str(error)
    assert "(it shows SHA256:" in str(error)
    assert "pulumi config set --path mailstack:host.hostKey" in str(error)
    assert with_docker.called == []


def test_a_machine_without_a_known_key_is_not_trusted(with_docker: Machine, pin: Pin) -> None:
    options = pin(with_docker, with_docker.host_key)
    known = Path(".mailstack").resolve().rglob("known_hosts")
    (path,) = known
    path.write_text("")
    error = refusal(with_docker.endpoint, options)
    assert error.lasting
    assert "mailstack:host.hostKey" in str(error)
    assert with_docker.called == []
    assert path.read_text() == "", "nothing was learned"


def test_a_refused_login_says_how_to_be_let_in(with_docker: Machine, pin: Pin) -> None:
    (with_docker.folder / "authorized_keys").write_text("")
    error = refusal(with_docker.endpoint, pin(with_docker, with_docker.host_key))
    assert "Permission denied (publickey)" in str(error)
    assert "add your public key to its ~/.ssh/authorized_keys" in str(error)


@pytest.mark.parametrize(
    ("script", "remedy"),
    [
        (None, "install Docker, or with Podman the package podman-docker"),
        (
            "echo 'permission denied while trying to connect to the Docker daemon socket at "
            "unix:///var/run/docker.sock' >&2; exit 1",
            "usermod -aG docker USER",
        ),
        (
            "echo 'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the "
            "docker daemon running?' >&2; exit 1",
            "systemctl enable --now docker",
        ),
    ],
    ids=["none", "forbidden", "stopped"],
)
def test_a_machine_without_a_usable_docker(
    there: Machine, pin: Pin, script: str | None, remedy: str
) -> None:
    if script is not None:
        there.docker.write_text(f"#!/bin/sh\n{script}\n")
        there.docker.chmod(0o755)
    error = refusal(there.endpoint, pin(there, there.host_key))
    assert not error.lasting
    assert remedy in str(error)


def test_nobody_there(there: Machine, pin: Pin) -> None:
    error = refusal(f"ssh://127.0.0.1:{free_port()}", pin(there, there.host_key))
    assert "Connection refused" in str(error)
    assert "mailstack:host.address and mailstack:host.port" in str(error)


def test_the_wait_for_docker_ends_tells_and_gives_a_way_on(
    there: Machine, pin: Pin, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(docker_ready, "PATIENCE", 1)
    monkeypatch.setattr(docker_ready, "PAUSE", 0.1)
    props = {
        "host": f"ssh://admin@127.0.0.1:{free_port()}",
        "ssh_opts": pin(there, there.host_key),
        "generation": "1",
    }
    with pytest.raises(docker_ready.DockerNotReadyError) as caught:
        docker_ready.DockerReadyProvider().create(props)
    assert "Last seen: cannot reach Docker at ssh://admin@127.0.0.1" in str(caught.value)
    assert "/var/log/cloud-init-output.log" in str(caught.value)
    told = capfd.readouterr().err
    assert "waiting for Docker, 0 s of at most 1: cannot reach Docker" in told


def test_another_machine_is_not_waited_for(
    with_docker: Machine, pin: Pin, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    props = {
        "host": with_docker.endpoint,
        "ssh_opts": pin(with_docker, make_key(tmp_path / "other")),
        "generation": "1",
    }
    with pytest.raises(DockerLinkError, match="another SSH host key"):
        docker_ready.DockerReadyProvider().create(props)
    assert "waiting" not in capfd.readouterr().err


@pytest.fixture
def project(project: LabProject, there: Machine) -> LabProject:
    """The program on that machine, whose Docker is the lab's."""
    project.extra = {
        "MAILSTACK_LAB_DOCKER": "simulated",
        "MAILSTACK_LAB_SSH": "real",
        "SSH_AUTH_SOCK": os.environ["SSH_AUTH_SOCK"],
    }
    there.serve_docker_of(project.lab)
    return project


def stack(there: Machine, **host: Any) -> dict[str, Any]:
    made = dev_stack()
    made["config"]["mailstack:host"] = {
        "kind": "ssh",
        "address": "127.0.0.1",
        "port": there.port,
        "user": there.user,
        "hostKey": there.host_key,
    } | host
    made["config"]["mailstack:relay"] = {"kind": "none"}
    made["config"]["mailstack:domains"] = {"example.org": {"accounts": {"carol": {}}}}
    return made


ENGINES = [
    pytest.param(engines.small, id="small"),
    pytest.param(
        engines.real,
        id="pulumi",
        marks=[
            pytest.mark.cli,
            pytest.mark.skipif(not engines.real_is_here(), reason="pulumi is not on PATH"),
        ],
    ),
]


@pytest.mark.parametrize("engine", ENGINES)
def test_the_program_reaches_only_the_machine_that_it_knows(
    project: LabProject, there: Machine, engine: engines.Engine, tmp_path: Path
) -> None:
    project.write(stack(there))
    done = engine(project, "up")
    assert not done.failed, done.said
    assert "carol@example.org|" in project.cat("config:postfix-accounts.cf")
    assert set(there.called) == {"system dial-stdio"}
    before = project.outputs()

    calls = len(there.called)
    project.write(stack(there, hostKey=make_key(tmp_path / "other")))
    for operation in ("preview", "up"):
        done = engine(project, operation)
        assert done.failed
        assert not {step for step in done.steps if step[1] != "Stack"}
        # The CLI wraps nothing, the small engine's display might.
        said = " ".join(done.said.split())
        assert "nothing was created or changed: cannot reach Docker at ssh://" in said
        assert "pulumi config set --path mailstack:host.hostKey" in said
    assert len(there.called) == calls
    assert project.outputs() == before
