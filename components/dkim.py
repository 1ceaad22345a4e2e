"""A domain's DKIM keys: made once, protected, fed to the signer and to the DNS."""

from dataclasses import dataclass

import pulumi

from components.dynamic.dkim_key import DkimKey
from mail.dkim import DkimKeyName, key_names
from settings import Settings


@dataclass(frozen=True, kw_only=True)
class SigningPair:
    """One key with its place in the DNS."""

    name: DkimKeyName
    private_key: pulumi.Output[str]
    public_record: pulumi.Output[str]


class Dkim(pulumi.ComponentResource):
    """The key pairs of one domain, in the order in which they sign."""

    pairs: tuple[SigningPair, ...]
    """RSA first: it is the one that every receiver (and SES) understands."""

    def __init__(
        self,
        name: str,
        *,
        keys: list[DkimKeyName],
        protect: bool,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("mailstack:mail:Dkim", name, None, opts)
        self.pairs = tuple(self._pair(key, protect=protect) for key in keys)
        self.register_outputs({pair.name.key: pair.public_record for pair in self.pairs})

    def _pair(self, key: DkimKeyName, *, protect: bool) -> SigningPair:
        made = DkimKey(
            key.key,
            domain=key.domain,
            selector=key.selector,
            algorithm=key.algorithm,
            # A record in somebody's cache names this key for days: never lose it by accident.
            opts=pulumi.ResourceOptions(parent=self, protect=protect),
        )
        return SigningPair(name=key, private_key=made.private_key, public_record=made.public_record)


def make_dkim(settings: Settings) -> dict[str, Dkim]:
    """Make the keys of every domain, by domain."""
    signer = settings.server.signer
    return {
        domain: Dkim(
            domain,
            keys=key_names(domain=domain, selector=settings.dkim_selector(domain), signer=signer),
            protect=settings.protect,
        )
        for domain in settings.domains
    }
