import json
import os
import socketserver
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import docker
import pytest

from components.dynamic.docker_link import DockerLinkError, docker_client
from lab.docker.simulated_api import VERSION

OPTIONS = ["-i", "a key", "-o", "UserKnownHostsFile=/known hosts"]


@pytest.fixture
def fake_ssh(tmp_path: Path, engine_socket: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program that notes how it was called and joins its stdio with the simulated Engine."""
    log = tmp_path / "called"
    program = tmp_path / "bin" / "ssh"
    program.parent.mkdir()
    program.write_text(
        f"""#!/usr/bin/env python3
import json, os, socket, sys, threading
with open({str(log)!r}, "a") as log: log.write(json.dumps(sys.argv[1:]) + "\\n")
if os.environ.get("REFUSE"): sys.exit("Warning: something\\nHost key verification failed.")
engine = socket.socket(socket.AF_UNIX); engine.connect({engine_socket!r})
def pump(read, write):
    while data := read(65536): write(data)
def send():
    pump(lambda size: os.read(0, size), engine.sendall); engine.shutdown(socket.SHUT_WR)
threading.Thread(target=send, daemon=True).start()
pump(engine.recv, lambda data: os.write(1, data))
"""
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    return log


@pytest.fixture
def private(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Temporary files go here. Not pytest's own folder: a socket's path has 107 bytes at most."""
    with tempfile.TemporaryDirectory() as folder:
        monkeypatch.setattr("tempfile.tempdir", folder)
        yield Path(folder)


def calls(log: Path) -> list[list[str]]:
    return [json.loads(line) for line in log.read_text().splitlines()]


def test_unix_socket(engine_socket: str) -> None:
    with docker_client(f"unix://{engine_socket}") as client:
        assert client.version()["Version"] == VERSION


def test_ssh_gets_the_very_options(fake_ssh: Path) -> None:
    with docker_client("ssh://admin@127.77.0.1:2222", OPTIONS) as client:
        assert client.version()["Version"] == VERSION
    arguments = calls(fake_ssh)[0]
    assert arguments[:4] == OPTIONS
    assert "BatchMode=yes" in arguments
    assert " ".join(arguments).endswith(
        " -T -l admin -p 2222 -- 127.77.0.1 docker system dial-stdio"
    )


def test_ssh_goes_to_the_socket_that_the_address_names(fake_ssh: Path) -> None:
    with docker_client("ssh://127.77.0.1/run/podman/podman.sock", OPTIONS):
        pass
    assert " ".join(calls(fake_ssh)[0]).endswith(
        " -- 127.77.0.1 docker --host unix:///run/podman/podman.sock system dial-stdio"
    )


def test_ssh_carries_large_requests_and_answers(fake_ssh: Path, volume: str) -> None:
    from components.dynamic.volume_files import VolumeFile, VolumeFiles
    from tests.lab.docker.engine import IMAGE

    content = bytes(range(256)) * 8192
    with docker_client("ssh://127.77.0.1", OPTIONS) as client:
        files = VolumeFiles(client, IMAGE, volume)
        files.apply({"big": VolumeFile(content=content)})
        assert files.read(["big"]) == {"big": content}
    assert len(calls(fake_ssh)) == 2, "one to ask for the version, one for all the rest"


@pytest.mark.usefixtures("fake_ssh")
def test_says_what_ssh_said_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REFUSE", "1")
    with (
        pytest.raises(DockerLinkError) as caught,
        docker_client("ssh://admin@127.77.0.1", OPTIONS),
    ):
        pass
    assert str(caught.value).startswith(
        "cannot reach Docker at ssh://admin@127.77.0.1: Host key verification failed. "
    )


@pytest.mark.usefixtures("fake_ssh")
def test_leaves_no_process_and_no_file(private: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    threads = threading.active_count()
    started = []

    class Noted(subprocess.Popen[bytes]):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            started.append(self)

    monkeypatch.setattr(subprocess, "Popen", Noted)
    with docker_client("ssh://admin@127.77.0.1", OPTIONS):
        assert len(list(private.iterdir())) == 1
    assert list(private.iterdir()) == []
    assert threading.active_count() <= threads + 1, "the Engine's own thread may take a moment"
    assert started
    assert all(process.returncode is not None for process in started)


def test_a_missing_ssh_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(DockerLinkError, match="cannot start ssh: No such file"):
        docker_client("ssh://admin@127.77.0.1").__enter__()


@contextmanager
def silent(path: Path) -> Iterator[None]:
    """A server that takes requests and never answers."""
    over = threading.Event()

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            over.wait(30)

    with socketserver.ThreadingUnixStreamServer(str(path), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield
        finally:
            over.set()
            server.shutdown()
            thread.join()


def test_an_engine_that_never_answers_is_not_waited_for(tmp_path: Path) -> None:
    with (
        silent(tmp_path / "silent.sock"),
        pytest.raises(DockerLinkError, match="timed out"),
        docker_client(f"unix://{tmp_path}/silent.sock", timeout=1),
    ):
        pass


def refuse_and_ask(client: docker.DockerClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REFUSE", "1")
    client.volumes.list()


def test_a_link_lost_within_the_block(fake_ssh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    link = docker_client("ssh://admin@127.77.0.1")
    with pytest.raises(DockerLinkError, match="Host key verification failed"), link as client:
        refuse_and_ask(client, monkeypatch)
    assert len(calls(fake_ssh)) == 2


def test_an_answer_is_not_a_lost_link(engine_socket: str) -> None:
    with (
        pytest.raises(docker.errors.NotFound),
        docker_client(f"unix://{engine_socket}") as client,
    ):
        client.volumes.get("missing")


@pytest.mark.parametrize("host", ["tcp://127.0.0.1:2375", "/var/run/docker.sock", "ssh://", ""])
def test_other_hosts_are_refused(host: str) -> None:
    with pytest.raises(DockerLinkError, match="is no Docker host"), docker_client(host):
        pass


def test_nobody_listens(tmp_path: Path) -> None:
    host = f"unix://{tmp_path}/nobody.sock"
    with (
        pytest.raises(DockerLinkError, match=f"at {host}: No such file or directory"),
        docker_client(host),
    ):
        pass
