"""The programs of the VPS take the files that its user data writes for them."""

import os
import subprocess
import threading
from functools import partial
from http.server import HTTPServer, SimpleHTTPRequestHandler
from pathlib import Path
from subprocess import PIPE

import pytest
from ruamel.yaml import YAML

from mail.cloud_init import cloud_config
from tests.system.conftest import Need

pytestmark = pytest.mark.system

PREFERENCES = "/etc/apt/preferences.d/docker"
AUTO_UPGRADES = "/etc/apt/apt.conf.d/52unattended-upgrades-local"
UNBOUND = "/etc/unbound/unbound.conf.d/mailstack.conf"
CHRONY = Path("/etc/cloud/templates/chrony.conf.debian.tmpl")
RENDER = "import sys; from cloudinit.templater import render_to_file as r; r(*sys.argv[1:3], {})"


@pytest.fixture(scope="module")
def user_data() -> dict[str, object]:
    text = cloud_config(
        hostname="mail.example.test",
        data_volume_id="vol-0123456789abcdef0",
        host_private_key="a key",
        host_public_key="ssh-ed25519 AAAA",
        authorized_keys=["ssh-ed25519 BBBB"],
    )
    return dict(YAML(typ="safe").load(text))


@pytest.fixture(scope="module")
def files(user_data: dict[str, list[dict[str, str]]]) -> dict[str, str]:
    return {entry["path"]: entry["content"] for entry in user_data["write_files"]}


def _run(*command: object) -> subprocess.CompletedProcess[str]:
    words = [str(word) for word in command]
    return subprocess.run(words, check=False, capture_output=True, text=True)


def test_unbound_takes_its_file(files: dict[str, str], need: Need, tmp_path: Path) -> None:
    config = tmp_path / "unbound.conf"
    config.write_text(files[UNBOUND])
    done = _run(need("unbound-checkconf"), config)
    assert done.returncode == 0, done.stderr
    found = _run(need("unbound-checkconf"), "-o", "ip-freebind", config)
    assert found.stdout == "yes\n"
    config.write_text(files[UNBOUND].replace("172.16.0.0/12 allow", "172.16.0.0/12 perhaps"))
    assert _run(need("unbound-checkconf"), config).returncode != 0


def test_chrony_asks_awss_clock_and_no_other(
    user_data: dict[str, dict[str, object]], need: Need, tmp_path: Path
) -> None:
    chronyd = need("chronyd")
    if not CHRONY.exists():
        pytest.skip("cloud-init is not installed; .ci/run installs it")
    config = tmp_path / "chrony.conf"
    # cloud-init renders the file by a template of Debian's, with Debian's own Python.
    script = RENDER.replace(
        "{}", repr({key: user_data["ntp"][key] for key in ("pools", "servers")})
    )
    rendered = _run("/usr/bin/python3", "-c", script, CHRONY, config)
    assert rendered.returncode == 0, rendered.stderr
    read = _run(chronyd, "-p", "-f", config)
    assert read.returncode == 0, read.stderr
    sources = [line for line in read.stdout.splitlines() if line.startswith(("server", "pool"))]
    assert sources == ["server 169.254.169.123 iburst"]


def _repository(root: Path, source: str, versions: list[str]) -> dict[str, str]:
    """Make one with these versions of docker.io, and an apt that knows no other; its settings."""
    for folder in (
        "etc/preferences.d",
        "etc/sources.list.d",
        "state/lists/partial",
        "cache",
        "repo",
    ):
        (root / folder).mkdir(parents=True, exist_ok=True)
    package = "Package: docker.io\nVersion: {0}\nArchitecture: all\nFilename: ./{0}.deb\nSize: 1\n"
    hashed = f"SHA256: {'0' * 64}\nDescription: a container engine\n"
    (root / "repo" / "Packages").write_text(
        "\n".join(package.format(version) + hashed for version in versions)
    )
    (root / "etc" / "sources.list").write_text(f"deb [trusted=yes] {source} ./\n")
    (root / "state" / "status").write_text("")
    return {
        "Dir::Etc": f"{root}/etc",
        "Dir::State": f"{root}/state",
        "Dir::State::status": f"{root}/state/status",
        "Dir::Cache": f"{root}/cache",
        "APT::Sandbox::User": "root",
    }


def _candidate(cache: str, root: Path, preferences: str, versions: list[str]) -> str:
    """Ask apt which docker.io it would install, of a repository with these versions."""
    options = _repository(root, f"file:{root}/repo", versions)
    (root / "etc" / "preferences.d" / "docker").write_text(preferences)
    given = [word for key, value in options.items() for word in ("-o", f"{key}={value}")]
    updated = _run(cache.replace("apt-cache", "apt-get"), *given, "update")
    assert updated.returncode == 0, updated.stderr
    policy = _run(cache, *given, "policy", "docker.io").stdout
    lines = dict(line.strip().split(": ", 1) for line in policy.splitlines() if ": " in line)
    return lines["Candidate"]


@pytest.mark.parametrize(
    ("versions", "expected"),
    [
        (["20.10.24+dfsg1-1+deb12u1", "20.10.24+dfsg1-1+deb12u2"], "20.10.24+dfsg1-1+deb12u2"),
        (["20.10.24+dfsg1-1+deb12u1", "26.1.5+dfsg1-9"], "20.10.24+dfsg1-1+deb12u1"),
        (["26.1.5+dfsg1-9"], "(none)"),
    ],
    ids=["security update", "another major beside it", "another major alone"],
)
def test_apt_keeps_to_debians_docker(
    files: dict[str, str], need: Need, tmp_path: Path, versions: list[str], expected: str
) -> None:
    found = _candidate(need("apt-cache"), tmp_path, files[PREFERENCES], versions)
    assert found == expected


def test_apt_waits_for_the_machines_address(
    user_data: dict[str, list[list[str]]], need: Need, tmp_path: Path
) -> None:
    need("apt-get")
    handler = partial(SimpleHTTPRequestHandler, directory=str(tmp_path / "repo"))
    with HTTPServer(("127.0.0.1", 0), handler, bind_and_activate=False) as server:
        server.server_bind()  # and does not listen: connections are refused
        options = _repository(tmp_path, f"http://127.0.0.1:{server.server_port}", ["20.10.24"])
        config = tmp_path / "apt.conf"
        config.write_text("".join(f'{key} "{value}";\n' for key, value in options.items()))
        (wait,) = user_data["bootcmd"]
        assert wait[:2] == ["cloud-init-per", "instance"]
        with subprocess.Popen(
            wait[3:], env={**os.environ, "APT_CONFIG": str(config)}, stdout=PIPE, text=True
        ) as waiting:
            try:
                assert any(line.startswith("Err:") for line in waiting.stdout or ())
                server.server_activate()
                threading.Thread(target=server.serve_forever, daemon=True).start()
                try:
                    assert waiting.wait(timeout=60) == 0
                finally:
                    server.shutdown()
            finally:
                waiting.kill()
    lists = [path.name for path in (tmp_path / "state" / "lists").iterdir() if path.is_file()]
    assert any(name.endswith("_Packages") for name in lists)


def test_nothing_reboots_by_itself(files: dict[str, str], need: Need, tmp_path: Path) -> None:
    config = tmp_path / "apt.conf"
    config.write_text(files[AUTO_UPGRADES])
    read = _run(need("apt-config"), "-c", config, "dump", "Unattended-Upgrade")
    assert 'Unattended-Upgrade::Automatic-Reboot "false";\n' in read.stdout
