"""TXT record values: how they are quoted, split and limited."""

import re
from collections.abc import Iterable

_CHUNK = 255  # octets in one character-string, RFC 1035 3.3
_RECORD_LIMIT = 2048  # characters of one record, as Cloudflare counts its quoted form
_NAME_LIMIT = 8192  # characters of all TXT records at one name, Cloudflare
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')


def quote_and_split(value: str) -> str:
    r"""Write a TXT value as DNS masters it: `"first 255 octets" "the rest"`.

    Cloudflare stores a long value in this form; sent any other way it shows a diff for ever.
    Raises ValueError for a character outside printable ASCII or beyond 2048 characters.
    """
    if not (value.isascii() and value.isprintable()):
        raise ValueError("a TXT value may only hold printable ASCII characters")
    chunks = [value[start : start + _CHUNK] for start in range(0, len(value), _CHUNK)] or [""]
    quoted = " ".join('"' + _escape(chunk) + '"' for chunk in chunks)
    if len(quoted) > _RECORD_LIMIT:
        raise ValueError(
            f"a TXT record of {len(quoted)} characters is beyond the limit of {_RECORD_LIMIT}"
        )
    return quoted


def unquote(value: str) -> str:
    """Undo `quote_and_split`; a value that is not quoted comes back as it is."""
    chunks = _QUOTED.findall(value)
    if not chunks:
        return value
    return re.sub(r"\\(.)", r"\1", "".join(chunks))


def check_txt(value: str) -> None:
    """Check one TXT value. Raises ValueError as `quote_and_split` does."""
    quote_and_split(value)


def check_name_total(values: Iterable[str]) -> None:
    """Check all TXT values at one name together. Raises ValueError beyond 8192 characters."""
    total = sum(len(quote_and_split(value)) for value in values)
    if total > _NAME_LIMIT:
        raise ValueError(
            f"the TXT records of one name have {total} characters; the limit is {_NAME_LIMIT}"
        )


def _escape(chunk: str) -> str:
    return chunk.replace("\\", r"\\").replace('"', r"\"")
