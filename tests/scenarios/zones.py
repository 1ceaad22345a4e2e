"""Small stacks for what happens in their zones, and what others have put there."""

import json
from collections.abc import Mapping
from typing import Any

from lab.cloud.aws_route53 import ROUTE53_RECORD, hosted_zone_id
from lab.cloud.cloudflare_record import DNS_RECORD
from lab.cloud.cloudflare_rules import canonical_record
from lab.world import World, zone_id
from tests.lab_project import LabProject, dev_stack

ZONE = "example.test"


def local_stack(provider: str, *, domain: str = ZONE, **mail: Any) -> dict[str, Any]:
    """Give a stack on this machine, without relay: little beside its records."""
    stack = dev_stack()
    stack["config"] = {
        "mailstack:host": {"kind": "local", "portOffset": 20000},
        "mailstack:server": {"hostname": f"mail.{domain}"},
        "mailstack:dns": {"provider": provider},
        "mailstack:domains": {domain: {"accounts": {"alice": {}}, **mail}},
    }
    return stack


def start(project: LabProject, stack: Mapping[str, Any]) -> None:
    """Make the stack's lab, with its zones and nothing in them."""
    project.extra["MAILSTACK_LAB_DOCKER"] = "simulated"
    project.write(stack)
    project.run("env")


def put_cloudflare(project: LabProject, id_: str, kind: str, name: str, **inputs: Any) -> None:
    """Let somebody else have made a record at Cloudflare."""
    record = canonical_record(
        {"zoneId": zone_id(ZONE), "type": kind, "name": name, "ttl": 300.0, **inputs}, ZONE
    )
    with World(project.lab / "world.db") as world:
        world.put(DNS_RECORD, id_, record, name=record["name"])


def put_route53(project: LabProject, kind: str, name: str, *values: str) -> str:
    """Let somebody else have made a record set at Route 53; gives its id."""
    zone = hosted_zone_id(ZONE)
    body = {"zoneId": zone, "type": kind, "name": name, "fqdn": name, "ttl": 300.0}
    made = f"{zone}_{name}_{kind}"
    with World(project.lab / "world.db") as world:
        world.put(ROUTE53_RECORD, made, body | {"records": list(values)}, name=name)
    return made


def remove(project: LabProject, kind: str, id_: str) -> None:
    """Let somebody delete a record at the provider."""
    with World(project.lab / "world.db") as world:
        assert world.remove(kind, id_)


def found(project: LabProject, kind: str) -> dict[str, dict[str, Any]]:
    """Give what exists at the provider, by id."""
    with World(project.lab / "world.db") as world:
        return world.find(kind)


def state_is_empty(project: LabProject) -> bool:
    """Whether no engine has made anything yet."""
    stacks = project.lab / "backend" / ".pulumi" / "stacks" / "mailstack"
    checkpoint = stacks / f"{project.stack}.json"
    if not checkpoint.exists():
        return True
    return not json.loads(checkpoint.read_text())["checkpoint"]["latest"].get("resources")
