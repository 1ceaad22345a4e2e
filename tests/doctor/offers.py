"""A deployment with services at given ports."""

import dataclasses
import ssl
from collections.abc import Mapping

import trustme
from pydantic import SecretStr

from doctor.deployment import Deployment
from doctor.outputs import Endpoint, MailboxOutput


def offering(
    deployment: Deployment,
    *,
    ports: Mapping[str, int],
    ca: str | None,
    mailboxes: Mapping[str, str | None] | None = None,
    timeout: float = 5,
    try_relay: bool = True,
) -> Deployment:
    """Give the deployment with these ports, this authority (PEM) and these mailboxes."""
    outputs = deployment.outputs.model_copy(
        update={
            "endpoints": {
                service: Endpoint(host="mail.example.test", port=port)
                for service, port in ports.items()
            },
            "ca_certificate": ca,
            "mailboxes": {
                address: MailboxOutput(password=SecretStr(password) if password else None)
                for address, password in (mailboxes or {}).items()
            },
        }
    )
    return dataclasses.replace(deployment, outputs=outputs, timeout=timeout, try_relay=try_relay)


def server_tls(certificate: trustme.LeafCert) -> ssl.SSLContext:
    """Give a server's side of TLS with this certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context
