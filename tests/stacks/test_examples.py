"""The example stack files: they deploy, production is protected, and a try needs no network."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.engines import real_is_here
from tests.lab_project import ROOT, LabProject

KEPT = {"mail-mail", "mail-state", "host-data", "host-address", "example.com/dkim/mail"}
# In a network of its own that has nothing but loopback, which is down at first (man 7 netdevice).
ALONE = """
import fcntl, os, socket, struct, sys
with socket.socket() as any_socket:
    up = struct.pack("16sh22x", b"lo", 0x1)
    fcntl.ioctl(any_socket, 0x8914, up)
    try:
        any_socket.settimeout(5)
        any_socket.connect(("192.0.2.1", 443))
    except OSError as error:
        assert error.strerror == "Network is unreachable", error
    else:
        raise AssertionError("there is a network")
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""
UNSHARE = ["unshare", "--net", "--map-root-user"]


def can_be_alone() -> bool:
    try:
        return subprocess.run([*UNSHARE, "true"], check=False, capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


def example(folder: Path, name: str) -> LabProject:
    loaded = YAML(typ="safe").load((ROOT / f"Pulumi.{name}.example.yaml").read_text())
    project = LabProject.make(folder / "project", loaded)
    project.stack = name
    project.extra["MAILSTACK_LAB_DOCKER"] = "simulated"
    project.write(loaded)
    return project


@pytest.fixture(params=["staging", "prod"], scope="module")
def deployed(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LabProject]:
    project = example(tmp_path_factory.mktemp(request.param), request.param)
    project.small("up")
    yield project
    project.destroy()


def test_it_deploys_protected_where_it_says_so(deployed: LabProject) -> None:
    backend = deployed.lab / "backend" / ".pulumi" / "stacks" / "mailstack"
    checkpoint = json.loads((backend / f"{deployed.stack}.json").read_text())["checkpoint"]
    protected = {
        resource["urn"].split("::")[-1]
        for resource in checkpoint["latest"]["resources"]
        if resource.get("protect")
    }
    if deployed.stack == "prod":
        assert protected >= KEPT
    else:
        assert protected == set()


def test_a_fresh_checkout_previews_what_another_deployed(deployed: LabProject) -> None:
    """As CI does: the state has the host key and the login; OpenSSH's files are made anew."""
    files = deployed.folder / ".mailstack" / deployed.stack
    before = {path.name: path.read_bytes() for path in files.iterdir()}
    shutil.rmtree(files.parent)
    assert deployed.small("preview") == set()
    assert {path.name: path.read_bytes() for path in files.iterdir()} == before
    assert before.keys() == {"known_hosts", "id_ed25519"}


@pytest.mark.skipif(not can_be_alone(), reason="this machine does not let one leave its network")
@pytest.mark.parametrize(
    "engine",
    [
        "small",
        pytest.param(
            "pulumi",
            marks=[
                pytest.mark.cli,
                pytest.mark.skipif(not real_is_here(), reason="the Pulumi CLI is not on PATH"),
            ],
        ),
    ],
)
def test_production_is_previewed_with_no_network_at_all(tmp_path: Path, engine: str) -> None:
    project = example(tmp_path, "prod")
    _, *lab = project.command("preview", "--engine", engine)
    try:
        done = subprocess.run(
            [*UNSHARE, sys.executable, "-c", ALONE, *lab],
            cwd=project.folder,
            env=project.environment(),
            capture_output=True,
            text=True,
            check=False,
            timeout=250,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        for name in ("host-instance", "example.com/mx", "mail-container"):
            assert name in done.stdout
    finally:
        project.destroy()
