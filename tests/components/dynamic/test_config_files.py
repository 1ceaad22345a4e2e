import io
import tarfile
from typing import Any

import docker
import pytest
from pulumi.runtime.rpc import UNKNOWN

from components.dynamic.config_files import ConfigFilesProvider
from components.dynamic.docker_link import DockerLinkError
from components.dynamic.volume_files import VolumeMissingError
from tests.lab.docker.engine import IMAGE

PROVIDER = ConfigFilesProvider()


def file(content: str, mode: str = "0644", owner: str = "") -> dict[str, str]:
    return {"content": content, "mode": mode, "owner": owner}


def checked(news: dict[str, Any], olds: dict[str, Any] | None = None) -> dict[str, Any]:
    result = PROVIDER.check(olds or {}, news)
    assert result.failures == []
    return result.inputs


@pytest.fixture
def props(engine_socket: str, volume: str) -> dict[str, Any]:
    return checked(
        {
            "host": f"unix://{engine_socket}",
            "ssh_opts": [],
            "image": IMAGE,
            "volume": volume,
            "files": {"accounts.cf": file("alice\n"), "dir/key": file("KEY", "0600", "_rspamd")},
            "salt": "",
            "__provider": "pickled",
        }
    )


def with_files(props: dict[str, Any], **changes: dict[str, str] | None) -> dict[str, Any]:
    files = {**props["files"], **changes}
    kept = {path: file for path, file in files.items() if file is not None}
    result = PROVIDER.check(props, {**props, "files": kept})
    return result.inputs


def contents(props: dict[str, Any]) -> dict[str, str]:
    """What the volume holds of all the paths that these tests use."""
    every = {path: file("") for path in ("accounts.cf", "dir/key", "new.cf")}
    outs = PROVIDER.read("id", {**props, "files": every}).outs
    assert outs is not None
    return {path: found["content"] for path, found in outs["files"].items()}


def test_create_writes_and_keeps_the_inputs_as_state(props: dict[str, Any]) -> None:
    result = PROVIDER.create(props)
    assert result.id == props["volume"]
    assert result.outs == {name: value for name, value in props.items() if name != "__provider"}
    assert contents(props) == {"accounts.cf": "alice\n", "dir/key": "KEY"}


def test_no_change_is_no_difference(props: dict[str, Any]) -> None:
    diff = PROVIDER.diff("id", PROVIDER.create(props).outs or {}, props)
    assert (diff.changes, diff.replaces) == (False, [])


def test_update_writes_adds_and_removes(props: dict[str, Any]) -> None:
    olds = PROVIDER.create(props).outs or {}
    edited = {"accounts.cf": file("alice\nbob\n"), "dir/key": None, "new.cf": file("n")}
    news = with_files(props, **edited)
    diff = PROVIDER.diff("id", olds, news)
    assert (diff.changes, diff.replaces) == (True, [])
    outs = PROVIDER.update("id", olds, news).outs
    assert outs is not None
    assert outs["files"] == news["files"]
    assert contents(props) == {"accounts.cf": "alice\nbob\n", "new.cf": "n"}


def test_a_changed_mode_is_written(
    props: dict[str, Any], client: docker.DockerClient, volume: str
) -> None:
    olds = PROVIDER.create(props).outs or {}
    PROVIDER.update("id", olds, with_files(props, **{"dir/key": file("KEY", "0640")}))
    mount = docker.types.Mount("/v", volume, type="volume")
    chunks, _ = client.containers.create(IMAGE, mounts=[mount]).get_archive("/v/dir/key")
    with tarfile.open(fileobj=io.BytesIO(b"".join(chunks))) as archive:
        assert archive.getmember("key").mode == 0o640


def test_another_volume_is_another_resource(props: dict[str, Any]) -> None:
    diff = PROVIDER.diff("id", props, {**props, "volume": "other"})
    assert (diff.changes, diff.replaces) == (True, ["volume"])


@pytest.mark.parametrize(
    ("name", "value"),
    [("host", "unix:///nowhere.sock"), ("image", "mail.test/server:2"), ("ssh_opts", ["-v"])],
)
def test_another_way_there_only_updates_the_state(
    props: dict[str, Any], name: str, value: object
) -> None:
    olds = PROVIDER.create(props).outs or {}
    news = {**props, name: value}
    diff = PROVIDER.diff("id", olds, news)
    assert (diff.changes, diff.replaces) == (True, [])
    # The host does not exist, nor does the image: it would fail if it connected.
    assert (PROVIDER.update("id", olds, news).outs or {})[name] == value


