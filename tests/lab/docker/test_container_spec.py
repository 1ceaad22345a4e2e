import io
import tarfile
from typing import Any

import docker
import pytest

from lab.cloud.errors import CloudError
from lab.docker.container_spec import limits, publish_address, request, upload_archive

INPUTS: dict[str, Any] = {"name": "c", "image": "i"}


def spec(client: docker.DockerClient, **inputs: Any) -> dict[str, Any]:
    return request(client.api, INPUTS | inputs, address="127.77.0.1", labels={"a": "b"})


@pytest.mark.parametrize(
    ("host", "asked", "address"),
    [
        ("ssh://admin@127.77.3.4", None, "127.77.3.4"),
        ("ssh://admin@127.77.3.4:2222", "0.0.0.0", "127.77.3.4"),
        ("ssh://admin@192.0.2.1", None, "127.0.0.1"),
        ("ssh://mail.example.test", "192.0.2.1", "127.0.0.1"),
        ("unix:///var/run/docker.sock", None, "127.0.0.1"),
        ("unix:///var/run/docker.sock", "0.0.0.0", "127.0.0.1"),
        ("unix:///var/run/docker.sock", "::", "127.0.0.1"),
        ("unix:///var/run/docker.sock", "127.0.0.9", "127.0.0.9"),
        ("", None, "127.0.0.1"),
    ],
)
def test_ports_are_published_on_loopback_only(host: str, asked: str | None, address: str) -> None:
    assert publish_address(host, asked) == address


def test_ports(client: docker.DockerClient) -> None:
    made = spec(
        client,
        ports=[{"internal": 25.0, "external": 2525.0}, {"internal": 53.0, "protocol": "udp"}],
    )
    assert made["host_config"]["PortBindings"] == {
        "25/tcp": [{"HostIp": "127.77.0.1", "HostPort": "2525"}],
        "53/udp": [{"HostIp": "127.77.0.1", "HostPort": ""}],
    }
    assert made["ports"] == [(25, "tcp"), (53, "udp")]


def test_mounts_networks_and_capabilities(client: docker.DockerClient) -> None:
    made = spec(
        client,
        mounts=[{"type": "volume", "source": "v", "target": "/v", "readOnly": True}],
        networksAdvanced=[{"name": "n", "aliases": ["mail"]}, {"name": "second"}],
        capabilities={"adds": ["CAP_CHOWN"], "drops": ["ALL"]},
    )
    (mount,) = made["host_config"]["Mounts"]
    assert (mount["Source"], mount["Target"], mount["ReadOnly"]) == ("v", "/v", True)
    assert made["host_config"]["CapAdd"] == ["CAP_CHOWN"]
    assert made["host_config"]["CapDrop"] == ["ALL"]
    assert made["host_config"]["NetworkMode"] == "n"
    assert made["networking_config"]["EndpointsConfig"] == {"n": {"Aliases": ["mail"]}}


def test_health_check_durations_are_nanoseconds(client: docker.DockerClient) -> None:
    check = {"tests": ["CMD", "true"], "interval": "1m30s", "timeout": "500ms", "retries": 3.0}
    assert spec(client, healthcheck=check)["healthcheck"] == {
        "test": ["CMD", "true"],
        "interval": 90_000_000_000,
        "timeout": 500_000_000,
        "start_period": None,
        "retries": 3,
    }
    assert spec(client)["healthcheck"] is None


def test_sizes_are_mebibytes() -> None:
    made = limits({"memory": 512.0, "memorySwap": 1024.0, "restart": "unless-stopped"})
    assert (made["mem_limit"], made["memswap_limit"]) == (512 * 1024**2, 1024**3)
    assert made["restart_policy"] == {"Name": "unless-stopped", "MaximumRetryCount": 0}


def test_stop_and_logging(client: docker.DockerClient) -> None:
    made = spec(client, stopTimeout=60.0, stopSignal="SIGTERM", logDriver="local")
    assert (made["stop_timeout"], made["stop_signal"]) == (60, "SIGTERM")
    assert made["host_config"]["LogConfig"] == {"Type": "local", "Config": {}}


@pytest.mark.parametrize(
    ("upload", "content", "mode"),
    [
        ({"content": "text"}, b"text", 0o644),
        ({"contentBase64": "AAE="}, b"\x00\x01", 0o644),
        ({"content": "x", "executable": True}, b"x", 0o744),
        ({"content": "x", "permissions": "0600"}, b"x", 0o600),
    ],
)
def test_uploads(upload: dict[str, Any], content: bytes, mode: int) -> None:
    archive = upload_archive({"file": "/etc/app/file", **upload})
    with tarfile.open(fileobj=io.BytesIO(archive)) as members:
        member = members.getmember("etc/app/file")
        extracted = members.extractfile(member)
        assert extracted is not None
        assert (extracted.read(), member.mode) == (content, mode)


def test_an_empty_upload_is_refused() -> None:
    with pytest.raises(CloudError, match="one of 'content'"):
        upload_archive({"file": "/f", "content": ""})
