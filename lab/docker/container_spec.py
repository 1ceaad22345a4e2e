"""From the Docker provider's Container inputs to the Engine's own request."""

import base64
import io
import ipaddress
import re
import tarfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from docker import APIClient
from docker.types import LogConfig, Mount

from lab.cloud.provider import CloudError
from lab.cloud.values import Plain

_MIB = 1024 * 1024
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(h|ms|m|s|us|ns)")
_NANOSECONDS = {"h": 3600e9, "m": 60e9, "s": 1e9, "ms": 1e6, "us": 1e3, "ns": 1}


def publish_address(host: str, asked: str | None) -> str:
    """The only address on which the lab publishes ports for a provider with this ``host``.

    It is always a loopback address, never one that others can reach: the emulated VPS's own
    (``ssh://admin@127.77.0.1``), or what was asked for when it is loopback, else 127.0.0.1.
    """
    for address in (urlsplit(host).hostname if host.startswith("ssh:") else None, asked):
        try:
            if address and ipaddress.IPv4Address(address).is_loopback:
                return address
        except ValueError:  # a name, or IPv6
            continue
    return "127.0.0.1"


def request(
    api: APIClient, inputs: Plain, *, address: str, labels: dict[str, str]
) -> dict[str, Any]:
    """The arguments of docker-py's ``create_container``; ``address`` is where ports publish."""
    capabilities = inputs.get("capabilities", {})
    networks = inputs.get("networksAdvanced", [])
    ports = [_port(port) for port in inputs.get("ports", [])]
    host_config = api.create_host_config(
        port_bindings={
            f"{inside}/{protocol}": (address, outside) for inside, outside, protocol in ports
        },
        mounts=[_mount(mount) for mount in inputs.get("mounts", [])],
        binds=[_bind(volume) for volume in inputs.get("volumes", [])],
        cap_add=capabilities.get("adds"),
        cap_drop=capabilities.get("drops"),
        network_mode=inputs.get("networkMode") or (networks[0]["name"] if networks else None),
        restart_policy=restart_policy(inputs),
        mem_limit=_bytes(inputs.get("memory")),
        memswap_limit=_bytes(inputs.get("memorySwap")),
        cpu_shares=_whole(inputs.get("cpuShares")),
        dns=inputs.get("dns"),
        sysctls=inputs.get("sysctls"),
        init=inputs.get("init"),
        read_only=inputs.get("readOnly"),
        tmpfs=inputs.get("tmpfs"),
        security_opt=inputs.get("securityOpts"),
        log_config=_log_config(inputs),
    )
    return {
        "image": inputs["image"],
        "name": inputs["name"],
        "command": inputs.get("command"),
        "entrypoint": inputs.get("entrypoints"),
        "environment": inputs.get("envs"),
        "hostname": inputs.get("hostname"),
        "domainname": inputs.get("domainname"),
        "user": inputs.get("user"),
        "working_dir": inputs.get("workingDir"),
        "tty": bool(inputs.get("tty")),
        "stop_signal": inputs.get("stopSignal"),
        "stop_timeout": _whole(inputs.get("stopTimeout")),
        "healthcheck": _healthcheck(inputs.get("healthcheck")),
        "labels": labels,
        "ports": [(inside, protocol) for inside, _, protocol in ports],
        "host_config": host_config,
        # More than one network is connected after creation: older Engines take one here.
        "networking_config": {
            "EndpointsConfig": {
                network["name"]: api.create_endpoint_config(
                    aliases=network.get("aliases"), ipv4_address=network.get("ipv4Address")
                )
                for network in networks[:1]
            }
        },
        "use_config_proxy": False,
    }


def restart_policy(inputs: Plain) -> dict[str, Any]:
    """The Engine's restart policy for ``restart`` and ``maxRetryCount``."""
    count = _whole(inputs.get("maxRetryCount")) or 0
    return {"Name": inputs.get("restart", "no"), "MaximumRetryCount": count}


def limits(inputs: Plain) -> dict[str, Any]:
    """The arguments of docker-py's ``update_container``: what changes in place."""
    return {
        "mem_limit": _bytes(inputs.get("memory")),
        "memswap_limit": _bytes(inputs.get("memorySwap")),
        "cpu_shares": _whole(inputs.get("cpuShares")),
        "restart_policy": restart_policy(inputs),
    }


def upload_archive(upload: Plain) -> bytes:
    """One entry of ``uploads`` as the tar archive that the Engine takes at "/"."""
    if upload.get("content"):
        content = upload["content"].encode()
    elif upload.get("contentBase64"):
        content = base64.b64decode(upload["contentBase64"])
    elif upload.get("source"):
        content = Path(upload["source"]).read_bytes()
    else:
        message = "one of 'content', 'content_base64', or 'source' must be set"
        raise CloudError("upload", f"error with upload content: {message}")
    mode = upload.get("permissions") or ("0744" if upload.get("executable") else "0644")
    entry = tarfile.TarInfo(upload["file"].lstrip("/"))
    entry.size, entry.mode = len(content), int(mode, 8)
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def _port(port: Plain) -> tuple[int, int | None, str]:
    return int(port["internal"]), _whole(port.get("external")), port.get("protocol", "tcp")


def _mount(mount: Plain) -> Mount:
    return Mount(
        target=mount["target"],
        source=mount.get("source"),
        type=mount["type"],
        read_only=bool(mount.get("readOnly")),
    )


def _bind(volume: Plain) -> str:
    source = volume.get("volumeName") or volume["hostPath"]
    return f"{source}:{volume['containerPath']}:{'ro' if volume.get('readOnly') else 'rw'}"


def _healthcheck(check: Plain | None) -> dict[str, Any] | None:
    if not check:
        return None
    times = {"interval": "interval", "timeout": "timeout", "startPeriod": "start_period"}
    durations = {ours: _nanoseconds(check.get(theirs)) for theirs, ours in times.items()}
    return {"test": check.get("tests"), "retries": _whole(check.get("retries")), **durations}


def _nanoseconds(duration: str | None) -> int | None:
    """A duration as Go prints it ("1m30s"): the provider's own form."""
    if not duration:
        return None
    return int(sum(float(n) * _NANOSECONDS[unit] for n, unit in _DURATION.findall(duration)))


def _log_config(inputs: Plain) -> LogConfig | None:
    if "logDriver" not in inputs:
        return None
    return LogConfig(type=inputs["logDriver"], config=inputs.get("logOpts", {}))


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)


def _bytes(mebibytes: float | None) -> int | None:
    return None if not mebibytes else int(mebibytes * _MIB)