def test_read_reports_what_changed_outside(props: dict[str, Any]) -> None:
    olds = PROVIDER.create(props).outs or {}
    tampered = with_files(props, **{"accounts.cf": file("mallory\n"), "dir/key": None})
    PROVIDER.update("id", olds, tampered)
    result = PROVIDER.read("id", olds)
    assert result.outs is not None
    assert result.outs["files"] == {"accounts.cf": tampered["files"]["accounts.cf"]}
    assert result.inputs == result.outs
    assert PROVIDER.diff("id", result.outs, props).changes
    PROVIDER.update("id", result.outs, props)
    assert contents(props) == {"accounts.cf": "alice\n", "dir/key": "KEY"}


def test_read_without_drift_changes_nothing(props: dict[str, Any]) -> None:
    olds = PROVIDER.create(props).outs or {}
    assert PROVIDER.read("id", olds).outs == olds


def test_a_missing_volume_is_a_missing_resource(
    props: dict[str, Any], client: docker.DockerClient, volume: str
) -> None:
    olds = PROVIDER.create(props).outs or {}
    client.volumes.get(volume).remove()
    assert PROVIDER.read("id", olds).id == ""
    PROVIDER.delete("id", olds)
    with pytest.raises(VolumeMissingError):
        PROVIDER.create(props)


def test_delete_removes_our_files_only(
    props: dict[str, Any], client: docker.DockerClient, volume: str
) -> None:
    olds = PROVIDER.create(props).outs or {}
    foreign = with_files(props, **{"new.cf": file("not ours")})
    PROVIDER.update("id", olds, foreign)
    PROVIDER.delete("id", olds)
    assert contents(props) == {"new.cf": "not ours"}
    assert client.volumes.get(volume).name == volume


def test_delete_does_without_the_host_but_read_does_not(props: dict[str, Any]) -> None:
    gone = {**props, "host": "unix:///nowhere.sock"}
    PROVIDER.delete("id", gone)
    with pytest.raises(DockerLinkError):
        PROVIDER.read("id", gone)


@pytest.mark.parametrize(
    ("path", "complaint"),
    [
        ("/etc/passwd", "no relative path"),
        ("../up", "no relative path"),
        ("a/../../up", "no relative path"),
        ("a//b", "no relative path"),
        ("./a", "no relative path"),
        ("a/", "no relative path"),
        ("", "no relative path"),
        (".", "no relative path"),
        ("line\nbreak", "control character"),
        ("nul\0", "control character"),
        (".mailstack/incoming/0", "reserved"),
        ("accounts.cf/below", "below another file"),
    ],
)
def test_check_refuses_paths_that_leave_the_volume(
    props: dict[str, Any], path: str, complaint: str
) -> None:
    files = {**props["files"], path: file("x")}
    failures = PROVIDER.check({}, {**props, "files": files}).failures
    assert [failure.property for failure in failures] == ["files"]
    assert complaint in failures[0].reason


@pytest.mark.parametrize(
    "bad", [file("x", mode="644"), file("x", mode="0888"), file("x", owner="a b")]
)
def test_check_refuses_modes_and_owners(props: dict[str, Any], bad: dict[str, str]) -> None:
    assert len(PROVIDER.check({}, {**props, "files": {"a": bad}}).failures) == 1


def test_check_accepts_what_is_right_and_what_is_unknown(props: dict[str, Any]) -> None:
    assert checked(props, olds=props) == props
    assert checked({**props, "files": UNKNOWN})["files"] == UNKNOWN
    assert checked({**props, "files": {"a": UNKNOWN}})["files"] == {"a": UNKNOWN}
    (unknown,) = checked({**props, "files": {"a": file(UNKNOWN)}})["files"].values()
    assert (unknown["content"], unknown["digest"]) == (UNKNOWN, UNKNOWN)


def test_a_digest_tells_which_file_changed_and_no_more(props: dict[str, Any]) -> None:
    def digests(props: dict[str, Any]) -> dict[str, str]:
        return {path: file["digest"] for path, file in props["files"].items()}

    changed = with_files(props, **{"accounts.cf": file("alice\nbob\n")})
    assert changed["salt"] == props["salt"]
    assert digests(changed)["dir/key"] == digests(props)["dir/key"]
    assert digests(changed)["accounts.cf"] != digests(props)["accounts.cf"]
    # The same contents under another stack's salt look different: nobody can guess and compare.
    elsewhere = checked({**props, "salt": ""})
    assert elsewhere["salt"] != props["salt"]
    assert set(digests(elsewhere).values()).isdisjoint(digests(props).values())
