"""Every record of a host and a domain: the right values, stable keys, a reason each."""

from dataclasses import replace

import pytest
from syrupy.assertion import SnapshotAssertion

from mail.records import (
    DkimRecord,
    DmarcPolicy,
    DomainFacts,
    MailFrom,
    Record,
    domain_records,
    mail_host_records,
    ptr_record,
)

FULL = DomainFacts(
    domain="example.test",
    hostname="mail.example.test",
    ipv4="192.0.2.1",
    ipv6="2001:db8::1",
    zones={"example.test": "example.test", "reports.org": "reports.org"},
    services=("smtp", "submission", "submissions", "imap", "imaps", "pop3", "pop3s", "managesieve"),
    dkim=(
        DkimRecord(selector="mail", value="v=DKIM1; k=rsa; p=AAAA"),
        DkimRecord(selector="mail-ed25519", value="v=DKIM1; k=ed25519; p=BBBB"),
    ),
    dmarc=DmarcPolicy(policy="reject", reports="dmarc@reports.org"),
    spf_includes=("amazonses.com",),
    tls_reports="tls@example.test",
    mail_from=MailFrom(domain="bounce.example.test", region="eu-central-1"),
)


def _by_key(records: list[Record]) -> dict[str, Record]:
    return {record.key: record for record in records}


def test_all_records_of_a_domain(snapshot: SnapshotAssertion) -> None:
    assert domain_records(FULL) == snapshot


def test_all_records_of_a_host(snapshot: SnapshotAssertion) -> None:
    records = mail_host_records(
        hostname="mail.example.test", ipv4="192.0.2.1", ipv6="2001:DB8::1", zone="example.test"
    )
    assert records == snapshot


def test_keys_names_and_types_do_not_depend_on_what_a_deployment_makes() -> None:
    placeholders = replace(
        FULL,
        ipv4="0.0.0.0",
        ipv6="::",
        dkim=tuple(replace(key, value="placeholder") for key in FULL.dkim),
    )
    shape = [(record.key, record.zone, record.name, record.type) for record in domain_records(FULL)]
    assert shape == [
        (record.key, record.zone, record.name, record.type)
        for record in domain_records(placeholders)
    ]


def test_keys_are_unique_and_every_record_says_why() -> None:
    records = domain_records(FULL)
    assert len(_by_key(records)) == len(records)
    assert all(record.why.endswith(".") for record in records)


def test_a_plain_domain_has_only_what_it_needs() -> None:
    plain = DomainFacts(
        domain="example.test",
        hostname="mail.example.test",
        ipv4="192.0.2.1",
        zones={"example.test": "example.test"},
        services=("smtp",),
    )
    assert [record.key for record in domain_records(plain)] == [
        "example.test/mx",
        "example.test/spf",
        "example.test/dmarc",
    ]


def test_only_offered_services_are_announced() -> None:
    records = _by_key(domain_records(replace(FULL, services=("submissions", "imaps"))))
    assert {key for key in records if "/srv/" in key} == {
        "example.test/srv/submissions",
        "example.test/srv/imaps",
    }
    assert records["example.test/srv/submissions"].content == "1 465 mail.example.test"


def test_reports_to_another_of_our_domains_are_authorised_in_its_zone() -> None:
    record = _by_key(domain_records(FULL))["example.test/dmarc-report/reports.org"]
    assert record.name == "example.test._report._dmarc.reports.org"
    assert (record.zone, record.content) == ("reports.org", "v=DMARC1")


@pytest.mark.parametrize("reports", ["dmarc@foreign.org", "dmarc@example.test"])
def test_no_authorisation_for_a_foreign_domain_or_the_domain_itself(reports: str) -> None:
    records = domain_records(replace(FULL, dmarc=DmarcPolicy(reports=reports)))
    assert not [record for record in records if "dmarc-report" in record.key]


def test_no_authorisation_within_one_organisation() -> None:
    facts = replace(
        FULL,
        zones={"example.test": "example.test", "lists.example.test": "example.test"},
        dmarc=DmarcPolicy(reports="dmarc@lists.example.test"),
    )
    assert not [record for record in domain_records(facts) if "dmarc-report" in record.key]


def test_a_public_suffix_is_an_organisation_of_its_own() -> None:
    facts = replace(
        FULL,
        domain="co.uk",
        zones={"co.uk": "co.uk", "example.co.uk": "example.co.uk"},
        dmarc=DmarcPolicy(reports="dmarc@example.co.uk"),
    )
    assert "co.uk/dmarc-report/example.co.uk" in _by_key(domain_records(facts))


def test_a_ttl_reaches_every_record() -> None:
    assert {record.ttl for record in domain_records(replace(FULL, ttl=3600))} == {3600}


@pytest.mark.parametrize(
    ("address", "name", "key"),
    [
        ("192.0.2.1", "1.2.0.192.in-addr.arpa", "mail.example.test/ptr4"),
        (
            "2001:db8::1",
            "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa",
            "mail.example.test/ptr6",
        ),
    ],
)
def test_a_ptr_leads_back_to_the_host(address: str, name: str, key: str) -> None:
    record = ptr_record(hostname="mail.example.test", address=address)
    assert (record.name, record.key, record.content) == (name, key, "mail.example.test")


def test_services_on_other_ports_are_found_there() -> None:
    moved = _by_key(domain_records(replace(FULL, port_offset=20000)))
    assert moved["example.test/srv/submissions"].content == "1 20465 mail.example.test"
    assert moved["example.test/srv/managesieve"].content == "1 24190 mail.example.test"


def test_txt_strings_of_the_stack_file() -> None:
    one, two = "proof=1", "proof=2"
    first = _by_key(domain_records(replace(FULL, txt=(one, two))))
    second = _by_key(domain_records(replace(FULL, txt=(two,))))
    texts = {key: record for key, record in first.items() if "/txt/" in key}
    assert {record.content for record in texts.values()} == {one, two}
    assert {record.name for record in texts.values()} == {"example.test"}
    # What stays keeps its key, wherever it stands in the list.
    assert {key for key in second if "/txt/" in key} < set(texts)
