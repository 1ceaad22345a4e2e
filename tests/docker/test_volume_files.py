"""Config files in the volume of a real Engine."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import docker
import pytest
from docker.models.containers import Container

from components.dynamic.volume_files import LABEL, VolumeFile, VolumeFiles, VolumeFilesError

pytestmark = pytest.mark.docker

ROOT = Path(__file__).parents[2]
ODD = "a b'\"$(id);\\ü/*.cf"


@pytest.fixture
def files(engine: docker.DockerClient, image: str, volume: str) -> VolumeFiles:
    return VolumeFiles(engine, image, volume)


def inside(files: VolumeFiles, *command: str) -> str:
    """What a command prints in a container that has the volume as its working directory."""
    said: bytes = files.client.containers.run(
        files.image,
        list(command),
        working_dir="/v",
        mounts=[docker.types.Mount("/v", files.volume, type="volume")],
        remove=True,
    )
    return said.decode()


def test_writes_with_mode_and_owner_by_name(files: VolumeFiles) -> None:
    files.apply(
        {
            "postfix-accounts.cf": VolumeFile(content=b"alice@example.test|x\n"),
            "rspamd/dkim/key": VolumeFile(content=b"KEY", mode="0600", owner="_rspamd"),
            "unknown-owner": VolumeFile(content=b"", mode="0640", owner="nobody-here"),
        }
    )
    form = ["stat", "-c", "%a %u:%g %F"]
    assert inside(files, *form, "rspamd/dkim/key") == "600 112:115 regular file\n"
    assert inside(files, *form, "rspamd/dkim") == "755 0:0 directory\n"
    assert inside(files, *form, "postfix-accounts.cf") == "644 0:0 regular file\n"
    assert inside(files, *form, "unknown-owner") == "640 0:0 regular empty file\n"


def test_reads_changes_and_removes(files: VolumeFiles) -> None:
    files.apply({ODD: VolumeFile(content=b"1"), "b": VolumeFile(content=b"2")})
    assert files.read([ODD, "b", "missing"]) == {ODD: b"1", "b": b"2"}
    inside(files, "sh", "-c", "echo by hand > b")
    assert files.read(["b"]) == {"b": b"by hand\n"}
    changed = {ODD: VolumeFile(content=b"1"), "b": VolumeFile(content=b"3")}
    assert files.apply(changed) == ["b"]
    files.apply({}, remove=[ODD, "b"])
    assert inside(files, "ls", "-A") == ""


def test_leaves_no_container_and_no_nameless_volume(
    engine: docker.DockerClient, files: VolumeFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The image declares a volume, for which every container gets one without a name.
    declared: list[str] = []

    def remove(container: Container, **options: bool) -> None:
        container.reload()
        declared.extend(mount["Name"] for mount in container.attrs["Mounts"])
        engine.api.remove_container(str(container.id), **options)

    monkeypatch.setattr(Container, "remove", remove)
    files.apply({"a": VolumeFile(content=b"1")})
    helpers = engine.containers.list(all=True, filters={"label": f"{LABEL}={files.volume}"})
    assert helpers == []
    assert len(set(declared)) == 3, "our volume, and the declared one of both helpers"
    left = {volume.name for volume in engine.volumes.list()}
    assert left & set(declared) == {files.volume}


KILLED = """
import os, signal, sys
import docker
from docker.models.containers import Container
from components.dynamic.volume_files import VolumeFile, VolumeFiles
setattr(Container, sys.argv[4], lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL))
client = docker.DockerClient(sys.argv[1])
VolumeFiles(client, sys.argv[2], sys.argv[3]).apply(
    {name: VolumeFile(content=b"new " + name.encode()) for name in ("a", "b")}
)
"""


@pytest.mark.parametrize("step", ["put_archive", "start", "wait", "remove"])
def test_killed_at_any_step_the_next_run_finishes(
    engine: docker.DockerClient, files: VolumeFiles, socket: str, step: str
) -> None:
    old = {name: VolumeFile(content=b"old " + name.encode()) for name in ("a", "b")}
    new = {name: VolumeFile(content=b"new " + name.encode()) for name in ("a", "b")}
    files.apply(old)
    done = subprocess.run(
        [sys.executable, "-c", KILLED, f"unix://{socket}", files.image, files.volume, step],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    whole = files.read(["a", "b"])
    for name in ("a", "b"):
        assert whole[name] in {old[name].content, new[name].content}
    files.apply(new)
    assert inside(files, "ls", "-A") == "a\nb\n"
    assert files.read(["a", "b"]) == {name: file.content for name, file in new.items()}
    assert not engine.containers.list(all=True, filters={"label": f"{LABEL}={files.volume}"})


def test_a_failed_step_leaves_whole_files(files: VolumeFiles) -> None:
    files.apply({"a": VolumeFile(content=b"old"), "c": VolumeFile(content=b"old")})
    inside(files, "mkdir", "b")
    new = {name: VolumeFile(content=b"new") for name in ("a", "b", "c")}
    with pytest.raises(VolumeFilesError, match=r"\./b is a directory"):
        files.apply(new)
    assert files.read(["a", "c"]) == {"a": b"new", "c": b"old"}
    inside(files, "rmdir", "b")
    assert sorted(files.apply(new)) == ["b", "c"]
    assert inside(files, "ls", "-A") == "a\nb\nc\n"
