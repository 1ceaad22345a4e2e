"""There is somebody to write to."""

from collections.abc import Iterator

from settings.errors import Problem
from settings.paths import Loc, config_path
from settings.stack import Settings


def mailbox_problems(settings: Settings) -> Iterator[Problem]:
    """Refuse a stack without any account: docker-mailserver stops after two minutes of waiting."""
    if not settings.mailboxes:
        loc: Loc = ("domains", next(iter(settings.domains)), "accounts")
        yield Problem(
            path=config_path(loc),
            message="the stack has no account at all, and docker-mailserver does not start without",
            remedy="write one, as in `accounts: {alice: {}}`",
        )
