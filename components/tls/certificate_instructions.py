"""What a person must do for the server's certificate, by where it comes from."""

from collections.abc import Iterator
from datetime import timedelta

from cryptography import x509

from mail.instructions import Instruction
from settings import Settings
from settings.paths import set_command
from settings.tls import CaddyTls, LetsEncryptTls, ManualTls, TraefikTls

_AHEAD = timedelta(days=21)  # when the doctor begins to warn


def certificate_instructions(settings: Settings) -> Iterator[Instruction]:
    """List what must be done by hand; known from the settings alone."""
    tls, hostname = settings.server.tls, settings.server.hostname
    if isinstance(tls, ManualTls):
        yield _renew(tls, hostname)
    elif isinstance(tls, LetsEncryptTls) and tls.staging:
        yield Instruction(
            what="Ask for a certificate that is trusted, once this one has been obtained",
            why="Nobody trusts Let's Encrypt's staging environment: mail programs warn.",
            how=f"{set_command(('server', 'tls', 'staging'), 'false')} && pulumi up",
        )
    elif isinstance(tls, TraefikTls | CaddyTls):
        name = tls.domain or hostname
        server, how = (
            ("Traefik", f"Give it a router with the rule Host(`{hostname}`) and TLS")
            if isinstance(tls, TraefikTls)
            else ("Caddy", f"Give its Caddyfile a site {name}, if only with `respond` in it")
        )
        yield Instruction(
            what=f"Let {server} obtain the certificate of {name} before the first `pulumi up`",
            why="The mail server ends at its first start without one.",
            how=f"{how}, and wait until its log says that the certificate was obtained.",
        )


def _renew(tls: ManualTls, hostname: str) -> Instruction:
    end = x509.load_pem_x509_certificate(tls.certificate.encode()).not_valid_after_utc
    at = ("server", "tls")
    certificate = set_command((*at, "certificate"), "").removesuffix(" ''")
    key = set_command((*at, "key"), "", secret=True)
    return Instruction(
        what=f"Renew the certificate of {hostname} before {end:%Y-%m-%d}",
        why=f"You bring it yourself (server.tls). The doctor warns from {end - _AHEAD:%Y-%m-%d}.",
        how=f"{certificate} < fullchain.pem && {key} < privkey.pem && pulumi up",
    )
