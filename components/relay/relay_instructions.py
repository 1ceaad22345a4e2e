"""What the relays ask a person to do: for the stack's output ``instructions``."""

from collections.abc import Iterator

from mail.instructions import Instruction
from mail.relay_instructions import (
    gmail_instruction,
    mailgun_instruction,
    sendgrid_instruction,
    ses_sandbox_instruction,
    smarthost_instruction,
)
from settings import Settings
from settings.relay import GmailRelay, MailgunRelay, Relay, SendgridRelay, SesRelay, SmtpRelay


def relay_instructions(settings: Settings) -> list[Instruction]:
    """List what must be done at each relay's provider, once for all domains that use it.

    Delivery without a relay asks for something at the host, not here.
    """
    made = (_instruction(settings, relay, names) for relay, names in _users(settings))
    # Two logins at one place may ask for the same.
    return list(dict.fromkeys(one for one in made if one is not None))


def _users(settings: Settings) -> Iterator[tuple[Relay, list[str]]]:
    """Give each relay with its domains; SES is one in each of its regions."""
    regions: dict[str | None, tuple[Relay, list[str]]] = {}
    others: list[tuple[Relay, list[str]]] = []
    for domain in settings.domains:
        relay = settings.relay_of(domain)
        if isinstance(relay, SesRelay):
            regions.setdefault(settings.ses_region(relay), (relay, []))[1].append(domain)
            continue
        known = next((names for other, names in others if other == relay), None)
        if known is None:
            others.append((relay, [domain]))
        else:
            known.append(domain)
    yield from (*regions.values(), *others)


def _instruction(settings: Settings, relay: Relay, domains: list[str]) -> Instruction | None:
    match relay:
        case SesRelay():
            region = settings.ses_region(relay)
            return ses_sandbox_instruction(region=region, domains=domains) if region else None
        case SendgridRelay():
            return sendgrid_instruction(domains=domains)
        case MailgunRelay():
            return mailgun_instruction(domains=domains, region=relay.region)
        case GmailRelay():
            return gmail_instruction(account=relay.user, domains=domains)
        case SmtpRelay():
            has_spf = relay.spf_include is not None
            return smarthost_instruction(host=relay.host, domains=domains, has_spf=has_spf)
        case _:
            return None
