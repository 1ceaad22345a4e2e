"""Zone files that a stranger's parser reads back as the records they were made of."""

import random
from dataclasses import replace

import dns.rdatatype
import dns.zone

from mail.facts import Record
from mail.records import domain_records, mail_host_records
from mail.txt import unquote
from mail.zonefile import zone_file, zone_files
from tests.mail.test_records import FULL

LONG = "v=DKIM1; k=rsa; p=" + "A" * 392
FACTS = replace(
    FULL,
    dkim=(replace(FULL.dkim[0], value=LONG), FULL.dkim[1]),
    txt=('say "hello" \\o/ ; not a comment', "proof=1"),
)


def pairs() -> list[tuple[Record, str]]:
    host = mail_host_records(
        hostname="mail.example.test", ipv4="192.0.2.1", ipv6="2001:db8::1", zone="example.test"
    )
    return [(record, record.content) for record in [*host, *domain_records(FACTS)]]


def test_every_record_comes_back() -> None:
    wanted = [(record, content) for record, content in pairs() if record.zone == "example.test"]
    zone = dns.zone.from_text(
        zone_file("example.test", wanted), relativize=False, check_origin=False
    )
    found = {
        (name.to_text(omit_final_dot=True), dns.rdatatype.to_text(data.rdtype), data.to_text(), ttl)
        for name, ttl, data in zone.iterate_rdatas()
    }
    assert len(found) == len(wanted)
    for record, content in wanted:
        data = content
        if record.type in {"MX", "SRV"}:
            data = f"{record.priority} {content}."
        texts = {
            unquote(text) if kind == "TXT" else text
            for name, kind, text, ttl in found
            if (name, kind, ttl) == (record.name, record.type, record.ttl)
        }
        assert data in texts


def test_the_order_is_nobody_s_accident() -> None:
    shuffled = pairs()
    random.Random(1).shuffle(shuffled)
    assert zone_files(shuffled) == zone_files(pairs())


def test_one_file_for_each_zone() -> None:
    files = zone_files(pairs())
    assert list(files) == ["example.test", "reports.org"]
    assert files["reports.org"].splitlines()[-1] == (
        'example.test._report._dmarc 300 IN TXT "v=DMARC1"'
    )
    assert "$ORIGIN reports.org.\n" in files["reports.org"]
