"""DMARC records (RFC 7489)."""

from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True, kw_only=True)
class DmarcPolicy:
    """What receivers shall do with mail that fails, and where they report it.

    `policy` and `subdomain_policy` are none, quarantine or reject; reports are plain addresses.
    """

    policy: str = "quarantine"
    subdomain_policy: str | None = None
    reports: str | None = None
    failure_reports: str | None = None

    def report_domains(self) -> list[str]:
        """Name the domains that receive reports, each once, sorted."""
        addresses = [address for address in (self.reports, self.failure_reports) if address]
        return sorted({address.rpartition("@")[2] for address in addresses})


def dmarc(policy: DmarcPolicy) -> str:
    """Build the value of `_dmarc.<domain>`.

    Alignment stays relaxed (the default): SES's MAIL FROM is a subdomain and would fail strict SPF.
    """
    tags = ["v=DMARC1", f"p={policy.policy}"]
    if policy.subdomain_policy:
        tags.append(f"sp={policy.subdomain_policy}")
    if policy.reports:
        tags.append(f"rua={mailto(policy.reports)}")
    if policy.failure_reports:
        # fo=1: report when either of SPF and DKIM fails; the default reports only if both do.
        tags.extend([f"ruf={mailto(policy.failure_reports)}", "fo=1"])
    return "; ".join(tags)


def report_authorisation() -> str:
    """Give the value by which a domain agrees to receive another's reports (RFC 7489 7.1)."""
    return "v=DMARC1"


def mailto(address: str) -> str:
    """Write an address as a report URI, encoding "!", "," and ";", which would end it early."""
    return "mailto:" + quote(address, safe="@+")
