"""The whole program on a real Engine, with a tiny image in docker-mailserver's place."""

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docker
import pytest
from docker.models.containers import Container

from tests.lab_project import LabProject, dev_stack

pytestmark = [pytest.mark.docker, pytest.mark.xdist_group("docker-program")]


@pytest.fixture(scope="module")
def project(
    tmp_path_factory: pytest.TempPathFactory, socket: str, images: tuple[str, str]
) -> Iterator[LabProject]:
    """A deployed dev stack of a name of its own: the Engine may have others."""
    made = LabProject.make(tmp_path_factory.mktemp("docker") / "project")
    made.stack = f"test-{secrets.token_hex(4)}"
    made.extra = {"DOCKER_HOST": f"unix://{socket}", "MAILSTACK_LAB_DOCKER": "real"}
    made.write(stack(images[0]))
    made.run("up", "--engine", "small")
    yield made
    made.destroy()


def stack(image: str, **changes: Any) -> dict[str, Any]:
    """The dev stack with one domain and no relay: what Docker sees is the same, and sooner."""
    made = dev_stack()
    config = made["config"]
    config["mailstack:server"] |= {"image": image} | changes
    config["mailstack:relay"] = {"kind": "none"}
    config["mailstack:domains"] = {"example.org": {"accounts": {"carol": {}}}}
    return made


def output(container: Container, *command: str) -> str:
    said = container.exec_run(list(command)).output
    assert isinstance(said, bytes)
    return said.decode()


def server(engine: docker.DockerClient, project: LabProject) -> Container:
    return engine.containers.get(f"mailstack-{project.stack}")


def test_volumes_network_and_container_are_there(
    engine: docker.DockerClient, project: LabProject
) -> None:
    prefix = f"mailstack-{project.stack}"
    container = server(engine, project)
    assert container.status == "running"
    assert {mount["Name"] for mount in container.attrs["Mounts"] if mount["Type"] == "volume"} >= {
        f"{prefix}-{role}" for role in ("config", "logs", "mail", "state")
    }
    assert list(container.attrs["NetworkSettings"]["Networks"]) == [prefix]
    published = {
        binding["HostIp"] for bindings in container.ports.values() for binding in bindings or []
    }
    assert published == {project.outputs()["ipv4"]}


def test_an_account_reaches_the_volume_and_the_container_stays(
    engine: docker.DockerClient, project: LabProject, images: tuple[str, str]
) -> None:
    before = server(engine, project)
    with_erin = stack(images[0])
    with_erin["config"]["mailstack:domains"]["example.org"]["accounts"]["erin"] = {}
    project.write(with_erin)
    project.run("up", "--engine", "small")
    after = server(engine, project)
    assert (after.id, after.attrs["State"]["StartedAt"]) == (
        before.id,
        before.attrs["State"]["StartedAt"],
    )
    read = output(after, "cat", "/tmp/docker-mailserver/postfix-accounts.cf")
    assert "\nerin@example.org|" in read
    assert project.cat("config:postfix-accounts.cf") == read


def test_mail_survives_another_image_and_a_removed_file_is_gone(
    engine: docker.DockerClient, project: LabProject, images: tuple[str, str]
) -> None:
    files = {"before.dovecot.sieve": "keep;\n", "postfix-main.cf": "mail_name = x\n"}
    project.write(stack(images[0], files=files))
    project.run("up", "--engine", "small")
    old = server(engine, project)
    assert old.exec_run(["ls", "/tmp/docker-mailserver/before.dovecot.sieve"]).exit_code == 0
    old.exec_run(["sh", "-c", "mkdir -p /var/mail/new && echo letter > /var/mail/new/1"])
    project.write(stack(images[1], files={"postfix-main.cf": "mail_name = x\n"}))
    project.run("up", "--engine", "small")
    new = server(engine, project)
    assert new.id != old.id
    assert images[1].endswith(f":{output(new, 'cat', '/etc/release')}")
    assert output(new, "cat", "/var/mail/new/1") == "letter\n"
    assert new.exec_run(["ls", "/tmp/docker-mailserver/before.dovecot.sieve"]).exit_code != 0


def test_drift_in_the_volume_shows_and_is_mended(
    engine: docker.DockerClient, project: LabProject
) -> None:
    container = server(engine, project)
    path = "/tmp/docker-mailserver/postfix-virtual.cf"
    container.exec_run(["sh", "-c", f"echo 'x@example.test mallory@example.net' > {path}"])
    project.small("refresh")
    assert ("update", "ConfigFiles", "mail-config") in project.small("up")
    assert "mallory" not in output(container, "cat", path)
    assert server(engine, project).id == container.id


def test_no_secret_in_docker_inspect(engine: docker.DockerClient, project: LabProject) -> None:
    shown = repr(server(engine, project).attrs)
    for mailbox in project.outputs(secrets=True)["mailboxes"].values():
        password = mailbox["password"] if isinstance(mailbox, dict) else mailbox
        assert password not in shown


def test_destroy_leaves_nothing(
    engine: docker.DockerClient, socket: str, images: tuple[str, str], tmp_path: Path
) -> None:
    made = LabProject.make(tmp_path / "project")
    made.stack = f"gone-{secrets.token_hex(4)}"
    made.extra = {"DOCKER_HOST": f"unix://{socket}", "MAILSTACK_LAB_DOCKER": "real"}
    made.write(stack(images[0]))
    made.run("up", "--engine", "small")
    made.destroy()
    prefix = f"mailstack-{made.stack}"
    assert engine.containers.list(all=True, filters={"name": prefix}) == []
    assert engine.volumes.list(filters={"name": prefix}) == []
    assert engine.networks.list(names=[prefix]) == []
