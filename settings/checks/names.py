"""The server's name and the domains' zones."""

from collections.abc import Iterator

from mail.names import zone_of
from settings.errors import Problem
from settings.paths import Loc, config_path, remove_command, set_command
from settings.stack import Settings

_HOSTNAME: Loc = ("server", "hostname")


def name_problems(settings: Settings) -> Iterator[Problem]:
    """Refuse a hostname that is a mail domain, and names that lie in no zone one can own."""
    hostname = settings.server.hostname
    if hostname in settings.domains:
        yield Problem(
            path=config_path(_HOSTNAME),
            message="must not be a mail domain: docker-mailserver would take the domain's mail "
            "for its own local users'",
            remedy=set_command(_HOSTNAME, f"mail.{hostname}"),
        )
    for name in settings.domains:
        try:
            zone_of(name, settings.dns.zones)
        except ValueError as error:
            loc: Loc = ("domains", name)
            yield Problem(path=config_path(loc), message=str(error), remedy=remove_command(loc))
    try:
        zone_of(hostname, settings.dns.zones)
    except ValueError as error:
        yield Problem(
            path=config_path(_HOSTNAME),
            message=str(error),
            remedy=set_command(_HOSTNAME, f"mail.{next(iter(settings.domains))}"),
        )
