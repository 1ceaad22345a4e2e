"""Tokens of the emulated Cloudflare: what they may do, and to which zones."""

import json
from typing import Any

import grpc
import pytest

from lab.cloud.cloudflare_token import API_TOKEN, DNS_WRITE, ZONE_READ, allowed_zones
from lab.world import World, zone_id
from tests.lab.cloud.client import Client, Made

ZONE = zone_id("example.test")


def token(
    *groups: str, zone: str = ZONE, effect: str = "allow", resources: str | None = None
) -> dict[str, Any]:
    policy = {
        "effect": effect,
        "permissionGroups": [{"id": group} for group in groups],
        "resources": resources or json.dumps({f"com.cloudflare.api.account.zone.{zone}": "*"}),
    }
    return {"name": "certificate", "policies": [policy]}


def create(client: Client, inputs: dict[str, Any]) -> Made:
    return client.create(API_TOKEN, "t", client.check(API_TOKEN, "t", inputs))


def test_its_value_is_a_secret_of_the_right_form(cloudflare: Client) -> None:
    made = create(cloudflare, token(DNS_WRITE, ZONE_READ))
    assert made.secrets == {"value"}
    assert len(made.outputs["value"]) == 40
    assert made.outputs["status"] == "active"


def test_it_opens_its_own_zone_for_its_own_purpose(cloudflare: Client, lab_world: World) -> None:
    lab_world.seed_zones(["example.org"])
    value = create(cloudflare, token(DNS_WRITE)).outputs["value"]
    assert allowed_zones(lab_world, value, DNS_WRITE) == {ZONE}
    assert allowed_zones(lab_world, value, ZONE_READ) == set()
    assert allowed_zones(lab_world, "x" * 40, DNS_WRITE) == set()


@pytest.mark.parametrize(
    "inputs", [token(DNS_WRITE, effect="deny"), token(DNS_WRITE) | {"status": "disabled"}]
)
def test_one_that_opens_nothing(
    cloudflare: Client, lab_world: World, inputs: dict[str, Any]
) -> None:
    value = create(cloudflare, inputs).outputs["value"]
    assert allowed_zones(lab_world, value, DNS_WRITE) == set()


def test_a_change_keeps_its_value(cloudflare: Client, lab_world: World) -> None:
    made = create(cloudflare, token(DNS_WRITE))
    after = cloudflare.update(API_TOKEN, "t", made, token(DNS_WRITE, ZONE_READ))
    assert after["value"] == made.outputs["value"]
    assert allowed_zones(lab_world, after["value"], ZONE_READ) == {ZONE}


def test_deleted_it_opens_nothing(cloudflare: Client, lab_world: World) -> None:
    made = create(cloudflare, token(DNS_WRITE))
    cloudflare.delete(API_TOKEN, "t", made)
    assert allowed_zones(lab_world, made.outputs["value"], DNS_WRITE) == set()


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        (token("0" * 32), "permission group"),
        (token(DNS_WRITE, zone="0" * 32), "no zone of this account"),
        (token(DNS_WRITE, resources='{"com.cloudflare.api.account.x": "*"}'), "no zone"),
        (token(DNS_WRITE, resources="{}"), "must be a JSON object"),
        (token(DNS_WRITE, resources="nonsense"), "must be a JSON object"),
    ],
)
def test_what_is_refused(
    cloudflare: Client, lab_world: World, inputs: dict[str, Any], words: str
) -> None:
    with pytest.raises(grpc.RpcError, match=words):
        create(cloudflare, inputs)
    assert lab_world.find(API_TOKEN) == {}
