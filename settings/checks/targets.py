"""Aliases, catch-alls and reports lead to mailboxes that exist."""

from collections.abc import Iterator
from difflib import get_close_matches
from functools import cached_property

from settings.addresses import qualify
from settings.errors import Problem
from settings.paths import Loc, config_path, remove_command, set_command
from settings.stack import Settings


def target_problems(settings: Settings) -> Iterator[Problem]:
    """Refuse targets of our own domains that do not exist, and aliases that lead in a circle."""
    book = _AddressBook(settings)
    yield from _alias_targets(settings, book)
    yield from _catch_alls(settings, book)
    yield from _reports(settings, book)
    yield from _loops(settings)


class _AddressBook:
    """What the stack knows of addresses."""

    def __init__(self, settings: Settings) -> None:
        self._domains = set(settings.domains)
        self._catching = set(settings.catch_alls)
        self._known = {mailbox.address for mailbox in settings.mailboxes} | set(settings.aliases)

    def missing(self, address: str) -> bool:
        """Whether the address is ours to have, and is not there."""
        plain = _without_extension(address)
        return plain.rpartition("@")[2] in self._domains and plain not in self._known

    def undeliverable(self, address: str) -> bool:
        """Whether mail to it would be refused: missing, and no catch-all takes it."""
        return self.missing(address) and address.rpartition("@")[2] not in self._catching

    def problem(self, loc: Loc, address: str) -> Problem:
        near = get_close_matches(address, self._sorted, n=1)
        hint = f"; the nearest that does is {near[0]}" if near else ""
        return Problem(
            path=config_path(loc),
            message=f"no account or alias {address} exists{hint}",
            remedy=set_command(loc, near[0]) if near else remove_command(loc),
        )

    @cached_property
    def _sorted(self) -> list[str]:
        return sorted(self._known)


def _alias_targets(settings: Settings, book: _AddressBook) -> Iterator[Problem]:
    for domain, mail in settings.domains.items():
        for local, targets in mail.aliases.items():
            loc: Loc = ("domains", domain, "aliases", local)
            for index, target in enumerate(targets):
                if book.missing(qualify(target, domain)):
                    spot = (*loc, index) if len(targets) > 1 else loc
                    yield book.problem(spot, qualify(target, domain))
    for pattern, targets in settings.server.regexp_aliases.items():
        for target in targets:
            # `$1@…` is only known when mail arrives.
            if "$" not in target and book.missing(target):
                yield book.problem(("server", "regexpAliases", pattern), target)


def _catch_alls(settings: Settings, book: _AddressBook) -> Iterator[Problem]:
    for domain, target in settings.catch_alls.items():
        if book.missing(target):
            yield book.problem(_in_domain(settings, domain, "catchAll"), target)


def _reports(settings: Settings, book: _AddressBook) -> Iterator[Problem]:
    wanted: list[tuple[Loc, str | None]] = [(("server", "postmaster"), settings.server.postmaster)]
    for domain, mail in settings.domains.items():
        top: Loc = ("domains", domain)
        wanted += [
            ((*top, "dmarc", "reports"), mail.dmarc.reports),
            ((*top, "dmarc", "failureReports"), mail.dmarc.failure_reports),
            ((*top, "tlsReports"), mail.tls_reports),
        ]
    for loc, address in wanted:
        if address is not None and book.undeliverable(address):
            yield book.problem(loc, address)


def _loops(settings: Settings) -> Iterator[Problem]:
    """Walk from each alias along its targets; an address met twice on one way is a circle."""
    where = {alias.address: alias.loc for alias in settings.all_aliases}
    done: set[str] = set()
    for start in where:
        circle = _circle_from(start, settings.aliases, done)
        if circle:
            yield Problem(
                path=config_path(where[circle[0]]),
                message=f"leads in a circle: {' → '.join([*circle, circle[0]])}",
                remedy=f"let one of them lead to a mailbox, or: {remove_command(where[circle[0]])}",
            )


def _circle_from(start: str, table: dict[str, tuple[str, ...]], done: set[str]) -> list[str] | None:
    way: dict[str, None] = {}  # ordered, and fast to ask
    # A stack instead of recursion: a generated file may hold thousands of aliases in a row.
    to_visit: list[tuple[str, bool]] = [(start, False)]
    while to_visit:
        address, leaving = to_visit.pop()
        if leaving:
            del way[address]
            done.add(address)
        elif address in way:
            done.update(way)
            steps = list(way)
            return steps[steps.index(address) :]
        elif address not in done:
            way[address] = None
            to_visit.append((address, True))
            to_visit += [(_without_extension(next_), False) for next_ in table.get(address, ())]
    return None


def _in_domain(settings: Settings, domain: str, key: str) -> Loc:
    # The key of the mapping remembers how the stack file spells the domain.
    spelled = next(name for name in settings.domains if name == domain)
    return ("domains", spelled, key)


def _without_extension(address: str) -> str:
    """`Alice+news@example.test` is delivered to `alice@example.test`."""
    local, _, domain = address.rpartition("@")
    return f"{local.partition('+')[0].lower()}@{domain}"
