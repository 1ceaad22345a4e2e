"""aws:route53 records: one set for each name and type, as the real API keeps them.

What it refuses: docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html.
"""

import ipaddress
import re

import dns.exception
import dns.tokenizer

from lab.cloud.aws_base import AwsResource, known
from lab.cloud.errors import CloudError
from lab.cloud.resource import Call
from lab.cloud.values import Plain, is_unknown
from lab.world import ZONE, zone_id

ROUTE53_RECORD = "aws:route53/record:Record"

_TYPES = frozenset({"A", "AAAA", "CAA", "CNAME", "MX", "NS", "PTR", "SRV", "TXT"})
_LONGEST_TTL = 2**31 - 1
_STRING_LIMIT = 255  # bytes of one character-string, RFC 1035 3.3
_VALUE_LIMIT = 4000  # characters of one value
_MX = re.compile(r"\d{1,5} \S+")
_SRV = re.compile(r"\d{1,5} \d{1,5} \d{1,5} \S+")
_HOST = re.compile(r"[a-z0-9_*]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*\.?")


class Record(AwsResource):
    """aws:route53/record:Record; its id is "<zone>_<name>_<type>"."""

    token = ROUTE53_RECORD
    regional = False
    required = frozenset({"name", "type", "zoneId"})
    takes = frozenset({"allowOverwrite", "records", "ttl"})
    gives = frozenset({"fqdn"})
    replaces = frozenset({"name", "zoneId"})
    sets = frozenset({"records"})

    def check(self, inputs: Plain) -> list[tuple[str, str]]:
        """What the plugin's schema refuses."""
        failures = []
        kind = known(inputs, "type")
        if kind is not None and kind not in _TYPES:
            failures.append(("type", f'the lab does not have the type "{kind}"'))
        if not inputs.get("records") and not is_unknown(inputs.get("records")):
            failures.append(("records", 'one of "alias", "records" must be specified'))
        elif "ttl" not in inputs:
            failures.append(("ttl", 'all of "records", "ttl" must be specified'))
        return failures

    def create(self, call: Call, inputs: Plain) -> tuple[str, Plain]:
        """Refused when a set of that name and type exists, unless it may be overwritten."""
        zone, name = _zone_name(call, inputs["zoneId"]), _full_name(call, inputs)
        made = f"{inputs['zoneId']}_{name}_{inputs['type']}"
        if call.world.get(self.token, made) and not inputs.get("allowOverwrite"):
            message = (
                f"Tried to create resource record set [name='{name}.', type='{inputs['type']}'] "
                "but it already exists"
            )
            raise CloudError("InvalidChangeBatch", message)
        return made, self._put(call, made, inputs, name=name, zone=zone)

    def update(self, call: Call, id: str, outputs: Plain, inputs: Plain) -> Plain:  # noqa: A002, ARG002
        """Overwrite the set (the plugin sends an UPSERT)."""
        zone, name = _zone_name(call, inputs["zoneId"]), _full_name(call, inputs)
        return self._put(call, id, inputs, name=name, zone=zone)

    def _put(self, call: Call, id: str, inputs: Plain, *, name: str, zone: str) -> Plain:  # noqa: A002
        kind, wanted = inputs["type"], inputs["records"]
        for value in wanted:
            if reason := _fault(kind, value):
                message = f"Invalid Resource Record: FATAL problem: {reason} encountered with "
                raise CloudError("InvalidChangeBatch", f"{message}'{value}'")
        if len(set(wanted)) < len(wanted):
            raise CloudError("InvalidChangeBatch", "Duplicate Resource Record")
        if not 0 <= inputs["ttl"] <= _LONGEST_TTL:
            raise CloudError("InvalidInput", f"Invalid TTL {inputs['ttl']}")
        others = {
            other["type"]
            for other_id, other in call.world.find(self.token, name).items()
            if other["zoneId"] == inputs["zoneId"] and other_id != id
        }
        if ("CNAME" in others) or (kind == "CNAME" and (others or name == zone)):
            message = (
                f"RRSet of type {kind} with DNS name {name}. is not permitted as it conflicts "
                f"with other records with the same DNS name in zone {zone}."
            )
            raise CloudError("InvalidChangeBatch", message)
        body = inputs | {"fqdn": name, "name": inputs["name"].rstrip(".").lower()}
        call.world.put(self.token, id, body, name=name)
        return body


