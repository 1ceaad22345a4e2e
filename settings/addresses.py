"""Every address of the stack, fully qualified."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import SecretStr

from settings.domain import Domain
from settings.paths import Loc

Domains = Mapping[str, Domain]


@dataclass(frozen=True, kw_only=True)
class Mailbox:
    """A mailbox as the stack file has it. password None: one is to be generated."""

    address: str
    password: SecretStr | None
    quota: str | None


@dataclass(frozen=True, kw_only=True)
class Alias:
    """An address that leads elsewhere. `loc` is where the stack file says so."""

    address: str
    targets: tuple[str, ...]
    loc: Loc


def qualify(local_or_address: str, domain: str) -> str:
    """`alice` → `alice@example.test`; an address stays what it is."""
    return local_or_address if "@" in local_or_address else f"{local_or_address}@{domain}"


def mailboxes(domains: Domains) -> Iterator[Mailbox]:
    """Yield the mailboxes of all domains, in the order of the stack file."""
    for domain, mail in domains.items():
        for local, account in mail.accounts.items():
            yield Mailbox(
                address=f"{local}@{domain}", password=account.password, quota=account.quota
            )


def aliases(domains: Domains) -> Iterator[Alias]:
    """Yield `aliases` and the accounts' own `aliases` of all domains."""
    for domain, mail in domains.items():
        top: Loc = ("domains", domain)
        for local, targets in mail.aliases.items():
            yield Alias(
                address=f"{local}@{domain}",
                targets=tuple(qualify(target, domain) for target in targets),
                loc=(*top, "aliases", local),
            )
        for local, account in mail.accounts.items():
            for index, alias in enumerate(account.aliases):
                yield Alias(
                    address=qualify(alias, domain),
                    targets=(f"{local}@{domain}",),
                    loc=(*top, "accounts", local, "aliases", index),
                )
