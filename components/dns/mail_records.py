"""From the settings to the list of DNS records, with stand-ins for what is known only later."""

from collections.abc import Mapping

from components.dkim import Dkim
from components.hosts.host import Host
from components.placeholders import Placeholders
from mail.dmarc import DmarcPolicy
from mail.records import (
    DkimRecord,
    DomainFacts,
    MailFrom,
    Record,
    domain_records,
    mail_host_records,
)
from settings import Settings


def mail_from(settings: Settings) -> dict[str, MailFrom]:
    """Give the SES MAIL FROM of each domain that sends through SES."""
    return {
        domain: MailFrom(domain=f"{relay.mail_from_label}.{domain}", region=region)
        for domain, relay in settings.ses_domains.items()
        if (region := settings.ses_region(relay)) is not None
    }


def all_records(
    settings: Settings, *, host: Host, dkim: Mapping[str, Dkim], placeholders: Placeholders
) -> list[Record]:
    """List every record of the stack: the host's first, then domain by domain."""
    hostname, ttl = settings.server.hostname, settings.dns.ttl
    ipv4 = placeholders.ipv4(host.ipv4)
    ipv6 = placeholders.ipv6(host.ipv6.apply(str)) if host.has_ipv6 else None
    bounces = mail_from(settings)
    records = mail_host_records(
        hostname=hostname, ipv4=ipv4, ipv6=ipv6, zone=settings.zones[hostname], ttl=ttl
    )
    for domain, mail in settings.domains.items():
        facts = DomainFacts(
            domain=domain,
            hostname=hostname,
            ipv4=ipv4,
            ipv6=ipv6,
            zones=settings.zones,
            services=settings.server.services,
            port_offset=host.port_offset,
            dkim=tuple(
                DkimRecord(selector=key.name.selector, value=placeholders.text(key.public_record))
                for key in dkim[domain].pairs
            ),
            dmarc=DmarcPolicy(
                policy=mail.dmarc.policy,
                subdomain_policy=mail.dmarc.subdomain_policy,
                reports=mail.dmarc.reports,
                failure_reports=mail.dmarc.failure_reports,
            ),
            spf_includes=settings.spf_includes(domain),
            spf_all=mail.spf.all,
            tls_reports=mail.tls_reports,
            mail_from=bounces.get(domain),
            txt=mail.txt,
            ttl=ttl,
        )
        records += domain_records(facts)
    return records
