"""The certificate that the mail server shows."""

from dataclasses import dataclass

import pulumi

from components.dynamic.certificate import Certificate
from settings.tls import ManualTls, Tls


@dataclass(frozen=True, kw_only=True)
class ServerCertificate:
    """A certificate chain with its key, and what a client has to trust."""

    chain: pulumi.Output[str]
    key: pulumi.Output[str]
    ca: pulumi.Output[str | None]
    """The stack's own CA; None where the world knows the issuer."""


def server_certificate(name: str, *, hostname: str, tls: Tls) -> ServerCertificate:
    """Take the user's certificate, or make one from a CA of the stack's own."""
    if isinstance(tls, ManualTls):
        return ServerCertificate(
            chain=pulumi.Output.from_input(tls.certificate),
            key=pulumi.Output.secret(tls.key.get_secret_value()),
            ca=pulumi.Output.from_input(None),
        )
    made = Certificate(name, hostname=hostname)
    return ServerCertificate(chain=made.certificate, key=made.private_key, ca=made.ca_certificate)
