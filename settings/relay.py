"""How mail leaves for other servers."""

from typing import Annotated, Literal, Protocol

from pydantic import AfterValidator, Field, SecretStr, field_validator

from mail.spf import RELAY_INCLUDES
from settings.base import Model
from settings.types import FullTarget, Hostname, Port, Region, Selector, SpfDomain, Token, refuse


class Login(Protocol):
    """A smarthost and the login there: what every kind but `ses` and `none` comes down to."""

    @property
    def host(self) -> str:
        """Its host name, which its certificate bears."""

    @property
    def port(self) -> int:
        """Its port."""

    @property
    def user(self) -> str:
        """The login's user."""

    @property
    def password(self) -> SecretStr:
        """The login's password."""


def _no_colon(user: str) -> str:
    # Postfix splits its password file at the first colon (SASL_README, "user:password").
    if ":" in user:
        raise refuse("must not hold a colon", example="mailstack")
    return user


def _one_line(password: SecretStr) -> SecretStr:
    plain = password.get_secret_value()
    if not plain or not plain.isprintable() or plain != plain.strip():
        raise refuse("must not be empty, nor hold line breaks or spaces at its ends")
    return password


RelayUser = Annotated[Token, AfterValidator(_no_colon)]
RelayPassword = Annotated[SecretStr, AfterValidator(_one_line)]


class NoRelay(Model):
    """The server delivers by itself. Most clouds block port 25 outwards until you ask them."""

    kind: Literal["none"] = "none"


class SesRelay(Model):
    """Amazon SES. The stack makes the identities (with our own DKIM key) and the credentials."""

    kind: Literal["ses"]
    region: Region | None = Field(
        None,
        description="AWS region of SES. Without it, the region of the host.",
        examples=["eu-central-1"],
    )
    mail_from_label: Selector = Field(
        "bounce",
        description="Bounces come back to this name below each domain (`bounce.example.com`), "
        "which makes SPF align for DMARC.",
    )


class SmtpRelay(Model):
    """Any smarthost that speaks SMTP with TLS and a login."""

    kind: Literal["smtp"]
    host: Hostname = Field(
        description="Its host name, which its certificate must bear: no password goes elsewhere.",
        examples=["smtp.example.net"],
    )
    port: Port = Field(
        587, description="Its port. On 465 and 2465 TLS starts at once, elsewhere by STARTTLS."
    )
    user: RelayUser = Field(description="User name of the login.", examples=["mailstack"])
    password: RelayPassword = Field(description="Password of the login. A secret.")
    spf_include: SpfDomain | None = Field(
        None,
        description="The name that the provider asks to include in SPF.",
        examples=["_spf.example.net"],
    )


class _Preset(Model):
    """A provider whose server is known."""

    @property
    def port(self) -> int:
        """The port for STARTTLS, which no cloud blocks."""
        return 587


class SendgridRelay(_Preset):
    """Twilio SendGrid."""

    kind: Literal["sendgrid"]
    api_key: RelayPassword = Field(
        description="An API key with the permission Mail Send alone. A secret."
    )

    @property
    def host(self) -> str:
        """SendGrid's one server."""
        return "smtp.sendgrid.net"

    @property
    def user(self) -> str:
        """The same for everybody: the key says who it is."""
        return "apikey"

    @property
    def password(self) -> SecretStr:
        """The API key."""
        return self.api_key


class MailgunRelay(_Preset):
    """Mailgun, with the SMTP credentials of one of its domains (not an API key)."""

    kind: Literal["mailgun"]
    region: Literal["us", "eu"] = Field("us", description="Where the domain was made at Mailgun.")
    user: RelayUser = Field(
        description="The SMTP credential's full login.", examples=["postmaster@mg.example.com"]
    )
    password: RelayPassword = Field(description="The SMTP credential's password. A secret.")

    @property
    def host(self) -> str:
        """Mailgun's server in that region."""
        return "smtp.eu.mailgun.org" if self.region == "eu" else "smtp.mailgun.org"


class GmailRelay(_Preset):
    """Gmail or Google Workspace with one account's login: 500 or 2,000 messages a day."""

    kind: Literal["gmail"]
    user: FullTarget = Field(
        description="The account's full address. Gmail sends under other addresses only where the "
        "account has them as aliases.",
        examples=["someone@gmail.com"],
    )
    password: RelayPassword = Field(
        description="An app password (not the account's own). A secret."
    )

    @field_validator("password")
    @classmethod
    def _as_google_takes_it(cls, password: SecretStr) -> SecretStr:
        # Google shows app passwords in four groups; the blanks are not part of them.
        return SecretStr("".join(password.get_secret_value().split()))

    @property
    def host(self) -> str:
        """Gmail's server for its users' programs."""
        return "smtp.gmail.com"


Relay = Annotated[
    SesRelay | SmtpRelay | SendgridRelay | MailgunRelay | GmailRelay | NoRelay,
    Field(discriminator="kind"),
]


def spf_include(relay: Relay) -> str | None:
    """Give the name whose SPF record lists a relay's sending addresses, where there is one."""
    if isinstance(relay, SmtpRelay):
        return relay.spf_include
    return RELAY_INCLUDES.get(relay.kind)
