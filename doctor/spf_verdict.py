"""What SPF says of one address: `check_host()` of RFC 7208 4.

checkdmarc reads records and counts what they cost, but judges no address, and what it gives of a
record no longer tells an `mx/24` from an `mx`, nor what `exists` asks for.
"""

import ipaddress
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

import dns.rdtypes.mxbase

from doctor.resolver import Resolver
from mail.names import within

_RESULTS = {"+": "pass", "-": "fail", "~": "softfail", "?": "neutral"}
_TERM = re.compile(
    r"(?P<sign>[-+~?]?)(?P<name>[a-z0-9]+)(?::(?P<domain>[^/]+?))?(?:/(?P<v4>\d+))?(?://(?P<v6>\d+))?",
    re.IGNORECASE,
)
_MACRO = re.compile(
    r"%(?:\{(?P<letter>[slodiphv])(?P<count>\d*)(?P<reverse>r?)(?P<cuts>[-.+,/_=]*)\}|(?P<sign>[%_-]))",
    re.IGNORECASE,
)
_SIGNS = {"%": "%", "_": " ", "-": "%20"}
_LOOKUP_LIMIT = 10  # RFC 7208 4.6.4; here it ends what includes itself by way of a macro
_PTR_LIMIT = 10


class _TooDeepError(Exception):
    """Records that lead on and on."""


@dataclass(frozen=True, kw_only=True)
class SpfQuestion:
    """Mail from `sender`, which `helo` brings from `address`."""

    address: str
    sender: str
    helo: str
    resolver: Resolver

    def verdict(self, domain: str) -> str:
        """Judge by a domain's record: pass, fail, softfail, neutral, none or permerror.

        Raises DnsError when a look-up gets no answer.
        """
        try:
            return self._verdict(domain, depth=0)
        except _TooDeepError:
            return "permerror"

    def _verdict(self, domain: str, *, depth: int) -> str:
        if depth > _LOOKUP_LIMIT:
            raise _TooDeepError
        texts = self.resolver.texts(domain)
        records = [text for text in texts if text.lower().split(" ")[0] == "v=spf1"]
        if len(records) != 1:
            return "permerror" if records else "none"
        redirect = None
        for term in records[0].split()[1:]:
            name, equals, value = term.partition("=")
            if equals and name.isalnum():
                redirect = value if name.lower() == "redirect" else redirect
                continue
            found = _TERM.fullmatch(term)
            if found is None:
                return "permerror"
            if self._matches(found, domain, depth):
                return _RESULTS[found["sign"] or "+"]
        if redirect is not None:
            return self._verdict(self._expanded(redirect, domain), depth=depth + 1)
        return "neutral"

    def _matches(self, term: re.Match[str], domain: str, depth: int) -> bool:
        target = self._expanded(term["domain"], domain) if term["domain"] else domain
        kind = term["name"].lower()
        match kind:
            case "all":
                return True
            case "include":
                # Only a pass counts: another domain's "-all" says nothing of ours (RFC 7208 5.2).
                return self._verdict(target, depth=depth + 1) == "pass"
            case "exists":
                return bool(self.resolver.look_up(target, "A"))
            case "ptr":
                return any(within(name, target.lower()) for name in self._names())
            case "ip4" | "ip6":
                # An IPv6 address has colons of its own, and its prefix follows a single slash.
                return self._within([term.string.partition(":")[2]], None)
        addresses = self._mx_addresses(target) if kind == "mx" else self.resolver.addresses(target)
        prefix = term["v4"] if self._version == 4 else term["v6"]  # noqa: PLR2004 - IP versions
        return kind in {"a", "mx"} and self._within(addresses, prefix)

    @property
    def _version(self) -> int:
        return ipaddress.ip_address(self.address).version

    def _within(self, networks: Iterable[str], prefix: str | None) -> bool:
        client = ipaddress.ip_address(self.address)
        of_kind = [one for one in networks if (":" in one) == (client.version == 6)]  # noqa: PLR2004
        written = [f"{one}/{prefix}" if prefix else one for one in of_kind]
        return any(client in ipaddress.ip_network(one, strict=False) for one in written)

    def _mx_addresses(self, domain: str) -> Iterator[str]:
        for host in self.resolver.look_up(domain, "MX"):
            if isinstance(host, dns.rdtypes.mxbase.MXBase):
                yield from self.resolver.addresses(host.exchange.to_text())

    def _names(self) -> list[str]:
        """Give the names of the address that lead back to it (RFC 7208 5.5)."""
        reverse = ipaddress.ip_address(self.address).reverse_pointer
        names = [one.to_text().rstrip(".").lower() for one in self.resolver.look_up(reverse, "PTR")]
        return [
            name for name in names[:_PTR_LIMIT] if self.address in self.resolver.addresses(name)
        ]

    def _expanded(self, text: str, domain: str) -> str:
        """Expand the macros of a domain (RFC 7208 7)."""
        local, _, sender_domain = self.sender.rpartition("@")
        address = ipaddress.ip_address(self.address)
        nibbles = ".".join(address.exploded.replace(":", ""))
        values = {
            "s": self.sender,
            "l": local,
            "o": sender_domain,
            "d": domain,
            "i": nibbles if address.version == 6 else str(address),  # noqa: PLR2004
            "p": "unknown",  # what a receiver that looks no names up puts there
            "v": "ip6" if address.version == 6 else "in-addr",  # noqa: PLR2004
            "h": self.helo,
        }

        def replace(macro: re.Match[str]) -> str:
            if macro["sign"]:
                return _SIGNS[macro["sign"]]
            parts = re.split(
                f"[{re.escape(macro['cuts'] or '.')}]", values[macro["letter"].lower()]
            )
            if macro["reverse"]:
                parts.reverse()
            value = ".".join(parts[-int(macro["count"]) :] if macro["count"] else parts)
            return quote(value, safe="") if macro["letter"].isupper() else value

        return _MACRO.sub(replace, text)
