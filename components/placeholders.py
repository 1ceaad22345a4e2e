"""Texts that are written before everything in them is known.

What the DNS and the config volume hold is made by pure functions, yet an address, a DKIM key
or a password hash is an output. So a text is rendered once with stand-ins, and each finished
text waits only for the values that it really names: a new account makes the accounts file
unknown in a preview, and leaves every other file as it was.
"""

import re

import pulumi

# No user's text holds a control character; nobody has an address of 240.0.0.0/4 (reserved,
# RFC 1112) or 100::/64 (discard-only, RFC 6666), yet both pass for addresses where one is checked.
_STAND_IN = re.compile(r"\x1a\d+\x1a|\b240\.0\.0\.\d+\b|\b100::[0-9a-f]+\b")


class Placeholders:
    """Stands for outputs inside plain texts, and fills the texts in later."""

    def __init__(self) -> None:
        self._values: dict[str, pulumi.Output[str]] = {}

    def text(self, value: pulumi.Output[str]) -> str:
        """Give a text that stands for ``value``."""
        return self._register(f"\x1a{len(self._values)}\x1a", value)

    def ipv4(self, value: pulumi.Output[str]) -> str:
        """Give an IPv4 address that stands for ``value``."""
        return self._register(f"240.0.0.{len(self._values)}", value)

    def ipv6(self, value: pulumi.Output[str]) -> str:
        """Give an IPv6 address that stands for ``value``."""
        return self._register(f"100::{len(self._values) + 1:x}", value)

    def fill(self, text: str) -> pulumi.Output[str]:
        """Give ``text`` with its stand-ins replaced, known when their values are."""
        used = sorted({name for name in _STAND_IN.findall(text) if name in self._values})

        def replace(known: list[str]) -> str:
            values = dict(zip(used, known, strict=True))
            return _STAND_IN.sub(lambda match: values.get(match[0], match[0]), text)

        return pulumi.Output.all(*[self._values[name] for name in used]).apply(replace)

    def _register(self, stand_in: str, value: pulumi.Output[str]) -> str:
        self._values[stand_in] = value
        return stand_in
