"""Hosts that exist already: any machine reachable by SSH, and this machine."""

import os

import pulumi

from components.host import Host
from components.ssh_files import ssh_options
from settings.host import LocalHost, SshHost

DEFAULT_SOCKET = "unix:///var/run/docker.sock"


def ssh_host(settings: SshHost) -> Host:
    """Describe the machine behind ``kind: ssh``. Nothing is created on it."""
    return Host(
        ipv4=pulumi.Output.from_input(str(settings.public_ipv4)),
        ipv6=pulumi.Output.from_input(settings.ipv6),
        has_ipv6=settings.ipv6 is not None,
        docker=pulumi.Output.from_input(
            f"ssh://{settings.user}@{settings.address}:{settings.port}"
        ),
        ssh_opts=ssh_options(
            address=settings.address,
            port=settings.port,
            host_key=settings.host_key,
            private_key=None,
        ),
        generation=pulumi.Output.from_input(settings.host_key),
    )


def local_host(settings: LocalHost) -> Host:
    """Describe this machine and its Docker, found as the Docker client finds it."""
    return Host(
        ipv4=pulumi.Output.from_input(settings.ipv4),
        ipv6=pulumi.Output.from_input(None),
        has_ipv6=False,
        docker=pulumi.Output.from_input(os.environ.get("DOCKER_HOST", DEFAULT_SOCKET)),
        ssh_opts=pulumi.Output.from_input([]),
        generation=pulumi.Output.from_input("this machine"),
        port_offset=settings.port_offset,
    )
