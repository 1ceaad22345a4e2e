"""cloudflare:index/apiToken:ApiToken."""

import json
import secrets
import uuid
from datetime import UTC, datetime

from lab.cloud.errors import CloudError
from lab.cloud.resource import Call, Resource
from lab.cloud.values import Plain
from lab.world import ZONE, World

API_TOKEN = "cloudflare:index/apiToken:ApiToken"  # noqa: S105 - a type token
DNS_WRITE = "4755a26eedb94da69e1066d98aa820be"
ZONE_READ = "c8fed203ed3043cba015a93ad1616f1f"
_GROUPS = frozenset({DNS_WRITE, ZONE_READ})
_ZONE_RESOURCE = "com.cloudflare.api.account.zone."


class ApiToken(Resource):
    """A token that may do some things to some zones; its value is told once, at its creation."""

    token = API_TOKEN
    required = frozenset({"name", "policies"})
    optional = frozenset({"condition", "expiresOn", "notBefore", "status"})
    computed = frozenset({"issuedOn", "modifiedOn", "status", "value"})
    volatile = frozenset({"modifiedOn"})
    secrets = frozenset({"value"})

    def create(self, call: Call, inputs: Plain) -> tuple[str, Plain]:
        """Make the token; raises CloudError for a permission or a zone that there is not."""
        _check(call.world, inputs)
        made, now = uuid.uuid4().hex, _now()
        body = {
            "issuedOn": now,
            "modifiedOn": now,
            "status": "active",
            "value": secrets.token_urlsafe(30),
        } | inputs
        call.world.put(self.token, made, body, name=body["value"])
        return made, body

    def update(self, call: Call, id: str, outputs: Plain, inputs: Plain) -> Plain:  # noqa: A002
        """Change what the token may do; its value stays. Raises CloudError as `create` does."""
        _check(call.world, inputs)
        body = self.kept(outputs) | {"modifiedOn": _now()} | inputs
        call.world.put(self.token, id, body, name=body["value"])
        return body


def allowed_zones(world: World, value: str, permission: str) -> frozenset[str]:
    """The ids of the zones to which the token with this value may do that."""
    found: set[str] = set()
    for token in world.find(API_TOKEN, value).values():
        for policy in token["policies"]:
            groups = {group["id"] for group in policy["permissionGroups"]}
            if token["status"] == "active" and policy["effect"] == "allow" and permission in groups:
                found |= {_zone_of(name) for name in json.loads(policy["resources"])}
    return frozenset(found)


def _check(world: World, inputs: Plain) -> None:
    for policy in inputs["policies"]:
        unknown = {group["id"] for group in policy["permissionGroups"]} - _GROUPS
        if unknown:
            raise CloudError(1001, f"the lab does not have the permission group {min(unknown)}")
        try:
            resources = json.loads(policy["resources"])
        except ValueError:
            resources = None
        if not isinstance(resources, dict) or not resources:
            raise CloudError(1001, "a policy's resources must be a JSON object, and not empty")
        for name in resources:
            if not name.startswith(_ZONE_RESOURCE) or world.get(ZONE, _zone_of(name)) is None:
                raise CloudError(1001, f'the resource "{name}" is no zone of this account')


def _zone_of(resource: str) -> str:
    return resource.removeprefix(_ZONE_RESOURCE)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
