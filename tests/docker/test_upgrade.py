"""Upgrade and rollback of the whole program on a real Engine: the mail survives both."""

import secrets
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import docker
import pytest
from docker.models.containers import Container

from tests.lab_project import ROOT, LabProject, dev_stack

pytestmark = [pytest.mark.docker, pytest.mark.xdist_group("docker-upgrade")]

MAIL = "/var/mail/example.org/carol"
PORT_OFFSET = 28000


@pytest.fixture(scope="module")
def project(
    tmp_path_factory: pytest.TempPathFactory, socket: str, images: tuple[str, str]
) -> Iterator[LabProject]:
    """A deployed stack on this machine's own Docker, with a letter in it."""
    made = LabProject.make(tmp_path_factory.mktemp("upgrade") / "project")
    made.stack = f"upgrade-{secrets.token_hex(4)}"
    made.extra = {"DOCKER_HOST": f"unix://{socket}", "MAILSTACK_LAB_DOCKER": "real"}
    made.write(stack(images[0]))
    made.run("up", "--engine", "small")
    yield made
    made.destroy()


def stack(image: str, **changes: Any) -> dict[str, Any]:
    made = dev_stack()
    config = made["config"]
    config["mailstack:host"] = {"kind": "local", "portOffset": PORT_OFFSET}
    config["mailstack:server"] |= {"image": image} | changes
    config["mailstack:relay"] = {"kind": "none"}
    config["mailstack:domains"] = {"example.org": {"accounts": {"carol": {}}}}
    return made


def server(engine: docker.DockerClient, project: LabProject) -> Container:
    return engine.containers.get(f"mailstack-{project.stack}")


def shell(container: Container, script: str) -> str:
    done = container.exec_run(["sh", "-c", script])
    assert done.exit_code == 0, done.output
    assert isinstance(done.output, bytes)
    return done.output.decode()


def test_a_bad_release_is_left_by_the_command_that_its_error_names(
    engine: docker.DockerClient, project: LabProject, images: tuple[str, str], bad_image: str
) -> None:
    good = images[0]
    running = server(engine, project)
    shell(running, f"mkdir -p {MAIL}/cur && echo letter > {MAIL}/cur/1767225600.M1.host")
    assert "rollback" not in project.outputs()

    project.write(stack(bad_image))
    steps = project.small("preview")
    assert ("create", "MailSnapshot", "mail-before-1") in steps
    assert server(engine, project).id == running.id

    failed = project.run("up", "--engine", "small", check=False)
    said = " ".join((failed.stdout + failed.stderr).split())
    assert failed.returncode != 0
    assert "This release is a bad one" in said
    back = f"pulumi config set --path mailstack:server.image {good} && pulumi up"
    assert back in said

    project.write(stack(good))  # what that command does to the stack file
    steps = project.small("up")
    assert not {step for step in steps if step[0] == "create" and step[1] == "MailSnapshot"}
    again = server(engine, project)
    assert again.id != running.id
    assert shell(again, f"cat {MAIL}/cur/*") == "letter\n"
    assert shell(again, "cat /var/mail/.mailstack/before-1/example.org/carol/cur/*") == "letter\n"
    assert "rollback" not in project.outputs()


def test_a_good_release_keeps_the_mail_and_names_the_way_back(
    engine: docker.DockerClient, project: LabProject, images: tuple[str, str]
) -> None:
    project.write(stack(images[1]))
    project.run("up", "--engine", "small")
    running = server(engine, project)
    assert images[1].endswith(f":{shell(running, 'cat /etc/release')}")
    assert shell(running, f"cat {MAIL}/cur/*") == "letter\n"
    assert project.outputs()["rollback"] == {
        "image": images[0],
        "command": f"pulumi config set --path mailstack:server.image {images[0]} && pulumi up",
    }
    # The old image is still there to go back to, whatever the registry does.
    assert engine.images.get(images[0])
    assert project.small("up") == set()


def test_the_runbook_restores_a_snapshot(engine: docker.DockerClient, project: LabProject) -> None:
    if shutil.which("docker") is None:
        pytest.skip("needs Docker's command line, which the runbook uses")
    shell(
        server(engine, project), f"rm -r {MAIL} && mkdir -p {MAIL}/new && echo late > {MAIL}/new/2"
    )
    blocks = (ROOT / "docs/upgrade.md").read_text().split("```sh\n")[1:]
    (script,) = (block.split("```")[0] for block in blocks if ".mailstack/aside" in block)
    assert "mailstack-prod" in script
    subprocess.run(
        ["sh", "-c", script.replace("mailstack-prod", f"mailstack-{project.stack}")],
        env=project.environment(),
        check=True,
        capture_output=True,
        timeout=120,
    )
    restored = server(engine, project)
    assert shell(restored, f"cat {MAIL}/cur/*") == "letter\n"
    assert shell(restored, "cat /var/mail/.mailstack/aside/example.org/carol/new/2") == "late\n"
    assert shell(restored, f"ls {MAIL}") == "cur\n"


def test_without_snapshots_none_is_left(
    engine: docker.DockerClient, project: LabProject, images: tuple[str, str]
) -> None:
    project.write(stack(images[1], upgrade={"snapshots": 0}))
    project.run("up", "--engine", "small")
    running = server(engine, project)
    shell(running, "! ls -d /var/mail/.mailstack/b* /var/mail-state/.mailstack/b* 2>/dev/null")
    assert shell(running, f"cat {MAIL}/cur/*") == "letter\n"
