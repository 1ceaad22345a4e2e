"""TLS as a mail program uses it: the chain verified, the name verified, by whatever address."""

import socket
import ssl
import time
from typing import Any

from doctor.errors import DoctorError

_DAY = 86400  # seconds


class NamedContext(ssl.SSLContext):
    """A client context that expects one name, whatever address the connection was made to.

    smtplib, imaplib and poplib pass on the address they connected to; here that is the IP address
    of the outputs, which no certificate has to hold.
    """

    name: str

    def wrap_socket(
        self,
        sock: socket.socket,
        *args: Any,  # noqa: ANN401 - as in ssl
        **options: Any,  # noqa: ANN401
    ) -> ssl.SSLSocket:
        """Wrap a client socket, verifying the certificate against `name`."""
        return super().wrap_socket(sock, *args, **{**options, "server_hostname": self.name})


def client_context(name: str, ca_certificate: str | None) -> NamedContext:
    """Make a context that trusts `ca_certificate` (PEM) alone, or the system's store if None.

    Raises DoctorError when the certificate cannot be read.
    """
    context = NamedContext(ssl.PROTOCOL_TLS_CLIENT)
    context.name = name
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_certificate is None:
        context.load_default_certs()
        return context
    try:
        context.load_verify_locations(cadata=ca_certificate)
    except (ssl.SSLError, ValueError):
        raise DoctorError("the output caCertificate is not a PEM certificate") from None
    return context


def days_left(certificate: dict[str, Any]) -> int:
    """Give the whole days until a peer's certificate (`SSLSocket.getpeercert()`) expires."""
    return int((ssl.cert_time_to_seconds(certificate["notAfter"]) - time.time()) // _DAY)
