"""Hosts that exist already: any machine reachable by SSH, and this machine.

Nothing is created on them, so they can be looked at before anything else is: a host that cannot be
reached, or that is not the one whose key is pinned, ends the run while nothing has changed yet.
"""

import os
from collections.abc import Sequence

import pulumi

from components.dynamic.docker_link import docker_client
from components.dynamic.link_errors import DockerLinkError
from components.hosts.host import Host
from components.hosts.ssh_files import write_ssh_files
from settings import MailstackError
from settings.host import Engine, LocalHost, SshHost

PATIENCE = 30  # seconds for one answer; ssh itself gives up connecting after 20


class HostError(MailstackError):
    """The host of the settings is not there, or not what the settings say."""


def ssh_host(settings: SshHost) -> Host:
    """Describe the machine behind ``kind: ssh``. Raises HostError when it does not answer."""
    endpoint = f"ssh://{settings.user}@{settings.address}:{settings.port}{settings.socket or ''}"
    options = write_ssh_files(
        address=settings.address, port=settings.port, host_key=settings.host_key
    )
    _look_at(endpoint, options, settings.engine)
    return Host(
        ipv4=pulumi.Output.from_input(str(settings.public_ipv4)),
        ipv6=pulumi.Output.from_input(settings.ipv6),
        has_ipv6=settings.ipv6 is not None,
        docker=pulumi.Output.from_input(endpoint),
        ssh_opts=pulumi.Output.from_input(options),
        generation=pulumi.Output.from_input(settings.host_key),
        engine=settings.engine,
    )


def local_host(settings: LocalHost) -> Host:
    """Describe this machine and its engine. Raises HostError when that does not answer."""
    endpoint = settings.endpoint(os.environ, root=os.geteuid() == 0)
    _look_at(endpoint, (), settings.engine)
    return Host(
        ipv4=pulumi.Output.from_input(settings.ipv4),
        ipv6=pulumi.Output.from_input(None),
        has_ipv6=False,
        docker=pulumi.Output.from_input(endpoint),
        ssh_opts=pulumi.Output.from_input([]),
        generation=pulumi.Output.from_input("this machine"),
        engine=settings.engine,
        publish_on=settings.ipv4,
        port_offset=settings.port_offset,
    )


def _look_at(endpoint: str, options: Sequence[str], engine: Engine) -> None:
    try:
        with docker_client(endpoint, options, timeout=PATIENCE) as client:
            parts = {part["Name"] for part in client.version().get("Components", [])}
    except DockerLinkError as error:
        raise HostError(f"nothing was created or changed: {error}") from None
    if engine == "docker" and "Podman Engine" in parts:
        raise HostError(
            f"nothing was created or changed: what answers at {endpoint} is Podman, which reports "
            "its containers otherwise: pulumi config set --path mailstack:host.engine podman"
        )
