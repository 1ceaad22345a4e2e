"""Zone files as if somebody had loaded them: the lab's DNS server answers from them too."""

from collections.abc import Mapping

import dns.rdatatype
import dns.zone

from lab.world import Json, World

ZONE_FILE_RECORD = "zonefile:record"
"""Kind of the records in `World` that came from a file; they are put under their names."""


def load(world: World, files: Mapping[str, str]) -> None:
    """Serve these files (zone → text) from now on, and no others.

    Raises dns.exception.DNSException for a text that is no master file.
    """
    found: list[tuple[str, Json]] = []
    for name, text in files.items():
        # A part to include in a zone has no SOA of its own.
        zone = dns.zone.from_text(text, origin=f"{name}.", relativize=False, check_origin=False)
        for owner, ttl, rdata in zone.iterate_rdatas():
            body = {
                "zone": name,
                "type": dns.rdatatype.to_text(rdata.rdtype),
                "ttl": ttl,
                "text": rdata.to_text(),
            }
            found.append((owner.to_text(omit_final_dot=True).lower(), body))
    with world.transaction():
        for old in world.find(ZONE_FILE_RECORD):
            world.remove(ZONE_FILE_RECORD, old)
        for number, (at, body) in enumerate(found):
            world.put(ZONE_FILE_RECORD, str(number), body, name=at)
