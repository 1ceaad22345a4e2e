"""Mailbox quotas as docker-mailserver's dovecot-quotas.cf writes them."""

import re

_QUOTA = re.compile(r"(0|[1-9][0-9]{0,14})([BkMGT]?)")
_UNIT_BY_LETTER = {"b": "B", "k": "k", "m": "M", "g": "G", "t": "T"}
UNLIMITED = "0"


def check_quota(quota: str) -> str:
    """Check a quota and return its canonical form, such as `2G`; `0` means unlimited.

    Units: B (octets), k, M, G, T, each 1024 times the one before. Raises ValueError.
    """
    text = quota.strip()
    canonical = text[:-1] + _UNIT_BY_LETTER.get(text[-1:].lower(), text[-1:])
    match = _QUOTA.fullmatch(canonical)
    if match is None or not (match[2] or match[1] == UNLIMITED):
        raise ValueError(f"{quota!r} is not a quota; write a number and B, k, M, G or T, like 2G")
    return UNLIMITED if match[1] == UNLIMITED else canonical
