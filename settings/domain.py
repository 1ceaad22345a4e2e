"""A mail domain: its mailboxes, aliases and mail policies."""

from typing import Annotated, Literal

from pydantic import Field

from settings.base import Model
from settings.relay import Relay
from settings.types import (
    Address,
    EmptyMap,
    LocalOrAddress,
    LocalPart,
    Once,
    Password,
    Quota,
    Selector,
    SpfDomain,
    Target,
    Targets,
    TxtString,
)


class Account(Model):
    """A mailbox. `bob: {}` or `bob:` is enough."""

    password: Password | None = Field(
        None,
        description="Its password, or a hash made by `doveadm pw`. A secret: `pulumi config set "
        "--secret`. Without it one is generated, a secret output.",
    )
    quota: Quota | None = Field(
        None,
        description="How much it may hold: a number and one of B, k, M, G, T; `0` or nothing: "
        "no limit of its own.",
        examples=["2G"],
    )
    aliases: tuple[LocalOrAddress, ...] = Field(
        (),
        description="More addresses of this mailbox: local parts, or full addresses in another "
        "domain of the stack.",
        examples=[["postmaster"]],
    )


class Dmarc(Model):
    """What receivers shall do with mail that fails DMARC, and where they report (RFC 7489)."""

    policy: Literal["none", "quarantine", "reject"] = Field(
        "quarantine", description="What to do with mail that fails.", examples=["reject"]
    )
    subdomain_policy: Literal["none", "quarantine", "reject"] | None = Field(
        None, description="The same for subdomains. Without it, `policy`.", examples=["reject"]
    )
    reports: Address | None = Field(
        None,
        description="Address for the daily aggregate reports. If it lies in another domain of the "
        "stack, that domain gets the record which authorises it.",
        examples=["postmaster@example.com"],
    )
    failure_reports: Address | None = Field(
        None,
        description="Address for reports of single failures; few receivers send them.",
        examples=["postmaster@example.com"],
    )


class Spf(Model):
    """Who else may send for the domain (RFC 7208). Server and relay are added by mailstack."""

    include: tuple[SpfDomain, ...] = Field(
        (),
        description="Other services that send for the domain.",
        examples=[["_spf.example.net"]],
    )
    all: Literal["-all", "~all"] = Field(
        "-all",
        description="What to do with everybody else: refuse (`-all`) or doubt (`~all`).",
        examples=["~all"],
    )


class Dkim(Model):
    """The domain's DKIM key."""

    selector: Selector | None = Field(
        None,
        description="Its selector. Without it, `server.dkimSelector`. A new name makes a new key.",
        examples=["s2026"],
    )


class Domain(Model):
    """A mail domain. Its key may be written in Unicode or as an A-label (`xn--…`)."""

    accounts: Annotated[dict[LocalPart, Account], EmptyMap] = Field(
        {}, description="Mailboxes, by local part.", examples=[{"alice": {"quota": "2G"}}]
    )
    aliases: Annotated[dict[LocalPart, Targets], EmptyMap] = Field(
        {},
        description="Aliases: local part → one target or a list. A target is a local part of this "
        "domain or any full address.",
        examples=[{"team": ["alice", "bob@example.net"]}],
    )
    catch_all: Target | None = Field(
        None,
        description="Who gets mail for addresses that do not exist. It draws spam.",
        examples=["alice"],
    )
    dmarc: Dmarc = Field(Dmarc(), description="DMARC policy.", examples=[{"policy": "reject"}])
    spf: Spf = Field(Spf(), description="Additions to SPF.", examples=[{"all": "~all"}])
    dkim: Dkim = Field(Dkim(), description="DKIM key.", examples=[{"selector": "s2026"}])
    relay: Relay | None = Field(
        None,
        description="How mail from this domain leaves, where not as the stack's `relay` says; "
        "`{kind: none}` delivers directly.",
        examples=[{"kind": "none"}],
    )
    tls_reports: Address | None = Field(
        None,
        description="Address for daily reports about TLS failures (TLS-RPT, RFC 8460).",
        examples=["postmaster@example.com"],
    )
    txt: Annotated[tuple[TxtString, ...], Once] = Field(
        (),
        description="Further TXT strings at the domain itself, such as proofs of ownership. Needed "
        "with Route 53, which keeps all of them in one set with SPF.",
        examples=[["google-site-verification=abc123"]],
    )
