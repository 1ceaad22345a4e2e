import hashlib
from pathlib import Path

import dns.message
import dns.query
import dns.reversename
import pytest

from lab.cloud.aws_address import Eip
from lab.cloud.cloudflare_record import DNS_RECORD
from lab.cloud.resource import Call
from lab.daemon.run_info import RunInfo
from lab.world import World
from tests.lab.cloud.aws_objects import (
    ASSOCIATION,
    EIP,
    GATEWAY,
    INSTANCE,
    REVERSE_NAME,
    Objects,
    refusal,
)
from tests.lab.cloud.client import Client, Made, kinds


@pytest.fixture
def instance(objects: Objects) -> Made:
    subnet = objects.subnet()
    objects.make(GATEWAY, vpcId=subnet.outputs["vpcId"])
    return objects.instance(subnet)


def test_addresses_are_the_stacks_own(objects: Objects) -> None:
    third = hashlib.sha256(b"dev").digest()[0]
    first, second = (objects.make(EIP, domain="vpc") for _ in range(2))
    addresses = [made.outputs["publicIp"] for made in (first, second)]
    assert all(address.startswith(f"127.77.{third}.") for address in addresses)
    assert first.outputs["allocationId"] == first.id
    name = f"ec2-{addresses[0].replace('.', '-')}.eu-central-1.compute.amazonaws.com"
    assert first.outputs["publicDns"] == name
    # Neither while it is allocated nor right after is an address given again.
    objects.delete(EIP, first)
    assert objects.make(EIP).outputs["publicIp"] not in addresses


def test_stacks_side_by_side_share_no_address(tmp_path: Path) -> None:
    def addresses(stack: str) -> set[str]:
        (tmp_path / stack).mkdir()
        with World(tmp_path / stack / "world.db") as world:
            call = Call(world=world, urn="", name="", config={"region": "eu-central-1"})
            return {Eip().create(call, {})[1]["publicIp"] for _ in range(5)}

    assert not addresses("dev") & addresses("prod")


def test_all_addresses_of_a_stack_in_turn(tmp_path: Path) -> None:
    with World(tmp_path / "world.db") as world:
        call = Call(world=world, urn="", name="", config={"region": "eu-central-1"})
        kept, _ = Eip().create(call, {})
        seen = set()
        for _ in range(300):
            made, outputs = Eip().create(call, {})
            seen.add(outputs["publicIp"])
            Eip().delete(call, made, outputs)
        held = world.get(EIP, kept)
        assert held is not None
        assert len(seen) == 253
        assert held["publicIp"] not in seen


def test_quota(objects: Objects) -> None:
    for _ in range(5):
        objects.make(EIP)
    assert refusal(objects.make, EIP) == "AddressLimitExceeded"


def test_association(objects: Objects, instance: Made) -> None:
    address = objects.make(EIP)
    made = objects.make(ASSOCIATION, allocationId=address.id, instanceId=instance.id)
    public = address.outputs["publicIp"]
    assert made.outputs["publicIp"] == public
    assert objects.read(INSTANCE, instance)["publicIp"] == public
    assert objects.read(EIP, address)["instance"] == instance.id
    # An update of either side does not part them.
    inputs = {key: instance.outputs[key] for key in ("ami", "instanceType", "subnetId")}
    updated = objects.client.update(INSTANCE, "i", instance, inputs | {"tags": {"a": "b"}})
    assert updated["publicIp"] == public
    objects.client.update(EIP, "e", address, {"tags": {"a": "b"}})
    assert objects.read(EIP, address)["associationId"] == made.id
    objects.delete(ASSOCIATION, made)
    assert objects.read(INSTANCE, instance)["publicIp"] == ""
    assert objects.read(EIP, address)["instance"] == ""


