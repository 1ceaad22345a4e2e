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
        """The smarthost as Postfix's `relayhost` has it; the brackets keep it from asking for MX.

        DEFAULT_RELAY_HOST and the key in postfix-sasl-password.cf must both be exactly this.
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

    `certificate` is None where the server's certificate lies elsewhere (`mail.dms.tls`); `fallback`
    is a second one, for clients that cannot use the first.
    """

    mailboxes: tuple[Mailbox, ...]
    aliases: tuple[Alias, ...] = ()
    catch_alls: tuple[CatchAll, ...] = ()
    regexp_aliases: tuple[RegexpAlias, ...] = ()
    masters: tuple[Master, ...] = ()
    relay: RelayAccess | None = None
    signer: Signer = "rspamd"
    dkim_keys: tuple[SigningKey, ...] = ()
    certificate: Certificate | None = None
    fallback: Certificate | None = None
    user_files: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)
