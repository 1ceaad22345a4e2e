"""The docker-mailserver container."""

from typing import Annotated, Literal

from pydantic import Field, SecretStr

from settings.base import Model
from settings.tls import SelfSignedTls, Tls
from settings.types import (
    Address,
    EmptyMap,
    EnvironmentValue,
    FullTargets,
    Hostname,
    LocalPart,
    Once,
    Password,
    Selector,
    Token,
)

Service = Literal[
    "smtp", "submission", "submissions", "imap", "imaps", "pop3", "pop3s", "managesieve"
]

VARIABLES = "https://docker-mailserver.github.io/docker-mailserver/v15.1/config/environment/"


class Master(Model):
    """A Dovecot master account: it may read every mailbox, by logging in as `alice*NAME`."""

    password: Password | None = Field(
        None,
        description="Its password, or a hash made by `doveadm pw`. A secret. Without it one is "
        "generated.",
    )


class Upgrade(Model):
    """What happens when `server.image` changes."""

    snapshots: int = Field(
        2,
        ge=0,
        le=10,
        description="How many snapshots of mail and state are kept. One is taken before each new "
        "image: at AWS of the data volume, elsewhere by hard links beside the mail, for which "
        "the server stops a few seconds earlier. `0` takes none and removes those there are.",
        examples=[5],
    )


class Server(Model):
    """The docker-mailserver container and what is configured for all domains at once."""

    hostname: Hostname = Field(
        description="The server's full name: what MX records point at and what it says in HELO. "
        "It must not be a mail domain itself.",
        examples=["mail.example.com"],
    )
    image: Token = Field(
        "ghcr.io/docker-mailserver/docker-mailserver:15.1.0",
        description="Container image. A digest (`…@sha256:…`) pins it; a tag is looked up once.",
        examples=["ghcr.io/docker-mailserver/docker-mailserver:15.1.0@sha256:…"],
    )
    upgrade: Upgrade = Field(
        Upgrade(), description="What happens when the image changes.", examples=[{"snapshots": 5}]
    )
    services: Annotated[tuple[Service, ...], Once] = Field(
        ("smtp", "submission", "submissions", "imaps"),
        min_length=1,
        description="What to listen for. Nothing else is published. `imap` and `pop3` are the "
        "STARTTLS ports 143 and 110; `submission` is 587, `submissions` 465.",
        examples=[["smtp", "submissions", "imaps"]],
    )
    environment: Annotated[dict[str, EnvironmentValue], EmptyMap] = Field(
        {},
        description=f"docker-mailserver's [variables]({VARIABLES}), "
        "checked by name, value and combination. Secrets do not belong here, for `docker inspect` "
        "shows them: give `X__FILE` the path of a file from `files`, which lie in "
        "`/tmp/docker-mailserver/`.",
        examples=[{"LOG_LEVEL": "info"}],
    )
    files: Annotated[dict[str, SecretStr], EmptyMap] = Field(
        {},
        description="Files of docker-mailserver's config volume, by their path in it. What "
        "mailstack writes itself is refused here, save `postfix-main.cf`, `postfix-master.cf`, "
        "`postfix-aliases.cf` and `postfix-sasl-password.cf`, to which yours is added. Values may "
        "be secrets; those in `secrets/` root alone may read.",
        examples=[{"postfix-main.cf": "message_size_limit = 52428800\n"}],
    )
    postmaster: Address | None = Field(
        None,
        description="Who gets the server's own mail (bounces, reports). Without it the first "
        "`postmaster@` of the domains, else the first mailbox by name.",
        examples=["alice@example.com"],
    )
    masters: Annotated[dict[LocalPart, Master], EmptyMap] = Field(
        {}, description="Dovecot master accounts, by name.", examples=[{"admin": {}}]
    )
    regexp_aliases: Annotated[dict[str, FullTargets], EmptyMap] = Field(
        {},
        description="Aliases by pattern: `/pcre/` → one full address or a list.",
        examples=[{"/^(sales|info)\\+.*@example\\.com$/": "alice@example.com"}],
    )
    signer: Literal["rspamd", "opendkim"] = Field(
        "rspamd",
        description="What signs and filters mail. `opendkim` signs with RSA only and brings the "
        "older chain of filters.",
        examples=["opendkim"],
    )
    dkim_selector: Selector = Field(
        "mail", description="DKIM selector for domains that name none.", examples=["s2026"]
    )
    tls: Tls = Field(
        SelfSignedTls(), description="The server's certificate.", examples=[{"kind": "selfSigned"}]
    )
