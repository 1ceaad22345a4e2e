"""A machine to log in to: a real OpenSSH server on loopback, with keys of its own."""

import os
import pwd
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.system.daemons import free_port, running

ROOT = Path(__file__).parents[2]
_STAND_IN = ROOT / "lab" / "bin" / "ssh"
_CONFIG = """\
ListenAddress 127.0.0.1:{port}
HostKey {folder}/host
PidFile {folder}/pid
AuthorizedKeysFile {folder}/authorized_keys
# Nothing else is there: above all no `docker` of this machine.
SetEnv PATH={folder}/bin
AuthenticationMethods publickey
PermitRootLogin prohibit-password
StrictModes no
UsePAM no
LogLevel ERROR
"""


def make_key(path: Path) -> str:
    """Make an Ed25519 key pair, and give its public half."""
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", path], check=True
    )
    return path.with_suffix(".pub").read_text().strip()


@dataclass(frozen=True)
class Machine:
    """Where it is, what it shows, and the folder that holds its `docker` command."""

    folder: Path
    port: int
    host_key: str
    user: str

    @property
    def endpoint(self) -> str:
        return f"ssh://{self.user}@127.0.0.1:{self.port}"

    @property
    def docker(self) -> Path:
        return self.folder / "bin" / "docker"

    def serve_docker_of(self, lab: Path) -> None:
        """Let `docker system dial-stdio` there lead to the Engine of a lab's folder."""
        dial = f"{sys.executable} {_STAND_IN} 127.0.0.1 docker"
        self.docker.write_text(
            f'#!/bin/sh\necho "$@" >>{self.folder}/called\n'
            f'export MAILSTACK_LAB_DIR={lab}\nexec {dial} "$@"\n'
        )
        self.docker.chmod(0o755)

    @property
    def called(self) -> list[str]:
        """How its `docker` command was called, each time."""
        log = self.folder / "called"
        return log.read_text().splitlines() if log.exists() else []


@contextmanager
def machine(folder: Path, need: Callable[[str], str], *, client_key: str) -> Iterator[Machine]:
    """Run a server that lets this user log in with ``client_key``."""
    sshd = need("sshd")
    (folder / "bin").mkdir(parents=True)
    (folder / "authorized_keys").write_text(f"{client_key}\n")
    made = Machine(folder, free_port(), make_key(folder / "host"), _user())
    config = folder / "sshd_config"
    config.write_text(_CONFIG.format(port=made.port, folder=folder))
    if os.geteuid() == 0:  # where sshd, as root, locks up the half of it that talks to strangers
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    with running([sshd, "-D", "-e", "-f", str(config)], ready=folder / "pid"):
        yield made


@contextmanager
def agent(socket: Path, key: Path) -> Iterator[str]:
    """Run an agent that holds ``key``, as a user has one; yields SSH_AUTH_SOCK."""
    with running(["ssh-agent", "-D", "-a", str(socket)], ready=socket):
        subprocess.run(
            ["ssh-add", "-q", key], env={**os.environ, "SSH_AUTH_SOCK": str(socket)}, check=True
        )
        yield str(socket)


def _user() -> str:
    return pwd.getpwuid(os.geteuid()).pw_name
