"""Mail servers on loopback, as right or as wrong as a test wants them.

They hold real sockets and speak real TLS, but answer only the few commands that the doctor sends;
against docker-mailserver itself the doctor runs in tests/e2e.
"""

import shlex
import socket
import socketserver
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self

_PATIENCE = 10  # seconds until a conversation that the doctor left open fails the test


class Connection:
    """The server's end of a conversation in lines."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._pending = b""

    def read(self) -> str:
        """Give the next line without its end; empty when the client has gone."""
        while b"\n" not in self._pending:
            data = self._socket.recv(4096)
            if not data:
                return ""
            self._pending += data
        line, _, self._pending = self._pending.partition(b"\n")
        return line.decode().strip()

    def write(self, *lines: str) -> None:
        self._socket.sendall("".join(f"{line}\r\n" for line in lines).encode())

    def start_tls(self, context: ssl.SSLContext) -> None:
        self._socket = context.wrap_socket(self._socket, server_side=True)

    def close(self) -> None:
        self._socket.close()


Conversation = Callable[[Connection], None]


class MailWorld:
    """Servers on free ports of 127.0.0.1, each conversation in a thread of its own."""

    def __init__(self) -> None:
        self._servers: list[tuple[socketserver.ThreadingTCPServer, threading.Thread]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for server, thread in self._servers:
            server.shutdown()
            thread.join()
            server.server_close()

    def serve(self, conversation: Conversation, *, tls: ssl.SSLContext | None = None) -> int:
        """Hold a conversation with everyone who connects; give the port."""

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                self.request.settimeout(_PATIENCE)
                connection = Connection(self.request)
                # A client that ends the conversation at once is what some tests are about.
                with suppress(OSError):
                    if tls is not None:
                        connection.start_tls(tls)
                    conversation(connection)
                connection.close()

        server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        self._servers.append((server, thread))
        return int(server.server_address[1])


@dataclass
class Smtp:
    """An SMTP server: what it offers before TLS, and its answer to every recipient."""

    offers: str = "STARTTLS"
    greeting: str = "220 mail.example.test ESMTP"
    recipient: str = "554 5.7.1 Relay access denied"
    starttls: ssl.SSLContext | None = None
    heard: list[str] = field(default_factory=list)

    def __call__(self, connection: Connection) -> None:
        connection.write(self.greeting)
        while line := connection.read():
            self.heard.append(line)
            match line.split()[0].upper():
                case "EHLO":
                    connection.write("250-mail.example.test", f"250 {self.offers}")
                case "STARTTLS" if self.starttls:
                    connection.write("220 go ahead")
                    connection.start_tls(self.starttls)
                case "RCPT":
                    connection.write(self.recipient)
                case "QUIT":
                    connection.write("221 bye")
                    return
                case _:
                    connection.write("250 ok")


@dataclass
class Imap:
    """An IMAP server: `passwords` by login, and what it offers before TLS."""

    passwords: dict[str, str] = field(default_factory=dict)
    offers: str = "IMAP4rev1 STARTTLS LOGINDISABLED"
    greeting: str = "* OK ready"
    starttls: ssl.SSLContext | None = None
    tried: list[str] = field(default_factory=list)

    def __call__(self, connection: Connection) -> None:
        connection.write(self.greeting)
        while line := connection.read():
            tag, command, *rest = shlex.split(line)
            match command.upper():
                case "CAPABILITY":
                    connection.write(f"* CAPABILITY {self.offers}", f"{tag} OK done")
                case "STARTTLS" if self.starttls:
                    connection.write(f"{tag} OK go ahead")
                    connection.start_tls(self.starttls)
                case "LOGIN":
                    login, password = rest
                    self.tried.append(login)
                    right = self.passwords.get(login) == password
                    connection.write(f"{tag} {'OK' if right else 'NO'} done")
                case "SELECT":
                    connection.write("* 0 EXISTS", f"{tag} OK [READ-WRITE] done")
                case "LOGOUT":
                    connection.write("* BYE", f"{tag} OK done")
                    return
                case _:
                    connection.write(f"{tag} BAD unknown")


@dataclass
class Lines:
    """A server of fixed answers: POP3 and ManageSieve need no more."""

    greeting: list[str]
    answers: dict[str, list[str]] = field(default_factory=dict)
    starttls: ssl.SSLContext | None = None

    def __call__(self, connection: Connection) -> None:
        connection.write(*self.greeting)
        while command := connection.read():
            connection.write(*self.answers.get(command, ["-ERR unknown"]))
            if self.starttls and command in {"STLS", "STARTTLS"}:
                connection.start_tls(self.starttls)
