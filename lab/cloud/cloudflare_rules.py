"""What Cloudflare's DNS API takes, what it refuses with which code, and how it writes it down.

Codes and limits: developers.cloudflare.com/dns/manage-dns-records (records with the same name,
TXT limits) and the API reference of "DNS Records for a Zone".
"""

import ipaddress
import re
from collections.abc import Callable, Iterator

import dns.exception
import dns.name
import dns.tokenizer

from lab.cloud.errors import CloudError
from lab.cloud.values import Plain

TXT_RECORD_LIMIT = 2048
TXT_NAME_LIMIT = 8192
"""Characters of TXT content, per record and over all TXT records of a name."""
_STRING_LIMIT = 255  # bytes of one character-string, RFC 1035 3.3
_TTL_AUTOMATIC, _TTL_MIN, _TTL_MAX = 1, 60, 86400
_PROXIABLE = frozenset({"A", "AAAA", "CNAME"})
_HOST = re.compile(r"(\*\.)?[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*")


def canonical_record(inputs: Plain, zone: str) -> Plain:
    """The record as Cloudflare stores it: FQDN in A-labels, canonical content, defaults filled.

    Raises CloudError for whatever Cloudflare refuses when it looks at this record alone.
    """
    kind = inputs["type"]
    if kind not in _CONTENT and kind not in _DATA:
        raise CloudError(1004, f'DNS Validation Error: the lab does not have the type "{kind}"')
    ttl = inputs["ttl"]
    if ttl != _TTL_AUTOMATIC and not _TTL_MIN <= ttl <= _TTL_MAX:
        raise CloudError(
            9021, "Invalid TTL. Must be between 60 and 86400 seconds, or 1 for Automatic"
        )
    proxied = bool(inputs.get("proxied", False))
    if proxied and kind not in _PROXIABLE:
        raise CloudError(9004, f"The record type {kind} cannot be proxied")
    if kind in {"MX", "SRV"} and not isinstance(inputs.get("priority"), int | float):
        raise CloudError(9100, "A priority is required for MX, SRV and URI records")
    record = dict(inputs)
    record["name"] = _full_name(inputs["name"], zone)
    record["content"] = _content(kind, inputs)
    record["proxied"] = proxied
    record["proxiable"] = kind in _PROXIABLE
    # A proxied record's TTL is Cloudflare's own business: it answers "automatic" whatever was sent.
    record["ttl"] = _TTL_AUTOMATIC if proxied else ttl
    return record


def txt_size(content: str) -> int:
    """Characters of a TXT record's text: without quotes, over all its strings."""
    return sum(len(part) for part in txt_strings(content))


def txt_strings(content: str) -> list[bytes]:
    """The character-strings of TXT content; each at most 255 bytes long.

    Raises CloudError 9207 when a quote is not closed.
    """
    if content.startswith('"'):
        try:
            parts = list(_quoted(content))
        except dns.exception.DNSException:
            raise CloudError(9207, "Invalid quoting in the content of a TXT record") from None
    else:
        parts = [content.encode()]
    return [
        part[start : start + _STRING_LIMIT]
        for part in parts
        for start in range(0, max(len(part), 1), _STRING_LIMIT)
    ]


def _quoted(content: str) -> Iterator[bytes]:
    tokens = dns.tokenizer.Tokenizer(content)
    while not (token := tokens.get()).is_eol_or_eof():
        yield token.unescape_to_bytes().value


def _full_name(name: str, zone: str) -> str:
    lowered = name.rstrip(".").lower()
    if lowered in {"@", ""}:
        return zone
    ascii_name = _ascii(lowered, CloudError(9000, f'DNS name is invalid: "{name}"'))
    if ascii_name == zone or ascii_name.endswith(f".{zone}"):
        return ascii_name
    # Cloudflare takes a name outside of the zone as relative to it.
    return f"{ascii_name}.{zone}"


def _ascii(name: str, refusal: CloudError) -> str:
    try:
        parsed = dns.name.from_text(name, idna_codec=dns.name.IDNA_2008_Practical)
    except dns.exception.DNSException:
        raise refusal from None
    text = parsed.to_text(omit_final_dot=True)
    if not _HOST.fullmatch(text):
        raise refusal
    return text


def _content(kind: str, inputs: Plain) -> str:
    content, data = inputs.get("content"), inputs.get("data")
    if content is not None and data is not None:
        raise CloudError(1004, 'DNS Validation Error: "content" and "data" exclude each other')
    if kind in _DATA:
        if data is None:
            raise CloudError(9007, f'{kind} records need "data", not "content"')
        try:
            return _DATA[kind](data)
        except KeyError as missing:
            message = f'the data of a {kind} record needs "{missing.args[0]}"'
            raise CloudError(9007, message) from None
    if content is None:
        raise CloudError(9007, f'{kind} records need "content"')
    return _CONTENT[kind](content)


def _ipv4(content: str) -> str:
    try:
        return str(ipaddress.IPv4Address(content))
    except ValueError:
        raise CloudError(
            9005, "Content for A record is invalid. Must be a valid IPv4 address"
        ) from None


def _ipv6(content: str) -> str:
    try:
        return str(ipaddress.IPv6Address(content))
    except ValueError:
        raise CloudError(
            9006, "Content for AAAA record is invalid. Must be a valid IPv6 address"
        ) from None


def _mx(content: str) -> str:
    refusal = CloudError(9009, "Content for MX record must be a hostname")
    if content == ".":
        return content  # RFC 7505: this name takes no mail
    try:
        ipaddress.ip_address(content)
    except ValueError:
        return _ascii(content.rstrip(".").lower(), refusal)
    raise refusal


def _host(content: str) -> str:
    return _ascii(content.rstrip(".").lower(), CloudError(9007, "Content of the record is invalid"))


def _txt(content: str) -> str:
    strings = txt_strings(content)
    if sum(len(part) for part in strings) > TXT_RECORD_LIMIT:
        raise CloudError(1004, f"DNS Validation Error: TXT over {TXT_RECORD_LIMIT} characters")
    # Strings given in quotes and short enough come back as they were sent; others come back
    # quoted, and differ from what the program asks for at every later up.
    return " ".join(f'"{"".join(map(_escaped, part))}"' for part in strings)


def _escaped(byte: int) -> str:
    # The presentation form of RFC 1035 5.1.
    if chr(byte) in '"\\':
        return "\\" + chr(byte)
    return chr(byte) if chr(byte).isascii() and chr(byte).isprintable() else f"\\{byte:03d}"


def _srv(data: Plain) -> str:
    return f"{int(data['weight'])} {int(data['port'])} {_mx(data['target'])}"


def _tlsa(data: Plain) -> str:
    numbers = " ".join(str(int(data[key])) for key in ("usage", "selector", "matchingType"))
    return f"{numbers} {data['certificate'].lower()}"


def _caa(data: Plain) -> str:
    return f'{int(data["flags"])} {data["tag"]} "{data["value"]}"'


_CONTENT: dict[str, Callable[[str], str]] = {
    "A": _ipv4,
    "AAAA": _ipv6,
    "CNAME": _host,
    "MX": _mx,
    "NS": _host,
    "PTR": _host,
    "TXT": _txt,
}
_DATA: dict[str, Callable[[Plain], str]] = {"CAA": _caa, "SRV": _srv, "TLSA": _tlsa}
