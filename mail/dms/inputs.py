"""What docker-mailserver's config volume is made from: plain, checked values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from mail.dkim import Signer


@dataclass(frozen=True, kw_only=True)
class Mailbox:
    """An account: its full address, its `{SCHEME}hash`, and its quota ("2G"; None is unlimited)."""

    address: str
    password_hash: str = field(repr=False)
    quota: str | None = None


@dataclass(frozen=True, kw_only=True)
class Alias:
    """A full address whose mail goes to one or more full addresses."""

    address: str
    targets: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class CatchAll:
    """Where mail for a domain's unknown addresses goes."""

    domain: str
    target: str


@dataclass(frozen=True, kw_only=True)
class RegexpAlias:
    """A PCRE between slashes, perhaps with flags, matched against the whole recipient address.

    Targets may use `$1` and so on (pcre_table(5)).
    """

    pattern: str
    targets: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Master:
    """A Dovecot master user: logs in to any mailbox as `<mailbox>*<name>`."""

    name: str
    password_hash: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class RelayAccess:
    """A smarthost and how to log in there."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)

    @property
    def nexthop(self) -> str:
        """The smarthost as Postfix names a next hop; the brackets keep it from asking for MX.

        Where mail is sent to and the key of its login must both be exactly this.
        """
        return f"[{self.host}]:{self.port}"


@dataclass(frozen=True, kw_only=True)
class SigningKey:
    """A DKIM private key, as its signer's file holds it, and where its public half stands.

    The signer's form is made by `dkim.private_key_for`: files are rendered before keys are known.
    """

    domain: str
    selector: str
    private_key: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """A TLS certificate, followed by its intermediates, and its key; both PEM."""

    chain: str
    key: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class ServerFiles:
    """Everything that enters the config volume. `user_files`: relative path -> text.

    `domain_relays`: domain -> its own smarthost, or None to deliver directly; `relay` takes all
    other mail.
    `certificate` is None where the server's certificate lies elsewhere (`mail.dms.tls`); `fallback`
    is a second one, for clients that cannot use the first.
    """

    mailboxes: tuple[Mailbox, ...]
    aliases: tuple[Alias, ...] = ()
    catch_alls: tuple[CatchAll, ...] = ()
    regexp_aliases: tuple[RegexpAlias, ...] = ()
    masters: tuple[Master, ...] = ()
    relay: RelayAccess | None = None
    domain_relays: Mapping[str, RelayAccess | None] = field(
        default_factory=lambda: MappingProxyType({})
    )
    signer: Signer = "rspamd"
    dkim_keys: tuple[SigningKey, ...] = ()
    certificate: Certificate | None = None
    ipv6: bool = False
    """Whether the server has an IPv6 address."""
    fallback: Certificate | None = None
    user_files: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)
