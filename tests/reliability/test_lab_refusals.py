"""What the lab refuses: with one clear message, and nothing created, changed or lost."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab import daemon
from tests.lab_project import LabProject, dev_stack
from tests.reliability.bad_stacks import BAD, bad_stack
from tests.reliability.conftest import SIMULATED, WarmEngine
from tests.reliability.deployment import Deployment

GIVEN_PASSWORD = "correct horse battery staple"  # alice's, in the dev stack


def clear(said: str) -> bool:
    """Whether this is one message for people, without a secret."""
    return "error" in said and "Traceback" not in said and GIVEN_PASSWORD not in said


@pytest.fixture
def untouched(tmp_path: Path) -> Iterator[Deployment]:
    """A project where nothing was done yet, and nothing shall be."""
    project = LabProject.make(tmp_path / "project")
    yield Deployment(project)
    project.destroy()  # what was not refused


@pytest.mark.parametrize("name", BAD)
def test_bad_stack(engine: WarmEngine, untouched: Deployment, name: str) -> None:
    project = untouched.project
    project.write(bad_stack(name))
    before = {path.name for path in project.folder.iterdir()}
    code, said = engine.command(untouched, "up")
    assert code == 1
    assert clear(said), said
    assert "mailstack:" in said
    for word in BAD[name][1]:
        assert word in said, said
    assert {path.name for path in project.folder.iterdir()} == before


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("config:\n  mailstack:host: {kind: aws\n  x: y\n", "Pulumi.dev.yaml:3"),
        ("config:\n  a: 1\n  a: 2\n", "Pulumi.dev.yaml:3"),
        ("config:\n\tmailstack:host: 1\n", "Pulumi.dev.yaml:2"),
        ("- a\n- b\n", "Pulumi.dev.yaml"),
        ("config: [1, 2]\n", "Pulumi.dev.yaml"),
        ("config:\n  mailstack:domains: {secure: broken}\n", "Pulumi.dev.yaml"),
        ("\x00\x01", "Pulumi.dev.yaml"),
    ],
)
def test_bad_yaml(engine: WarmEngine, untouched: Deployment, text: str, place: str) -> None:
    (untouched.project.folder / "Pulumi.dev.yaml").write_text(text)
    code, said = engine.command(untouched, "up")
    assert code == 1
    assert clear(said), said
    assert place in said, said
    assert not untouched.project.lab.parent.exists()


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["up", "--stack", "prod"], "Pulumi.prod.yaml"),
        (["up", "--stack", "../dev"], "stack name"),
        (["refresh", "--stack", "none"], "none"),
        (["destroy"], "no lab"),
        (["cat", "config:postfix-accounts.cf"], "no lab"),
    ],
)
def test_no_such_thing(
    engine: WarmEngine, untouched: Deployment, arguments: list[str], word: str
) -> None:
    code, said = engine.command(untouched, *arguments)
    assert code == 1
    assert clear(said), said
    assert word in said
    assert not untouched.project.lab.parent.exists()


def test_dns_port_of_another_stack(engine: WarmEngine, deployment: Deployment) -> None:
    folder = deployment.project.folder
    code, said = engine.command(deployment, "env", **SIMULATED)
    assert code == 0, said
    _, port = deployment.project.dns()
    shutil.copy(folder / "Pulumi.dev.yaml", folder / "Pulumi.two.yaml")
    code, said = engine.command(
        deployment, "up", "--stack", "two", "--dns-port", str(port), **SIMULATED
    )
    assert code == 1
    assert clear(said), said
    assert f"port {port}" in said
    assert "stack dev" in said
    assert not (folder / ".lab/two").exists()
    assert daemon.status(deployment.project.lab) is not None


def test_second_up_at_once(engine: WarmEngine, deployment: Deployment) -> None:
    pid = engine.start(deployment, "up", at="begun creating mail-container")
    engine.next("held")
    journal = deployment.paths.journal.read_bytes()
    objects = deployment.counts()
    for operation in (["up"], ["refresh"], ["destroy", "--unprotect"]):
        done = deployment.project.run(*operation, check=False)
        assert done.returncode == 1
        assert clear(done.stderr), done.stderr
        assert f"process {pid} " in done.stderr
    assert deployment.paths.journal.read_bytes() == journal
    assert deployment.counts() == objects
    os.kill(pid, signal.SIGKILL)
    assert engine.wait().killed
    assert not engine.run(deployment, "up").error


@pytest.fixture
def bystander() -> Iterator[subprocess.Popen[bytes]]:
    """A process of somebody else's, whose number stands in stale files."""
    process = subprocess.Popen(["sleep", "600"])
    yield process
    process.kill()
    process.wait()


def test_stale_files(
    engine: WarmEngine, deployment: Deployment, bystander: subprocess.Popen[bytes]
) -> None:
    """A crash left the lock files and run.json; their pid is another process's by now."""
    assert not engine.run(deployment, "up").error
    lab = deployment.project.lab
    running = daemon.status(lab)
    assert running is not None
    os.kill(running.pid, signal.SIGKILL)
    stale = json.loads((lab / "run.json").read_text()) | {"pid": bystander.pid}
    (lab / "run.json").write_text(json.dumps(stale))
    deployment.paths.lock.write_text(str(bystander.pid))
    for name in ("start.lock", "daemon.lock"):
        (lab / name).write_text(str(bystander.pid))
    ended = engine.run(deployment, "up")
    assert not ended.error
    assert {op for op, _, _ in ended.steps} == {"same"}
    assert not engine.run(deployment, "destroy").error
    assert not lab.exists()
    assert bystander.poll() is None


