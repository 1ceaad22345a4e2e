"""What stands in the lab's DNS, read from the world at each question."""

import dataclasses

from lab.cloud.aws_route53 import ROUTE53_RECORD, hosted_zone_id, values
from lab.cloud.cloudflare import NAME_SERVERS
from lab.cloud.cloudflare_record import DNS_RECORD
from lab.cloud.values import Plain
from lab.dns.zonefiles import ZONE_FILE_RECORD
from lab.world import ZONE, World, zone_id

PTR_RECORD = "aws:ec2/eipDomainName:EipDomainName"
"""Kind of the objects that give an address its name; they are put under the reverse name."""
REVERSE_ZONE = "77.127.in-addr.arpa"
"""All the lab's Elastic IPs are in 127.77.0.0/16."""
SES_ZONE = "amazonses.com"
NEGATIVE_TTL = 60
"""Seconds a resolver may remember that something is not there: short, a lab changes often."""
_PUBLISHED = (DNS_RECORD, ROUTE53_RECORD, ZONE_FILE_RECORD)
_TO_A_NAME = frozenset({"CNAME", "MX", "NS", "PTR", "SRV"})
_AUTOMATIC_TTL = 300  # what Cloudflare serves for a TTL of 1
_PROXY_ADDRESSES = {"A": "104.16.0.1", "AAAA": "2606:4700::1"}


@dataclasses.dataclass(frozen=True)
class Record:
    """One record in presentation form, names with their final dot; `ttl` in seconds."""

    type: str
    ttl: int
    text: str


def zone_of(world: World, name: str) -> str | None:
    """The lab's zone that `name` (lower case, no final dot) is in, or None."""
    labels = name.split(".")
    for start in range(len(labels)):
        candidate = ".".join(labels[start:])
        if candidate in {REVERSE_ZONE, SES_ZONE} or world.get(ZONE, zone_id(candidate)):
            return candidate
    return None


def records_at(world: World, zone: str, name: str) -> list[Record]:
    """Every record that stands at exactly this name."""
    found = _authority() if name == zone else []
    if zone == REVERSE_ZONE:
        found += [
            Record("PTR", _AUTOMATIC_TTL, f"{ptr['domainName']}.")
            for ptr in world.find(PTR_RECORD, name).values()
        ]
    elif zone == SES_ZONE:
        found += _ses(name)
    else:
        found += _published(world, zone, name)
    return found


def answers(world: World, name: str, kind: str) -> list[str]:
    """What the DNS says of `name` (no final dot), in presentation form: for clouds that look."""
    name = name.lower()
    zone = zone_of(world, name)
    records = records_at(world, zone, name) if zone else []
    return [record.text for record in records if record.type == kind]


def exists(world: World, zone: str, name: str) -> bool:
    """Whether the name is there at all: with records, or only as part of a longer name."""
    kinds = (PTR_RECORD,) if zone == REVERSE_ZONE else _PUBLISHED
    below = any(world.has_below(kind, name) for kind in kinds)
    return below or bool(records_at(world, zone, name))


def soa() -> Record:
    """The SOA record of every zone."""
    timers = f"1 10000 2400 604800 {NEGATIVE_TTL}"
    return Record("SOA", NEGATIVE_TTL, f"{NAME_SERVERS[0]}. dns.cloudflare.com. {timers}")


def _authority() -> list[Record]:
    return [soa(), *(Record("NS", 86400, f"{server}.") for server in NAME_SERVERS)]


def _ses(name: str) -> list[Record]:
    # Enough of SES's own DNS for SPF with include:amazonses.com, and for the MAIL FROM's MX.
    if name == SES_ZONE:
        return [Record("TXT", 900, '"v=spf1 ip4:127.78.0.0/16 -all"')]
    if name.startswith("feedback-smtp."):
        return [Record("A", 900, "127.78.0.10")]
    return []


def _published(world: World, zone: str, name: str) -> list[Record]:
    found = [
        _cloudflare(record)
        for record in world.find(DNS_RECORD, name).values()
        if record["zoneId"] == zone_id(zone)
    ]
    for record in world.find(ROUTE53_RECORD, name).values():
        if record["zoneId"] == hosted_zone_id(zone):
            kind, ttl = record["type"], int(record["ttl"])
            found += [Record(kind, ttl, _absolute(kind, value)) for value in values(record)]
    for record in world.find(ZONE_FILE_RECORD, name).values():
        if record["zone"] == zone:
            found.append(Record(record["type"], record["ttl"], record["text"]))
    return found


def _absolute(kind: str, text: str) -> str:
    return f"{text}." if kind in _TO_A_NAME and not text.endswith(".") else text


def _cloudflare(record: Plain) -> Record:
    kind, content = record["type"], record["content"]
    if record["proxied"]:
        # Visitors of a proxied name meet Cloudflare, not the server: fatal for mail, so shown.
        content = _PROXY_ADDRESSES.get(kind, content)
    text = _absolute(kind, content)
    if kind in {"MX", "SRV"}:
        text = f"{record['priority']:.0f} {text}"
    ttl = int(record["ttl"])
    return Record(kind, _AUTOMATIC_TTL if ttl == 1 else ttl, text)
