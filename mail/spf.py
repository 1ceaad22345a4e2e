"""SPF records (RFC 7208): built, and counted against the limit of ten look-ups."""

import ipaddress
import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

_LOOKUP_LIMIT = 10  # RFC 7208 4.6.4
_NAME = re.compile(
    r"[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9])?)+"
)
_QUALIFIERS = "+-~?"

RELAY_INCLUDES: Mapping[str, str] = MappingProxyType(
    {
        "ses": "amazonses.com",
        "sendgrid": "sendgrid.net",
        "mailgun": "mailgun.org",  # of both regions
        "gmail": "_spf.google.com",
    }
)
"""Relay kind -> the name whose SPF record lists the relay's sending addresses."""

NESTED_LOOKUPS: Mapping[str, int] = MappingProxyType(
    {
        "amazonses.com": 0,
        "sendgrid.net": 1,
        "mailgun.org": 2,
        "_spf.google.com": 3,
        "spf.protection.outlook.com": 1,
        "spf.mailjet.com": 1,
        "spf.mandrillapp.com": 1,
    }
)
"""Well-known include -> look-ups inside it, the most its operator's documentation has shown.

Providers change these records, so this is for refusing early what could not work; the doctor
counts the real ones. An include that is not listed here counts as one look-up.
"""


def spf(
    *, ipv4: str, ipv6: str | None = None, includes: Iterable[str] = (), all_: str = "-all"
) -> str:
    """Build a mail domain's SPF record value.

    The address stands beside `mx` so that mail passes even where a receiver's look-up of the MX's
    addresses fails. Raises ValueError: bad include, a bad address, or over ten look-ups.
    """
    terms = ["v=spf1", "mx", f"ip4:{ipaddress.IPv4Address(ipv4)}"]
    if ipv6 is not None:
        terms.append(f"ip6:{ipaddress.IPv6Address(ipv6)}")
    # dict.fromkeys: a relay's include that the user wrote too must not count twice.
    terms.extend(f"include:{check_include(name)}" for name in dict.fromkeys(includes))
    terms.append(all_)
    value = " ".join(terms)
    count = count_lookups(value)
    if count > _LOOKUP_LIMIT:
        raise ValueError(
            f"the SPF record needs {count} DNS look-ups; receivers stop at {_LOOKUP_LIMIT}: "
            "remove an include"
        )
    return value


def check_include(name: str) -> str:
    """Check the name of an SPF include (it may have labels with "_"). Raises ValueError."""
    lowered = name.strip().lower().removesuffix(".")
    if not _NAME.fullmatch(lowered):
        raise ValueError(f"{name!r} is not a name to include; write one such as _spf.example.net")
    return lowered


def count_lookups(value: str) -> int:
    """Count the DNS look-ups of an SPF record by RFC 7208 4.6.4, with those inside known includes.

    `include`, `a`, `mx`, `ptr`, `exists` and `redirect` count one each. The address look-ups that
    `mx` makes have a limit of their own and do not count here.
    """
    total = 0
    for term in value.split()[1:]:
        mechanism, _, argument = term.lstrip(_QUALIFIERS).replace("=", ":", 1).partition(":")
        if mechanism in {"include", "redirect"}:
            total += 1 + NESTED_LOOKUPS.get(argument.lower(), 0)
        elif mechanism.partition("/")[0] in {"a", "mx", "ptr", "exists"}:
            total += 1
    return total
