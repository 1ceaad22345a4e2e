"""A conversation with each mail service, up to a verified TLS connection."""

import imaplib
import poplib
import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

CLIENT_NAME = "doctor.mailstack.invalid"
"""What the doctor calls itself in EHLO: well-formed, and no one's (RFC 6761)."""

PROTOCOL_ERRORS = (OSError, EOFError, imaplib.IMAP4.error, poplib.error_proto)
"""What a conversation may end with; smtplib's and ssl's errors are OSErrors."""


class WrongGreetingError(OSError):
    """Something answers, but not with the greeting of the service that should be there."""


def certificate_of(
    service: str, address: tuple[str, int], *, context: ssl.SSLContext, timeout: float
) -> dict[str, Any]:
    """Greet a service, start TLS, and give its verified certificate as `getpeercert()` does.

    `timeout` in seconds for each step. Raises one of PROTOCOL_ERRORS; KeyError for an unknown
    service.
    """
    return _CONVERSATIONS[service](address, context, timeout)


@contextmanager
def ended(end: Callable[[], object]) -> Iterator[None]:
    """End a conversation, however it went.

    Ending one that broke fails too (imaplib, poplib), and would hide why it broke.
    """
    try:
        yield
    finally:
        with suppress(*PROTOCOL_ERRORS):
            end()


def smtp_connection(address: tuple[str, int], timeout: float) -> smtplib.SMTP:
    """Connect by SMTP in plain text, greeted and with EHLO done. Raises OSError."""
    client = smtplib.SMTP(local_hostname=CLIENT_NAME, timeout=timeout)
    return _greeted(client, address)


def _greeted(client: smtplib.SMTP, address: tuple[str, int]) -> smtplib.SMTP:
    code, text = client.connect(*address)
    if code != 220:  # noqa: PLR2004 - RFC 5321 4.2.2
        client.close()
        raise WrongGreetingError(f"greets with {code} {text.decode('utf-8', 'replace')}")
    client.ehlo()
    return client


def _submission(
    address: tuple[str, int], context: ssl.SSLContext, timeout: float
) -> dict[str, Any]:
    with smtp_connection(address, timeout) as client:
        client.starttls(context=context)
        return _peer(client.sock)


def _submissions(
    address: tuple[str, int], context: ssl.SSLContext, timeout: float
) -> dict[str, Any]:
    client = smtplib.SMTP_SSL(local_hostname=CLIENT_NAME, timeout=timeout, context=context)
    with _greeted(client, address):
        return _peer(client.sock)


def _imap(address: tuple[str, int], context: ssl.SSLContext, timeout: float) -> dict[str, Any]:
    client = imaplib.IMAP4(*address, timeout=timeout)
    with ended(client.shutdown):
        client.starttls(ssl_context=context)
        return _peer(client.socket())


def _imaps(address: tuple[str, int], context: ssl.SSLContext, timeout: float) -> dict[str, Any]:
    client = imaplib.IMAP4_SSL(*address, ssl_context=context, timeout=timeout)
    with ended(client.shutdown):
        return _peer(client.socket())


def _pop3(address: tuple[str, int], context: ssl.SSLContext, timeout: float) -> dict[str, Any]:
    client = poplib.POP3(*address, timeout=timeout)
    with ended(client.close):
        client.stls(context=context)
        return _peer(client.sock)


def _pop3s(address: tuple[str, int], context: ssl.SSLContext, timeout: float) -> dict[str, Any]:
    client = poplib.POP3_SSL(*address, timeout=timeout, context=context)
    with ended(client.close):
        return _peer(client.sock)


def _managesieve(
    address: tuple[str, int], context: ssl.SSLContext, timeout: float
) -> dict[str, Any]:
    # No library speaks it; up to TLS it is lines that end with OK or NO (RFC 5804 1.2, 2.2).
    with socket.create_connection(address, timeout) as plain:
        _read_ok(plain)
        plain.sendall(b"STARTTLS\r\n")
        _read_ok(plain)
        with context.wrap_socket(plain) as encrypted:
            return _peer(encrypted)


def _read_ok(connection: socket.socket) -> None:
    # Unbuffered: a byte read too far would be the first of the TLS handshake.
    with connection.makefile("rb", buffering=0) as lines:
        for _ in range(50):
            line = lines.readline(4096)
            if line.upper().startswith(b"OK"):
                return
            if not line.startswith(b'"'):
                break
    raise WrongGreetingError(f"answers {line.decode('utf-8', 'replace').strip()!r}, not OK")


def _peer(connection: Any) -> dict[str, Any]:  # noqa: ANN401 - typed as a plain socket in typeshed
    return dict(connection.getpeercert())


_CONVERSATIONS: Mapping[str, Callable[[tuple[str, int], ssl.SSLContext, float], dict[str, Any]]] = {
    "smtp": _submission,
    "submission": _submission,
    "submissions": _submissions,
    "imap": _imap,
    "imaps": _imaps,
    "pop3": _pop3,
    "pop3s": _pop3s,
    "managesieve": _managesieve,
}
