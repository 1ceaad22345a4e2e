"""Every DNS record of a mail host and of a mail domain, each with its reason.

The keys, names and types depend on the settings alone; only contents need what a deployment makes
(addresses, DKIM keys). So a caller may learn the shape from placeholders and the contents later.
"""

import hashlib
import ipaddress
from collections.abc import Mapping

from mail import names
from mail.dmarc import DmarcPolicy, dmarc, mailto, report_authorisation
from mail.facts import DkimRecord, DomainFacts, MailFrom, Record
from mail.services import PORTS
from mail.spf import spf

__all__ = [
    "DkimRecord",
    "DmarcPolicy",
    "DomainFacts",
    "MailFrom",
    "Record",
    "domain_records",
    "mail_host_records",
    "ptr_record",
]

_MX_PRIORITY = 10

# Service -> (SRV label, priority, standard). Lower is preferred: RFC 8314 wants TLS from the start.
_SRV: Mapping[str, tuple[str, int, str]] = {
    "submissions": ("_submissions", 0, "RFC 8314"),
    "submission": ("_submission", 10, "RFC 6186"),
    "imaps": ("_imaps", 0, "RFC 6186"),
    "imap": ("_imap", 10, "RFC 6186"),
    "pop3s": ("_pop3s", 20, "RFC 6186"),
    "pop3": ("_pop3", 30, "RFC 6186"),
    "managesieve": ("_sieve", 0, "RFC 5804"),
}


def mail_host_records(
    *, hostname: str, ipv4: str, ipv6: str | None, zone: str, ttl: int = 300
) -> list[Record]:
    """List the records of the server's own name. Raises ValueError for a bad address."""

    def record(role: str, kind: str, content: str, why: str) -> Record:
        return Record(
            key=f"{hostname}/{role}",
            zone=zone,
            name=hostname,
            type=kind,
            content=content,
            ttl=ttl,
            why=why,
        )

    records = [record("a", "A", str(ipaddress.IPv4Address(ipv4)), "Where the mail server is.")]
    if ipv6 is not None:
        records.append(
            record(
                "aaaa", "AAAA", str(ipaddress.IPv6Address(ipv6)), "Where it is for IPv6 clients."
            )
        )
    records.append(
        record(
            "spf",
            "TXT",
            "v=spf1 a -all",
            "SPF of the name the server greets with, checked for bounces (RFC 7208 2.3).",
        )
    )
    return records


def ptr_record(*, hostname: str, address: str) -> Record:
    """Describe the PTR of an address; its zone belongs to the address's owner, so it has none here.

    Raises ValueError for a bad address.
    """
    version = ipaddress.ip_address(address).version
    return Record(
        key=f"{hostname}/ptr{version}",
        zone="",
        name=reverse_name(address),
        type="PTR",
        content=hostname,
        why="Receivers refuse servers whose address has no name, or one that does not lead back.",
    )


def reverse_name(address: str) -> str:
    """Give the name in in-addr.arpa or ip6.arpa of an address. Raises ValueError."""
    return ipaddress.ip_address(address).reverse_pointer


def domain_records(facts: DomainFacts) -> list[Record]:
    """List every record of a mail domain.

    Raises ValueError (SPF over ten look-ups, a bad address) and KeyError when `zones` lacks the
    domain.
    """
    return [
        _mx(facts),
        _record(
            facts,
            "spf",
            facts.domain,
            spf(
                ipv4=facts.ipv4,
                ipv6=facts.ipv6,
                includes=facts.spf_includes,
                all_=facts.spf_all,
            ),
            "Who may send for the domain (SPF, RFC 7208).",
        ),
        *_dkim(facts),
        _record(
            facts,
            "dmarc",
            f"_dmarc.{facts.domain}",
            dmarc(facts.dmarc),
            "What receivers do with mail that is neither SPF- nor DKIM-proven (DMARC, RFC 7489).",
        ),
        *_report_authorisations(facts),
        *_srv(facts),
        *_tls_reports(facts),
        *_mail_from(facts),
        *_texts(facts),
    ]


def _record(
    facts: DomainFacts,
    role: str,
    name: str,
    content: str,
    why: str,
    *,
    kind: str = "TXT",
    priority: int | None = None,
    zone: str | None = None,
) -> Record:
    return Record(
        key=f"{facts.domain}/{role}",
        zone=zone or facts.zones[facts.domain],
        name=name,
        type=kind,
        content=content,
        priority=priority,
        ttl=facts.ttl,
        why=why,
    )


def _mx(facts: DomainFacts) -> Record:
    return _record(
        facts,
        "mx",
        facts.domain,
        facts.hostname,
        "Which server takes the domain's mail.",
        kind="MX",
        priority=_MX_PRIORITY,
    )


def _dkim(facts: DomainFacts) -> list[Record]:
    return [
        _record(
            facts,
            f"dkim/{key.selector}",
            f"{key.selector}._domainkey.{facts.domain}",
            key.value,
            "The public key that proves the server's signatures (DKIM, RFC 6376).",
        )
        for key in facts.dkim
    ]


def _report_authorisations(facts: DomainFacts) -> list[Record]:
    own = names.organisation_of(facts.domain)
    return [
        _record(
            facts,
            f"dmarc-report/{receiver}",
            f"{facts.domain}._report._dmarc.{receiver}",
            report_authorisation(),
            f"{receiver} agrees to receive the DMARC reports of {facts.domain} (RFC 7489 7.1).",
            zone=facts.zones[receiver],
        )
        for receiver in facts.dmarc.report_domains()
        # Within one organisational domain no agreement is asked for; a foreign receiver must
        # publish it itself.
        if receiver in facts.zones and names.organisation_of(receiver) != own
    ]


def _srv(facts: DomainFacts) -> list[Record]:
    records = []
    for service, (label, priority, standard) in _SRV.items():
        if service in facts.services:
            records.append(
                _record(
                    facts,
                    f"srv/{service}",
                    f"{label}._tcp.{facts.domain}",
                    f"1 {PORTS[service] + facts.port_offset} {facts.hostname}",
                    f"Mail programs find the {service} service by themselves ({standard}).",
                    kind="SRV",
                    priority=priority,
                )
            )
    return records


def _tls_reports(facts: DomainFacts) -> list[Record]:
    if facts.tls_reports is None:
        return []
    return [
        _record(
            facts,
            "tls-rpt",
            f"_smtp._tls.{facts.domain}",
            f"v=TLSRPTv1; rua={mailto(facts.tls_reports)}",
            "Where senders report failed TLS connections (RFC 8460).",
        )
    ]


def _mail_from(facts: DomainFacts) -> list[Record]:
    if facts.mail_from is None:
        return []
    bounce = facts.mail_from
    return [
        _record(
            facts,
            "mail-from/mx",
            bounce.domain,
            f"feedback-smtp.{bounce.region}.amazonses.com",
            "Bounces of mail sent through SES go to SES, which passes them on.",
            kind="MX",
            priority=10,
        ),
        _record(
            facts,
            "mail-from/spf",
            bounce.domain,
            "v=spf1 include:amazonses.com ~all",
            "SPF of SES's envelope sender, aligned with the domain for DMARC.",
        ),
    ]


def _texts(facts: DomainFacts) -> list[Record]:
    return [
        _record(
            facts,
            # Such a string is its own identity: its place in a list would not last.
            f"txt/{hashlib.sha256(text.encode()).hexdigest()[:12]}",
            facts.domain,
            text,
            "A TXT string of the stack file.",
        )
        for text in facts.txt
    ]
