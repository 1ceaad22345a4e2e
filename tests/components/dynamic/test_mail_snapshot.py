"""Snapshots on a simulated Engine: its volumes are real folders, and the script really runs."""

from pathlib import Path
from typing import Any

import docker
import pytest
from docker.models.containers import Container
from docker.types import Mount

from components.dynamic.mail_snapshot import LABEL, MailSnapshotError, MailSnapshotProvider

PROVIDER = MailSnapshotProvider()
OLD, NEW = "mail.test/server:1", "mail.test/server:2"
MESSAGE = "example.org/carol/cur/1767225600.M1P1.host:2,S"
UNREAD = "example.org/carol/new/1767225601.M1P1.host"
INDEX = "example.org/carol/dovecot.index.log"
# A mailbox whose name is that of a Maildir's folder.
TRAP = "example.org/new/dovecot-uidlist"


@pytest.fixture
def volumes(client: docker.DockerClient) -> dict[str, Path]:
    made = {role: client.volumes.create(f"test-{role}") for role in ("mail", "state")}
    folders = {role: Path(volume.attrs["Mountpoint"]) for role, volume in made.items()}
    for name in (MESSAGE, UNREAD, INDEX, TRAP):
        write(folders["mail"] / name, name)
    write(folders["state"] / "lib-rspamd/stats", "learnt")
    return folders


@pytest.fixture
def server(client: docker.DockerClient, volumes: dict[str, Path]) -> Container:
    client.images.pull(OLD)
    client.images.pull(NEW)
    made = client.containers.create(
        OLD, name="server", mounts=[Mount("/var/mail", "test-mail", type="volume")]
    )
    made.start()
    assert volumes
    return made


@pytest.fixture
def props(client: docker.DockerClient, engine_socket: str, server: Container) -> dict[str, Any]:
    return {
        "host": f"unix://{engine_socket}",
        "ssh_opts": [],
        "image": client.images.get(NEW).id,
        "container": server.name,
        "mail": "test-mail",
        "state": "test-state",
        "snapshot": "before-1",
        "taken": None,
    }


def write(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)


def status(container: Container) -> str:
    container.reload()
    return str(container.status)


def test_it_holds_mail_and_state_as_they_were(
    props: dict[str, Any], volumes: dict[str, Path]
) -> None:
    assert (PROVIDER.create(props).outs or {})["taken"] is True
    for name in (INDEX, TRAP):  # written in place, unlike messages
        with (volumes["mail"] / name).open("a") as file:
            file.write(", spoilt")
    for name in (MESSAGE, UNREAD):
        (volumes["mail"] / name).unlink()
    write(volumes["state"] / "lib-rspamd/stats", "spoilt")
    kept = volumes["mail"] / ".mailstack/before-1"
    for name in (MESSAGE, UNREAD, INDEX, TRAP):
        assert (kept / name).read_text() == name
    state = volumes["state"] / ".mailstack/before-1"
    assert (state / "lib-rspamd/stats").read_text() == "learnt"


def test_a_message_takes_no_space_twice(props: dict[str, Any], volumes: dict[str, Path]) -> None:
    PROVIDER.create(props)
    kept = volumes["mail"] / ".mailstack/before-1"
    for name, links in ((MESSAGE, 2), (UNREAD, 2), (INDEX, 1), (TRAP, 1)):
        assert (kept / name).stat().st_nlink == links, name


def test_no_snapshot_holds_another(props: dict[str, Any], volumes: dict[str, Path]) -> None:
    PROVIDER.create(props)
    PROVIDER.create(props | {"snapshot": "before-2"})
    for role in ("mail", "state"):
        folder = volumes[role] / ".mailstack"
        assert {path.name for path in folder.iterdir()} == {"before-1", "before-2"}
        assert not list(folder.rglob(".mailstack"))


def test_the_server_is_stopped_for_it(props: dict[str, Any], server: Container) -> None:
    PROVIDER.create(props)
    assert status(server) == "exited"


def test_a_server_of_this_image_stays_as_it_is(
    props: dict[str, Any], server: Container, volumes: dict[str, Path]
) -> None:
    outs = PROVIDER.create(props | {"image": server.attrs["Image"]}).outs or {}
    assert outs["taken"] is False
    assert status(server) == "running"
    assert not (volumes["mail"] / ".mailstack").exists()


def test_after_a_failure_the_server_runs_and_no_half_is_left(
    props: dict[str, Any], server: Container, volumes: dict[str, Path]
) -> None:
    write(volumes["state"] / ".mailstack", "a file where a folder must be")
    with pytest.raises(MailSnapshotError) as caught:
        PROVIDER.create(props)
    assert "The server runs on as it was" in str(caught.value)
    assert "server.upgrade.snapshots 0" in str(caught.value)
    assert status(server) == "running"
    assert not (volumes["mail"] / ".mailstack").exists()


def test_what_a_killed_run_left_is_no_obstacle(
    props: dict[str, Any], client: docker.DockerClient, volumes: dict[str, Path]
) -> None:
    client.containers.create(NEW, name="left", labels={LABEL: "test-mail/before-1"})
    write(volumes["mail"] / ".mailstack/before-1.part" / MESSAGE, "half")
    PROVIDER.create(props)
    assert (volumes["mail"] / ".mailstack/before-1" / MESSAGE).read_text() == MESSAGE
    assert [container.name for container in client.containers.list(all=True)] == ["server"]


@pytest.mark.usefixtures("volumes")
def test_snapshots_dropped_at_once_do_not_meet(
    props: dict[str, Any], client: docker.DockerClient
) -> None:
    outs = PROVIDER.create(props).outs or {}
    client.containers.create(NEW, name="at work", labels={LABEL: "test-mail/before-2"})
    PROVIDER.delete("before-1", outs)
    assert "at work" in {container.name for container in client.containers.list(all=True)}


def test_without_a_server_the_mail_is_still_kept(
    props: dict[str, Any], server: Container, volumes: dict[str, Path]
) -> None:
    server.remove(force=True)
    PROVIDER.create(props)
    assert (volumes["mail"] / ".mailstack/before-1" / MESSAGE).exists()


def test_without_mail_there_is_nothing_to_keep(props: dict[str, Any]) -> None:
    outs = PROVIDER.create(props | {"mail": "none", "state": "none"}).outs or {}
    assert outs["taken"] is False


def test_dropped_the_mail_itself_stays(props: dict[str, Any], volumes: dict[str, Path]) -> None:
    outs = PROVIDER.create(props).outs or {}
    PROVIDER.delete("before-1", outs)
    for role in ("mail", "state"):
        assert not (volumes[role] / ".mailstack").exists()
    assert (volumes["mail"] / MESSAGE).read_text() == MESSAGE


def test_dropping_what_is_gone_is_no_error(props: dict[str, Any], tmp_path: Path) -> None:
    PROVIDER.delete("before-1", props | {"mail": "none"})
    PROVIDER.delete("before-1", props | {"host": f"unix://{tmp_path}/gone.sock"})


def test_only_the_way_to_it_changes(props: dict[str, Any]) -> None:
    outs = PROVIDER.create(props).outs or {}
    assert PROVIDER.diff("before-1", outs, props).changes is False
    news = props | {"image": "sha256:3"}
    diff = PROVIDER.diff("before-1", outs, news)
    assert diff.changes
    assert not diff.replaces
    assert PROVIDER.update("before-1", outs, news).outs == {**outs, "image": "sha256:3"}
