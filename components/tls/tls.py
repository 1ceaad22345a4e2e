"""The certificate that the mail server shows: made, brought, or found where another obtains it."""

from dataclasses import dataclass

import pulumi
import pulumi_docker as docker

from components.dynamic.certificate import Certificate
from components.naming import prefix
from components.tls.acme_client import AcmeOrder
from components.tls.acme_token import zone_token
from mail.acme import CertificateOrder
from mail.dms.tls import (
    TlsSource,
    from_acme_client,
    from_caddy,
    from_config_volume,
    from_traefik,
)
from settings import Settings
from settings.tls import CaddyTls, KeyPair, LetsEncryptTls, ManualTls, TraefikTls


@dataclass(frozen=True, kw_only=True)
class CertificatePair:
    """A certificate chain with its key, for the config volume."""

    chain: pulumi.Output[str]
    key: pulumi.Output[str]


@dataclass(frozen=True, kw_only=True)
class ServerCertificate:
    """Where the server's certificate comes from, and what a client has to trust."""

    source: TlsSource
    pair: CertificatePair | None = None
    """None where another program obtains the certificate, and mailstack never sees it."""
    fallback: CertificatePair | None = None
    acme: AcmeOrder | None = None
    """What the stack's ACME client is to obtain before the server starts."""
    ca: pulumi.Output[str | None]
    """The stack's own CA; None where the world knows the issuer.

    What the ACME client obtains may tell otherwise (``CertificateReady.ca``).
    """

    @property
    def mounts(self) -> list[docker.ContainerMountArgs]:
        """What the mail server's container must see of the host, read-only."""
        return [
            docker.ContainerMountArgs(
                type=mount.kind, source=mount.source, target=mount.target, read_only=True
            )
            for mount in self.source.mounts
        ]


def server_certificate(name: str, settings: Settings) -> ServerCertificate:
    """Take or find the user's certificate, order one, or make one from the stack's own CA."""
    hostname, tls = settings.server.hostname, settings.server.tls
    world: pulumi.Output[str | None] = pulumi.Output.from_input(None)
    if isinstance(tls, ManualTls):
        return ServerCertificate(
            source=from_config_volume(fallback=tls.fallback is not None),
            pair=_pair(tls),
            fallback=_pair(tls.fallback) if tls.fallback else None,
            ca=world,
        )
    if isinstance(tls, LetsEncryptTls):
        order = CertificateOrder(
            hostname=hostname, wildcard=tls.wildcard, staging=tls.staging, email=tls.email
        )
        acme = AcmeOrder(
            order=order,
            token=_token(f"{name}-token", settings.zones[hostname], tls),
            image=tls.image,
            volume=f"{prefix()}-certificate",
        )
        source = from_acme_client(volume=acme.volume, lineage=order.lineage)
        return ServerCertificate(source=source, acme=acme, ca=world)
    if isinstance(tls, TraefikTls):
        return ServerCertificate(
            source=from_traefik(acme_path=tls.acme_path, domain=tls.domain), ca=world
        )
    if isinstance(tls, CaddyTls):
        return ServerCertificate(
            source=from_caddy(data=tls.data, issuer=tls.issuer, domain=tls.domain or hostname),
            ca=world,
        )
    made = Certificate(name, hostname=hostname)
    return ServerCertificate(
        source=from_config_volume(),
        pair=CertificatePair(chain=made.certificate, key=made.private_key),
        ca=made.ca_certificate,
    )


def _token(name: str, zone: str, tls: LetsEncryptTls) -> pulumi.Output[str]:
    if tls.token is not None:
        return pulumi.Output.secret(tls.token.get_secret_value())
    return zone_token(name, zone)


def _pair(pair: KeyPair) -> CertificatePair:
    return CertificatePair(
        chain=pulumi.Output.from_input(pair.certificate),
        key=pulumi.Output.secret(pair.key.get_secret_value()),
    )
