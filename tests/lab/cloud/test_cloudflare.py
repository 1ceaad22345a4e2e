"""Each refusal of the emulated Cloudflare, and how it writes records down."""

import itertools
from typing import Any

import grpc
import pytest

from lab.cloud.cloudflare_record import DNS_RECORD
from lab.world import World, zone_id
from tests.lab.cloud.client import Client, Made, kinds

GET_ZONE = "cloudflare:index/getZone:getZone"
GET_RECORDS = "cloudflare:index/getDnsRecords:getDnsRecords"
ZONE = zone_id("example.test")
_NAMES = itertools.count()


def record(kind: str = "A", content: object = "127.77.0.1", **more: Any) -> dict[str, Any]:
    key = "data" if isinstance(content, dict) else "content"
    base = {"zoneId": ZONE, "name": "a.example.test", "type": kind, "ttl": 300.0}
    return base | ({} if content is None else {key: content}) | more


def create(client: Client, inputs: dict[str, Any]) -> Made:
    name = f"r{next(_NAMES)}"
    return client.create(DNS_RECORD, name, client.check(DNS_RECORD, name, inputs))


def refused(client: Client, inputs: dict[str, Any]) -> str:
    with pytest.raises(grpc.RpcError) as error:
        create(client, inputs)
    details = str(error.value.details())
    return details.rpartition("(")[2].rstrip(")")


@pytest.mark.parametrize(
    ("inputs", "code"),
    [
        (record(name="a..example.test"), "9000"),
        (record(name="x" * 64), "9000"),
        (record(name="a b"), "9000"),
        (record(name="-a"), "9000"),
        (record(content="mail.example.test"), "9005"),
        (record(content="2001:db8::1"), "9005"),
        (record(content="127.77.0.256"), "9005"),
        (record("AAAA", "127.77.0.1"), "9006"),
        (record("CNAME", "not a host"), "9007"),
        (record(content=None), "9007"),
        (record("SRV", "0 993 mail.example.test", priority=0.0), "9007"),
        (record("SRV", {"port": 993.0, "weight": 1.0}, priority=0.0), "9007"),
        (record("MX", "127.77.0.1", priority=10.0), "9009"),
        (record("MX", "2001:db8::1", priority=10.0), "9009"),
        (record("MX", "two words", priority=10.0), "9009"),
        (record("MX", "mail.example.test"), "9100"),
        (record("SRV", {"port": 993.0, "weight": 1.0, "target": "m.example.test"}), "9100"),
        (record(ttl=59.0), "9021"),
        (record(ttl=86401.0), "9021"),
        (record(ttl=0.0), "9021"),
        (record("TXT", '"x"', proxied=True), "9004"),
        (record("TXT", '"never closed'), "9207"),
        (record("TXT", "x" * 2049), "1004"),
        (record("NAPTR", "x"), "1004"),
        (record(data={"x": 1.0}), "1004"),
        (record(zoneId="nonsense"), "7003"),
        (record(zoneId="0" * 32), "10000"),
    ],
)
def test_each_refusal_has_its_code(
    cloudflare: Client, lab_world: World, inputs: dict[str, Any], code: str
) -> None:
    assert refused(cloudflare, inputs) == code
    assert lab_world.find(DNS_RECORD) == {}


@pytest.mark.parametrize("ttl", [1.0, 60.0, 86400.0])
def test_ttls_at_the_edge(cloudflare: Client, ttl: float) -> None:
    assert create(cloudflare, record(ttl=ttl)).outputs["ttl"] == ttl


def test_records_that_exclude_each_other(cloudflare: Client) -> None:
    create(cloudflare, record())
    assert refused(cloudflare, record()) == "81058"
    assert refused(cloudflare, record("CNAME", "b.example.test")) == "81053"
    assert refused(cloudflare, record("NS", "ns.example.net")) == "81056"
    create(cloudflare, record(content="127.77.0.2"))
    create(cloudflare, record("AAAA", "2001:db8::1"))
    create(cloudflare, record("CNAME", "a.example.test", name="c"))
    assert refused(cloudflare, record(name="c")) == "81054"
    assert refused(cloudflare, record("AAAA", "2001:db8::1", name="c")) == "81054"
    assert refused(cloudflare, record("CNAME", "b.example.test", name="c")) == "81053"
    # Against RFC 1034, but Cloudflare lets it pass.
    create(cloudflare, record("TXT", '"x"', name="c"))


def test_identity_includes_the_priority(cloudflare: Client) -> None:
    create(cloudflare, record("MX", "m.example.test", priority=10.0))
    assert refused(cloudflare, record("MX", "M.example.test.", priority=10.0)) == "81058"
    create(cloudflare, record("MX", "m.example.test", priority=20.0))


def test_other_zones_do_not_matter(cloudflare: Client, lab_world: World) -> None:
    lab_world.seed_zones(["sub.example.test"])
    inputs = record(name="a.sub.example.test")
    create(cloudflare, inputs)
    create(cloudflare, inputs | {"zoneId": zone_id("sub.example.test")})


