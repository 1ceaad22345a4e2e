"""Has a real Rspamd or OpenDKIM sign a message, with the files of a config volume."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import dkim as dkimpy

from tests.system.daemons import free_port, running

STRANGER = "203.0.113.5"
GATEWAY = "172.17.0.1"
_BODY = "Hello,\n\n. a line that begins with a dot\nand one with trailing blanks  \n"
# The parts of docker-mailserver's own Rspamd configuration (target/rspamd/local.d) that decide
# about signing, on a port of our own and without the network.
_RSPAMD = {
    "worker-proxy.inc": """\
bind_socket = "127.0.0.1:{port}";
milter = yes;
timeout = 120s;
upstream "local" {{ default = yes; self_scan = yes; }}
count = 1;
""",
    "worker-normal.inc": "enabled = false;\n",
    "worker-controller.inc": "enabled = false;\n",
    "worker-fuzzy.inc": "enabled = false;\n",
    "settings.conf": """\
everyone {{
  ip = ["0.0.0.0/0", "::/0"];
  priority = high;
  apply {{ groups_enabled = [dkim]; }}
}}
""",
    # Less than the image runs: compiling ten thousand top-level domains takes ten seconds.
    "options.inc": """\
url_tld = "{folder}/local.d/top-level-domains";
filters = "dkim";
disable_hyperscan = true;
dns {{ nameserver = ["127.0.0.1:9"]; timeout = 0.1s; retransmits = 1; }}
""",
    "top-level-domains": "test\nexample\n",
    "logging.inc": 'type = "console";\nlevel = "error";\n',
}
# docker-mailserver's target/opendkim/opendkim.conf, less its log and its user.
_OPENDKIM = """\
Syslog no
OmitHeaders Message-ID, Date, Return-Path, Bounces-To, Received, Comments, Keywords, Bcc
RemoveOldSignatures yes
Canonicalization relaxed/simple
ExternalIgnoreList refile:{folder}/TrustedHosts
InternalHosts refile:{folder}/TrustedHosts
KeyTable {folder}/KeyTable
SigningTable refile:{folder}/SigningTable
Mode sv
SignatureAlgorithm rsa-sha256
# The test's folder lies below /tmp, into which everyone may write.
RequireSafeKeys no
Socket inet:{port}@127.0.0.1
"""


@dataclass(frozen=True, kw_only=True)
class Milter:
    """A running signer."""

    miltertest: str
    socket: str
    folder: Path

    def sign(self, *, author: str, user: str | None, client: str = STRANGER) -> list[bytes]:
        """Give the message once per signature, each with that one signature before it.

        `user` is who logged in, None for a stranger, who sends with `author` in From all the same.
        """
        headers = (
            f"From: Author <{author}>\nTo: rcpt@elsewhere.test\nSubject: A test\n"
            "Date: Sat, 21 Nov 2026 10:00:00 +0000\nMessage-ID: <1@example.test>\n"
        )
        (self.folder / "headers").write_text(headers)
        (self.folder / "body").write_text(_BODY)
        values = {
            "socket": self.socket,
            "client": client,
            "user": user or "",
            "sender": author,
            "headers": self.folder / "headers",
            "body": self.folder / "body",
        }
        defines = [part for name, value in values.items() for part in ("-D", f"{name}={value}")]
        script = Path(__file__).with_name("milter.lua")
        done = subprocess.run(
            [self.miltertest, *defines, "-s", str(script)],
            check=True,
            capture_output=True,
            text=True,
        )
        message = (headers + "\n" + _BODY).replace("\n", "\r\n")
        return [
            f"DKIM-Signature: {signature.strip()}\r\n{message}".replace("\r\n", "\n")
            .replace("\n", "\r\n")
            .encode()
            for signature in done.stdout.split("\0")[:-1]
        ]


@contextmanager
def rspamd(volume: Path, *, programs: dict[str, str], folder: Path) -> Iterator[Milter]:
    """Run Rspamd with the volume's override.d, as the image copies it into place."""
    port = free_port()
    variables = rspamd_configuration(volume, folder=folder, port=port)
    command = [programs["rspamd"], "-f", "-i", *variables]
    with running(command):
        yield Milter(
            miltertest=programs["miltertest"], socket=f"inet:{port}@127.0.0.1", folder=folder
        )


def rspamd_configuration(volume: Path, *, folder: Path, port: int) -> list[str]:
    """Write Rspamd's configuration into a folder; give the options with which it is read."""
    for name in ("local.d", "override.d", "run"):
        (folder / name).mkdir(parents=True)
    for name, text in _RSPAMD.items():
        (folder / "local.d" / name).write_text(text.format(port=port, folder=folder))
    for path in (volume / "rspamd" / "override.d").iterdir():
        text = path.read_text().replace("/tmp/docker-mailserver", str(volume))
        (folder / "override.d" / path.name).write_text(text)
    folders = {
        "LOCAL_CONFDIR": folder,
        **dict.fromkeys(("DBDIR", "RUNDIR", "LOGDIR"), folder / "run"),
    }
    return [f"--var={name}={value}" for name, value in folders.items()]


@contextmanager
def opendkim(volume: Path, *, programs: dict[str, str], folder: Path) -> Iterator[Milter]:
    """Run OpenDKIM with the volume's opendkim folder, as the image copies it into place."""
    port = free_port()
    config = opendkim_configuration(volume, folder=folder, port=port)
    with running([programs["opendkim"], "-f", "-x", str(config)]):
        yield Milter(
            miltertest=programs["miltertest"], socket=f"inet:{port}@127.0.0.1", folder=folder
        )


def opendkim_configuration(volume: Path, *, folder: Path, port: int) -> Path:
    """Write OpenDKIM's configuration and tables into a folder; give the configuration's path."""
    for path in (volume / "opendkim").glob("**/*"):
        if path.is_file():
            target = folder / path.relative_to(volume / "opendkim")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(path.read_text().replace("/etc/opendkim", str(folder)))
            target.chmod(0o600)
    config = folder / "opendkim.conf"
    config.write_text(_OPENDKIM.format(folder=folder, port=port))
    return config


def verify(message: bytes, txt: dict[str, str]) -> bool:
    """Whether a message's signature verifies against TXT records (name without a final dot)."""

    def lookup(name: bytes, timeout: int = 5) -> bytes | None:  # noqa: ARG001 - dkimpy's signature
        found = txt.get(name.decode().removesuffix("."))
        return found.encode() if found is not None else None

    return bool(dkimpy.verify(message, dnsfunc=lookup, minkey=1024))
