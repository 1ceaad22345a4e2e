"""A Podman of the tests' own: its images, containers and networks are in one folder."""

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import docker
import pytest

from tests.system.daemons import running

# A container may not raise what its machine has limited; within a machine that is one itself,
# Podman's own defaults would.
_LIMITS = """\
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
"""


@contextmanager
def podman(folder: Path) -> Iterator[str]:
    """Run `podman system service` until the end of the block, and give its socket's path."""
    program = shutil.which("podman")
    if program is None:
        pytest.skip("podman is not installed; .ci/run installs it")
    socket = folder / "podman.sock"
    config = folder / "containers.conf"
    config.write_text(_LIMITS)
    command = [
        *("env", f"CONTAINERS_CONF={config}", program),
        *("--root", str(folder / "root"), "--runroot", str(folder / "run")),
        *("--tmpdir", str(folder / "tmp"), "--network-config-dir", str(folder / "networks")),
        *("--storage-driver", "vfs", "--cgroup-manager", "cgroupfs"),
        *("system", "service", "--time=0", f"unix://{socket}"),
    ]
    with running(command, ready=socket):
        yield str(socket)
        with closing(docker.DockerClient(f"unix://{socket}")) as client:
            for container in client.containers.list(all=True):
                container.remove(v=True, force=True)
