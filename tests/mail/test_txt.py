"""TXT values survive quoting, and the provider's limits are met before it is asked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail import dkim, txt

PRINTABLE = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=900)


def test_a_short_value_is_one_string() -> None:
    assert txt.quote_and_split("v=spf1 -all") == '"v=spf1 -all"'


def test_a_long_value_is_split_after_255_octets() -> None:
    quoted = txt.quote_and_split("a" * 255 + "b" * 45)
    assert quoted == '"' + "a" * 255 + '" "' + "b" * 45 + '"'


def test_an_rsa_key_needs_two_strings() -> None:
    assert txt.quote_and_split(dkim.PLACEHOLDER["rsa"]).count('" "') == 1


@given(PRINTABLE)
def test_quoting_loses_nothing(value: str) -> None:
    assert txt.unquote(txt.quote_and_split(value)) == value


def test_an_unquoted_value_passes_through_unquote() -> None:
    assert txt.unquote("v=DMARC1; p=none") == "v=DMARC1; p=none"


@pytest.mark.parametrize("value", ["ü", "a\nb", "\x7f"])
def test_other_characters_are_refused(value: str) -> None:
    with pytest.raises(ValueError, match="printable ASCII"):
        txt.check_txt(value)


def test_a_record_has_a_limit() -> None:
    txt.check_txt("a" * 2000)
    with pytest.raises(ValueError, match="2048"):
        txt.check_txt("a" * 2048)


def test_a_name_has_a_limit() -> None:
    txt.check_name_total(["a" * 1500] * 5)
    with pytest.raises(ValueError, match="8192"):
        txt.check_name_total(["a" * 1500] * 6)
