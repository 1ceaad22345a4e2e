"""The machine's user data: what it holds, and that no value can break out of its place."""

import ipaddress
import json
import re
from typing import Any

import pytest
from ruamel.yaml import YAML
from syrupy.assertion import SnapshotAssertion

from mail.cloud_init import RESOLVER, cloud_config, device_of


def _config(**changed: Any) -> str:
    values: dict[str, Any] = {
        "hostname": "mail.example.test",
        "data_volume_id": "vol-0123456789abcdef0",
        "host_private_key": "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END\n",
        "host_public_key": "ssh-ed25519 AAAA",
        "deploy_keys": ["ssh-ed25519 CCCC ci"],
        "swap_size": 2,
    }
    return cloud_config(**(values | changed), authorized_keys=["ssh-ed25519 BBBB me: \"#'"])


def test_the_whole_text(snapshot: SnapshotAssertion) -> None:
    assert _config() == snapshot


def test_it_is_yaml_whose_values_come_back_unharmed() -> None:
    text = _config()
    assert text.startswith("#cloud-config\n")
    data = YAML(typ="safe").load(text)
    assert data["ssh_keys"]["ed25519_private"].count("\n") == 3
    assert data["users"][0]["ssh_authorized_keys"][0] == "ssh-ed25519 BBBB me: \"#'"
    assert "docker" in data["users"][0]["groups"]


def _files(text: str) -> dict[str, str]:
    return {entry["path"]: entry["content"] for entry in YAML(typ="safe").load(text)["write_files"]}


def test_a_deploy_key_reaches_docker_and_no_more() -> None:
    (user,) = YAML(typ="safe").load(_config())["users"]
    assert user["ssh_authorized_keys"][1:] == [
        'restrict,command="docker system dial-stdio" ssh-ed25519 CCCC ci'
    ]


def test_swap_may_be_left_out() -> None:
    assert YAML(typ="safe").load(_config())["swap"]["size"] == "2G"
    assert "swap" not in YAML(typ="safe").load(_config(swap_size=0))


def test_containers_ask_the_resolver_that_lets_them() -> None:
    files = _files(_config())
    docker = json.loads(files["/etc/docker/daemon.json"])
    unbound = files["/etc/unbound/unbound.conf.d/mailstack.conf"]
    assert docker["dns"] == [RESOLVER]
    assert docker["bip"].split("/")[0] == RESOLVER
    assert f"interface: {RESOLVER}\n" in unbound
    allowed = [ipaddress.IPv4Network(block) for block in re.findall("control: (.*) allow", unbound)]
    assert any(ipaddress.IPv4Interface(docker["bip"]).network.subnet_of(one) for one in allowed)
    assert all(one.is_private for one in allowed)
    assert "DNS=127.0.0.1\n" in files["/etc/systemd/resolved.conf.d/unbound.conf"]


def test_it_fits_into_ec2s_user_data() -> None:
    keys = ["ssh-ed25519 " + "C" * 68] * 20
    assert len(_config(deploy_keys=keys).encode()) < 16384


def test_docker_needs_the_data_volume_and_only_a_blank_one_is_formatted() -> None:
    files = _files(_config())
    device, where, *_, options, _dump, _check = files["/etc/fstab"].split()
    assert device == device_of("vol-0123456789abcdef0")
    assert where == "/var/lib/docker/volumes"
    assert {"nofail", "x-systemd.makefs"} <= set(options.split(","))
    drop_in = files["/etc/systemd/system/docker.service.d/data-volume.conf"]
    assert f"RequiresMountsFor={where}\n" in drop_in


def test_dockers_settings_keep_clients_addresses_and_mail_flowing() -> None:
    settings = json.loads(_files(_config())["/etc/docker/daemon.json"])
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