def test_updates_are_looked_at_too(cloudflare: Client, lab_world: World) -> None:
    create(cloudflare, record())
    made = create(cloudflare, record(content="127.77.0.2"))
    assert cloudflare.update(DNS_RECORD, "a", made, record(content="127.77.0.2", ttl=60.0))
    for inputs, code in ((record(), "81058"), (record(content="x"), "9005")):
        with pytest.raises(grpc.RpcError, match=code):
            cloudflare.update(DNS_RECORD, "a", made, inputs)
    lab_world.remove(DNS_RECORD, made.id)
    with pytest.raises(grpc.RpcError, match="81044"):
        cloudflare.update(DNS_RECORD, "a", made, record(content="127.77.0.3"))


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        (record(name="A.Example.Test."), {"name": "a.example.test"}),
        (record(name="@"), {"name": "example.test"}),
        (record(name="a"), {"name": "a.example.test"}),
        (record(name="a.example.org"), {"name": "a.example.org.example.test"}),
        (record(name="bücher.example.test"), {"name": "xn--bcher-kva.example.test"}),
        (record(name="_dmarc.example.test"), {"name": "_dmarc.example.test"}),
        (record(name="*.example.test"), {"name": "*.example.test"}),
        (record("AAAA", "2001:0DB8:0::1"), {"content": "2001:db8::1"}),
        (record("CNAME", "B.Example.Test."), {"content": "b.example.test"}),
        (record("TXT", "v=spf1 mx -all"), {"content": '"v=spf1 mx -all"'}),
        (record("TXT", '"a" "b"'), {"content": '"a" "b"'}),
        (record("TXT", f'"{"x" * 256}"'), {"content": f'"{"x" * 255}" "x"'}),
        (record("TXT", '"ü"'), {"content": r'"\195\188"'}),
        (
            record(
                "SRV",
                {"priority": 0.0, "weight": 1.0, "port": 993.0, "target": "m.example.test"},
                priority=0.0,
            ),
            {"content": "1 993 m.example.test"},
        ),
        (record(proxied=True), {"proxied": True, "ttl": 1.0, "proxiable": True}),
        (record(), {"proxied": False, "ttl": 300.0}),
    ],
)
def test_canonical_forms(
    cloudflare: Client, inputs: dict[str, Any], expected: dict[str, Any]
) -> None:
    made = create(cloudflare, inputs)
    assert made.outputs.items() >= expected.items()
    # What was not written as Cloudflare writes it differs at every later up: so it is for real.
    reply = cloudflare.diff(DNS_RECORD, "a", made.outputs, inputs, inputs)
    differing = {
        key
        for key in ("name", "content", "ttl")
        if inputs.get(key) not in {made.outputs[key], None}
    }
    assert set(kinds(reply)) == differing


def test_all_texts_of_a_name_have_a_limit(cloudflare: Client) -> None:
    def text(letter: str, size: int = 2048) -> dict[str, Any]:
        pieces = " ".join(f'"{letter * min(255, size - at)}"' for at in range(0, size, 255))
        return record("TXT", pieces)

    for letter in "abcd":
        create(cloudflare, text(letter))
    assert refused(cloudflare, text("e", 1)) == "1004"
    create(cloudflare, text("e", 1) | {"name": "b"})


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"zoneId": "0" * 32}, {"zoneId": "UPDATE_REPLACE"}),
        ({"type": "AAAA", "content": "::1"}, {"type": "UPDATE_REPLACE", "content": "UPDATE"}),
        ({"name": "b.example.test"}, {"name": "UPDATE"}),
        ({"ttl": 60.0}, {"ttl": "UPDATE"}),
        ({"comment": "x"}, {"comment": "ADD"}),
        ({"proxied": True}, {"proxied": "UPDATE"}),
        ({"tags": ["b", "a"]}, {"tags": "ADD"}),
    ],
)
def test_what_replaces(
    cloudflare: Client, change: dict[str, Any], expected: dict[str, str]
) -> None:
    made = create(cloudflare, record())
    reply = cloudflare.diff(DNS_RECORD, "a", made.outputs, record(), record() | change)
    assert kinds(reply) == expected
    assert list(reply.replaces) == [key for key in expected if "REPLACE" in expected[key]]
    assert not reply.deleteBeforeReplace


def test_removed_inputs(cloudflare: Client) -> None:
    old = record(comment="x", data=None)
    made = create(cloudflare, old)
    reply = cloudflare.diff(DNS_RECORD, "a", made.outputs, old, record())
    assert kinds(reply) == {"comment": "DELETE"}
    assert "comment" not in cloudflare.update(DNS_RECORD, "a", made, record())


def test_zones_are_found(cloudflare: Client) -> None:
    by_name = cloudflare.invoke(GET_ZONE, {"filter": {"name": "example.test"}})
    assert by_name["zoneId"] == by_name["id"] == ZONE
    assert by_name["status"] == "active"
    assert by_name["filter"] == {"match": "all", "name": "example.test"}
    by_id = cloudflare.invoke(GET_ZONE, {"zoneId": ZONE})
    assert by_id["name"] == "example.test"


def test_the_records_of_a_zone(cloudflare: Client, lab_world: World) -> None:
    made = create(cloudflare, record("MX", "m.example.test", priority=10.0, comment="ours"))
    lab_world.put(DNS_RECORD, "other", made.outputs | {"zoneId": "0" * 32})
    (found,) = cloudflare.invoke(GET_RECORDS, {"zoneId": ZONE, "maxItems": 9.0})["results"]
    assert found["id"] == made.id
    assert (found["content"], found["priority"], found["comment"]) == ("m.example.test", 10, "ours")
    with pytest.raises(grpc.RpcError, match="not in the lab"):
        cloudflare.invoke(GET_RECORDS, {"zoneId": ZONE, "search": "x"})


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"filter": {"name": "example.org"}}, r'no zone "example.org".*the lab has: example.test'),
        ({"zoneId": "0" * 32}, "no zone"),
        ({}, "exactly one"),
        ({"filter": {"name": "example.test"}, "zoneId": ZONE}, "exactly one"),
    ],
)
def test_zones_that_are_not(cloudflare: Client, arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(grpc.RpcError, match=words):
        cloudflare.invoke(GET_ZONE, arguments)
