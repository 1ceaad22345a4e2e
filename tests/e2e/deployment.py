"""A stack in the lab on a real Docker Engine, and a mail client's view of it."""

import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Any, TypeVar

import dns.resolver
from docker import DockerClient
from docker.models.containers import Container
from imap_tools import MailBox
from tenacity import (
    Retrying,
    retry,
    retry_if_exception,
    retry_if_result,
    stop_after_delay,
    wait_fixed,
)

from tests.e2e import smarthost
from tests.e2e.smarthost import Message, Smarthost
from tests.lab_project import LabProject, Steps, dev_stack, sealed

ALICE, BOB = "alice@example.test", "bob@example.test"
_PAUSE = 0.2
T = TypeVar("T")


def _is_temporary(error: BaseException) -> bool:
    return isinstance(error, smtplib.SMTPResponseException) and 400 <= error.smtp_code < 500


def wait_for(look: Callable[[], T], *, seconds: float, what: str) -> T:
    """Look again and again until it gives something true."""

    def give_up(_: object) -> T:
        raise AssertionError(f"not within {seconds} s: {what}")

    attempts = Retrying(
        retry=retry_if_result(lambda found: not found),
        stop=stop_after_delay(seconds),
        wait=wait_fixed(_PAUSE),
        retry_error_callback=give_up,
    )
    return attempts(look)


def stack_file(identity: smarthost.Identity) -> dict[str, Any]:
    """The development stack, with mail leaving through the test's smarthost."""
    stack = dev_stack()
    stack["config"]["mailstack:relay"] = {
        "kind": "smtp",
        "host": smarthost.NAME,
        "port": smarthost.PORT,
        "user": smarthost.USER,
        "password": sealed(stack, smarthost.PASSWORD),
    }
    files = stack["config"]["mailstack:server"]["files"]
    files["relay-ca.pem"] = identity.ca
    files["postfix-main.cf"] += "smtp_tls_CAfile = /tmp/docker-mailserver/relay-ca.pem\n"
    return stack


@dataclass
class Deployment:
    """The deployed stack. `smarthost` runs as long as the stack does."""

    project: LabProject
    client: DockerClient
    stack: dict[str, Any]
    smarthost: Smarthost
    outputs: dict[str, Any] = field(default_factory=dict)

    def up(self, stack: dict[str, Any]) -> Steps:
        """Deploy; the engine's steps that changed something."""
        self.project.write(stack)
        steps = self.project.small("up")
        self.wait_until_taken_up()
        return steps

    def wait_until_taken_up(self) -> None:
        """Until docker-mailserver has taken up the changed files.

        To log in earlier may meet the moment in which Dovecot reloads and drops the connection;
        to try too often gets this machine banned by Fail2Ban.
        """

        def unchanged() -> bool:
            # Its change detector notes there what it has taken up.
            checksums = "/tmp/docker-mailserver-config-chksum"
            return self.execute("sha512sum", "--check", "--status", checksums)[0] == 0

        wait_for(unchanged, seconds=60, what="docker-mailserver takes up the change")

    def read_outputs(self) -> None:
        self.outputs = self.project.outputs(secrets=True)

    @property
    def hostname(self) -> str:
        return str(self.outputs["hostname"])

    @property
    def name(self) -> str:
        """How every physical name of the stack begins; the container's own."""
        return f"mailstack-{self.project.stack}"

    @property
    def container(self) -> Container:
        return self.client.containers.get(self.name)

    def execute(self, *command: str) -> tuple[int, str]:
        """Run a command in the mail server's container; its exit code and what it said."""
        code, said = self.container.exec_run(list(command))
        assert code is not None
        assert isinstance(said, bytes)
        return code, said.decode()

    def resolver(self) -> dns.resolver.Resolver:
        """The lab's DNS."""
        resolver = dns.resolver.Resolver(configure=False)
        address, resolver.port = self.project.dns()
        resolver.nameservers = [address]
        return resolver

    def tls(self) -> ssl.SSLContext:
        """What a client has that trusts the stack's CA and no other."""
        return ssl.create_default_context(cadata=self.outputs["caCertificate"])

    def password(self, login: str) -> str:
        return str(self.outputs["mailboxes"][login]["password"])

    @contextmanager
    def mailbox(self, login: str, password: str | None = None) -> Iterator[MailBox]:
        """IMAP over TLS."""
        box = MailBox(self.hostname, ssl_context=self.tls())
        try:
            box.login(login, password or self.password(login))
            yield box
        finally:
            box.client.shutdown()

    @contextmanager
    def submission(self, port: int) -> Iterator[smtplib.SMTP]:
        """SMTP as mail programs speak it: TLS from the start on 465, STARTTLS on 587."""
        if port == 465:
            with smtplib.SMTP_SSL(self.hostname, port, "client.test", context=self.tls()) as smtp:
                yield smtp
        else:
            with smtplib.SMTP(self.hostname, port, "client.test") as smtp:
                smtp.starttls(context=self.tls())
                yield smtp

    @retry(
        # "Try again later": Rspamd restarts after each change of its files.
        retry=retry_if_exception(_is_temporary),
        stop=stop_after_delay(60),
        wait=wait_fixed(1),
        reraise=True,
    )
    def send(
        self, sender: str, recipient: str, *, port: int = 465, password: str | None = None
    ) -> str:
        """Log in and send a message; its subject, which no other message has."""
        message = EmailMessage()
        message["From"], message["To"] = sender, recipient
        message["Date"], message["Message-ID"] = formatdate(), make_msgid(domain="client.test")
        message["Subject"] = subject = f"e2e {message['Message-ID'].partition('@')[0].strip('<')}"
        message.set_content("Hello,\n\n. a line that begins with a dot\n")
        with self.submission(port) as smtp:
            smtp.login(sender, password or self.password(sender))
            smtp.send_message(message)
        return subject

    def left(self, subject: str) -> Message:
        """The message as it arrived at the smarthost."""

        def look() -> list[Message]:
            header = f"\nSubject: {subject}\r\n".encode()
            return [one for one in self.smarthost.received() if header in one.content]

        return wait_for(look, seconds=20, what=f"{subject!r} arrives at the smarthost")[0]

    def arrived(self, login: str, subject: str) -> str:
        """The text of the message in the login's inbox."""
        with self.mailbox(login) as box:
            found = wait_for(
                lambda: [one for one in box.fetch(mark_seen=False) if one.subject == subject],
                seconds=20,
                what=f"{subject!r} arrives at {login}",
            )
        return found[0].text


@contextmanager
def names_from(deployment: Deployment) -> Iterator[None]:
    """Let this process resolve the mail server's name as the lab's DNS answers it."""
    system = socket.getaddrinfo

    def resolve(host: Any, *arguments: Any, **keywords: Any) -> Any:
        if host == deployment.hostname:
            host = deployment.resolver().resolve(host, "A")[0].to_text()
        return system(host, *arguments, **keywords)

    socket.getaddrinfo = resolve
    try:
        yield
    finally:
        socket.getaddrinfo = system
