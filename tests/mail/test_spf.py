"""SPF records say who sends, and never need more look-ups than receivers make."""

import pytest

from mail import spf


def test_the_server_is_named_by_mx_and_by_address() -> None:
    assert spf.spf(ipv4="192.0.2.1") == "v=spf1 mx ip4:192.0.2.1 -all"


def test_every_part_in_order() -> None:
    value = spf.spf(ipv4="192.0.2.1", ipv6="2001:DB8::0:1", includes=["amazonses.com"], all_="~all")
    assert value == "v=spf1 mx ip4:192.0.2.1 ip6:2001:db8::1 include:amazonses.com ~all"


def test_an_include_named_twice_counts_once() -> None:
    value = spf.spf(ipv4="192.0.2.1", includes=["amazonses.com", "amazonses.com"])
    assert value.count("include:") == 1


@pytest.mark.parametrize(
    ("value", "count"),
    [
        ("v=spf1 -all", 0),
        ("v=spf1 ip4:192.0.2.1 ip6:2001:db8::1 all", 0),
        ("v=spf1 mx a ptr exists:%{i}.example.org -all", 4),
        ("v=spf1 a:other.example a/24 +mx/24 ?mx:x.example -all", 4),
        ("v=spf1 include:unknown.example -all", 1),
        ("v=spf1 include:_spf.google.com -all", 4),
        ("v=spf1 include:mailgun.org -all", 3),
        ("v=spf1 redirect=_spf.example.org", 1),
    ],
)
def test_lookups_are_counted_as_the_rfc_says(value: str, count: int) -> None:
    assert spf.count_lookups(value) == count


def test_ten_lookups_pass_and_eleven_are_refused() -> None:
    nine = [f"_spf{number}.example.org" for number in range(9)]
    assert spf.count_lookups(spf.spf(ipv4="192.0.2.1", includes=nine)) == 10
    with pytest.raises(ValueError, match="11 DNS look-ups"):
        spf.spf(ipv4="192.0.2.1", includes=[*nine, "_spf9.example.org"])


@pytest.mark.parametrize("include", ["", "a b.example", "example", "x.example -all", "include:a.b"])
def test_a_bad_include_is_refused(include: str) -> None:
    with pytest.raises(ValueError, match="not a name to include"):
        spf.spf(ipv4="192.0.2.1", includes=[include])


def test_a_bad_address_is_refused() -> None:
    with pytest.raises(ValueError, match="4 octets"):
        spf.spf(ipv4="2001:db8::1")
