"""docker-mailserver: network, volumes, image, config files, container, and that it is ready.

It deliberately knows nothing of domains or accounts: they are files, made elsewhere.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pulumi
import pulumi_docker as docker

from components.dynamic.config_files import ConfigFiles
from components.dynamic.image_history import ImageHistory
from components.dynamic.salt import Salt
from components.dynamic.server_ready import ServerReady
from components.hosts.host import Host
from components.naming import prefix, private_ipv6
from components.placeholders import Placeholders
from components.server.config_volume import file_args, start_digest
from components.server.mail_container import MOUNTS, ContainerArgs, mail_container
from components.server.snapshots import SnapshotArgs, take_snapshots
from components.tls.acme_client import acme_client
from components.tls.tls import ServerCertificate
from mail.dms.environment import environment
from mail.dms.files import ConfigFile
from mail.services import PORTS
from settings import Settings
from settings.paths import set_command

KEPT = frozenset({"mail", "state"})

# Rspamd's proxy, where Postfix hands over mail to be signed. It starts after Postfix (13 s after
# the container on an empty state volume, measured with 15.1.0): mail sent before it listens
# would leave unsigned.
RSPAMD_MILTER = 11332


@dataclass(frozen=True, kw_only=True)
class MailServerArgs:
    """The container's settings, as plain values where they are known."""

    settings: Settings
    host: Host
    certificate: ServerCertificate
    files: Mapping[str, ConfigFile]
    placeholders: Placeholders


class MailServer(pulumi.ComponentResource):
    """The container with all that it stands on."""

    container_id: pulumi.Output[str]
    """The container's id, known once every asked-for port answers."""
    rollback: pulumi.Output[dict[str, str] | None]
    """The image before this one, and the command that goes back to it; None for the first."""
    ca_certificate: pulumi.Output[str | None]
    """What a client has to trust, PEM; None where the world knows the certificate's issuer."""

    def __init__(
        self, name: str, args: MailServerArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("mailstack:mail:MailServer", name, None, opts)
        settings, host, here = args.settings, args.host, pulumi.ResourceOptions(parent=self)
        server = settings.server
        provider = docker.Provider(
            f"{name}-docker", host=host.docker, ssh_opts=host.ssh_opts, opts=here
        )
        child = pulumi.ResourceOptions(parent=self, provider=provider)
        volumes = {
            role: self._volume(name, role, child, kept=settings.protect and role in KEPT)
            for role in MOUNTS
        }
        network = self._network(name, host, child)
        image = docker.RemoteImage(
            f"{name}-image",
            name=server.image,
            keep_locally=True,  # the way back after a bad upgrade
            # Another machine has not got it.
            opts=_remade_on(host, child),
        )
        config = ConfigFiles(
            f"{name}-config",
            host=host.docker,
            ssh_opts=host.ssh_opts,
            image=image.image_id,
            volume=volumes["config"].name,
            files=file_args(args.files, args.placeholders),
            opts=here,
        )
        acme = acme_client(
            f"{name}-acme", args.certificate.acme, host=host, provider=provider, parent=self
        )
        history = ImageHistory(
            f"{name}-images", image=server.image, keep=server.upgrade.snapshots, opts=here
        )
        self.rollback = history.came_from.apply(_rollback)
        before = [config, *([acme.ready] if acme else [])]
        snapshots = take_snapshots(
            name,
            history,
            SnapshotArgs(
                host=host,
                image_id=image.image_id,
                mail=volumes["mail"].name,
                state=volumes["state"].name,
            ),
            # The server may stop for it: all else that could fail comes first.
            after=before,
            parent=self,
        )
        variables = _environment(args)
        salt = Salt(f"{name}-salt", opts=here).value
        container = mail_container(
            f"{name}-container",
            ContainerArgs(
                host=host,
                hostname=server.hostname,
                services=server.services,
                variables=variables,
                image=image,
                network=network,
                volumes=volumes,
                certificate=args.certificate,
                start_digest=start_digest(args.files, args.placeholders, salt=salt),
            ),
            after=snapshots.apply(lambda taken: [*before, *taken]),
            opts=child,
        )
        ready = ServerReady(
            f"{name}-ready",
            host=host.docker,
            ssh_opts=host.ssh_opts,
            container_id=container.id,
            ports=_awaited_ports(variables, server.services),
            image=server.image,
            rollback=self.rollback.apply(lambda back: back["command"] if back else ""),
            opts=here,
        )
        self.container_id = ready.container_id
        self.ca_certificate = acme.ready.ca if acme else args.certificate.ca
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
        tls=args.certificate.source,
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
