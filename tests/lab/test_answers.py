"""The lab's DNS gives a deployed stack's records to `dig`, and the keys are those in the volume."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import dns.rdata
import pytest
from dns.rdtypes.ANY.TXT import TXT

from mail.dkim import public_record
from tests.deployed import OPENDKIM_DOMAINS, Deployed, opendkim_stack
from tests.lab.dig import Question, dig, rrsets

pytestmark = pytest.mark.xdist_group("deployed")

_KEY_FILE = {
    "rspamd": "rspamd/dkim/{domain}.{selector}.key",
    "opendkim": "opendkim/keys/{domain}/{selector}.private",
}


@pytest.fixture(params=["rspamd", "opendkim"])
def signer(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def stack(signer: str, request: pytest.FixtureRequest) -> Deployed:
    found = request.getfixturevalue(f"on_{signer}")
    assert isinstance(found, Deployed)
    return found


def _question(record: Mapping[str, Any]) -> Question:
    return record["name"], record["type"]


def _expected(record: Mapping[str, Any]) -> str:
    """Write a record of the outputs as `_answered` writes an answer."""
    if record["priority"] is None:
        return str(record["content"])
    return f"{record['priority']} {record['content']}"


def _answered(rdata: dns.rdata.Rdata) -> str:
    if isinstance(rdata, TXT):
        return b"".join(rdata.strings).decode()
    return rdata.to_text().removesuffix(".")


def test_dig_gives_every_record_and_no_other(stack: Deployed) -> None:
    expected = defaultdict(set)
    for record in stack.outputs["records"]:
        expected[_question(record)].add((_expected(record), record["ttl"]))
    found = rrsets(dig(stack, expected))
    assert {kind for _, kind in expected} >= {"A", "MX", "SRV", "TXT"}
    assert {
        question: {(_answered(rdata), rrset.ttl) for rdata in rrset}
        for question, rrset in found.items()
    } == expected


def test_an_rsa_key_comes_in_strings_of_255_bytes(stack: Deployed) -> None:
    name = "mail._domainkey.xn--bcher-kva.example"
    (rdata,) = rrsets(dig(stack, [(name, "TXT")]))[name, "TXT"]
    assert isinstance(rdata, TXT)
    assert [len(string) for string in rdata.strings] == [255, 410 - 255]


def test_the_reverse_name_and_the_address_agree(stack: Deployed) -> None:
    ptr, address = stack.outputs["ptr"], stack.outputs["ipv4"]
    (back,) = rrsets(dig(stack, [(ptr["name"], "PTR")]))[ptr["name"], "PTR"]
    assert ptr["name"] == ".".join(reversed(address.split("."))) + ".in-addr.arpa"
    assert _answered(back) == stack.outputs["hostname"]
    (forward,) = rrsets(dig(stack, [(_answered(back), "A")]))[_answered(back), "A"]
    assert _answered(forward) == address


def test_ipv6_when_asked_for(on_opendkim: Deployed, on_rspamd: Deployed) -> None:
    question = ("mail.example.test", "AAAA")
    (rdata,) = rrsets(dig(on_opendkim, [question]))[question]
    assert _answered(rdata) == on_opendkim.outputs["ipv6"]
    assert dig(on_rspamd, [question]) == []


@pytest.mark.parametrize(
    ("domain", "zone"),
    [
        ("example.test", "example.test"),
        ("news.example.test", "example.test"),
        ("lists.example.test", "lists.example.test"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
    ],
)
def test_domains_share_a_zone_or_have_their_own(
    on_opendkim: Deployed, domain: str, zone: str
) -> None:
    # A name without such a record is answered with its zone's SOA.
    (soa,) = dig(on_opendkim, [(f"mail._domainkey.{domain}", "CAA")], section="authority")
    assert soa.split()[0] == f"{zone}."
    zones = {one["zone"] for one in on_opendkim.outputs["records"] if one["name"] == domain}
    assert zones == {zone}


def test_each_dkim_record_is_the_public_half_of_the_key_in_the_volume(
    stack: Deployed, signer: str
) -> None:
    keys = stack.outputs["dkim"]
    records = {one["name"] for one in stack.outputs["records"] if "._domainkey." in one["name"]}
    assert {f"{key['selector']}._domainkey.{key['domain']}" for key in keys} == records
    for key in keys:
        path = stack.volume / _KEY_FILE[signer].format_map(key)
        published = stack.txt(f"{key['selector']}._domainkey.{key['domain']}".encode())
        assert published == public_record(path.read_text()).encode()


def test_cat_shows_the_key_in_the_volume(stack: Deployed, signer: str) -> None:
    path = _KEY_FILE[signer].format(domain="example.test", selector="mail")
    published = stack.txt(b"mail._domainkey.example.test")
    assert published == public_record(stack.project.cat(f"config:{path}")).encode()


def test_a_domain_added_is_answered_at_once(on_opendkim: Deployed) -> None:
    added = ("later.example.test", "later.example")  # in a zone that is there, and in a new one
    questions = [(domain, "MX") for domain in added]
    assert dig(on_opendkim, questions) == []
    changed = opendkim_stack()
    for domain in added:
        changed["config"]["mailstack:domains"][domain] = {"accounts": {"max": {}}}
    on_opendkim.change(changed)
    answers = rrsets(dig(on_opendkim, [*questions, *((one, "MX") for one in OPENDKIM_DOMAINS)]))
    assert {name for name, _ in answers} == {*added, *OPENDKIM_DOMAINS}
    for domain in added:
        key = on_opendkim.volume / _KEY_FILE["opendkim"].format(domain=domain, selector="mail")
        published = on_opendkim.txt(f"mail._domainkey.{domain}".encode())
        assert published == public_record(key.read_text()).encode()
