"""DNS records as master files write them (RFC 1035 5.1)."""

from mail.facts import Record
from mail.txt import quote_and_split

_TO_A_NAME = frozenset({"CNAME", "MX", "NS", "PTR", "SRV"})


def rdata(record: Record, content: str, *, absolute: bool = False) -> str:
    """Write a record's data: the priority first, a TXT quoted and split.

    `content` is the record's, with its placeholders filled. `absolute` ends names with a dot, as
    files want it that have an origin; without it they read as Route 53 takes them.
    Raises ValueError as `quote_and_split` does.
    """
    if record.type == "TXT":
        return quote_and_split(content)
    dot = "." if absolute and record.type in _TO_A_NAME else ""
    priority = "" if record.priority is None else f"{record.priority} "
    return f"{priority}{content}{dot}"
