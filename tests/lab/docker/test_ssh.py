"""The stand-in for OpenSSH's client, started as others start it."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from components.dynamic.docker_link import docker_client
from lab.docker.simulated_api import VERSION

SSH = Path(__file__).parents[3] / "lab" / "bin" / "ssh"
DIAL = ["docker", "system", "dial-stdio"]
PING = b"GET /_ping HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


@pytest.fixture
def lab(tmp_path: Path, engine_socket: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "run.json").write_text(json.dumps({"docker": {"socket": engine_socket}}))
    monkeypatch.setenv("MAILSTACK_LAB_DIR", str(tmp_path))
    monkeypatch.setenv("PATH", f"{SSH.parent}{os.pathsep}{os.environ['PATH']}")
    return tmp_path


def ssh(*arguments: str, said: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [SSH, *arguments], input=said, capture_output=True, timeout=20, check=False
    )


@pytest.mark.usefixtures("lab")
@pytest.mark.parametrize(
    "options",
    [
        ["127.77.0.1"],
        ["admin@127.77.0.1"],
        [
            "-o",
            "IdentitiesOnly=yes",
            "-i",
            "a key",
            "-T",
            "-l",
            "admin",
            "-p",
            "22",
            "--",
            "127.0.0.1",
        ],
        ["-l", "admin", "127.0.0.1", "-T", "--"],
    ],
)
def test_joins_stdio_with_the_labs_engine(options: list[str]) -> None:
    done = ssh(*options, *DIAL, said=PING)
    assert done.stdout.startswith(b"HTTP/1.1 200 OK\r\n")
    assert done.stdout.endswith(b"OK")
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.usefixtures("lab")
def test_stands_for_the_machine_of_the_stack_file_and_its_socket(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MAILSTACK_LAB_MACHINE", "192.0.2.10")
    dial = ["docker", "--host", "unix:///run/podman/podman.sock", "system", "dial-stdio"]
    assert ssh("me@192.0.2.10", *dial, said=PING).stdout.endswith(b"OK")
    assert b"no machine of the lab" in ssh("me@192.0.2.11", *dial).stderr
    assert b"not a login or another" in ssh("192.0.2.10", *dial[:3], "rm", "x").stderr


@pytest.mark.usefixtures("lab")
def test_the_dynamic_resources_come_through_it() -> None:
    with docker_client("ssh://admin@127.77.0.1", ["-o", "BatchMode=yes"]) as client:
        assert client.version()["Version"] == VERSION


@pytest.mark.usefixtures("lab")
@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["192.0.2.1", *DIAL], "192.0.2.1 is no machine of the lab"),
        (["mail.example.test", *DIAL], "mail.example.test is no machine of the lab"),
        (["127.77.0.1"], "not a login"),
        (["127.77.0.1", "rm", "-rf", "/"], "not a login or another command"),
        ([], "not a login"),
        (["-Z", "127.77.0.1", *DIAL], "option -Z not recognized"),
    ],
)
def test_refuses_everything_else(arguments: list[str], complaint: str) -> None:
    done = ssh(*arguments, said=PING)
    assert (done.returncode, done.stdout) == (255, b"")
    assert complaint in done.stderr.decode()


def test_says_that_there_is_no_lab(lab: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (lab / "run.json").unlink()
    done = ssh("127.77.0.1", *DIAL)
    assert done.returncode == 255
    assert b"does not run" in done.stderr
    monkeypatch.delenv("MAILSTACK_LAB_DIR")
    assert b"python -m lab env" in ssh("127.77.0.1", *DIAL).stderr
