"""cloudflare:index/dnsRecord:DnsRecord."""

import uuid
from datetime import UTC, datetime

from lab.cloud.cloudflare_rules import TXT_NAME_LIMIT, canonical_record, txt_size
from lab.cloud.errors import CloudError
from lab.cloud.resource import Call, Resource
from lab.cloud.values import Plain
from lab.world import ZONE

DNS_RECORD = "cloudflare:index/dnsRecord:DnsRecord"

_ADDRESS_LIKE = frozenset({"A", "AAAA", "CNAME"})
_ZONE_ID_LENGTH = 32


class DnsRecord(Resource):
    """A record of a zone that was seeded in the world; the lab's DNS server answers from these."""

    token = DNS_RECORD
    required = frozenset({"zoneId", "name", "type", "ttl"})
    optional = frozenset({"content", "data", "priority", "proxied", "comment", "tags", "settings"})
    replaces = frozenset({"zoneId", "type"})
    computed = frozenset(
        {"content", "createdOn", "meta", "modifiedOn", "proxiable", "proxied", "settings"}
    )
    volatile = frozenset({"modifiedOn"})
    sets = frozenset({"tags"})

    def create(self, call: Call, inputs: Plain) -> tuple[str, Plain]:
        """Add the record; raises CloudError with Cloudflare's code for what it refuses."""
        record = self._accepted(call, inputs, own_id="")
        now = _now()
        record |= {"createdOn": now, "modifiedOn": now, "meta": "{}"}
        record.setdefault("settings", {})
        made = uuid.uuid4().hex
        call.world.put(DNS_RECORD, made, record, name=record["name"])
        return made, record

    def read(self, call: Call, id: str, outputs: Plain) -> Plain | None:  # noqa: A002
        """The record; an import may give its id as "<zone id>/<record id>", as the real one."""
        record = super().read(call, id.rpartition("/")[2], outputs)
        return record and record | {"id": id.rpartition("/")[2]}

    def update(self, call: Call, id: str, outputs: Plain, inputs: Plain) -> Plain:  # noqa: A002
        """Overwrite the record; raises CloudError as `create` does, and when it is gone."""
        if call.world.get(DNS_RECORD, id) is None:
            raise CloudError(81044, "Record does not exist.")
        record = self._accepted(call, inputs, own_id=id)
        kept = {key: outputs[key] for key in ("createdOn", "meta") if key in outputs}
        record |= kept | {"modifiedOn": _now()}
        record.setdefault("settings", {})
        call.world.put(DNS_RECORD, id, record, name=record["name"])
        return record

    def _accepted(self, call: Call, inputs: Plain, *, own_id: str) -> Plain:
        zone = _zone_name(call, inputs["zoneId"])
        record = canonical_record(inputs, zone)
        found = call.world.find(DNS_RECORD, record["name"])
        others = [
            other
            for other_id, other in found.items()
            if other_id != own_id and other["zoneId"] == inputs["zoneId"]
        ]
        for other in others:
            _refuse_together(record, other)
        if record["type"] == "TXT":
            texts = [other["content"] for other in others if other["type"] == "TXT"]
            if sum(map(txt_size, [*texts, record["content"]])) > TXT_NAME_LIMIT:
                message = (
                    f"DNS Validation Error: all TXT of a name over {TXT_NAME_LIMIT} characters"
                )
                raise CloudError(1004, message)
        return record


def _refuse_together(record: Plain, other: Plain) -> None:
    """Raise CloudError when Cloudflare does not let the two stand at the same name."""
    kind, other_kind = record["type"], other["type"]
    keys = ("type", "content", "priority")
    if all(record.get(key) == other.get(key) for key in keys):
        raise CloudError(81058, "An identical record already exists.")
    if kind == "CNAME" and other_kind in _ADDRESS_LIKE:
        raise CloudError(81053, "An A, AAAA, or CNAME record with that host already exists.")
    if other_kind == "CNAME" and kind in _ADDRESS_LIKE:
        raise CloudError(81054, "A CNAME record with that host already exists.")
    if (kind == "NS") != (other_kind == "NS"):
        raise CloudError(81056, "NS records with that host already exist, or would exclude others.")


def _zone_name(call: Call, zone_id: str) -> str:
    if len(zone_id) != _ZONE_ID_LENGTH:
        route = f"/client/v4/zones/{zone_id}/dns_records"
        message = f"Could not route to {route}, perhaps your object identifier is invalid?"
        raise CloudError(7003, message)
    zone = call.world.get(ZONE, zone_id)
    if zone is None:
        raise CloudError(10000, "Authentication error")
    return str(zone["name"])


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
