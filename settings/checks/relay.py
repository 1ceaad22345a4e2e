"""The relay and what it needs from the other settings."""

from collections.abc import Iterator

from settings.errors import Problem
from settings.paths import Loc, config_path, set_command
from settings.relay import SesRelay
from settings.stack import Settings

_LABEL: Loc = ("relay", "mailFromLabel")
_REGION: Loc = ("relay", "region")


def relay_problems(settings: Settings) -> Iterator[Problem]:
    """Refuse SES without a region, and bounce names that are taken."""
    relay = settings.relay
    if not isinstance(relay, SesRelay):
        return
    if settings.ses_region is None:
        yield Problem(
            path=config_path(_REGION),
            message="is required, for the host is not at AWS and so names no region",
            remedy=set_command(_REGION, "eu-central-1"),
        )
    taken = {settings.server.hostname, *settings.domains}
    for domain in settings.domains:
        bounce = f"{relay.mail_from_label}.{domain}"
        if bounce in taken:
            other = "ses" if relay.mail_from_label == "bounce" else "bounce"
            yield Problem(
                path=config_path(_LABEL),
                message=f"{bounce} is taken: SES needs a name for bounces that nothing else uses",
                remedy=set_command(_LABEL, other),
            )
