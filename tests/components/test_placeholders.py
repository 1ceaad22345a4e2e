"""Stand-ins wait only for what a text names, and leave users' own texts alone."""

import pulumi
import pytest

from components.placeholders import Placeholders


@pulumi.runtime.test
def test_each_kind_is_filled_in() -> pulumi.Output[None]:
    holders = Placeholders()
    text = (
        f"{holders.text(pulumi.Output.from_input('secret'))} "
        f"{holders.ipv4(pulumi.Output.from_input('198.51.100.7'))} "
        f"{holders.ipv6(pulumi.Output.from_input('2001:db8::7'))}"
    )

    def check(filled: str) -> None:
        assert filled == "secret 198.51.100.7 2001:db8::7"

    return holders.fill(text).apply(check)


@pulumi.runtime.test
def test_what_nobody_registered_stays() -> pulumi.Output[None]:
    text = "240.0.0.9 100::9 \x1a9\x1a plain"

    def check(filled: str) -> None:
        assert filled == text

    return Placeholders().fill(text).apply(check)


@pytest.mark.parametrize("named", [True, False])
def test_a_text_waits_only_for_what_it_names(named: bool) -> None:
    unknown = pulumi.Output(
        resources=_done(set()), future=_done(None), is_known=_done(False), is_secret=_done(False)
    )
    holders = Placeholders()
    stand_in = holders.text(unknown)
    filled = holders.fill(stand_in if named else "text")

    @pulumi.runtime.test
    async def known() -> None:
        assert await filled.is_known() is not named

    known()


def _done(value: object) -> object:
    async def give() -> object:
        return value

    return give()
