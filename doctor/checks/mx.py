"""Mail for every domain is sent to this server: its MX names the host, which has an address."""

import dns.rdtypes.mxbase

from doctor.deployment import Deployment
from doctor.errors import DnsError
from doctor.result import CheckResult, Reporter

_REPORT = Reporter(check="mx")


def check_mx(deployment: Deployment) -> list[CheckResult]:
    """Look up the MX of every domain, and what stands at the hostname."""
    outputs = deployment.outputs
    return [
        _host(deployment),
        *(_domain(deployment, domain) for domain in outputs.domains),
    ]


def _host(deployment: Deployment) -> CheckResult:
    hostname, resolver = deployment.outputs.hostname, deployment.resolver
    fix = f"publish {hostname}. A {deployment.outputs.address}, and no CNAME at that name"
    try:
        alias = resolver.look_up(hostname, "CNAME")
        addresses = resolver.addresses(hostname)
    except DnsError as error:
        return _REPORT.failed(hostname, str(error), fix)
    if alias:
        target = alias[0].to_text()
        return _REPORT.failed(
            hostname, f"is a CNAME to {target}, which an MX may not name (RFC 2181 10.3)", fix
        )
    if not addresses:
        return _REPORT.failed(hostname, "has no address", fix)
    return _REPORT.ok(hostname, f"has the address {', '.join(sorted(addresses))}")


def _domain(deployment: Deployment, domain: str) -> CheckResult:
    hostname = deployment.outputs.hostname
    fix = f"publish {domain}. MX 10 {hostname}. and remove every other MX of {domain}"
    try:
        found = deployment.resolver.look_up(domain, "MX")
    except DnsError as error:
        return _REPORT.failed(domain, str(error), fix)
    targets = {
        rdata.exchange.to_text(omit_final_dot=True).lower()
        for rdata in found
        if isinstance(rdata, dns.rdtypes.mxbase.MXBase)
    }
    others = ", ".join(sorted(targets - {hostname}))
    if hostname not in targets:
        seen = f"goes to {others}" if targets else "has no MX"
        return _REPORT.failed(domain, f"mail {seen}, not to {hostname}", fix)
    if others:
        return _REPORT.warning(domain, f"mail goes to {others} too, which is not ours", fix)
    return _REPORT.ok(domain, f"mail goes to {hostname}")
