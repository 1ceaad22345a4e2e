"""Every DNS record of the stack, one resource each, from the pure list in ``mail.records``."""

from collections.abc import Iterable

import pulumi
import pulumi_cloudflare as cloudflare

from components.placeholders import Placeholders
from mail.records import Record
from mail.txt import quote_and_split

COMMENT_LIMIT = 100  # characters: the shortest limit among Cloudflare's plans


class Dns(pulumi.ComponentResource):
    """The records in their Cloudflare zones, which exist already.

    Records of others in the same zones are not its business: it knows only its own.
    """

    records: pulumi.Output[list[dict[str, str | int | None]]]
    """All records with their explanations, for the stack's outputs."""
    resources: dict[str, cloudflare.DnsRecord]
    """The resource of each record, by the record's key."""

    def __init__(
        self,
        name: str,
        *,
        records: Iterable[Record],
        placeholders: Placeholders,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("mailstack:dns:Dns", name, None, opts)
        self._zones: dict[str, pulumi.Output[str]] = {}
        self.resources = {}
        described = []
        for record in records:
            content = placeholders.fill(record.content)
            self.resources[record.key] = self._publish(record, content)
            described.append(content.apply(lambda text, record=record: _describe(record, text)))  # type: ignore[misc]
        self.records = pulumi.Output.all(*described)
        self.register_outputs({"count": len(described)})

    def _publish(self, record: Record, content: pulumi.Output[str]) -> cloudflare.DnsRecord:
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
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _zone_id(self, zone: str) -> pulumi.Output[str]:
        if zone not in self._zones:
            found = cloudflare.get_zone_output(
                filter=cloudflare.GetZoneFilterArgs(name=zone, match="all"),
                opts=pulumi.InvokeOutputOptions(parent=self),
            )
            self._zones[zone] = found.id
        return self._zones[zone]


def _describe(record: Record, content: str) -> dict[str, str | int | None]:
    return {
        "zone": record.zone,
        "name": record.name,
        "type": record.type,
        "content": content,
        "priority": record.priority,
        "ttl": record.ttl,
        "why": record.why,
    }


def _service(record: Record) -> cloudflare.DnsRecordDataArgs:
    weight, port, target = record.content.split()
    return cloudflare.DnsRecordDataArgs(
        priority=record.priority, weight=int(weight), port=int(port), target=target
    )
