import errno
import os
from pathlib import Path

import docker
import pytest

from components.dynamic.helper_container import MOUNT
from components.dynamic.volume_files import (
    INCOMING,
    VolumeFile,
    VolumeFiles,
    VolumeFilesError,
    VolumeMissingError,
)
from lab.docker.simulated_store import VOLUME
from lab.world import World
from tests.lab.docker.engine import IMAGE

ODD = "a b'\"$(id);\\ü/*.cf"


@pytest.fixture
def data(world: World, volume: str) -> Path:
    """Where the volume's files lie on this machine."""
    record = world.get(VOLUME, volume)
    assert record is not None
    return Path(record["Mountpoint"])


@pytest.fixture
def files(client: docker.DockerClient, volume: str) -> VolumeFiles:
    return VolumeFiles(client, IMAGE, volume)


def tree(directory: Path) -> set[str]:
    return {str(path.relative_to(directory)) for path in directory.rglob("*")}


def test_writes_content_and_mode(files: VolumeFiles, data: Path) -> None:
    wanted = {
        "postfix-accounts.cf": VolumeFile(content=b"alice@example.test|x\n"),
        "rspamd/dkim/example.test.key": VolumeFile(content=b"\x00key", mode="0600", owner="none"),
        "empty": VolumeFile(content=b""),
    }
    assert sorted(files.apply(wanted)) == sorted(wanted)
    assert {path: (data / path).read_bytes() for path in wanted} == {
        path: file.content for path, file in wanted.items()
    }
    assert (data / "rspamd/dkim/example.test.key").stat().st_mode & 0o777 == 0o600
    assert (data / "postfix-accounts.cf").stat().st_mode & 0o777 == 0o644
    assert (data / "rspamd/dkim").stat().st_mode & 0o777 == 0o755, "Rspamd must get to the key"


def test_paths_are_data_not_shell(files: VolumeFiles, data: Path) -> None:
    files.apply({ODD: VolumeFile(content=b"x"), "-rf": VolumeFile(content=b"y")})
    assert (data / ODD).read_bytes() == b"x"
    assert (data / "-rf").read_bytes() == b"y"
    assert files.read([ODD, "-rf", "missing"]) == {ODD: b"x", "-rf": b"y"}
    files.apply({}, remove=[ODD, "-rf"])
    assert tree(data) == set()


def test_leaves_alone_what_is_right(files: VolumeFiles, data: Path) -> None:
    wanted = {"a": VolumeFile(content=b"1"), "b": VolumeFile(content=b"2")}
    files.apply(wanted)
    before = (data / "a").stat()
    assert files.apply(wanted | {"b": VolumeFile(content=b"3")}) == ["b"]
    assert (data / "a").stat().st_ino == before.st_ino
    assert (data / "a").stat().st_mtime_ns == before.st_mtime_ns


def test_mends_what_someone_else_changed(files: VolumeFiles, data: Path) -> None:
    wanted = {"a": VolumeFile(content=b"1")}
    files.apply(wanted)
    (data / "a").write_bytes(b"by hand")
    assert files.apply(wanted) == ["a"]
    assert (data / "a").read_bytes() == b"1"


def test_always_writes_another_mode(files: VolumeFiles, data: Path) -> None:
    files.apply({"a": VolumeFile(content=b"1")})
    assert files.apply({"a": VolumeFile(content=b"1", mode="0600")}, always=["a"]) == ["a"]
    assert (data / "a").stat().st_mode & 0o777 == 0o600


def test_replaces_by_rename(files: VolumeFiles, data: Path) -> None:
    files.apply({"a": VolumeFile(content=b"old")})
    with (data / "a").open("rb") as reader:
        files.apply({"a": VolumeFile(content=b"new")})
        assert reader.read() == b"old", "a reader must never see half of a file"


