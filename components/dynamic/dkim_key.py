"""A DKIM key pair that is made once and then never changes by itself.

The key lives in the stack's state: its private half as a secret, its public half as the
text of the DNS record. A lost or silently remade key would make every receiver reject our
signatures, so nothing but another algorithm, domain or selector replaces it.
"""

from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider, UpdateResult

from mail.dkim import generate_key, public_record

_IDENTITY = ("domain", "selector", "algorithm")


class DkimKeyProvider(ResourceProvider):
    """Makes the key. The module's path is frozen: state refers to this class by it."""

    serialize_as_secret_always = False  # the class is stateless: its reference hides nothing

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Generate the key pair."""
        private_key = generate_key(props["algorithm"])
        outs = {name: props[name] for name in _IDENTITY}
        outs |= {"private_key": private_key, "public_record": public_record(private_key)}
        return CreateResult(f"{props['selector']}._domainkey.{props['domain']}", outs)

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Compare what identifies a key; the key itself is never a reason."""
        replaces = [name for name in _IDENTITY if olds.get(name) != news.get(name)]
        return DiffResult(changes=bool(replaces), replaces=replaces)

    def update(self, _id: str, olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Keep what is there: the default would wipe the outputs, and with them the key."""
        return UpdateResult(olds)


class DkimKey(Resource, module="mailstack", name="DkimKey"):
    """A DKIM key pair (RFC 6376, RFC 8463)."""

    private_key: pulumi.Output[str]
    """The private half, PEM (PKCS #8); a secret."""
    public_record: pulumi.Output[str]
    """The text of the TXT record at ``<selector>._domainkey.<domain>``."""

    def __init__(
        self,
        name: str,
        *,
        domain: str,
        selector: str,
        algorithm: str,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Register the key; ``algorithm`` is ``rsa`` (2048 bits) or ``ed25519``."""
        props = {
            "domain": domain,
            "selector": selector,
            "algorithm": algorithm,
            "private_key": None,
            "public_record": None,
        }
        secret = pulumi.ResourceOptions(additional_secret_outputs=["private_key"])
        super().__init__(DkimKeyProvider(), name, props, pulumi.ResourceOptions.merge(opts, secret))
