"""docker-mailserver: network, volumes, image, config files, container, and that it is ready.

It deliberately knows nothing of domains or accounts: they are files, made elsewhere.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pulumi
import pulumi_docker as docker

from components.config_volume import file_args, start_digest
from components.container_shape import restart_policy, storage, unread
from components.dynamic.config_files import ConfigFiles
from components.dynamic.image_history import ImageHistory
from components.dynamic.salt import Salt
from components.dynamic.server_ready import ServerReady
from components.host import Host
from components.naming import prefix, private_ipv6
from components.placeholders import Placeholders
from components.snapshots import SnapshotArgs, take_snapshots
from mail.dms.environment import environment
from mail.dms.files import ConfigFile
from mail.services import PORTS, health_test
from settings import Settings
from settings.paths import set_command

STOP_GRACE = 60  # seconds: supervisord inside waits 55 for Postfix and Dovecot to finish
MOUNTS = {
    "mail": "/var/mail",
    "state": "/var/mail-state",
    "logs": "/var/log/mail",
    "config": "/tmp/docker-mailserver",  # noqa: S108 - where docker-mailserver wants it
}
KEPT = frozenset({"mail", "state"})
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


# Rspamd's proxy, where Postfix hands over mail to be signed. It starts after Postfix (13 s after
# the container on an empty state volume, measured with 15.1.0): mail sent before it listens
# would leave unsigned.
RSPAMD_MILTER = 11332


@dataclass(frozen=True, kw_only=True)
class MailServerArgs:
    """The container's settings, as plain values where they are known."""

    settings: Settings
    host: Host
    files: Mapping[str, ConfigFile]
    placeholders: Placeholders


@dataclass(frozen=True, kw_only=True)
class _Foundation:
    """What the container stands on."""

    image: docker.RemoteImage
    network: docker.Network
    volumes: Mapping[str, docker.Volume]
    ready: pulumi.Output[list[pulumi.Resource]]
    """What must be there before the container starts."""


