"""The relays and what they need from the other settings."""

from collections.abc import Iterator

from settings.errors import Problem
from settings.paths import Loc, config_path, remove_command, set_command
from settings.relay import Relay, SesRelay
from settings.stack import Settings

_RELAY: Loc = ("relay",)


def relay_problems(settings: Settings) -> Iterator[Problem]:
    """Refuse SES without a region or a domain, and bounce names that are taken."""
    for loc, relay in _relays(settings):
        if isinstance(relay, SesRelay) and settings.ses_region(relay) is None:
            region = (*loc, "region")
            yield Problem(
                path=config_path(region),
                message="is required, for the host is not at AWS and so names no region",
                remedy=set_command(region, "eu-central-1"),
            )
    yield from _unused(settings)
    yield from _taken_names(settings)


def _relays(settings: Settings) -> Iterator[tuple[Loc, Relay]]:
    yield _RELAY, settings.relay
    for domain, mail in settings.domains.items():
        if mail.relay is not None:
            yield ("domains", domain, "relay"), mail.relay


def _unused(settings: Settings) -> Iterator[Problem]:
    """SES takes only mail of its identities, and they are made of the domains that use it."""
    relay = settings.relay
    used = {settings.ses_region(one) for one in settings.ses_domains.values()}
    if isinstance(relay, SesRelay) and settings.ses_region(relay) not in used:
        yield Problem(
            path=config_path(_RELAY),
            message="is SES, but every domain has another relay of its own: SES would know no "
            "sender",
            remedy=f"{remove_command(_RELAY)}, or let a domain follow it: "
            f"{remove_command(('domains', next(iter(settings.domains)), 'relay'))}",
        )


def _taken_names(settings: Settings) -> Iterator[Problem]:
    taken = {settings.server.hostname, *settings.domains}
    for domain, relay in settings.ses_domains.items():
        bounce = f"{relay.mail_from_label}.{domain}"
        if bounce in taken:
            own = settings.domains[domain].relay is not None
            label = (*(("domains", domain, "relay") if own else _RELAY), "mailFromLabel")
            other = "ses" if relay.mail_from_label == "bounce" else "bounce"
            yield Problem(
                path=config_path(label),
                message=f"{bounce} is taken: SES needs a name for bounces that nothing else uses",
                remedy=set_command(label, other),
            )
