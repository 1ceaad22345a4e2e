"""The real cloud-init accepts the user data, and the real systemd reads its fstab as meant."""

import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from ruamel.yaml import YAML

from mail.cloud_init import cloud_config
from tests.system.conftest import Need

pytestmark = pytest.mark.system

FSTAB_GENERATOR = Path("/usr/lib/systemd/system-generators/systemd-fstab-generator")


@pytest.fixture(scope="module")
def user_data() -> str:
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode()
    public = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    return cloud_config(
        hostname="mail.example.test",
        data_volume_id="vol-0123456789abcdef0",
        host_private_key=private,
        host_public_key=public,
        authorized_keys=[public],
        deploy_keys=[public],
        swap_size=2,
    )


@pytest.fixture(scope="module")
def written(user_data: str) -> dict[str, str]:
    """Give the files that the machine gets, by their paths."""
    loaded = YAML(typ="safe").load(user_data)
    return {entry["path"]: entry["content"] for entry in loaded["write_files"]}


def _schema(need: Need, text: str, path: Path) -> subprocess.CompletedProcess[str]:
    path.write_text(text)
    return subprocess.run(
        [need("cloud-init"), "schema", "--config-file", str(path)],
        check=False,
        capture_output=True,
        text=True,
    )


def test_cloud_init_accepts_it(user_data: str, need: Need, tmp_path: Path) -> None:
    done = _schema(need, user_data, tmp_path / "user-data")
    assert done.returncode == 0, done.stdout + done.stderr
    broken = user_data.replace("packages: [", "packages: [7, ")
    assert _schema(need, broken, tmp_path / "broken").returncode != 0


def test_systemd_waits_for_the_volume_and_formats_only_a_blank_one(
    written: dict[str, str], tmp_path: Path
) -> None:
    if not FSTAB_GENERATOR.exists():
        pytest.skip("systemd is not installed")
    fstab = tmp_path / "fstab"
    fstab.write_text(written["/etc/fstab"])
    units = tmp_path / "units"
    units.mkdir()
    subprocess.run(
        [str(FSTAB_GENERATOR), *[str(units)] * 3],
        check=True,
        env={"SYSTEMD_FSTAB": str(fstab), "SYSTEMD_LOG_LEVEL": "err"},
    )
    assert "Where=/var/lib/docker/volumes\n" in (units / "var-lib-docker-volumes.mount").read_text()
    # systemd-makefs(8) leaves a device alone on which it finds a file system.
    (makefs,) = units.glob("systemd-makefs@*.service")
    assert "/lib/systemd/systemd-makefs ext4 /dev/disk/by-id/nvme-" in makefs.read_text()
    (timeout,) = units.glob("*.device.d/50-device-timeout.conf")
    assert "JobRunningTimeoutSec=infinity\n" in timeout.read_text()
