"""Names are brought into one form, and what mail cannot use is refused with a reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail import names


@pytest.mark.parametrize(
    ("given_name", "expected"),
    [
        ("example.org", "example.org"),
        ("Example.ORG.", "example.org"),
        ("Bücher.example", "xn--bcher-kva.example"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("faß.example", "xn--fa-hia.example"),  # IDNA2008 keeps the sharp s, IDNA2003 made it "ss"
        ("例え.テスト", "xn--r8jz45g.xn--zckzah"),
    ],
)
def test_a_domain_has_one_ascii_form(given_name: str, expected: str) -> None:
    assert names.check_domain(given_name) == expected


@pytest.mark.parametrize(
    ("given_name", "reason"),
    [
        ("localhost", "no dot"),
        ("192.0.2.1", "IP address"),
        ("2001:db8::1", "not a domain name"),
        ("example.123", "ends in a number"),
        ("a..b", "not a domain name"),
        ("-bad.example", "not a domain name"),
        ("under_score.example", "not a domain name"),
        ("a" * 64 + ".example", "not a domain name"),
        ("xn--a.example", "not a domain name"),
        ("exa mple.org", "not a domain name"),
        ("", "not a domain name"),
    ],
)
def test_a_bad_domain_is_refused_with_its_reason(given_name: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        names.check_domain(given_name)


def test_unicode_form_is_what_people_read() -> None:
    assert names.to_unicode("xn--bcher-kva.example") == "bücher.example"


@pytest.mark.parametrize("local", ["alice", "a", "first.last", "no-reply", "x_1"])
def test_a_mailbox_name_is_kept(local: str) -> None:
    assert names.check_local_part(local) == local


@pytest.mark.parametrize(
    "local",
    ["Alice", "a|b", "a:b", "a b", "a+b", ".a", "a.", "a..b", "", "bücher", "a\nb", "a" * 65],
)
def test_a_name_that_cannot_log_in_is_refused(local: str) -> None:
    with pytest.raises(ValueError, match=r"capital|longer|not a mailbox name"):
        names.check_local_part(local)


def test_an_address_gets_its_domain_in_ascii() -> None:
    assert names.check_address("info@Bücher.example") == "info@xn--bcher-kva.example"


@pytest.mark.parametrize("address", ["alice", "@example.org", "a@b@example.org", "a@"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="not an address"):
        names.check_address(address)


def test_a_foreign_target_may_have_capitals_and_a_tag() -> None:
    assert names.check_target("Bob+mail@Elsewhere.test") == "Bob+mail@elsewhere.test"


@pytest.mark.parametrize("address", ["a|b@x.test", "a b@x.test", "a'b@x.test", "a,b@x.test"])
def test_a_target_that_would_break_a_map_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="no valid local part"):
        names.check_target(address)


@pytest.mark.parametrize("selector", ["mail", "2026a", "mail-ed25519", "a.b"])
def test_a_selector_is_kept(selector: str) -> None:
    assert names.check_selector(selector) == selector


@pytest.mark.parametrize("selector", ["", "Mail", "a_b", "-a", "a" * 51, "a b", "é"])
def test_a_bad_selector_is_refused(selector: str) -> None:
    with pytest.raises(ValueError, match="not a DKIM selector"):
        names.check_selector(selector)


@pytest.mark.parametrize(
    ("domain", "zones", "expected"),
    [
        ("example.org", (), "example.org"),
        ("mail.example.co.uk", (), "example.co.uk"),
        ("a.b.example.test", (), "example.test"),
        ("mail.lists.example.org", ("lists.example.org", "example.org"), "lists.example.org"),
        ("mail.example.org", ("ample.org",), "example.org"),
        ("x.bücher.example", (), "xn--bcher-kva.example"),
        ("shop.co.uk", ("co.uk",), "co.uk"),
    ],
)
def test_the_zone_is_the_longest_given_one_or_the_registrable_domain(
    domain: str, zones: tuple[str, ...], expected: str
) -> None:
    assert names.zone_of(domain, zones) == expected


def test_a_public_suffix_has_no_zone() -> None:
    with pytest.raises(ValueError, match="public suffix"):
        names.zone_of("co.uk")


@given(st.text(max_size=80))
def test_any_text_is_either_refused_or_a_stable_ascii_name(text: str) -> None:
    try:
        name = names.check_domain(text)
    except ValueError:
        return
    assert name.isascii()
    assert name == name.lower()
    assert names.check_domain(name) == name
