"""The records at Route 53: one resource for each name and type, in zones that exist already.

They belong to AWS's default provider, which `pulumi import` uses too: `aws:region` has to be set
(to any region, Route 53 has none).
"""

from collections.abc import Iterable
from functools import partial
from typing import ClassVar

import pulumi
import pulumi_aws as aws

from components.dns.published import Published, options
from components.placeholders import Placeholders
from mail.facts import Record
from mail.foreign import Existing
from mail.presentation import rdata
from mail.record_sets import RecordSet, record_sets
from mail.txt import unquote


class Route53Records:
    """A `Publisher`."""

    kind: ClassVar[str] = "aws:route53/record:Record"
    sets: ClassVar[bool] = True

    def __init__(self, parent: pulumi.Resource) -> None:
        self._parent = parent
        self._zones: dict[str, pulumi.Output[str]] = {}

    def publish(self, records: Iterable[Record], placeholders: Placeholders) -> list[Published]:
        """Make a resource for each set of records."""
        return [
            Published(name=one.key, resource=self._record(one, placeholders), records=one.records)
            for one in record_sets(records)
        ]

    def existing(self, zone: str) -> pulumi.Output[list[Existing]]:
        """List what the zone holds, ours and others'."""
        zone_id = self._zone_id(zone)
        found = aws.route53.get_records_output(
            zone_id=zone_id, opts=pulumi.InvokeOutputOptions(parent=self._parent)
        )
        return pulumi.Output.all(zone_id, found).apply(lambda both: _existing(*both))

    def _record(self, records: RecordSet, placeholders: Placeholders) -> aws.route53.Record:
        return aws.route53.Record(
            records.key,
            zone_id=self._zone_id(records.zone),
            name=records.name,
            type=records.type,
            ttl=records.ttl,
            records=[
                placeholders.fill(record.content).apply(partial(_value, record))
                for record in records.records
            ],
            opts=options(self._parent),
        )

    def _zone_id(self, zone: str) -> pulumi.Output[str]:
        if zone not in self._zones:
            found = aws.route53.get_zone_output(
                name=zone,
                private_zone=False,
                opts=pulumi.InvokeOutputOptions(parent=self._parent),
            )
            self._zones[zone] = found.zone_id
        return self._zones[zone]


def _value(record: Record, content: str) -> str:
    data = rdata(record, content)
    # The plugin puts a TXT's outer quotes there and takes them off: sent, they differ for ever.
    return data[1:-1] if record.type == "TXT" else data


def _existing(zone_id: str, found: aws.route53.GetRecordsResult) -> list[Existing]:
    return [
        Existing(
            id="_".join(filter(None, (zone_id, _name(one.name), one.type, one.set_identifier))),
            name=_name(one.name),
            type=one.type,
            contents=tuple(
                unquote(value.value) if one.type == "TXT" else value.value
                for value in one.resource_records or []
            )
            or ("an alias of AWS's",),
        )
        for one in found.resource_record_sets
    ]


def _name(name: str) -> str:
    # Route 53 writes a wildcard's star in octal.
    return name.removesuffix(".").lower().replace(r"\052", "*")
