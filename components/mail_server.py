"""docker-mailserver: network, volumes, image, config files, container, and that it is ready.

It deliberately knows nothing of domains or accounts: they are files, made elsewhere.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pulumi
import pulumi_docker as docker

from components.acme_client import AcmeClient, acme_client
from components.config_volume import file_args, start_digest
from components.dynamic.config_files import ConfigFiles
from components.dynamic.salt import Salt
from components.dynamic.server_ready import ServerReady
from components.host import Host
from components.naming import prefix
from components.placeholders import Placeholders
from components.relay import Smarthost
from components.tls import ServerCertificate
from mail.dms.environment import environment
from mail.dms.files import ConfigFile
from mail.services import PORTS, health_test
from settings import Settings

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
    relay: Smarthost | None
    certificate: ServerCertificate
    files: Mapping[str, ConfigFile]
    placeholders: Placeholders


@dataclass(frozen=True, kw_only=True)
class _Foundation:
    """What the container stands on."""

    image: docker.RemoteImage
    network: docker.Network
    volumes: Mapping[str, docker.Volume]
    config: ConfigFiles
    acme: AcmeClient | None


class MailServer(pulumi.ComponentResource):
    """The container with all that it stands on."""

    container_id: pulumi.Output[str]
    """The container's id, known once every asked-for port answers."""
    ca_certificate: pulumi.Output[str | None]
    """What a client has to trust, PEM; None where the world knows the certificate's issuer."""

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
        volumes = {role: self._volume(name, role, child) for role in MOUNTS}
        network = docker.Network(f"{name}-network", name=prefix(), opts=child)
        image = docker.RemoteImage(
            f"{name}-image",
            name=args.settings.server.image,
            keep_locally=True,  # the way back after a bad upgrade
            opts=child,
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
        acme = acme_client(
            f"{name}-acme", args.certificate.acme, host=args.host, provider=provider, parent=self
        )
        foundation = _Foundation(
            image=image, network=network, volumes=volumes, config=config, acme=acme
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
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.container_id = ready.container_id
        self.ca_certificate = acme.ready.ca if acme else args.certificate.ca
        self.register_outputs({"container_id": self.container_id})

    def _volume(self, name: str, role: str, child: pulumi.ResourceOptions) -> docker.Volume:
        kept = pulumi.ResourceOptions(protect=True, retain_on_delete=True)
        return docker.Volume(
            f"{name}-{role}",
            name=f"{prefix()}-{role}",
            # Any change of a volume would replace it, and with it the mail.
            opts=pulumi.ResourceOptions.merge(child, kept) if role in KEPT else child,
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
        trigger = pulumi.Output.all(
            start_digest(args.files, args.placeholders, salt=salt), args.host.generation
        )
        server = args.settings.server
        ports = sorted(PORTS[service] for service in server.services)
        return docker.Container(
            f"{name}-container",
            name=prefix(),
            image=on.image.image_id,
            hostname=server.hostname,
            envs=[f"{key}={value}" for key, value in sorted(variables.items())],
            # Sorted by internal port: another order is a replacement to the provider.
            ports=[
                docker.ContainerPortArgs(internal=port, external=port + args.host.port_offset)
                for port in ports
            ],
            mounts=[
                docker.ContainerMountArgs(
                    type="volume", source=on.volumes[role].name, target=MOUNTS[role]
                )
                for role in sorted(MOUNTS)
            ]
            + args.certificate.mounts,
            networks_advanced=[docker.ContainerNetworksAdvancedArgs(name=on.network.name)],
            capabilities=docker.ContainerCapabilitiesArgs(drops=["ALL"], adds=list(CAPABILITIES)),
            # Every panic of docker-mailserver exits 0: `on-failure` would not restart it.
            restart="unless-stopped",
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
                child,
                pulumi.ResourceOptions(
                    depends_on=[on.config, *([on.acme.ready] if on.acme else [])],
                    delete_before_replace=True,
                    replacement_trigger=trigger,
                ),
            ),
        )


def _environment(args: MailServerArgs) -> dict[str, str]:
    settings = args.settings
    return environment(
        postmaster=settings.postmaster,
        services=settings.server.services,
        signer=settings.server.signer,
        relay_nexthop=args.relay.nexthop if args.relay else None,
        tls=args.certificate.source,
        user=settings.server.environment,
    )


def _awaited_ports(variables: Mapping[str, str], services: Iterable[str]) -> list[int]:
    asked_for = [PORTS[service] for service in services]
    signs_by_rspamd = variables.get("ENABLE_RSPAMD") == "1"
    return sorted([*asked_for, RSPAMD_MILTER] if signs_by_rspamd else asked_for)
