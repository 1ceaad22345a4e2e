"""The ACME client: which names it asks for, how it is called, where it puts what it gets.

Certbot (https://eff-certbot.readthedocs.io/) with its plugin for Cloudflare, run by the script
templates/acme_client.sh in a container of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

PRODUCTION = "https://acme-v02.api.letsencrypt.org/directory"
STAGING = "https://acme-staging-v02.api.letsencrypt.org/directory"

STATE_FOLDER = "/etc/letsencrypt"
"""Certbot's own: account, orders, and the token. Nobody else mounts it."""
PUBLISHED_FOLDER = "/srv/published"
"""Chain and key, and nothing else: the mail server mounts this one."""
TOKEN_FILE = "cloudflare.ini"  # noqa: S105 - its name
FAILED = "mailstack-acme: failed"
"""What the script prints after an attempt that gave no certificate."""

ENTRYPOINT = ("sh", "-c")

_NO_REASON = (
    FAILED,
    "Ask for help or search for solutions",
    "An unexpected error occurred",
    "Account registered",
    "Requesting a certificate for",
    "Saving debug log to",
    "Some challenges have failed",
    "Waiting ",
)
SCRIPT = Path(__file__).parent.parent / "templates" / "acme_client.sh"


@dataclass(frozen=True, kw_only=True)
class CertificateOrder:
    """What to ask for: the server's name or the wildcard above it, from which environment."""

    hostname: str
    wildcard: bool = False
    staging: bool = False
    email: str | None = None

    @property
    def name(self) -> str:
        """The certificate's one name.

        A wildcard covers the hostname, and Let's Encrypt refuses both in one order as redundant.
        """
        return f"*.{self.hostname.partition('.')[2]}" if self.wildcard else self.hostname

    @property
    def lineage(self) -> str:
        """Certbot's name for the certificate and its renewals, and our folder for it.

        Another name or environment is another lineage: nobody takes the one for the other.
        """
        kind = "staging" if self.staging else "production"
        return f"{kind}-{self.name.replace('*', 'wildcard')}"

    @property
    def directory(self) -> str:
        """The ACME server (RFC 8555 7.1.1)."""
        return STAGING if self.staging else PRODUCTION


def certbot_arguments(order: CertificateOrder) -> list[str]:
    """Give the arguments that obtain the certificate, or renew it when that is due.

    No secret is among them: `docker inspect` shows them.
    """
    contact = ["--email", order.email] if order.email else ["--register-unsafely-without-email"]
    return [
        "certonly",
        "--non-interactive",
        "--agree-tos",
        "--keep-until-expiring",
        *("--server", order.directory),
        *contact,
        "--no-eff-email",
        *("--cert-name", order.lineage),
        *("--domains", order.name),
        "--dns-cloudflare",
        *("--dns-cloudflare-credentials", f"{STATE_FOLDER}/{TOKEN_FILE}"),
        *("--dns-cloudflare-propagation-seconds", "30"),
    ]


def client_command(order: CertificateOrder) -> list[str]:
    """Give the script's arguments for the container's shell, its entry point (`ENTRYPOINT`)."""
    folders = (f"{STATE_FOLDER}/live/{order.lineage}", f"{PUBLISHED_FOLDER}/{order.lineage}")
    return [SCRIPT.read_text(), "acme-client", *folders, *certbot_arguments(order)]


def certbots_reason(log: Sequence[str]) -> str | None:
    """Find in Certbot's output why it obtained nothing: the CA's own words, or its last line."""
    lines = [line.strip() for line in log]
    if told := [line for line in lines if line.startswith("Detail:")]:
        return told[-1].removeprefix("Detail:").strip()
    left = [line for line in lines if line and not line.startswith(_NO_REASON)]
    return left[-1] if left else None


def token_file(token: str) -> str:
    """Write the credentials as certbot-dns-cloudflare reads them."""
    return f"dns_cloudflare_api_token = {token}\n"
