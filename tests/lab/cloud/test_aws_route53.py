"""The emulated Route 53: one set for each name and type, refused as the real API refuses."""

import itertools
from typing import Any

import grpc
import pytest

from lab.cloud.aws_route53 import ROUTE53_RECORD, hosted_zone_id
from lab.world import World
from tests.lab.cloud.client import Client, Made, kinds

GET_ZONE = "aws:route53/getZone:getZone"
GET_RECORDS = "aws:route53/getRecords:getRecords"
ZONE = hosted_zone_id("example.test")
_NAMES = itertools.count()


def record(kind: str = "A", *values: str, **more: Any) -> dict[str, Any]:
    values = values or ("127.77.0.1",)
    base = {"zoneId": ZONE, "name": "a.example.test", "type": kind, "ttl": 300.0}
    return base | {"records": list(values)} | more


def create(client: Client, inputs: dict[str, Any]) -> Made:
    name = f"r{next(_NAMES)}"
    return client.create(ROUTE53_RECORD, name, client.check(ROUTE53_RECORD, name, inputs))


def test_a_set(aws: Client) -> None:
    made = create(
        aws, record("MX", "10 mx1.example.net", "20 mx2.example.net.", name="A.Example.Test.")
    )
    assert made.id == f"{ZONE}_a.example.test_MX"
    assert made.outputs["fqdn"] == made.outputs["name"] == "a.example.test"
    assert made.outputs["records"] == ["10 mx1.example.net", "20 mx2.example.net."]


@pytest.mark.parametrize(
    ("inputs", "code"),
    [
        (record("A", "a.example.test"), "InvalidChangeBatch"),
        (record("A", "::1"), "InvalidChangeBatch"),
        (record("AAAA", "127.77.0.1"), "InvalidChangeBatch"),
        (record("MX", "mx.example.net"), "InvalidChangeBatch"),
        (record("MX", "10 "), "InvalidChangeBatch"),
        (record("SRV", "1 465 mx.example.net"), "InvalidChangeBatch"),
        (record("CNAME", "not a host"), "InvalidChangeBatch"),
        (record("CNAME", "b.example.test", name="example.test"), "InvalidChangeBatch"),
        (record("TXT", "x" * 256), "InvalidChangeBatch"),
        (record("TXT", 'open" quote'), "InvalidChangeBatch"),
        (record("A", "127.77.0.1", "127.77.0.1"), "InvalidChangeBatch"),
        (record(name="a b"), "InvalidChangeBatch"),
        (record(zoneId="Z0"), "NoSuchHostedZone"),
        (record(ttl=-1.0), "InvalidInput"),
    ],
)
def test_refusals(aws: Client, lab_world: World, inputs: dict[str, Any], code: str) -> None:
    with pytest.raises(grpc.RpcError, match=code):
        create(aws, inputs)
    assert lab_world.find(ROUTE53_RECORD) == {}


def test_what_exists_is_not_overwritten(aws: Client) -> None:
    create(aws, record("TXT", "one"))
    with pytest.raises(grpc.RpcError, match=r"a\.example\.test.*already exists"):
        create(aws, record("TXT", "two"))
    create(aws, record("TXT", "two", allowOverwrite=True))
    with pytest.raises(grpc.RpcError, match="conflicts"):
        create(aws, record("CNAME", "b.example.test"))


def test_inputs_that_belong_together(aws: Client) -> None:
    without = {key: value for key, value in record().items() if key != "ttl"}
    assert set(aws.refusals(ROUTE53_RECORD, "a", without)) == {"ttl"}
    assert set(aws.refusals(ROUTE53_RECORD, "a", record() | {"records": []})) == {"records"}
    assert set(aws.refusals(ROUTE53_RECORD, "a", record("NAPTR", "x"))) == {"type"}


def test_the_order_of_values_means_nothing(aws: Client) -> None:
    inputs = record("TXT", "one", "two")
    made = create(aws, inputs)
    assert (
        kinds(aws.diff(ROUTE53_RECORD, "a", made.outputs, inputs, record("TXT", "two", "one")))
        == {}
    )
    reply = aws.diff(ROUTE53_RECORD, "a", made.outputs, inputs, inputs | {"name": "b.example.test"})
    assert list(reply.replaces) == ["name"]


def test_an_update_keeps_the_set_whole(aws: Client, lab_world: World) -> None:
    made = create(aws, record("TXT", "one"))
    aws.update(ROUTE53_RECORD, "a", made, record("TXT", "one", "two"))
    assert lab_world.get(ROUTE53_RECORD, made.id)["records"] == ["one", "two"]  # type: ignore[index]


def test_an_import_finds_it_by_its_id(aws: Client) -> None:
    made = create(aws, record("TXT", "one"))
    found, outputs, inputs = aws.read(ROUTE53_RECORD, "b", Made(made.id, {}, set()), {})
    assert found == made.id
    assert inputs["records"] == outputs["records"] == ["one"]


def test_zones_and_what_they_hold(aws: Client) -> None:
    create(aws, record("TXT", 'first" "second'))
    create(aws, record("A", "127.77.0.1", name="*.example.test"))
    assert aws.invoke(GET_ZONE, {"name": "example.test."})["zoneId"] == ZONE
    found = aws.invoke(GET_RECORDS, {"zoneId": ZONE})["resourceRecordSets"]
    assert {one["name"]: one["resourceRecords"] for one in found} == {
        "a.example.test.": [{"value": '"first" "second"'}],
        "\\052.example.test.": [{"value": "127.77.0.1"}],
    }
    with pytest.raises(grpc.RpcError, match=r'no matching.*"example\.org".*the lab has: example'):
        aws.invoke(GET_ZONE, {"name": "example.org"})