@pytest.mark.parametrize("sealed", [True, False], ids=["with secrets", "without secrets"])
def test_wrong_passphrase(engine: WarmEngine, deployment: Deployment, sealed: bool) -> None:
    if not sealed:  # then only the state can tell that the passphrase is another
        stack = dev_stack()
        del stack["encryptionsalt"]
        del stack["config"]["mailstack:domains"]["example.test"]["accounts"]["alice"]["password"]
        deployment.project.write(stack)
    assert not engine.run(deployment, "up").error
    before = deployment.paths.checkpoint.read_bytes()
    objects = deployment.counts()
    wrong = SIMULATED | {"PULUMI_CONFIG_PASSPHRASE": "wrong"}
    for command in (["up"], ["preview"], ["refresh"], ["destroy", "--unprotect"], ["output"]):
        code, said = engine.command(deployment, *command, **wrong)
        assert code == 1
        assert clear(said), said
        assert "passphrase" in said
        assert deployment.paths.checkpoint.read_bytes() == before
        assert deployment.counts() == objects
    assert "--wipe" in said
    code, said = engine.command(deployment, "destroy", "--wipe", **wrong)
    assert code == 0, said
    assert not deployment.project.lab.parent.exists()


def test_protection(engine: WarmEngine, deployment: Deployment) -> None:
    assert not engine.run(deployment, "up").error
    before = deployment.paths.checkpoint.read_bytes()
    objects = deployment.counts()
    code, said = engine.command(deployment, "destroy", **SIMULATED)
    assert code == 1
    assert clear(said), said
    for name in ("example.test/dkim/mail", "mail-mail", "host-data"):
        assert name in said
    assert deployment.paths.checkpoint.read_bytes() == before
    assert deployment.counts() == objects


def test_destroy_leaves_nothing(tmp_path: Path) -> None:
    """In a folder whose path is too long for a socket in it, too."""
    temporary = Path(tempfile.mkdtemp(prefix="t"))  # short, as temporary folders are
    project = LabProject.make(tmp_path / ("long" * 20) / "project")
    before = {path.name for path in project.folder.iterdir()}
    project.extra = SIMULATED | {"TMPDIR": str(temporary)}
    project.run("up")
    assert _processes_of(tmp_path)
    assert list(temporary.iterdir())
    project.run("destroy", "--unprotect")
    assert {path.name for path in project.folder.iterdir()} == before
    temporary.rmdir()  # fails when anything is in it
    assert _processes_of(tmp_path) == []


def _processes_of(folder: Path) -> list[str]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            here = (process / "cwd").readlink().is_relative_to(folder)
        except OSError:
            continue  # it ended just now
        if here or str(folder) in command:
            found.append(command)
    return found


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator["Disk"]:
    disk = Disk(tmp_path)
    yield disk
    disk.close()


class Disk:
    """A project on a small disk, in a mount namespace that no other process sees."""

    def __init__(self, tmp_path: Path) -> None:
        project = LabProject.make(tmp_path / "project")
        self.project = project
        (tmp_path / "disk").mkdir()
        self.folder = tmp_path / "disk"
        script = (
            'mount -t tmpfs -o size=1400k,mode=700 tmpfs "$0" && cp -a "$1/." "$0" '
            "&& echo ready && exec sleep 600"
        )
        self._holder = subprocess.Popen(
            ["unshare", "--mount", "sh", "-c", script, self.folder, project.folder],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert self._holder.stdout is not None
        answer = self._holder.stdout.readline()
        if answer != "ready\n":
            pytest.skip(f"this user may not mount a small disk: {answer.strip()}")

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        inside = ["nsenter", "--mount", f"--target={self._holder.pid}", f"--wd={self.folder}"]
        return subprocess.run(
            [*inside, *command],
            env=self.project.environment() | SIMULATED,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )

    def lab(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.run(sys.executable, "-m", "lab", *arguments)

    def close(self) -> None:
        self.lab("destroy", "--wipe")
        self._holder.kill()
        self._holder.wait()
        assert self._holder.stdout is not None
        self._holder.stdout.close()


def test_full_disk(small_disk: Disk) -> None:
    done = small_disk.lab("up")
    said = done.stdout + done.stderr
    assert done.returncode == 1
    assert clear(said), said
    assert "disk" in said or "No space left" in said
    assert "lab bug" not in said
    more = small_disk.run("mount", "-o", "remount,size=64m", str(small_disk.folder))
    assert more.returncode == 0, more.stderr
    done = small_disk.lab("up")
    assert done.returncode == 0, done.stdout + done.stderr
    done = small_disk.lab("up", "--json", "--engine", "small")
    assert {step["op"] for step in json.loads(done.stdout)["steps"]} == {"same"}
