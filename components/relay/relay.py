"""The ways out: Amazon SES, any SMTP smarthost, or directly; for the server and for each domain.

What it gives is the same for all: where outbound mail goes and with which login. The
credentials go into the config volume only, never into the container's environment.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from components.dkim import Dkim
from components.relay.ses import Ses
from components.relay.smarthost import Smarthost
from settings import Settings
from settings.relay import Login, NoRelay, Relay, SesRelay


@dataclass(frozen=True, kw_only=True)
class Relays:
    """Where mail goes: None is directly to the recipient's own server."""

    default: Smarthost | None
    """For every domain that `domains` does not name, and for mail of no domain of ours."""
    domains: Mapping[str, Smarthost | None]

    def of(self, domain: str) -> Smarthost | None:
        """Give the way out of a domain's mail."""
        return self.domains.get(domain, self.default)


def make_relays(name: str, settings: Settings, *, dkim: Mapping[str, Dkim]) -> Relays:
    """Make or describe every relay of the stack; SES is made once for all its domains."""
    ses = Ses(name, settings=settings, dkim=dkim) if settings.ses_domains else None

    def smarthost(relay: Relay) -> Smarthost | None:
        if isinstance(relay, NoRelay):
            return None
        if isinstance(relay, SesRelay):
            region = settings.ses_region(relay)
            return ses.smarthosts[region] if ses and region else None
        return _smarthost(relay.kind, relay)

    return Relays(
        default=smarthost(settings.relay),
        domains={
            domain: smarthost(mail.relay)
            for domain, mail in settings.domains.items()
            if mail.relay is not None
        },
    )


def _smarthost(kind: str, login: Login) -> Smarthost:
    return Smarthost(
        kind=kind,
        host=login.host,
        port=login.port,
        user=pulumi.Output.from_input(login.user),
        password=pulumi.Output.secret(login.password.get_secret_value()),
    )
