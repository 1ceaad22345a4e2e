"""The whole of what a stack file says."""

from collections import Counter
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated

from pydantic import BeforeValidator, Field

from mail import names
from settings import addresses
from settings.base import Model
from settings.dns import Dns
from settings.domain import Domain
from settings.host import AwsHost, Host
from settings.relay import NoRelay, Relay, SesRelay, spf_include
from settings.server import Server
from settings.types import DomainKey, refuse


def _no_domain_twice(domains: object) -> object:
    """Refuse two spellings of one domain: the later would silently win."""
    if not isinstance(domains, Mapping):
        return domains
    ascii_names: Counter[str] = Counter()
    for written in domains:
        try:
            name = names.check_domain(written) if isinstance(written, str) else ""
        except ValueError:
            continue  # reported by the check of the key itself
        ascii_names[name] += 1
        if name and ascii_names[name] > 1:
            raise refuse(f"is the domain {name} a second time, spelled differently", at=(written,))
    return domains


class Settings(Model):
    """A stack file, checked. Made by `settings.load`; frozen; secrets are `SecretStr`."""

    host: Host = Field(description="Where the mail server runs.", examples=[{"kind": "local"}])
    server: Server = Field(
        description="The docker-mailserver container.",
        examples=[{"hostname": "mail.example.com"}],
    )
    dns: Dns = Field(Dns(), description="Where the DNS records go.")
    relay: Relay = Field(
        NoRelay(),
        description="How mail leaves for other servers: of every domain without a `relay` of its "
        "own, and mail of no domain of ours (bounces, forwarded mail).",
        examples=[{"kind": "ses"}],
    )
    domains: Annotated[dict[DomainKey, Domain], BeforeValidator(_no_domain_twice)] = Field(
        min_length=1,
        description="The mail domains, by name.",
        examples=[{"example.com": {"accounts": {"alice": {}}}}],
    )

    protect: bool = Field(
        True,
        description="Whether what cannot be made again is protected: mail volumes, data volume, "
        "address, DKIM keys. Only a stack whose mail nobody will miss goes without.",
        examples=[False],
    )

    @cached_property
    def zones(self) -> dict[str, str]:
        """Every mail domain and the server's hostname → the DNS zone that it lies in."""
        all_names = [*self.domains, self.server.hostname]
        return {str(name): names.zone_of(name, self.dns.zones) for name in all_names}

    @cached_property
    def mailboxes(self) -> tuple[addresses.Mailbox, ...]:
        """All mailboxes, in the order of the stack file."""
        return tuple(addresses.mailboxes(self.domains))

    @cached_property
    def aliases(self) -> dict[str, tuple[str, ...]]:
        """Alias → its targets, all full addresses; the accounts' own aliases among them."""
        return {alias.address: alias.targets for alias in self.all_aliases}

    @cached_property
    def all_aliases(self) -> tuple[addresses.Alias, ...]:
        """The same, each with its place in the stack file; two may have one address."""
        return tuple(addresses.aliases(self.domains))

    @cached_property
    def catch_alls(self) -> dict[str, str]:
        """Mail domain → the full address that gets its catch-all mail."""
        return {
            str(domain): addresses.qualify(mail.catch_all, domain)
            for domain, mail in self.domains.items()
            if mail.catch_all is not None
        }

    @cached_property
    def postmaster(self) -> str:
        """Who gets the server's own mail: as configured, else an address that surely exists."""
        if self.server.postmaster is not None:
            return self.server.postmaster
        boxes = [mailbox.address for mailbox in self.mailboxes]
        usual = [name for name in (*self.aliases, *boxes) if name.startswith("postmaster@")]
        return min(usual or boxes)  # the order of keys does not survive the Pulumi CLI

    def relay_of(self, domain: str) -> Relay:
        """Return how mail of a domain leaves (an A-label; KeyError if it is not ours)."""
        return self.domains[domain].relay or self.relay

    @property
    def delivers_directly(self) -> bool:
        """Whether any mail leaves without a relay, on the port 25 that clouds block."""
        own = [mail.relay for mail in self.domains.values() if mail.relay is not None]
        return any(isinstance(relay, NoRelay) for relay in (self.relay, *own))

    @cached_property
    def ses_domains(self) -> dict[str, SesRelay]:
        """The domains whose mail leaves through SES, each with its settings there."""
        relays = {domain: self.relay_of(domain) for domain in self.domains}
        return {domain: one for domain, one in relays.items() if isinstance(one, SesRelay)}

    def ses_region(self, relay: SesRelay) -> str | None:
        """Return the region of SES: its own, else the host's, else None."""
        return relay.region or (self.host.region if isinstance(self.host, AwsHost) else None)

    def dkim_selector(self, domain: str) -> str:
        """Return the DKIM selector of a mail domain (an A-label; KeyError if it is not ours)."""
        return self.domains[domain].dkim.selector or self.server.dkim_selector

    def spf_includes(self, domain: str) -> tuple[str, ...]:
        """Return what SPF of a mail domain includes: the domain's own, then its relay's."""
        own = self.domains[domain].spf.include
        relay = spf_include(self.relay_of(domain))
        return tuple(dict.fromkeys([*own, *([relay] if relay else [])]))
