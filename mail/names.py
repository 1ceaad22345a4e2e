"""Domain names, host names, local parts and zones, checked and in one written form.

Everything downstream (DNS, Postfix, Dovecot, DKIM) compares names byte by byte, so a name is turned
into its A-label form once, here, and never again.
"""

import ipaddress
import re
from collections.abc import Iterable
from functools import lru_cache

import idna
from publicsuffixlist import PublicSuffixList

# Dovecot's default auth_username_chars, less the capitals (docker-mailserver's maps are lower
# case: an account with a capital letter never logs in) and less "@".
_LOGIN = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*")
# RFC 5321 4.1.2 Dot-string, less "|" and "'" which docker-mailserver's shell code splits on.
_DOT_STRING = re.compile(r"[A-Za-z0-9!#$%&*+/=?^_`{}~-]+(\.[A-Za-z0-9!#$%&*+/=?^_`{}~-]+)*")
# RFC 6376 3.1: a selector is one or more sub-domain labels.
_SELECTOR = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")
_LOCAL_PART_LIMIT = 64  # octets, RFC 5321 4.5.3.1.1
_SELECTOR_LIMIT = 50  # leaves room for "-ed25519" within one 63 octet label


def to_ascii(domain: str) -> str:
    """Give the lower-case A-label form of a domain name (IDNA2008 with UTS #46 mapping).

    Raises ValueError when the name is not a valid host name by RFC 5890/5891.
    """
    name = domain.strip().removesuffix(".")
    try:
        return idna.encode(name, uts46=True, std3_rules=True).decode("ascii")
    except (idna.IDNAError, UnicodeError) as error:
        raise ValueError(f"{domain!r} is not a domain name: {error}") from None


def to_unicode(domain: str) -> str:
    """Give the name as people read it. Raises ValueError as `to_ascii` does."""
    return idna.decode(to_ascii(domain))


def check_domain(domain: str) -> str:
    """Check a mail domain and return its A-label form.

    Raises ValueError: not a name, an IP address, or fewer than two labels.
    """
    name = to_ascii(domain)
    if _is_address(name):
        raise ValueError(f"{domain!r} is an IP address; mail needs a domain name")
    if "." not in name:
        raise ValueError(f"{domain!r} has no dot; write the full name, such as example.org")
    if name.rpartition(".")[2].isdigit():
        raise ValueError(f"{domain!r} ends in a number; no top-level domain does")
    return name


def check_hostname(name: str) -> str:
    """Check a server's name (same rules as a mail domain) and return its A-label form.

    docker-mailserver stops at start when the name has no dot, hence the same two-label rule.
    """
    return check_domain(name)


def check_local_part(local: str) -> str:
    """Check what stands before the "@" of an account or alias, and return it unchanged.

    Raises ValueError for what docker-mailserver cannot log in: capitals, "|", ":", blanks, "+"
    (the recipient delimiter) and everything outside Dovecot's auth_username_chars.
    """
    if local != local.lower():
        raise ValueError(
            f"{local!r} has capital letters, with which nobody can log in; write {local.lower()!r}"
        )
    if len(local) > _LOCAL_PART_LIMIT:
        raise ValueError(f"{local!r} is longer than {_LOCAL_PART_LIMIT} characters")
    if not _LOGIN.fullmatch(local):
        raise ValueError(
            f"{local!r} is not a mailbox name; use a-z, 0-9, '-', '_' and single dots inside"
        )
    return local


def check_address(address: str) -> str:
    """Check one of our own addresses and return it with its domain as A-labels.

    Raises ValueError as `check_local_part` and `check_domain` do.
    """
    local, domain = _split(address)
    return f"{check_local_part(local)}@{check_domain(domain)}"


def check_target(address: str) -> str:
    """Check an address anywhere, to which mail is forwarded; its local part may be any dot-string.

    Returns it with its domain as A-labels. Raises ValueError.
    """
    local, domain = _split(address)
    if len(local) > _LOCAL_PART_LIMIT or not _DOT_STRING.fullmatch(local):
        raise ValueError(f"{address!r} has no valid local part before its '@'")
    return f"{local}@{check_domain(domain)}"


def check_selector(selector: str) -> str:
    """Check a DKIM selector (RFC 6376 3.1) and return it. Raises ValueError."""
    if len(selector) > _SELECTOR_LIMIT or not _SELECTOR.fullmatch(selector):
        raise ValueError(
            f"{selector!r} is not a DKIM selector; use a-z, 0-9 and '-', such as 'mail' or '2026a'"
        )
    return selector


def zone_of(domain: str, zones: Iterable[str] = ()) -> str:
    """Say which DNS zone holds a name: the longest of the given zones, else the registrable domain.

    Raises ValueError when the name is itself a public suffix (publicsuffix.org) and no zone given
    holds it.
    """
    name = to_ascii(domain)
    holding = [zone for zone in map(to_ascii, zones) if within(name, zone)]
    if holding:
        return max(holding, key=len)
    registrable = _public_suffixes().privatesuffix(name)
    if registrable is None:
        raise ValueError(f"{domain!r} is a public suffix, not a domain that one can own")
    return str(registrable)


def organisation_of(domain: str) -> str:
    """Give the organisational domain (RFC 7489 3.2) of an A-label name; a suffix is its own."""
    return str(_public_suffixes().privatesuffix(domain) or domain)


def within(name: str, domain: str) -> bool:
    """Whether a name is the domain or lies below it (both as A-labels)."""
    return name == domain or name.endswith(f".{domain}")


@lru_cache(maxsize=1)
def _public_suffixes() -> PublicSuffixList:
    return PublicSuffixList()


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _split(address: str) -> tuple[str, str]:
    local, at, domain = address.strip().rpartition("@")
    if not (local and at and domain) or "@" in local:
        raise ValueError(f"{address!r} is not an address; write name@domain")
    return local, domain
