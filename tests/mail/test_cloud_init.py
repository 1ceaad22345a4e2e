"""The machine's user data: what it holds, and that no value can break out of its place."""

import json

import pytest
from ruamel.yaml import YAML
from syrupy.assertion import SnapshotAssertion

from mail.cloud_init import cloud_config, device_of


def _config(**changed: str) -> str:
    values = {
        "hostname": "mail.example.test",
        "data_volume_id": "vol-0123456789abcdef0",
        "host_private_key": "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END\n",
        "host_public_key": "ssh-ed25519 AAAA",
    }
    return cloud_config(**(values | changed), authorized_keys=["ssh-ed25519 BBBB me: \"#'"])


def test_the_whole_text(snapshot: SnapshotAssertion) -> None:
    assert _config() == snapshot


def test_it_is_yaml_whose_values_come_back_unharmed() -> None:
    text = _config()
    assert text.startswith("#cloud-config\n")
    data = YAML(typ="safe").load(text)
    assert data["ssh_keys"]["ed25519_private"].count("\n") == 3
    assert data["users"][0]["ssh_authorized_keys"] == ["ssh-ed25519 BBBB me: \"#'"]
    assert "docker" in data["users"][0]["groups"]


def test_docker_needs_the_data_volume_and_only_a_blank_one_is_formatted() -> None:
    files = {
        entry["path"]: entry["content"] for entry in YAML(typ="safe").load(_config())["write_files"]
    }
    device, where, *_, options, _dump, _check = files["/etc/fstab"].split()
    assert device == device_of("vol-0123456789abcdef0")
    assert where == "/var/lib/docker/volumes"
    assert {"nofail", "x-systemd.makefs"} <= set(options.split(","))
    drop_in = files["/etc/systemd/system/docker.service.d/data-volume.conf"]
    assert f"RequiresMountsFor={where}\n" in drop_in


def test_dockers_settings_keep_clients_addresses_and_mail_flowing() -> None:
    written = {entry["path"]: entry for entry in YAML(typ="safe").load(_config())["write_files"]}
    settings = json.loads(written["/etc/docker/daemon.json"]["content"])
    assert settings["userland-proxy"] is False
    assert settings["live-restore"] is True
    assert settings["ip6tables"] is settings["experimental"] is True


def test_a_volume_is_found_by_its_id() -> None:
    assert device_of("vol-0a1b") == "/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_vol0a1b"


@pytest.mark.parametrize(
    "changed",
    [
        {"data_volume_id": "vol-x y"},
        {"data_volume_id": "0123"},
        {"admin_user": "root; rm"},
        {"hostname": "mail"},
    ],
)
def test_what_would_break_the_machine_is_refused(changed: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"EBS volume|name of a user|no dot"):
        _config(**changed)
