"""The records at Cloudflare: one resource each, in zones that exist already."""

from collections.abc import Iterable
from typing import ClassVar

import pulumi
import pulumi_cloudflare as cloudflare

from components.dns.published import Published, options
from components.placeholders import Placeholders
from mail.facts import Record
from mail.foreign import Existing
from mail.txt import quote_and_split, unquote

COMMENT_LIMIT = 100  # characters: the shortest limit among Cloudflare's plans
_ALL = 20_000  # records of a zone: more than any plan allows


class CloudflareRecords:
    """A `Publisher`. Records of others in the same zones are not its business."""

    kind: ClassVar[str] = "cloudflare:index/dnsRecord:DnsRecord"
    sets: ClassVar[bool] = False

    def __init__(self, parent: pulumi.Resource) -> None:
        self._parent = parent
        self._zones: dict[str, pulumi.Output[str]] = {}

    def publish(self, records: Iterable[Record], placeholders: Placeholders) -> list[Published]:
        """Make a resource for each record."""
        return [
            Published(
                name=record.key,
                resource=self._record(record, placeholders.fill(record.content)),
                records=(record,),
            )
            for record in records
        ]

    def existing(self, zone: str) -> pulumi.Output[list[Existing]]:
        """List what the zone holds, ours and others'."""
        zone_id = self._zone_id(zone)
        found = cloudflare.get_dns_records_output(
            zone_id=zone_id,
            max_items=_ALL,
            opts=pulumi.InvokeOutputOptions(parent=self._parent),
        )
        return pulumi.Output.all(zone_id, found).apply(lambda both: _existing(*both))

    def _record(self, record: Record, content: pulumi.Output[str]) -> cloudflare.DnsRecord:
        # Cloudflare takes an SRV record apart; the rest is one content.
        service = record.type == "SRV"
        text = content.apply(quote_and_split) if record.type == "TXT" else content
        return cloudflare.DnsRecord(
            record.key,
            zone_id=self._zone_id(record.zone),
            name=record.name,
            type=record.type,
            ttl=record.ttl,
            priority=record.priority,
            content=None if service else text,
            data=_service(record) if service else None,
            comment=record.why[:COMMENT_LIMIT],
            opts=options(self._parent),
        )

    def _zone_id(self, zone: str) -> pulumi.Output[str]:
        if zone not in self._zones:
            found = cloudflare.get_zone_output(
                filter=cloudflare.GetZoneFilterArgs(name=zone, match="all"),
                opts=pulumi.InvokeOutputOptions(parent=self._parent),
            )
            self._zones[zone] = found.id
        return self._zones[zone]


def _service(record: Record) -> cloudflare.DnsRecordDataArgs:
    weight, port, target = record.content.split()
    return cloudflare.DnsRecordDataArgs(
        priority=record.priority, weight=int(weight), port=int(port), target=target
    )


def _existing(zone_id: str, found: cloudflare.GetDnsRecordsResult) -> list[Existing]:
    return [
        Existing(
            id=f"{zone_id}/{one.id}",
            name=one.name.lower(),
            type=one.type,
            contents=(_content(one.type, one.content, one.priority),),
            note=one.comment or "",
        )
        for one in found.results
    ]


def _content(kind: str, content: str, priority: float | None) -> str:
    if kind == "TXT":
        return unquote(content)
    return content if kind != "MX" or priority is None else f"{priority:g} {content}"
