"""Records as Route 53 keeps them: one set for all records of a name and type."""

from collections.abc import Iterable
from dataclasses import dataclass

from mail.facts import Record


@dataclass(frozen=True, kw_only=True)
class RecordSet:
    """All records of one name and type; they share a TTL (RFC 2181 5.2)."""

    records: tuple[Record, ...]

    @property
    def key(self) -> str:
        """Names the set for ever: `example.org/txt`."""
        return f"{self.name}/{self.type.lower()}"

    @property
    def zone(self) -> str:
        """The zone that the set lies in."""
        return self.records[0].zone

    @property
    def name(self) -> str:
        """The name that it stands at: fully qualified, without a final dot."""
        return self.records[0].name

    @property
    def type(self) -> str:
        """The type of its records."""
        return self.records[0].type

    @property
    def ttl(self) -> int:
        """Its time to live in seconds: the shortest that any of its records asks for."""
        return min(record.ttl for record in self.records)


def record_sets(records: Iterable[Record]) -> list[RecordSet]:
    """Put records of the same name and type together, in the order of their first."""
    found: dict[tuple[str, str, str], list[Record]] = {}
    for record in records:
        found.setdefault((record.zone, record.name, record.type), []).append(record)
    return [RecordSet(records=tuple(group)) for group in found.values()]
