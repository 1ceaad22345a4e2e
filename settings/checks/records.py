"""DNS records that could not be published, or that receivers would not follow."""

from collections.abc import Iterator

from mail import dkim, txt
from mail.spf import spf
from settings.dns import AUTOMATIC_TTL
from settings.errors import Problem
from settings.paths import Loc, config_path, remove_command, set_command
from settings.stack import Settings

_TTL: Loc = ("dns", "ttl")
_SPF_ROOM = 450  # characters: what SPF should stay below anyway (RFC 7208 3.4)
_NAME_LIMIT = 253  # octets of a name in its written form, RFC 1035 2.3.4
# As long as addresses get, for the limits; the real ones are known after the deployment.
_IPV4 = "255.255.255.255"
_IPV6 = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"


def record_problems(settings: Settings) -> Iterator[Problem]:
    """Refuse SPF over ten look-ups, TXT values beyond their limits, names that are too long."""
    for domain in settings.domains:
        yield from _spf_problems(settings, domain)
        yield from _length_problems(settings, domain)
        yield from _text_problems(settings, domain)
    if settings.dns.provider != "cloudflare" and settings.dns.ttl == AUTOMATIC_TTL:
        yield Problem(
            path=config_path(_TTL),
            message="1 (automatic) is known to Cloudflare alone; elsewhere it means one second",
            remedy=set_command(_TTL, "300"),
        )


def _spf_problems(settings: Settings, domain: str) -> Iterator[Problem]:
    loc: Loc = ("domains", domain, "spf", "include")
    try:
        txt.check_txt(
            spf(
                ipv4=_IPV4,
                ipv6=_IPV6,
                includes=settings.spf_includes(domain),
                all_=settings.domains[domain].spf.all,
            )
        )
    except ValueError as error:
        yield Problem(
            path=config_path(loc),
            message=str(error),
            remedy=remove_command((*loc, 0)),
        )


def _text_problems(settings: Settings, domain: str) -> Iterator[Problem]:
    loc: Loc = ("domains", domain, "txt")
    try:
        # SPF stands at the same name; where it is at fault itself, that is told already.
        txt.check_name_total([*settings.domains[domain].txt, "v=spf1".ljust(_SPF_ROOM)])
    except ValueError as error:
        last = len(settings.domains[domain].txt) - 1
        yield Problem(
            path=config_path(loc), message=str(error), remedy=remove_command((*loc, last))
        )


def _length_problems(settings: Settings, domain: str) -> Iterator[Problem]:
    loc: Loc = ("domains", domain)
    longest = max(_names(settings, domain), key=len)
    if len(longest) > _NAME_LIMIT:
        yield Problem(
            path=config_path(loc),
            message=f"a record's name, {longest[:40]}…, would have {len(longest)} characters, "
            f"and DNS allows {_NAME_LIMIT}",
            remedy=remove_command(loc),
        )


def _names(settings: Settings, domain: str) -> Iterator[str]:
    """Yield the long ones among the names that a domain's records have."""
    mail = settings.domains[domain]
    selector = settings.dkim_selector(domain)
    for key in dkim.key_names(domain=domain, selector=selector, signer=settings.server.signer):
        yield f"{key.selector}._domainkey.{domain}"
    yield f"_submissions._tcp.{domain}"
    for reports in (mail.dmarc.reports, mail.dmarc.failure_reports):
        if reports is not None:
            yield f"{domain}._report._dmarc.{reports.rpartition('@')[2]}"
