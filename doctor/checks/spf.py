"""SPF as receivers evaluate it: within the limits of RFC 7208, and passing our own server."""

import ipaddress
from collections.abc import Mapping
from typing import Any

from checkdmarc.spf import check_spf as evaluate_spf

from doctor.deployment import Deployment
from doctor.result import CheckResult, Reporter
from doctor.spf_verdict import SpfQuestion

_REPORT = Reporter(check="spf")


def check_spf(deployment: Deployment) -> list[CheckResult]:
    """Evaluate every SPF record of the stack with all that it includes.

    Ten look-ups and two empty ones are the most that receivers make (RFC 7208 4.6.4); the includes
    of relays change, so only the live DNS can tell.
    """
    names = [
        record.name
        for record in deployment.outputs.records
        if record.type == "TXT" and record.content.startswith("v=spf1")
    ]
    return [result for name in names for result in _check(deployment, name)]


def _check(deployment: Deployment, name: str) -> list[CheckResult]:
    outputs = deployment.outputs
    found = evaluate_spf(name, resolver=deployment.resolver.engine, retries=0)
    if "error" in found:
        return [_REPORT.failed(name, _sentence(found["error"]), _remedy(found))]
    results = [
        _REPORT.warning(name, _sentence(warning), "correct the record or what it includes")
        for warning in found["warnings"]
    ]
    # A relay sends with a name of its own (SES: the MAIL FROM domain), which need not pass us.
    ours = name == outputs.hostname or name in outputs.domains
    for address in outputs.addresses if ours else []:
        question = SpfQuestion(
            address=address,
            sender=f"postmaster@{name}",
            helo=outputs.hostname,
            resolver=deployment.resolver,
        )
        verdict = question.verdict(name)
        if verdict != "pass":
            results.append(
                _REPORT.failed(
                    name,
                    f"mail from the server's own address {address} gets {verdict!r}",
                    f"publish an SPF record with {_mechanism(address)} (`pulumi up --refresh`)",
                )
            )
    counts = f"{found['dns_lookups']} of 10 look-ups, {found['void_dns_lookups']} of 2 empty ones"
    passed = "the server passes, " if ours else ""
    return results or [_REPORT.ok(name, f"{passed}{counts}")]


def _mechanism(address: str) -> str:
    return f"ip{ipaddress.ip_address(address).version}:{address}"


def _remedy(found: Mapping[str, Any]) -> str:
    if found.get("dns_lookups") or found.get("void_dns_lookups"):
        return "remove an include (mailstack:domains[…].spf.include), or list its addresses instead"
    return "publish the one SPF record of the stack's outputs (`pulumi up --refresh`)"


def _sentence(text: object) -> str:
    return str(text).rstrip(".")
