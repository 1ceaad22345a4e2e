"""Every address of the server leads to its name, and the name back (RFC 8499: FCrDNS).

Receivers such as Gmail and Outlook refuse servers whose reverse DNS is missing or does not agree.
"""

import ipaddress

from doctor.deployment import Deployment
from doctor.errors import DnsError
from doctor.result import CheckResult, Reporter
from mail.host_instructions import reverse_name_instruction
from mail.records import reverse_name

_REPORT = Reporter(check="ptr")


def check_ptr(deployment: Deployment) -> list[CheckResult]:
    """Look every address up backwards and forwards."""
    return [_check(deployment, address) for address in deployment.outputs.addresses]


def _check(deployment: Deployment, address: str) -> CheckResult:
    hostname, resolver = deployment.outputs.hostname, deployment.resolver
    name = reverse_name(address)
    asked = reverse_name_instruction(hostname=hostname, address=address)
    fix = (
        asked.how
        if deployment.outputs.asked_for(asked)
        else f"`pulumi up --refresh`, or ask the address's owner (the hosting provider) for "
        f"{name}. PTR {hostname}."
    )
    try:
        names = {rdata.to_text().rstrip(".").lower() for rdata in resolver.look_up(name, "PTR")}
        back = resolver.addresses(hostname)
    except DnsError as error:
        return _REPORT.failed(address, str(error), fix)
    if not names and ipaddress.ip_address(address).is_private:
        return _REPORT.warning(
            address, "has no name; a private address, so only other stacks may mind", fix
        )
    if hostname not in names:
        seen = " and ".join(sorted(names)) or "no name"
        return _REPORT.failed(address, f"leads to {seen}, not to {hostname}", fix)
    if address not in back:
        return _REPORT.failed(
            address,
            f"leads to {hostname}, which leads to {', '.join(sorted(back)) or 'no address'}",
            f"publish {hostname}. {'AAAA' if ':' in address else 'A'} {address} "
            "(`pulumi up --refresh`)",
        )
    return _REPORT.ok(address, f"leads to {hostname} and back")
