"""The records of a zone as a master file (RFC 1035 5), to load at any DNS server or provider."""

from collections.abc import Iterable, Mapping

from mail.facts import Record
from mail.presentation import rdata

_LINE = 100  # characters of a comment


def zone_file(zone: str, records: Iterable[tuple[Record, str]]) -> str:
    """Write the records of `zone`, each given with its finished content.

    They are sorted, and the file holds neither SOA nor NS, so it changes only when a record does.
    Those two belong to whoever serves the zone: include the file in theirs, or import it.
    Raises ValueError for a TXT that cannot be published.
    """
    lines = [
        f"; Records of mailstack in the zone {zone}. It has an SOA and NS records of its own:",
        "; $INCLUDE this file there, or import it at the zone's provider.",
        f"$ORIGIN {zone}.",
    ]
    entries = {
        (_relative(record.name, zone), record.type, rdata(record, content, absolute=True)): record
        for record, content in records
    }
    for (name, kind, data), record in sorted(entries.items(), key=lambda entry: entry[0]):
        lines += [f"; {record.why[:_LINE]}", f"{name} {record.ttl} IN {kind} {data}"]
    return "\n".join(lines) + "\n"


def zone_files(records: Iterable[tuple[Record, str]]) -> Mapping[str, str]:
    """Write one file for each zone. Raises ValueError as `zone_file` does."""
    by_zone: dict[str, list[tuple[Record, str]]] = {}
    for record, content in records:
        by_zone.setdefault(record.zone, []).append((record, content))
    return {zone: zone_file(zone, by_zone[zone]) for zone in sorted(by_zone)}


def _relative(name: str, zone: str) -> str:
    return "@" if name == zone else name.removesuffix(f".{zone}")
