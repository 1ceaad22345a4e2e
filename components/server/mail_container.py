"""The mail server's container: its shape, and what makes it anew."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_docker as docker

from components.hosts.host import Host
from components.naming import prefix
from components.server.container_shape import restart_policy, storage, unread
from components.tls.tls import ServerCertificate
from mail.services import PORTS, health_test

STOP_GRACE = 60  # seconds: supervisord inside waits 55 for Postfix and Dovecot to finish
MOUNTS = {
    "mail": "/var/mail",
    "state": "/var/mail-state",
    "logs": "/var/log/mail",
    "config": "/tmp/docker-mailserver",  # noqa: S108 - where docker-mailserver wants it
}
# What docker-mailserver needs of root's powers (its docs, "Advanced > Kubernetes").
CAPABILITIES = (
    "CAP_CHOWN",
    "CAP_DAC_OVERRIDE",
    "CAP_FOWNER",
    "CAP_KILL",
    "CAP_MKNOD",
    "CAP_NET_ADMIN",  # Fail2Ban
    "CAP_NET_BIND_SERVICE",
    "CAP_NET_RAW",
    "CAP_SETGID",
    "CAP_SETUID",
    "CAP_SYS_CHROOT",
)


@dataclass(frozen=True, kw_only=True)
class ContainerArgs:
    """What the container is made of."""

    host: Host
    hostname: str
    services: Sequence[str]
    variables: Mapping[str, str]
    image: docker.RemoteImage
    network: docker.Network
    volumes: Mapping[str, docker.Volume]
    """By role: the keys of MOUNTS."""
    certificate: ServerCertificate
    start_digest: pulumi.Output[str]
    """Changes with the files that are read at start only."""


def mail_container(
    name: str,
    args: ContainerArgs,
    *,
    after: pulumi.Output[list[pulumi.Resource]],
    opts: pulumi.ResourceOptions,
) -> docker.Container:
    """Make the container, once all in ``after`` is there."""
    host, ports = args.host, _published(args)
    trigger = pulumi.Output.all(args.start_digest, host.generation)
    own = pulumi.ResourceOptions(
        depends_on=after,
        delete_before_replace=True,
        # The provider takes a changed one into the state, but to no container.
        replace_on_changes=["healthcheck"],
    )
    if host.has_ipv6:
        # The provider reads two addresses of one port back in an order of its own, and would
        # replace the container at each `up`: so it is told here what a real change is.
        own.ignore_changes = ["ports"]
        shown = [f"{port['ip']} {port['external']}" for port in ports]
        trigger = pulumi.Output.all(trigger, shown)
    own.replacement_trigger = trigger
    mounts = [
        docker.ContainerMountArgs(type="volume", source=args.volumes[role].name, target=target)
        for role, target in sorted(MOUNTS.items())
    ]
    return docker.Container(
        name,
        name=prefix(),
        image=args.image.image_id,
        hostname=args.hostname,
        envs=[f"{key}={value}" for key, value in sorted(args.variables.items())],
        ports=ports,
        **storage(host.engine, [*mounts, *args.certificate.mounts]),
        networks_advanced=[docker.ContainerNetworksAdvancedArgs(name=args.network.name)],
        capabilities=docker.ContainerCapabilitiesArgs(drops=["ALL"], adds=list(CAPABILITIES)),
        restart=restart_policy(host.engine),
        destroy_grace_seconds=STOP_GRACE,
        stop_timeout=STOP_GRACE,
        healthcheck=docker.ContainerHealthcheckArgs(
            tests=health_test(args.services),
            interval="30s",
            timeout="5s",
            start_period="60s",
            retries=3,
        ),
        # ServerReady waits instead: it can tell why a start failed.
        wait=False,
        opts=pulumi.ResourceOptions.merge(
            pulumi.ResourceOptions.merge(opts, unread(host.engine)), own
        ),
    )


def _published(args: ContainerArgs) -> list[docker.ContainerPortArgsDict]:
    """List the ports, sorted by internal port: another order is a replacement to the provider."""
    # "0.0.0.0" is the provider's default; it does not take an empty address for both families.
    ipv4 = args.host.publish_on or "0.0.0.0"  # noqa: S104 - meant
    everywhere = (ipv4, "::") if args.host.has_ipv6 else (ipv4,)
    return [
        {"internal": port, "external": port + args.host.port_offset, "ip": address}
        for port in sorted(PORTS[service] for service in args.services)
        for address in everywhere
    ]