class MailServer(pulumi.ComponentResource):
    """The container with all that it stands on."""

    container_id: pulumi.Output[str]
    """The container's id, known once every asked-for port answers."""
    rollback: pulumi.Output[dict[str, str] | None]
    """The image before this one, and the command that goes back to it; None for the first."""

    def __init__(
        self, name: str, args: MailServerArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("mailstack:mail:MailServer", name, None, opts)
        provider = docker.Provider(
            f"{name}-docker",
            host=args.host.docker,
            ssh_opts=args.host.ssh_opts,
            opts=pulumi.ResourceOptions(parent=self),
        )
        child = pulumi.ResourceOptions(parent=self, provider=provider)
        protect = args.settings.protect
        volumes = {
            role: self._volume(name, role, child, kept=protect and role in KEPT) for role in MOUNTS
        }
        network = self._network(name, args.host, child)
        image = docker.RemoteImage(
            f"{name}-image",
            name=args.settings.server.image,
            keep_locally=True,  # the way back after a bad upgrade
            # Another machine has not got it.
            opts=_remade_on(args.host, child),
        )
        config = ConfigFiles(
            f"{name}-config",
            host=args.host.docker,
            ssh_opts=args.host.ssh_opts,
            image=image.image_id,
            volume=volumes["config"].name,
            files=file_args(args.files, args.placeholders),
            opts=pulumi.ResourceOptions(parent=self),
        )
        history = ImageHistory(
            f"{name}-images",
            image=args.settings.server.image,
            keep=args.settings.server.upgrade.snapshots,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.rollback = history.came_from.apply(_rollback)
        snapshots = take_snapshots(
            name,
            history,
            SnapshotArgs(
                host=args.host,
                image_id=image.image_id,
                mail=volumes["mail"].name,
                state=volumes["state"].name,
            ),
            after=[config],
            parent=self,
        )
        foundation = _Foundation(
            image=image,
            network=network,
            volumes=volumes,
            ready=snapshots.apply(lambda taken: [config, *taken]),
        )
        variables = _environment(args)
        container = self._container(name, args, variables, foundation, child)
        services = args.settings.server.services
        ready = ServerReady(
            f"{name}-ready",
            host=args.host.docker,
            ssh_opts=args.host.ssh_opts,
            container_id=container.id,
            ports=_awaited_ports(variables, services),
            image=args.settings.server.image,
            rollback=self.rollback.apply(lambda back: back["command"] if back else ""),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.container_id = ready.container_id
        self.register_outputs({"container_id": self.container_id, "rollback": self.rollback})

    def _network(self, name: str, host: Host, child: pulumi.ResourceOptions) -> docker.Network:
        # Another VPS of ours has not got the name yet, and a preview cannot ask it what depends on
        # the network; any other host may be the same machine as before, with another host key.
        remade = pulumi.ResourceOptions(delete_before_replace=host.elastic_ip is None)
        opts = pulumi.ResourceOptions.merge(_remade_on(host, child), remade)
        if not host.has_ipv6:
            return docker.Network(f"{name}-network", name=prefix(), opts=opts)
        # With IPv6 inside too, clients keep their addresses: otherwise everyone who comes over IPv6
        # would be Docker's gateway to Fail2ban and Rspamd.
        return docker.Network(
            f"{name}-network",
            name=prefix(),
            ipv6=True,
            ipam_configs=[docker.NetworkIpamConfigArgs(subnet=private_ipv6())],
            # Docker adds an IPv4 network and gateways, which would read as drift for ever.
            opts=pulumi.ResourceOptions.merge(
                opts, pulumi.ResourceOptions(ignore_changes=["ipam_configs"])
            ),
        )

    def _volume(
        self, name: str, role: str, child: pulumi.ResourceOptions, *, kept: bool
    ) -> docker.Volume:
        keep = pulumi.ResourceOptions(protect=True, retain_on_delete=True)
        return docker.Volume(
            f"{name}-{role}",
            name=f"{prefix()}-{role}",
            # Any change of a volume would replace it, and with it the mail.
            opts=pulumi.ResourceOptions.merge(child, keep) if kept else child,
        )

    def _container(
        self,
        name: str,
        args: MailServerArgs,
        variables: Mapping[str, str],
        on: _Foundation,
        child: pulumi.ResourceOptions,
    ) -> docker.Container:
        salt = Salt(f"{name}-salt", opts=pulumi.ResourceOptions(parent=self)).value
        server = args.settings.server
        ports = _published(args)
        trigger = pulumi.Output.all(
            start_digest(args.files, args.placeholders, salt=salt), args.host.generation
        )
        own = pulumi.ResourceOptions(
            depends_on=on.ready,
            delete_before_replace=True,
            # The provider takes a changed one into the state, but to no container.
            replace_on_changes=["healthcheck"],
        )
        if args.host.has_ipv6:
            # The provider reads two addresses of one port back in an order of its own, and would
            # replace the container at each `up`: so it is told here what a real change is.
            own.ignore_changes = ["ports"]
            shown = [f"{port['ip']} {port['external']}" for port in ports]
            trigger = pulumi.Output.all(trigger, shown)
        own.replacement_trigger = trigger
        return docker.Container(
            f"{name}-container",
            name=prefix(),
            image=on.image.image_id,
            hostname=server.hostname,
            envs=[f"{key}={value}" for key, value in sorted(variables.items())],
            ports=ports,
            **storage(
                args.host.engine,
                [
                    docker.ContainerMountArgs(
                        type="volume", source=on.volumes[role].name, target=MOUNTS[role]
                    )
                    for role in sorted(MOUNTS)
                ],
            ),
            networks_advanced=[docker.ContainerNetworksAdvancedArgs(name=on.network.name)],
            capabilities=docker.ContainerCapabilitiesArgs(drops=["ALL"], adds=list(CAPABILITIES)),
            restart=restart_policy(args.host.engine),
            destroy_grace_seconds=STOP_GRACE,
            stop_timeout=STOP_GRACE,
            healthcheck=docker.ContainerHealthcheckArgs(
                tests=health_test(server.services),
                interval="30s",
                timeout="5s",
                start_period="60s",
                retries=3,
            ),
            # ServerReady waits instead: it can tell why a start failed.
            wait=False,
            opts=pulumi.ResourceOptions.merge(
                pulumi.ResourceOptions.merge(child, unread(args.host.engine)), own
            ),
        )


def _published(args: MailServerArgs) -> list[docker.ContainerPortArgsDict]:
    """List the ports, sorted by internal port: another order is a replacement to the provider."""
    # "0.0.0.0" is the provider's default; it does not take an empty address for both families.
    ipv4 = args.host.publish_on or "0.0.0.0"  # noqa: S104 - meant
    everywhere = (ipv4, "::") if args.host.has_ipv6 else (ipv4,)
    return [
        {"internal": port, "external": port + args.host.port_offset, "ip": address}
        for port in sorted(PORTS[service] for service in args.settings.server.services)
        for address in everywhere
    ]


def _remade_on(host: Host, child: pulumi.ResourceOptions) -> pulumi.ResourceOptions:
    """Add that another machine needs the thing anew: it went with the old one, unlike volumes."""
    remade = pulumi.ResourceOptions(replacement_trigger=host.generation)
    return pulumi.ResourceOptions.merge(child, remade)


def _environment(args: MailServerArgs) -> dict[str, str]:
    settings = args.settings
    return environment(
        postmaster=settings.postmaster,
        services=settings.server.services,
        signer=settings.server.signer,
        user=settings.server.environment,
    )


def _rollback(came_from: list[str]) -> dict[str, str] | None:
    if not came_from:
        return None
    image = came_from[-1]
    command = f"{set_command(('server', 'image'), image)} && pulumi up"
    return {"image": image, "command": command}


def _awaited_ports(variables: Mapping[str, str], services: Iterable[str]) -> list[int]:
    asked_for = [PORTS[service] for service in services]
    signs_by_rspamd = variables.get("ENABLE_RSPAMD") == "1"
    return sorted([*asked_for, RSPAMD_MILTER] if signs_by_rspamd else asked_for)
