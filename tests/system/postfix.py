"""Runs a real Postfix that sends by the files of a config volume, and the servers it sends to."""

import os
import shutil
import ssl
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import Queue
from tempfile import TemporaryDirectory

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

from mail.dms.signing import VOLUME
from tests.system.conftest import Need, make_old
from tests.system.daemons import running

# docker-mailserver 15.1's own lines that matter on the way out, and what its relay.sh adds where
# smarthosts are named. No DNS: recipients are addresses in brackets.
_MAIN = """\
compatibility_level = 3.6
queue_directory = {base}/queue
data_directory = {base}/data
maillog_file = {base}/maillog
maillog_file_prefixes = {base}
myhostname = mail.example.test
mydestination = localhost
mynetworks_style = host
inet_interfaces = 127.0.0.1
alias_maps =
alias_database =
smtputf8_enable = no
smtp_tls_security_level = encrypt
smtp_tls_CAfile = {ca}
smtp_host_lookup = native
smtp_sasl_password_maps = texthash:{volume}/postfix-sasl-password.cf
smtp_sasl_auth_enable = yes
smtp_sasl_security_options = noanonymous
smtp_sender_dependent_authentication = yes
sender_dependent_relayhost_maps = texthash:{base}/etc/relayhost_map
"""
_MASTER = """\
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """A message at a server: who it is from, and as whom Postfix logged in, if at all."""

    sender: str
    login: str | None
    encrypted: bool


@dataclass
class Server:
    """A mail server; `logins`: user → password, none of which it asks for when it has none."""

    logins: Mapping[str, str] = field(default_factory=dict)
    tls: ssl.SSLContext | None = None
    wrapped: bool = False
    address: str = "127.0.0.1"
    port: int = 0
    arrived: "Queue[Arrival]" = field(default_factory=Queue)

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        login = session.auth_data
        if self.logins and login is None:
            return "530 5.7.0 log in first"
        self.arrived.put(
            Arrival(
                sender=envelope.mail_from or "",
                login=login.login.decode() if isinstance(login, LoginPassword) else None,
                encrypted=self.wrapped or session.ssl is not None,
            )
        )
        return "250 kept"

    def authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _how: str, given: object
    ) -> AuthResult:
        if not isinstance(given, LoginPassword):
            return AuthResult(success=False)
        password = self.logins.get(given.login.decode())
        good = password is not None and password.encode() == given.password
        return AuthResult(success=good, auth_data=given)

    @contextmanager
    def serving(self) -> Iterator["Server"]:
        controller = Controller(
            self,
            hostname=self.address,
            port=self.port,
            ssl_context=self.tls if self.wrapped else None,
            tls_context=None if self.wrapped else self.tls,
            require_starttls=self.tls is not None and not self.wrapped,
            auth_require_tls=not self.wrapped,  # aiosmtpd means STARTTLS by it
            authenticator=self.authenticate,
        )
        controller.start()
        try:
            yield self
        finally:
            controller.stop()


@dataclass(frozen=True, kw_only=True)
class Postfix:
    """The running Postfix."""

    config: Path
    sendmail: str

    def send(self, sender: str, recipient: str) -> None:
        """Hand over a message, as a program on the server does."""
        subprocess.run(
            [self.sendmail, "-C", str(self.config), "-f", sender, recipient],
            input=b"Subject: x\n\nx\n",
            check=True,
            timeout=30,
        )

    def log(self) -> str:
        return (self.config.parent / "maillog").read_text()

    def wait_for(self, said: str, *, times: int) -> None:
        """Wait until the log says this so many times; AssertionError with the log when it won't."""
        attempts = Retrying(
            retry=retry_if_result(lambda log: log.count(said) < times),
            stop=stop_after_delay(30),
            wait=wait_fixed(0.2),
            retry_error_callback=lambda _: pytest.fail(self.log()),
        )
        attempts(self.log)


@contextmanager
def postfix(volume: Path, need: Need, *, ca: Path, lines: str = "") -> Iterator[Postfix]:
    """Run Postfix as docker-mailserver sets it up; `lines` come last in main.cf."""
    with TemporaryDirectory(prefix="mailstack-postfix-") as folder:
        base = Path(folder)
        base.chmod(0o755)
        config, data = base / "etc", base / "data"
        for made in (config, data, base / "queue"):
            made.mkdir()
        shutil.chown(data, "postfix")
        (config / "master.cf").write_text(_MASTER)
        routes = (volume / "postfix-relaymap.cf").read_text().splitlines()
        pairs = [line for line in routes if line[:1] != "#" and " " in line]
        (config / "relayhost_map").write_text("".join(f"{line}\n" for line in pairs))
        ours = (volume / "postfix-main.cf").read_text().replace(VOLUME, str(volume))
        main = _MAIN.format(base=base, ca=ca, volume=volume) + ours + lines
        (config / "main.cf").write_text(main)
        make_old(config / "main.cf")
        master = volume / "postfix-master.cf"
        for line in master.read_text().splitlines() if master.exists() else []:
            if not line.startswith("#"):
                subprocess.run(
                    [need("postconf"), "-c", str(config), "-P", line], check=True, timeout=30
                )
        os.utime(config / "master.cf", (0, 0))
        # It makes the queue's folders.
        subprocess.run([need("postfix"), "-c", str(config), "check"], check=True, timeout=60)
        ready = base / "queue" / "public" / "pickup"
        with running([_master_program(need), "-d", "-c", str(config)], ready=ready):
            yield Postfix(config=config, sendmail=need("sendmail"))


def _master_program(need: Need) -> str:
    """Give Postfix's master itself: it ends with all its children, and `postfix start` without."""
    said = subprocess.run(
        [need("postconf"), "-d", "-h", "daemon_directory"],
        check=True,
        capture_output=True,
        text=True,
        timeout=30,
    )
    return f"{said.stdout.strip()}/master"