def get_zone(call: Call, arguments: Plain) -> Plain:
    """Look a public hosted zone up by name or id; raises CloudError when there is none."""
    wanted, name = arguments.get("zoneId"), str(arguments.get("name", "")).rstrip(".")
    for zone in call.world.find(ZONE).values():
        made = hosted_zone_id(zone["name"])
        if wanted == made or name == zone["name"]:
            return arguments | {
                "arn": f"arn:aws:route53:::hostedzone/{made}",
                "id": made,
                "name": zone["name"],
                "nameServers": ["ns-1.awsdns-00.com", "ns-2.awsdns-01.net"],
                "privateZone": False,
                "tags": {},
                "zoneId": made,
            }
    names = sorted(zone["name"] for zone in call.world.find(ZONE).values())
    message = (
        f'no matching Route 53 Hosted Zone for "{wanted or name}" (the lab has: '
        f"{', '.join(names) or 'none'}): create it, or name the zone in dns.zones"
    )
    raise CloudError("zone not found", message)


def get_records(call: Call, arguments: Plain) -> Plain:
    """List the record sets of a zone, as the API writes them; by name where a pattern is given."""
    zone = arguments["zoneId"]
    _zone_name(call, zone)
    found = [
        {
            "name": record["fqdn"].replace("*", r"\052") + ".",
            "resourceRecords": [{"value": one} for one in values(record)],
            "setIdentifier": "",
            "ttl": record["ttl"],
            "type": record["type"],
        }
        for record in call.world.find(ROUTE53_RECORD).values()
        if record["zoneId"] == zone
        and re.search(arguments.get("nameRegex") or "", f"{record['fqdn']}.")
    ]
    return arguments | {"resourceRecordSets": found}


def hosted_zone_id(name: str) -> str:
    """The stable id of the lab's hosted zone of this name."""
    return f"Z{zone_id(name)[:20].upper()}"


def values(record: Plain) -> list[str]:
    """A set's values in presentation form: a TXT in its quotes."""
    if record["type"] != "TXT":
        return list(record["records"])
    return [_quoted(one) for one in record["records"]]


def _quoted(value: str) -> str:
    # The plugin adds the outer quotes where they are not there.
    return value if len(value) > 1 and value[0] == value[-1] == '"' else f'"{value}"'


def _zone_name(call: Call, zone: str) -> str:
    for body in call.world.find(ZONE).values():
        if hosted_zone_id(body["name"]) == zone:
            return str(body["name"])
    raise CloudError("NoSuchHostedZone", f"No hosted zone found with ID: {zone}")


def _full_name(call: Call, inputs: Plain) -> str:
    zone, name = _zone_name(call, inputs["zoneId"]), inputs["name"].rstrip(".").lower()
    if not _HOST.fullmatch(name or zone):
        raise CloudError("InvalidChangeBatch", f"FATAL problem: DomainLabelInvalid in '{name}'")
    # The plugin takes a name outside of the zone as relative to it.
    return name if name == zone or name.endswith(f".{zone}") else f"{name}.{zone}".lstrip(".")


def _fault(kind: str, value: str) -> str:
    if kind == "TXT":
        return _text_fault(_quoted(value))
    if kind in {"A", "AAAA"}:
        try:
            fits = ipaddress.ip_address(value).version == (4 if kind == "A" else 6)
        except ValueError:
            fits = False
        return "" if fits else f"{kind}RRDATAIllegalAddress"
    if kind in {"MX", "SRV"}:
        shape = _MX if kind == "MX" else _SRV
        return (
            ""
            if shape.fullmatch(value) and _HOST.fullmatch(value.rsplit(maxsplit=1)[-1])
            else "Illegal"
        )
    return "" if kind == "CAA" or _HOST.fullmatch(value) else "DomainNameIllegal"


def _text_fault(value: str) -> str:
    if len(value) > _VALUE_LIMIT:
        return "CharacterStringTooLong"
    tokens = dns.tokenizer.Tokenizer(value)
    try:
        while not (token := tokens.get()).is_eol_or_eof():
            if not token.is_quoted_string():
                return "InvalidCharacterString"
            if len(token.unescape_to_bytes().value) > _STRING_LIMIT:
                return "CharacterStringTooLong"
    except dns.exception.DNSException:
        return "InvalidCharacterString"
    return ""
