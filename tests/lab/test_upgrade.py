"""Upgrades in the lab, where the containers are simulated and the volumes are real folders."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.docker.simulated_store import CONTAINER
from lab.world import World
from tests.lab_project import LabProject, dev_stack

pytestmark = pytest.mark.xdist_group("lab-upgrade")

IMAGE = "ghcr.io/docker-mailserver/docker-mailserver"
MESSAGE = "example.org/carol/cur/1767225600.M1P1.host:2,S"


def stack(tag: str) -> dict[str, Any]:
    made = dev_stack()
    config = made["config"]
    config["mailstack:host"] = {"kind": "local"}
    config["mailstack:server"]["image"] = f"{IMAGE}:{tag}"
    config["mailstack:relay"] = {"kind": "none"}
    config["mailstack:domains"] = {"example.org": {"accounts": {"carol": {}}}}
    return made


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabProject]:
    made = LabProject.make(tmp_path_factory.mktemp("upgrade") / "project", stack("15.1.0"))
    made.extra["MAILSTACK_LAB_DOCKER"] = "simulated"
    made.run("up", "--engine", "small")
    message = volume(made, "mail") / MESSAGE
    message.parent.mkdir(parents=True)
    message.write_text("letter\n")
    yield made
    made.destroy()


def volume(project: LabProject, role: str) -> Path:
    (found,) = project.lab.rglob(f"mailstack-dev-{role}/_data")
    return found


def server(project: LabProject) -> dict[str, Any]:
    with World(project.lab / "world.db") as world:
        (container,) = world.find(CONTAINER, "mailstack-dev").values()
    return container


def test_a_snapshot_that_fails_leaves_the_server_as_it_is(project: LabProject) -> None:
    before = server(project)
    obstacle = volume(project, "state") / ".mailstack"
    obstacle.write_text("a file where a folder must be")
    project.write(stack("15.2.0"))
    failed = project.run("up", "--engine", "small", check=False)
    obstacle.unlink()
    said = " ".join((failed.stdout + failed.stderr).split())
    assert failed.returncode != 0
    assert "pulumi config set --path mailstack:server.upgrade.snapshots 0" in said
    assert "Traceback" not in said
    after = server(project)
    assert (after["Id"], after["State"]["Running"]) == (before["Id"], True)


def test_called_off_nothing_is_stopped_or_kept(project: LabProject) -> None:
    before = server(project)
    project.write(stack("15.1.0"))
    steps = project.small("up")
    assert {kind for _, kind, _ in steps}.isdisjoint({"Container", "ServerReady"})
    assert server(project) == before
    assert not (volume(project, "mail") / ".mailstack").exists()


def test_the_mail_is_kept_before_the_new_image_comes(project: LabProject) -> None:
    before = server(project)
    project.write(stack("15.2.0"))
    steps = project.small("up")
    assert ("create", "MailSnapshot", "mail-before-2") in steps
    assert ("create-replacement", "Container", "mail-container") in steps
    after = server(project)
    assert after["Image"] != before["Image"]
    assert after["State"]["Running"]
    kept = volume(project, "mail") / ".mailstack/before-2" / MESSAGE
    assert kept.read_text() == (volume(project, "mail") / MESSAGE).read_text() == "letter\n"
    assert project.outputs()["rollback"]["image"] == f"{IMAGE}:15.1.0"


def test_a_changed_health_check_reaches_the_container(project: LabProject) -> None:
    components = project.folder / "components"
    linked = components.resolve()
    components.unlink()
    try:
        shutil.copytree(linked, components)
        program = components / "server/mail_container.py"
        text = program.read_text()
        assert 'interval="30s"' in text
        program.write_text(text.replace('interval="30s"', 'interval="31s"'))
        assert ("replace", "Container", "mail-container") in project.small("preview")
    finally:
        shutil.rmtree(components)
        components.symlink_to(linked)
