"""Where docker-mailserver finds its certificate: variables and mounts, by where that comes from.

Source: docker-mailserver 15.1, target/scripts/helpers/ssl.sh and check-for-changes.sh. Only the
types "manual" and "letsencrypt" take up a renewed certificate while the server runs. "manual" takes
it from a path of our choice, so it serves wherever chain and key are files.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from mail.dms.files import CERTIFICATE, CERTIFICATE_KEY, FALLBACK, FALLBACK_KEY
from mail.dms.signing import VOLUME

ACME_FOLDER = "/etc/mailstack/acme"
CADDY_FOLDER = "/etc/mailstack/caddy"
TRAEFIK_FILE = "/etc/letsencrypt/acme.json"
CHAIN_FILE = "fullchain.pem"
KEY_FILE = "privkey.pem"


@dataclass(frozen=True, kw_only=True)
class Mount:
    """What of the host the container sees, always read-only."""

    kind: Literal["volume", "bind"]
    source: str
    target: str


@dataclass(frozen=True, kw_only=True)
class TlsSource:
    """The container's TLS variables, and the mounts that they speak of."""

    variables: Mapping[str, str]
    mounts: tuple[Mount, ...] = ()


def from_config_volume(*, fallback: bool = False) -> TlsSource:
    """Take the pair, or both pairs, that mailstack writes into the config volume."""
    variables = _manual(f"{VOLUME}/{CERTIFICATE}", f"{VOLUME}/{CERTIFICATE_KEY}")
    if fallback:
        variables |= {
            "SSL_ALT_CERT_PATH": f"{VOLUME}/{FALLBACK}",
            "SSL_ALT_KEY_PATH": f"{VOLUME}/{FALLBACK_KEY}",
        }
    return TlsSource(variables=variables)


def from_acme_client(*, volume: str, lineage: str) -> TlsSource:
    """Take what the ACME client's container publishes in ``volume`` (`mail.acme`)."""
    folder = f"{ACME_FOLDER}/{lineage}"
    return TlsSource(
        variables=_manual(f"{folder}/{CHAIN_FILE}", f"{folder}/{KEY_FILE}"),
        mounts=(Mount(kind="volume", source=volume, target=ACME_FOLDER),),
    )


def from_traefik(*, acme_path: str, domain: str | None) -> TlsSource:
    """Let docker-mailserver find the certificate in Traefik's acme.json.

    The file alone is mounted: Traefik writes it in place, and docker-mailserver writes what it
    takes out of it into the folder around it.
    """
    variables = {"SSL_TYPE": "letsencrypt"} | ({"SSL_DOMAIN": domain} if domain else {})
    return TlsSource(
        variables=variables,
        mounts=(Mount(kind="bind", source=acme_path, target=TRAEFIK_FILE),),
    )


def from_caddy(*, data: str, issuer: str, domain: str) -> TlsSource:
    """Take Caddy's files from its data folder (a volume's name, or an absolute path).

    The folder is mounted, not the two files, as docker-mailserver's docs have it: Caddy renews by
    putting new files in the place of the old ones, and a mounted file would stay the old one.
    """
    name = domain.replace("*", "wildcard_")  # certmagic's KeyBuilder.Safe
    path = f"{CADDY_FOLDER}/caddy/certificates/{issuer}/{name}/{name}"
    kind: Literal["volume", "bind"] = "bind" if data.startswith("/") else "volume"
    return TlsSource(
        variables=_manual(f"{path}.crt", f"{path}.key"),
        mounts=(Mount(kind=kind, source=data, target=CADDY_FOLDER),),
    )


def _manual(certificate: str, key: str) -> dict[str, str]:
    return {"SSL_TYPE": "manual", "SSL_CERT_PATH": certificate, "SSL_KEY_PATH": key}
