"""Every address belongs to one account or alias, in a domain of the stack."""

from collections.abc import Iterator

from settings.errors import Problem
from settings.paths import Loc, config_path, remove_command
from settings.stack import Settings


def address_problems(settings: Settings) -> Iterator[Problem]:
    """Refuse an address that is taken already, or that lies in a domain which is not ours."""
    owners: dict[str, Loc] = {}
    for domain, mail in settings.domains.items():
        for local in mail.accounts:
            owners[f"{local}@{domain}"] = ("domains", domain, "accounts", local)
    for alias in settings.all_aliases:
        domain = alias.address.rpartition("@")[2]
        first = owners.setdefault(alias.address, alias.loc)
        if first != alias.loc:
            yield Problem(
                path=config_path(alias.loc),
                message=f"{alias.address} exists already: {config_path(first)}",
                remedy=f"remove one of them, such as: {remove_command(alias.loc)}",
            )
        elif domain not in settings.domains:
            yield Problem(
                path=config_path(alias.loc),
                message=f"{domain} is not a domain of this stack, so its mail does not come here",
                remedy=remove_command(alias.loc),
            )
