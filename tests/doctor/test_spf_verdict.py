"""SPF's answer for an address: the examples of RFC 7208, and what records really hold."""

import pytest

from doctor.spf_verdict import SpfQuestion
from tests.doctor.dns_world import DnsWorld

HERE, NEAR, SIX = "192.0.2.10", "192.0.2.99", "2001:db8::10"


@pytest.fixture
def world(dns: DnsWorld) -> DnsWorld:
    dns.put("host.test", "A", HERE)
    dns.put("host.test", "AAAA", SIX)
    dns.put("x.test", "MX", "10 host.test.", "20 other.test.")
    dns.put("10.2.0.192.in-addr.arpa", "PTR", "host.test.", "elsewhere.test.")
    dns.put("elsewhere.test", "A", NEAR)
    return dns


def verdict(world: DnsWorld, record: str, address: str = HERE) -> str:
    world.put_text("x.test", record)
    question = SpfQuestion(
        address=address, sender="strong-bad@x.test", helo="mail.x.test", resolver=world.resolver()
    )
    return question.verdict("x.test")


@pytest.mark.parametrize(
    ("record", "address", "expected"),
    [
        ("v=spf1 mx -all", HERE, "pass"),
        ("v=spf1 mx -all", SIX, "pass"),
        ("v=spf1 mx -all", NEAR, "fail"),
        ("v=spf1 mx/24 -all", NEAR, "pass"),
        ("v=spf1 mx/24 -all", "192.0.3.10", "fail"),
        ("v=spf1 mx:x.test/24//64 -all", "2001:db8::99", "pass"),
        ("v=spf1 mx/24 -all", "2001:db8::99", "fail"),
        ("v=spf1 a:host.test/24 -all", NEAR, "pass"),
        ("v=spf1 a:host.test//64 -all", NEAR, "fail"),
        ("v=spf1 ip6:2001:db8::/32 ~all", SIX, "pass"),
        ("v=spf1 ip6:2001:db8::/32 ~all", HERE, "softfail"),
        ("v=spf1 ip4:192.0.2.0/28 ?all", HERE, "pass"),
        ("V=SPF1 IP4:192.0.2.10 -ALL", HERE, "pass"),
        ("v=spf1 -mx all", HERE, "fail"),
        ("v=spf1 mx:nowhere.test", HERE, "neutral"),
        ("v=spf1 exp=why.x.test -all", HERE, "fail"),
        ("v=spf1 a:host.test/ab -all", HERE, "permerror"),
    ],
)
def test_addresses(world: DnsWorld, record: str, address: str, expected: str) -> None:
    assert verdict(world, record, address) == expected


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ("v=spf1 ptr:host.test -all", "pass"),
        # It has that name too, but the name does not lead back.
        ("v=spf1 ptr:elsewhere.test -all", "fail"),
        ("v=spf1 ptr:st.test -all", "fail"),
        ("v=spf1 ptr -all", "fail"),
    ],
)
def test_names_of_the_address(world: DnsWorld, record: str, expected: str) -> None:
    assert verdict(world, record) == expected


@pytest.mark.parametrize(
    ("macro", "name"),
    [
        # RFC 7208 7.4, with its sender and address.
        ("%{s}", "strong-bad@x.test"),
        ("%{o}", "x.test"),
        ("%{d1}", "test"),
        ("%{dr}", "test.x"),
        ("%{d1r}", "x"),
        ("%{l}", "strong-bad"),
        ("%{l-}", "strong.bad"),
        ("%{lr-}", "bad.strong"),
        ("%{l1r-}", "strong"),
        ("%{ir}.%{v}._spf.%{d2}", "10.2.0.192.in-addr._spf.x.test"),
        ("%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.x.test"),
        ("%{h}.%{p}%%.test", "mail.x.test.unknown%.test"),
    ],
)
def test_exists_asks_for_what_the_macros_say(world: DnsWorld, macro: str, name: str) -> None:
    record = f"v=spf1 exists:{macro}.yes.test -all"
    assert verdict(world, record) == "fail"
    world.put(f"{name}.yes.test", "A", "127.0.0.2")
    assert verdict(world, record) == "pass"


def test_macros_of_ipv6_are_nibbles(world: DnsWorld) -> None:
    world.put(f"{'.'.join('20010db8000000000000000000000010')}.ip6.yes.test", "A", "127.0.0.2")
    assert verdict(world, "v=spf1 exists:%{i}.%{v}.yes.test -all", SIX) == "pass"


def test_includes_and_redirects_are_followed_by_macros_too(world: DnsWorld) -> None:
    world.put_text("strong-bad.in.test", "v=spf1 ip4:192.0.2.10 -all")
    assert verdict(world, "v=spf1 include:%{l}.in.test -all") == "pass"
    assert verdict(world, "v=spf1 include:%{l}.in.test ?all", NEAR) == "neutral"
    assert verdict(world, "v=spf1 redirect=%{l}.in.test", NEAR) == "fail"


def test_what_leads_to_itself_is_an_error(world: DnsWorld) -> None:
    assert verdict(world, "v=spf1 include:%{d} -all") == "permerror"
    assert verdict(world, "v=spf1 redirect=x.test") == "permerror"


def test_none_and_two_records(world: DnsWorld) -> None:
    assert verdict(world, "v=spf10 -all") == "none"
    world.put_text("two.test", "v=spf1 -all", "v=spf1 +all")
    question = SpfQuestion(address=HERE, sender="a@two.test", helo="h", resolver=world.resolver())
    assert question.verdict("two.test") == "permerror"
