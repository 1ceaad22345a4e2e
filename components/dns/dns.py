"""Every DNS record of the stack, from the pure list in ``mail.records`` to where it is served."""

from collections.abc import Callable, Iterable, Mapping

import pulumi

from components.dns.cloudflare_records import CloudflareRecords
from components.dns.foreign_records import refuse_foreign
from components.dns.published import Publisher
from components.dns.route53_records import Route53Records
from components.placeholders import Placeholders
from mail.facts import Record
from mail.zonefile import zone_files

PUBLISHERS: Mapping[str, Callable[[pulumi.Resource], Publisher]] = {
    "cloudflare": CloudflareRecords,
    "route53": Route53Records,
}
"""By the name in the settings; what is not here is published by a person, from a file."""


class Dns(pulumi.ComponentResource):
    """The records in their zones, which exist already.

    Records of others in the same zones are not its business, unless they stand in the way.
    """

    records: pulumi.Output[list[dict[str, str | int | None]]]
    """All records with their explanations, for the stack's outputs."""
    zone_files: pulumi.Output[Mapping[str, str]] | None
    """Zone → master file, where a person publishes the records; else None."""
    resources: dict[str, pulumi.Resource]
    """The resource of each record, by the record's key; empty where a person publishes them."""

    def __init__(
        self,
        name: str,
        *,
        provider: str,
        records: Iterable[Record],
        placeholders: Placeholders,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("mailstack:dns:Dns", name, None, opts)
        listed = list(records)
        contents = pulumi.Output.all(*[placeholders.fill(record.content) for record in listed])
        self.records = contents.apply(
            lambda texts: [_describe(*pair) for pair in zip(listed, texts, strict=True)]
        )
        self.resources = {}
        self.zone_files = None
        if provider in PUBLISHERS:
            self._publish(PUBLISHERS[provider](self), listed, placeholders)
        else:
            self.zone_files = contents.apply(
                lambda texts: zone_files(zip(listed, texts, strict=True))
            )
        self.register_outputs({"count": len(listed)})

    def _publish(
        self, publisher: Publisher, records: list[Record], placeholders: Placeholders
    ) -> None:
        published = publisher.publish(records, placeholders)
        self.resources = {record.key: one.resource for one in published for record in one.records}
        if pulumi.runtime.is_dry_run():
            refuse_foreign(publisher, published)


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
