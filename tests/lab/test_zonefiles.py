"""The lab serves zone files that somebody loaded, and Route 53's sets, as it serves Cloudflare."""

import pytest

from lab.cloud.aws_route53 import ROUTE53_RECORD, hosted_zone_id
from lab.dns import zonefiles
from lab.dns.records import Record, answers, exists, records_at
from lab.world import World

ZONE = "example.test"
FILE = """$ORIGIN example.test.
@ 300 IN MX 10 mail.example.test.
_dmarc 60 IN TXT "v=DMARC1; p=none" "more"
Mail 300 IN A 192.0.2.1
"""


def test_a_file_is_served(lab_world: World) -> None:
    zonefiles.load(lab_world, {ZONE: FILE})
    assert records_at(lab_world, ZONE, "_dmarc.example.test") == [
        Record("TXT", 60, '"v=DMARC1; p=none" "more"')
    ]
    assert Record("MX", 300, "10 mail.example.test.") in records_at(lab_world, ZONE, ZONE)
    assert answers(lab_world, "mail.example.test", "A") == ["192.0.2.1"]
    assert exists(lab_world, ZONE, "_dmarc.example.test")


def test_the_next_file_takes_its_place(lab_world: World) -> None:
    zonefiles.load(lab_world, {ZONE: FILE})
    zonefiles.load(lab_world, {})
    assert not exists(lab_world, ZONE, "_dmarc.example.test")


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("MX", "10 mx.example.net", "10 mx.example.net."),
        ("MX", "10 mx.example.net.", "10 mx.example.net."),
        ("SRV", "0 1 465 mx.example.net", "0 1 465 mx.example.net."),
        ("TXT", 'first" "second', '"first" "second"'),
        ("A", "192.0.2.1", "192.0.2.1"),
    ],
)
def test_a_set_of_route_53_is_served(lab_world: World, kind: str, value: str, text: str) -> None:
    body = {"zoneId": hosted_zone_id(ZONE), "type": kind, "ttl": 300, "records": [value]}
    lab_world.put(ROUTE53_RECORD, "id", body, name="a.example.test")
    assert answers(lab_world, "A.example.test", kind) == [text]
