"""Messages of providers, without tracebacks and secrets."""

import asyncio
import traceback

import pytest

from lab.engine.masking import Masker, without_traceback
from lab.engine.properties import Secret


def fail(error: Exception) -> None:
    try:
        {}["first"]
    except KeyError as first:
        raise error from first


def raised(error: Exception) -> str:
    try:
        fail(error)
    except type(error):
        return traceback.format_exc()
    raise AssertionError


class OddError(Exception):
    """An error whose type does not end as usual when shown with its module."""


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("plain words", "plain words"),
        ("two\nlines", "two\nlines"),
        (raised(ValueError("no such thing")), "no such thing"),
        (raised(OddError("first line\nsecond: line")), "first line\nsecond: line"),
        (raised(RuntimeError()), "RuntimeError"),
        (
            "Unexpected <class 'Exception'>: zone missing:\n  File \"/x/y.py\", line 3, in f\n",
            "zone missing",
        ),
        ("Unexpected <class 'ValueError'>: a: b", "a: b"),
    ],
)
def test_without_traceback(message, shown):
    assert without_traceback(message) == shown


def test_error_of_the_sdks_own_provider_host():
    from pulumi.provider.experimental.server import _raise_with_traceback

    @_raise_with_traceback
    async def method(_self, _request, _context):
        raise ValueError("the record exists (81057)")

    with pytest.raises(Exception) as caught:  # noqa: PT011 (the host raises just that)
        asyncio.run(method(None, None, None))
    text = f"Unexpected <class 'Exception'>: {caught.value}"
    assert without_traceback(text) == "the record exists (81057)"


def test_hides_values_in_any_place():
    masker = Masker()
    masker.learn({"a": [Secret({"deep": "hunter22"})], "b": Secret('über"quoted')})
    text = 'say hunter22, {"x": "über\\"quoted"} and über"quoted'
    hidden = masker.hide(text)
    assert "hunter22" not in hidden
    assert "quoted" not in hidden
    assert hidden.count("[secret]") >= 3


def test_hides_single_lines_of_a_key():
    masker = Masker()
    line = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSj"
    masker.learn(Secret(f"-----BEGIN PRIVATE KEY-----\n{line}\n-----END PRIVATE KEY-----\n"))
    assert masker.hide(f"bad line {line}!") == "bad line [secret]!"


def test_longer_secrets_are_hidden_before_those_within_them():
    masker = Masker()
    masker.learn([Secret("abcd"), Secret("abcdef")])
    assert masker.hide("abcdef abcd") == "[secret] [secret]"


def test_knows_nothing_at_first():
    assert Masker().hide("nothing to hide") == "nothing to hide"
