"""What every kind of host offers to the rest of the stack."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from settings.host import Engine


@dataclass(frozen=True, kw_only=True)
class ElasticIp:
    """An address at AWS, and the provider of its region."""

    allocation_id: pulumi.Output[str]
    provider: aws.Provider


@dataclass(frozen=True, kw_only=True)
class DataVolume:
    """The disk at AWS that carries Docker's volumes, and the provider of its region."""

    id: pulumi.Output[str]
    provider: aws.Provider


@dataclass(frozen=True, kw_only=True)
class Host:
    """A machine with Docker: a VPS that we make, one that exists, or this one."""

    ipv4: pulumi.Output[str]
    """The address that the A record and the PTR speak of."""
    ipv6: pulumi.Output[str | None]
    """The address of the AAAA record, or None."""
    has_ipv6: bool
    """Whether there will be an IPv6 address: known before there is one, unlike ``ipv6``."""
    docker: pulumi.Output[str]
    """The Docker endpoint: ``ssh://user@address[:port][/socket]`` or ``unix:///…``."""
    ssh_opts: pulumi.Output[list[str]]
    """Options for the OpenSSH client: the pinned host key and the key that logs in."""
    generation: pulumi.Output[str]
    """Changes when the machine is another one: its containers went with the old one."""
    engine: Engine = "docker"
    """What answers at ``docker``: the Engine itself, or Podman in its place."""
    publish_on: str | None = None
    """The one address to publish ports on; None for all of the machine's."""
    port_offset: int = 0
    """Added to every published port."""
    elastic_ip: ElasticIp | None = None
    """The address whose reverse name we can set; None where only its owner can."""
    data_volume: DataVolume | None = None
    """The disk that we can snapshot as a whole; None where it is somebody else's."""
