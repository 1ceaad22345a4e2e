"""``kind: local`` on real engines, Docker and Podman: the same stack, on high ports."""

import os
import secrets
import socket as sockets
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dns.message
import dns.query
import docker
import pytest
from docker.models.containers import Container

from tests.docker.podman import podman
from tests.docker.tiny import busybox, import_image
from tests.lab_project import LabProject, dev_stack

pytestmark = [pytest.mark.docker, pytest.mark.xdist_group("local-host")]

OFFSET = 21000


@dataclass(frozen=True)
class Engine:
    """An engine, by the name that the settings have for it, and an image on it."""

    kind: str
    socket: str
    client: docker.DockerClient
    image: str


@pytest.fixture(scope="module", params=["docker", "podman"])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    program = busybox()
    if program is None:
        pytest.skip("needs Debian's busybox-static for the tiny image")
    if request.param == "docker":
        socket = str(request.getfixturevalue("socket"))
        yield from serving("docker", socket, program)
        return
    if os.geteuid() != 0:
        pytest.skip("needs root: a Podman without it hides the clients' addresses")
    with (
        tempfile.TemporaryDirectory(prefix="ms-", ignore_cleanup_errors=True) as folder,
        podman(Path(folder)) as socket,
    ):
        yield from serving("podman", socket, program)


def serving(kind: str, socket: str, program: Path) -> Iterator[Engine]:
    with closing(docker.DockerClient(f"unix://{socket}", timeout=120)) as client:
        image = import_image(client, program, f"local-{secrets.token_hex(4)}")
        yield Engine(kind, socket, client, image)
        client.images.remove(image, force=True)


@pytest.fixture(scope="module")
def project(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabProject]:
    made = LabProject.make(tmp_path_factory.mktemp("local") / "project")
    made.stack = f"test-{secrets.token_hex(4)}"
    made.extra = {"MAILSTACK_LAB_DOCKER": "real"}
    made.write(stack(engine))
    made.run("up", "--engine", "small")
    yield made
    made.destroy()


def stack(engine: Engine, *accounts: str, **host: Any) -> dict[str, Any]:
    made = dev_stack()
    config = made["config"]
    config["mailstack:host"] = {
        "kind": "local",
        "engine": engine.kind,
        "socket": engine.socket,
        "portOffset": OFFSET,
    } | host
    config["mailstack:server"]["image"] = engine.image
    config["mailstack:relay"] = {"kind": "none"}
    boxes: dict[str, Any] = {name: {} for name in ("carol", *accounts)}
    config["mailstack:domains"] = {"example.org": {"accounts": boxes}}
    return made


def server(engine: Engine, project: LabProject) -> Container:
    return engine.client.containers.get(f"mailstack-{project.stack}")


def test_answers_on_high_ports_of_its_one_address(engine: Engine, project: LabProject) -> None:
    for service, endpoint in project.outputs()["endpoints"].items():
        assert endpoint["port"] > OFFSET, service
        with sockets.create_connection(("127.0.0.1", endpoint["port"]), timeout=5) as connection:
            connection.sendall(b"hello")
            assert connection.recv(5) == b"hello"
    published = {
        binding["HostIp"]
        for bindings in server(engine, project).ports.values()
        for binding in bindings or []
    }
    assert published == {"127.0.0.1"}


def test_mail_programs_are_told_the_high_ports(project: LabProject) -> None:
    address, port = project.dns()
    query = dns.message.make_query("_submissions._tcp.example.org", "SRV")
    (found,) = dns.query.udp(query, address, port=port, timeout=5).answer
    assert found[0].to_text() == f"0 1 {OFFSET + 465} mail.example.test."


def test_is_a_server_as_any_other(engine: Engine, project: LabProject) -> None:
    container = server(engine, project)
    prefix = f"mailstack-{project.stack}"
    mounted = {
        mount["Name"]: mount["Destination"]
        for mount in container.attrs["Mounts"]
        if mount["Name"].startswith(prefix)
    }
    assert mounted == {
        f"{prefix}-config": "/tmp/docker-mailserver",
        f"{prefix}-logs": "/var/log/mail",
        f"{prefix}-mail": "/var/mail",
        f"{prefix}-state": "/var/mail-state",
    }
    added = {name.removeprefix("CAP_") for name in container.attrs["HostConfig"]["CapAdd"]}
    assert "NET_ADMIN" in added
    restart = container.attrs["HostConfig"]["RestartPolicy"]["Name"]
    assert restart == ("always" if engine.kind == "podman" else "unless-stopped")


def test_a_second_up_has_nothing_to_do_even_after_a_refresh(project: LabProject) -> None:
    assert project.small("up") == set()
    assert project.small("refresh") == set()
    assert project.small("up") == set()


def test_an_account_reaches_the_volume_and_the_container_stays(
    engine: Engine, project: LabProject
) -> None:
    before = server(engine, project).id
    project.write(stack(engine, "erin"))
    project.run("up", "--engine", "small")
    after = server(engine, project)
    assert after.id == before
    said = after.exec_run(["cat", "/tmp/docker-mailserver/postfix-accounts.cf"]).output
    assert b"\nerin@example.org|" in said


def test_mail_survives_a_new_container(engine: Engine, project: LabProject) -> None:
    old = server(engine, project)
    old.exec_run(["sh", "-c", "mkdir -p /var/mail/new && echo letter > /var/mail/new/1"])
    changed = stack(engine, "erin")
    changed["config"]["mailstack:server"]["environment"] = {"LOG_LEVEL": "debug"}
    project.write(changed)
    project.run("up", "--engine", "small")
    new = server(engine, project)
    assert new.id != old.id
    assert new.exec_run(["cat", "/var/mail/new/1"]).output == b"letter\n"


def test_podman_must_be_called_by_its_name(engine: Engine, tmp_path: Path) -> None:
    if engine.kind != "podman":
        pytest.skip("about Podman")
    file = stack(engine)
    file["config"]["mailstack:host"]["engine"] = "docker"
    made = LabProject.make(tmp_path / "project", file)
    made.extra = {"MAILSTACK_LAB_DOCKER": "real"}
    done = made.run("up", "--engine", "small", check=False)
    said = " ".join((done.stdout + done.stderr).split())
    assert done.returncode != 0
    assert "is Podman, which reports its containers otherwise" in said
    assert "pulumi config set --path mailstack:host.engine podman" in said
    assert engine.client.volumes.list(filters={"name": "mailstack-dev"}) == []
    made.destroy()
