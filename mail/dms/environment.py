"""The container's environment: safe defaults, what the settings imply, the user's own wishes."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from mail.dkim import Signer
from mail.dms.tls import TlsSource, from_config_volume

RESERVED: Mapping[str, str] = MappingProxyType(
    {
        "ACCOUNT_PROVISIONER": "mailstack provisions accounts by files, from `domains`",
        "DEFAULT_RELAY_HOST": "it follows from `relay`",
        "ENABLE_IMAP": "it follows from `server.services`",
        "ENABLE_MANAGESIEVE": "it follows from `server.services`",
        "ENABLE_OPENDKIM": "it follows from `server.signer`",
        "ENABLE_POP3": "it follows from `server.services`",
        "ENABLE_RSPAMD": "it follows from `server.signer`",
        "OVERRIDE_HOSTNAME": "it follows from `server.hostname`",
        "POSTMASTER_ADDRESS": "it follows from `server.postmaster`",
        "RELAY_HOST": "it follows from `relay`",
        "RELAY_PASSWORD": "everyone who may run `docker inspect` would see it; use `relay`",
        "RELAY_PORT": "it follows from `relay`",
        "RELAY_USER": "it follows from `relay`",
        "SMTP_ONLY": "it follows from `server.services`",
        "SSL_ALT_CERT_PATH": "it follows from `server.tls`",
        "SSL_ALT_KEY_PATH": "it follows from `server.tls`",
        "SSL_CERT_PATH": "it follows from `server.tls`",
        "SSL_DOMAIN": "it follows from `server.tls`",
        "SSL_KEY_PATH": "it follows from `server.tls`",
        "SSL_TYPE": "it follows from `server.tls`",
    }
)
"""Variable -> why a user may not set it: another setting decides it, and two would disagree."""


def environment(
    *,
    postmaster: str,
    services: Iterable[str],
    signer: Signer,
    tls: TlsSource | None = None,
    user: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, str]:
    """Give the container's environment, sorted by name; the user's values win over the defaults.

    Without `tls` the certificate is the one in the config volume. No secret is ever in the
    environment: `docker inspect` shows it.
    """
    offered = set(services)
    values = {
        # Strangers' mail must not become "local" because Docker's gateway hands it over.
        "PERMIT_DOCKER": "none",
        # Neither log in as, nor send as, anyone else.
        "SPOOF_PROTECTION": "1",
        "ENABLE_FAIL2BAN": "1",
        **(tls or from_config_volume()).variables,
        "TLS_LEVEL": "modern",
        # The image is pinned by the stack file; a mail that says so at every start is noise.
        "ENABLE_UPDATE_CHECK": "0",
        "ENABLE_CLAMAV": "0",
        "ENABLE_QUOTAS": "1",
        "POSTMASTER_ADDRESS": postmaster,
        "ENABLE_IMAP": _flag(offered & {"imap", "imaps"}),
        "ENABLE_POP3": _flag(offered & {"pop3", "pop3s"}),
        "ENABLE_MANAGESIEVE": _flag(offered & {"managesieve"}),
        **_signer(signer),
    }
    return dict(sorted((values | dict(user)).items()))


def _flag(on: object) -> str:
    return "1" if on else "0"


def _signer(signer: Signer) -> dict[str, str]:
    """Switch on one of the two families; both together would sign and check twice."""
    rspamd = signer == "rspamd"
    return {
        "ENABLE_RSPAMD": _flag(rspamd),
        "ENABLE_OPENDKIM": _flag(not rspamd),
        "ENABLE_OPENDMARC": _flag(not rspamd),
        "ENABLE_POLICYD_SPF": _flag(not rspamd),
        # Amavis is only of use with ClamAV or SpamAssassin, which are off.
        "ENABLE_AMAVIS": "0",
    }
