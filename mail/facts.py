"""What DNS records are, and what those of a mail domain are made of."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from mail.dmarc import DmarcPolicy
from mail.services import DEFAULT_SERVICES


@dataclass(frozen=True, kw_only=True)
class Record:
    """One DNS record.

    `key` names it for ever and never depends on what a deployment makes. `name` is fully
    qualified, in A-labels without a final dot. `content` is the logical value: a TXT unquoted and
    unsplit, a target without a final dot, an SRV as "weight port target". `ttl` in seconds. `why`
    is for people.
    """

    key: str
    zone: str
    name: str
    type: str
    content: str
    priority: int | None = None
    ttl: int = 300
    why: str


@dataclass(frozen=True, kw_only=True)
class DkimRecord:
    """A selector and the value to publish there (`dkim.public_record`, or its placeholder)."""

    selector: str
    value: str


@dataclass(frozen=True, kw_only=True)
class MailFrom:
    """SES's custom MAIL FROM: the bounce domain, and the AWS region that receives for it."""

    domain: str
    region: str


@dataclass(frozen=True, kw_only=True)
class DomainFacts:
    """What a mail domain's records are made of.

    `zones` maps every mail domain of the stack to its zone: a domain that receives another's DMARC
    reports is found there. Addresses are plain IPv4/IPv6; `ttl` in seconds. `port_offset` is
    added to every port that mail programs are told.
    """

    domain: str
    hostname: str
    ipv4: str
    zones: Mapping[str, str]
    ipv6: str | None = None
    services: tuple[str, ...] = DEFAULT_SERVICES
    port_offset: int = 0
    dkim: tuple[DkimRecord, ...] = ()
    dmarc: DmarcPolicy = field(default_factory=DmarcPolicy)
    spf_includes: tuple[str, ...] = ()
    spf_all: str = "-all"
    tls_reports: str | None = None
    mail_from: MailFrom | None = None
    txt: tuple[str, ...] = ()
    ttl: int = 300