def test_removes_files_and_the_directories_they_leave_empty(files: VolumeFiles, data: Path) -> None:
    files.apply({path: VolumeFile(content=b"") for path in ("a/b/c", "a/d", "e")})
    files.apply({}, remove=["a/b/c", "not there"])
    assert tree(data) == {"a", "a/d", "e"}


def test_a_killed_run_leaves_whole_files_and_the_next_cleans_up(
    files: VolumeFiles, data: Path, client: docker.DockerClient, volume: str
) -> None:
    files.apply({"a": VolumeFile(content=b"old")})
    # What a kill between the upload and the end of the script leaves.
    helper = client.containers.create(
        IMAGE,
        labels={"mailstack.volume-files": volume},
        mounts=[docker.types.Mount(MOUNT, volume, type="volume")],
    )
    (data / INCOMING).mkdir(parents=True)
    (data / INCOMING / "7").write_bytes(b"half of a ke")
    assert files.read(["a"]) == {"a": b"old"}
    files.apply({"a": VolumeFile(content=b"new")})
    assert tree(data) == {"a"}
    assert helper.id not in {container.id for container in client.containers.list(all=True)}


def test_what_a_killed_run_left_goes_even_if_all_was_written(
    files: VolumeFiles, data: Path
) -> None:
    files.apply({"a": VolumeFile(content=b"new")})
    (data / INCOMING).mkdir(parents=True)
    assert files.apply({"a": VolumeFile(content=b"new")}) == []
    assert tree(data) == {"a"}


def test_leaves_no_container_behind(files: VolumeFiles, client: docker.DockerClient) -> None:
    files.apply({"a": VolumeFile(content=b"1")})
    assert client.containers.list(all=True) == []


def test_a_directory_in_the_way_is_an_error_without_contents(
    files: VolumeFiles, data: Path, client: docker.DockerClient, volume: str
) -> None:
    (data / "a").mkdir()
    with pytest.raises(VolumeFilesError) as caught:
        files.apply({"a": VolumeFile(content=b"secret-content")})
    assert str(caught.value) == f"writing to volume {volume} failed: ./a is a directory"
    assert client.containers.list(all=True) == []


def test_a_full_disk_changes_nothing(
    files: VolumeFiles, data: Path, client: docker.DockerClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    files.apply({"a": VolumeFile(content=b"old")})

    def full(*_: object) -> None:
        (data / INCOMING).mkdir(parents=True)
        (data / INCOMING / "0").write_bytes(b"ne")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr("lab.docker.simulated_files.unpack", full)
        with pytest.raises(VolumeFilesError, match="No space left on device"):
            files.apply({"a": VolumeFile(content=b"new")})
    assert (data / "a").read_bytes() == b"old"
    assert client.containers.list(all=True) == []
    files.apply({"a": VolumeFile(content=b"new")})
    assert tree(data) == {"a"}


def test_does_not_make_a_missing_volume(client: docker.DockerClient, volume: str) -> None:
    with pytest.raises(VolumeMissingError):
        VolumeFiles(client, IMAGE, "gone").read(["a"])
    assert [found.name for found in client.volumes.list()] == [volume]


def test_says_that_the_image_is_missing(client: docker.DockerClient, volume: str) -> None:
    with pytest.raises(VolumeFilesError, match=r"image mail\.test/gone:1, .* is not on the host"):
        VolumeFiles(client, "mail.test/gone:1", volume).read(["a"])


def test_contents_stay_out_of_repr_and_of_the_containers_record(
    files: VolumeFiles, world: World
) -> None:
    file = VolumeFile(content=b"s3cret")
    assert "s3cret" not in repr(file)
    files.apply({"a": file})
    path = world._db.execute("PRAGMA database_list").fetchone()[2]
    for stored in Path(path).parent.glob("world.db*"):
        assert b"s3cret" not in stored.read_bytes()


def test_reads_only_regular_files(files: VolumeFiles, data: Path) -> None:
    (data / "link").symlink_to("gone")
    assert files.read(["link"]) == {}
