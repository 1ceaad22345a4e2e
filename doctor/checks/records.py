"""Every record of the outputs is in the DNS, with exactly its content."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rdtypes.txtbase

from doctor.deployment import Deployment
from doctor.errors import DnsError
from doctor.outputs import PlannedRecord
from doctor.resolver import Resolver
from doctor.result import CheckResult, Reporter
from mail.txt import quote_and_split

_REPORT = Reporter(check="records")
_AT_ONCE = 8  # look-ups in flight: fast over a real network, and no flood


def check_records(deployment: Deployment) -> list[CheckResult]:
    """Look up every planned record. TXT records of others at the same name do not matter."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(
            pool.map(lambda record: _check(record, deployment.resolver), deployment.outputs.records)
        )


def _check(record: PlannedRecord, resolver: Resolver) -> CheckResult:
    subject = f"{record.name} {record.type}"
    wanted = _rdata(record)
    fix = (
        f"`pulumi up --refresh` publishes it; by hand, in zone {record.zone}: "
        f"{record.name}. {record.ttl} IN {record.type} {wanted.to_text()}"
    )
    try:
        found = resolver.look_up(record.name, record.type)
    except DnsError as error:
        return _REPORT.failed(subject, f"{error}. {record.why}", fix)
    if any(_same(wanted, rdata) for rdata in found):
        return _REPORT.ok(subject, record.why)
    seen = f"the DNS has {_shown(found)}" if found else "not in the DNS"
    return _REPORT.failed(subject, f"{seen}. {record.why}", fix)


def _rdata(record: PlannedRecord) -> dns.rdata.Rdata:
    text = record.content
    if record.type == "TXT":
        text = quote_and_split(text)
    elif record.type in {"MX", "SRV", "CNAME"}:
        text = f"{text}."
    if record.priority is not None:
        text = f"{record.priority} {text}"
    return dns.rdata.from_text(dns.rdataclass.IN, dns.rdatatype.from_text(record.type), text)


def _same(wanted: dns.rdata.Rdata, found: dns.rdata.Rdata) -> bool:
    text = dns.rdtypes.txtbase.TXTBase
    if isinstance(wanted, text) and isinstance(found, text):
        # Where a long value is cut is the DNS provider's choice; receivers join it again.
        return b"".join(wanted.strings) == b"".join(found.strings)
    return bool(wanted == found)


def _shown(found: Iterable[dns.rdata.Rdata]) -> str:
    return ", ".join(sorted(rdata.to_text() for rdata in found))
