"""Which records of others stand in the way of ours, and what a person is told about them."""

import pytest

from mail.facts import Record
from mail.foreign import Clash, Existing, conflicts, refusal


def ours(kind: str, content: str = "x", name: str = "example.test") -> Record:
    return Record(
        key="example.test/r", zone="example.test", name=name, type=kind, content=content, why="Why."
    )


def theirs(kind: str, *contents: str, name: str = "example.test", note: str = "") -> Existing:
    return Existing(id=f"z/{kind}", name=name, type=kind, contents=contents, note=note)


@pytest.mark.parametrize(
    ("record", "other"),
    [
        (ours("A", "192.0.2.1"), theirs("A", "192.0.2.9")),
        (ours("A", "192.0.2.1"), theirs("A", "192.0.2.1")),
        (ours("AAAA"), theirs("AAAA", "::1")),
        (ours("A"), theirs("CNAME", "www.example.test")),
        (ours("TXT", "v=spf1 mx -all"), theirs("CNAME", "www.example.test")),
        (ours("MX", "mail.example.test"), theirs("MX", "10 mx.example.net")),
        (ours("SRV", "1 465 mail.example.test"), theirs("SRV", "0 1 465 mx.example.net")),
        (ours("TXT", "v=spf1 mx -all"), theirs("TXT", "V=SPF1 include:example.net ~all")),
        (ours("TXT", "v=DMARC1; p=none"), theirs("TXT", "v=DMARC1;p=reject")),
        (ours("TXT", "proof=1"), theirs("TXT", "proof=1")),
        (
            # The version may be left out of a DKIM key (RFC 6376 3.6.1).
            ours("TXT", "v=DKIM1; p=A", "mail._domainkey.example.test"),
            theirs("TXT", "k=rsa; p=B", name="mail._domainkey.example.test"),
        ),
    ],
)
def test_what_stands_in_the_way(record: Record, other: Existing) -> None:
    assert conflicts(record, [other], sets=False) == [other]


@pytest.mark.parametrize(
    ("record", "other"),
    [
        (ours("A"), theirs("A", "192.0.2.9", name="www.example.test")),
        (ours("A"), theirs("AAAA", "::1")),
        (ours("MX"), theirs("TXT", "v=spf1 -all")),
        (ours("TXT", "v=spf1 mx -all"), theirs("TXT", "google-site-verification=1")),
        (ours("TXT", "proof=1"), theirs("TXT", "v=spf1 -all")),
        (ours("TXT", "proof=1"), theirs("TXT", "proof=2")),
    ],
)
def test_what_may_stand_beside_ours(record: Record, other: Existing) -> None:
    assert conflicts(record, [other], sets=False) == []


def test_where_a_set_is_one_resource_any_of_the_type_is_in_the_way() -> None:
    other = theirs("TXT", "google-site-verification=1")
    assert conflicts(ours("TXT", "v=spf1 mx -all"), [other], sets=True) == [other]


def test_the_adoptable_ones_come_first() -> None:
    alias, mx = theirs("CNAME", "a.test"), theirs("MX", "10 mx.test")
    assert conflicts(ours("MX"), [alias, mx], sets=False) == [mx, alias]


def clash(record: Record, *existing: Existing, has_txt: bool = True) -> Clash:
    return Clash(
        name=record.key, kind="a:b/c:C", records=(record,), existing=existing, has_txt=has_txt
    )


def test_it_names_the_record_and_the_command() -> None:
    other = theirs("MX", "10 mx.example.net", note="old provider")
    text = refusal([clash(ours("MX", "mail.example.test"), other)])
    assert "nothing was created or changed" in text
    assert "example.test MX 10 mx.example.net (old provider)" in text
    assert "pulumi import --generate-code=false a:b/c:C 'example.test/r' 'z/MX'" in text
    assert "delete" not in text


def test_of_several_one_is_adopted_and_the_others_go() -> None:
    text = str(clash(ours("MX"), theirs("MX", "10 mx1.test"), theirs("MX", "20 mx2.test")))
    assert text.count("pulumi import") == 1
    assert "MX 20 mx2.test" in text
    assert "delete the others" in text


def test_of_another_type_it_cannot_be_adopted() -> None:
    text = str(clash(ours("A"), theirs("CNAME", "www.example.test")))
    assert "pulumi import" not in text
    assert "delete that one" in text


@pytest.mark.parametrize("strings", [("v=spf1 include:example.net -all", "proof=1"), ("proof=1",)])
def test_other_strings_of_a_set_are_not_forgotten(strings: tuple[str, ...]) -> None:
    other = theirs("TXT", *strings)
    text = str(clash(ours("TXT", "v=spf1 mx -all"), other))
    assert 'mailstack:domains["example.test"].txt: proof=1' in text


def test_of_a_name_that_is_no_mail_domain_other_strings_are_told() -> None:
    other = theirs("TXT", "v=spf1 -all", "proof=1")
    text = str(clash(ours("TXT", "v=spf1 a -all"), other, has_txt=False))
    assert "mailstack:domains" not in text
    assert "for it goes: proof=1" in text


def test_a_long_key_is_cut() -> None:
    other = theirs("TXT", f"v=DKIM1; p={'A' * 400}", name="mail._domainkey.example.test")
    assert len(str(other)) < 200
