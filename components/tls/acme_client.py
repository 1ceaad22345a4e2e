"""The ACME client beside the mail server, and that it has obtained the certificate.

A container of its own, so that neither sees what the other must not: the mail server gets chain
and key alone, the client no mail. (docs/decisions/0010-certificates.md)
"""

from dataclasses import dataclass

import pulumi
import pulumi_docker as docker

from components.dynamic.certificate_ready import CertificateReady
from components.dynamic.config_files import ConfigFileArgs, ConfigFiles
from components.hosts.host import Host
from components.naming import prefix
from components.server.container_shape import restart_policy, storage, unread
from mail.acme import (
    ENTRYPOINT,
    PUBLISHED_FOLDER,
    STATE_FOLDER,
    TOKEN_FILE,
    CertificateOrder,
    client_command,
    token_file,
)
from mail.dms.text import SECRET_MODE
from mail.dms.tls import CHAIN_FILE

LABEL = "mailstack.acme"
"""Marks the container by the name that it asks for and the folder where it publishes."""


@dataclass(frozen=True, kw_only=True)
class AcmeOrder:
    """What to obtain, and with what."""

    order: CertificateOrder
    token: pulumi.Output[str]
    """Secret: lets the client write the challenge into the DNS."""
    image: str
    volume: str
    """Name of the volume in which to publish chain and key."""


class AcmeClient(pulumi.ComponentResource):
    """Two volumes, the token's file, the container, and the wait for its first certificate."""

    ready: CertificateReady
    """Depend on it to start after the certificate is there."""

    def __init__(
        self,
        name: str,
        acme: AcmeOrder,
        *,
        host: Host,
        provider: docker.Provider,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("mailstack:tls:AcmeClient", name, None, opts)
        here = pulumi.ResourceOptions(parent=self)
        child = pulumi.ResourceOptions(parent=self, provider=provider)
        order, folder = acme.order, f"{PUBLISHED_FOLDER}/{acme.order.lineage}"
        state = docker.Volume(f"{name}-state", name=f"{prefix()}-acme", opts=child)
        published = docker.Volume(f"{name}-published", name=acme.volume, opts=child)
        # Another machine has got neither image nor container.
        remade = pulumi.ResourceOptions(replacement_trigger=host.generation)
        image = docker.RemoteImage(
            f"{name}-image",
            name=acme.image,
            keep_locally=True,
            opts=pulumi.ResourceOptions.merge(child, remade),
        )
        token = ConfigFiles(
            f"{name}-token",
            host=host.docker,
            ssh_opts=host.ssh_opts,
            image=image.image_id,
            volume=state.name,
            files={
                TOKEN_FILE: ConfigFileArgs(content=acme.token.apply(token_file), mode=SECRET_MODE)
            },
            opts=here,
        )
        container = docker.Container(
            f"{name}-container",
            name=f"{prefix()}-acme",
            image=image.image_id,
            entrypoints=list(ENTRYPOINT),
            command=client_command(order),
            labels=[docker.ContainerLabelArgs(label=LABEL, value=f"{order.name} {folder}")],
            **storage(
                host.engine,
                [
                    docker.ContainerMountArgs(
                        type="volume", source=state.name, target=STATE_FOLDER
                    ),
                    docker.ContainerMountArgs(
                        type="volume", source=published.name, target=PUBLISHED_FOLDER
                    ),
                ],
            ),
            # It runs as root, but owns all that it touches.
            capabilities=docker.ContainerCapabilitiesArgs(drops=["ALL"]),
            restart=restart_policy(host.engine),
            wait=False,
            opts=pulumi.ResourceOptions.merge(
                pulumi.ResourceOptions.merge(child, unread(host.engine)),
                pulumi.ResourceOptions(
                    depends_on=[token],
                    delete_before_replace=True,
                    replacement_trigger=host.generation,
                ),
            ),
        )
        self.ready = CertificateReady(
            f"{name}-certificate",
            host=host.docker,
            ssh_opts=host.ssh_opts,
            container_id=container.id,
            chain_file=f"{folder}/{CHAIN_FILE}",
            name=order.name,
            opts=here,
        )
        self.register_outputs({"ready": self.ready.ready})


def acme_client(
    name: str,
    acme: AcmeOrder | None,
    *,
    host: Host,
    provider: docker.Provider,
    parent: pulumi.Resource,
) -> AcmeClient | None:
    """Make the client where there is something to obtain."""
    if acme is None:
        return None
    opts = pulumi.ResourceOptions(parent=parent)
    return AcmeClient(name, acme, host=host, provider=provider, opts=opts)