def test_reassociation_moves_the_address(objects: Objects, instance: Made) -> None:
    address = objects.make(EIP)
    old = objects.make(ASSOCIATION, allocationId=address.id, instanceId=instance.id)
    new_instance = objects.make(
        INSTANCE, **{key: instance.outputs[key] for key in ("ami", "instanceType", "subnetId")}
    )
    objects.make(ASSOCIATION, allocationId=address.id, instanceId=new_instance.id)
    objects.delete(ASSOCIATION, old)
    assert objects.read(INSTANCE, instance)["publicIp"] == ""
    assert objects.read(INSTANCE, new_instance)["publicIp"] == address.outputs["publicIp"]


def test_association_needs(objects: Objects, instance: Made) -> None:
    address = objects.make(EIP)

    def refused(allocation: str, of: str) -> str:
        return refusal(objects.make, ASSOCIATION, allocationId=allocation, instanceId=of)

    assert refused("eipalloc-0", instance.id) == "InvalidAllocationID.NotFound"
    assert refused(address.id, "i-0") == "InvalidInstanceID.NotFound"
    lonely = objects.instance(objects.subnet())
    assert refused(address.id, lonely.id) == "Gateway.NotAttached"


def test_reverse_name(objects: Objects, cloudflare: Client, running: RunInfo) -> None:
    address = objects.make(EIP)
    public = address.outputs["publicIp"]
    inputs = {"allocationId": address.id, "domainName": "mail.example.test"}
    assert refusal(objects.make, REVERSE_NAME, **inputs) == "InvalidParameterValue"
    record = objects.address_record(cloudflare, "mail.example.test", "127.77.9.9")
    assert refusal(objects.make, REVERSE_NAME, **inputs) == "InvalidParameterValue"
    right = objects.address_record(cloudflare, "mail.example.test", public)
    made = objects.make(REVERSE_NAME, **inputs)
    assert made.id == address.id
    assert made.outputs["ptrRecord"] == "mail.example.test."

    query = dns.message.make_query(dns.reversename.from_address(public), "PTR")
    server, port = running.dns.split(":")
    reply = dns.query.udp(query, server, port=int(port), timeout=5)
    assert [str(found) for rrset in reply.answer for found in rrset] == ["mail.example.test."]

    # Locked, until the name is gone; and that goes before its A record.
    assert refusal(objects.delete, EIP, address) == "InvalidAddress.Locked"
    for one in (record, right):
        cloudflare.delete(DNS_RECORD, "a", one)
    assert refusal(objects.delete, REVERSE_NAME, made) == "InvalidParameterValue"
    objects.address_record(cloudflare, "mail.example.test", public)
    objects.delete(REVERSE_NAME, made)
    objects.delete(REVERSE_NAME, made)
    objects.delete(EIP, address)


def test_a_new_reverse_name(objects: Objects, cloudflare: Client) -> None:
    address = objects.make(EIP)
    for name in ("a.example.test", "b.example.test"):
        objects.address_record(cloudflare, name, address.outputs["publicIp"])
    inputs = {"allocationId": address.id, "domainName": "a.example.test"}
    made = objects.make(REVERSE_NAME, **inputs)
    changed = inputs | {"domainName": "b.example.test"}
    reply = objects.client.diff(REVERSE_NAME, "p", made.outputs, inputs, changed)
    assert kinds(reply) == {"domainName": "UPDATE"}
    outputs = objects.client.update(REVERSE_NAME, "p", made, changed)
    assert outputs["ptrRecord"] == "b.example.test."
    wrong = inputs | {"domainName": "c.example.test"}
    assert refusal(objects.client.update, REVERSE_NAME, "p", made, wrong) == "InvalidParameterValue"


def test_what_replaces(aws: Client) -> None:
    for kind, key in (
        (EIP, "domain"),
        (ASSOCIATION, "allocationId"),
        (ASSOCIATION, "instanceId"),
        (REVERSE_NAME, "allocationId"),
    ):
        reply = aws.diff(kind, "x", {key: "a"}, {key: "a"}, {key: "b"})
        assert kinds(reply) == {key: "UPDATE_REPLACE"}
