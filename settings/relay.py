"""How mail leaves for other servers."""

from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator

from settings.base import Model
from settings.types import Hostname, Port, Region, Selector, SpfDomain, Token, refuse


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
    """Any smarthost that speaks SMTP with STARTTLS and a login."""

    kind: Literal["smtp"]
    host: Hostname = Field(
        description="Its host name, which its certificate must bear: no password goes elsewhere.",
        examples=["smtp.example.net"],
    )
    port: Port = Field(587, description="Its port.")
    user: Token = Field(description="User name of the login.", examples=["mailstack"])
    password: SecretStr = Field(description="Password of the login. A secret.")
    spf_include: SpfDomain | None = Field(
        None,
        description="The name that the provider asks to include in SPF.",
        examples=["_spf.example.net"],
    )

    @field_validator("user")
    @classmethod
    def _user_fits_the_password_file(cls, user: str) -> str:
        # Postfix splits its password file at the first colon (SASL_README, "user:password").
        if ":" in user:
            raise refuse("must not hold a colon", example="mailstack")
        return user

    @field_validator("password")
    @classmethod
    def _password_fits_the_password_file(cls, password: SecretStr) -> SecretStr:
        plain = password.get_secret_value()
        if not plain or not plain.isprintable() or plain != plain.strip():
            raise refuse("must not be empty, nor hold line breaks or spaces at its ends")
        return password


Relay = Annotated[SesRelay | SmtpRelay | NoRelay, Field(discriminator="kind")]
