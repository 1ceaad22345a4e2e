"""The certificate that clients are shown: its name, its chain, its end, and who renews it."""

import ssl
from collections import defaultdict
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from doctor.deployment import Deployment
from doctor.result import CheckResult, Reporter
from doctor.services import PROTOCOL_ERRORS, certificate_of
from doctor.tls import client_context, days_left

_REPORT = Reporter(check="certificate")
_DAYS_WARNED = 21  # whoever renews by itself does so 30 days ahead: three weeks mean it has failed

# By the output `tls.kind`.
_RENEWAL: Mapping[str, str] = {
    "selfSigned": "run `pulumi up`: it renews what ends within 30 days",
    "manual": "put the renewed pair into mailstack:server.tls and run `pulumi up`",
    "letsencrypt": "see why the ACME client does not renew it: docker logs of the container whose "
    "name ends in -acme",
    "traefik": "see why Traefik does not renew it: its log, and that a router asks for the name",
    "caddy": "see why Caddy does not renew it: its log, and that its Caddyfile has the name",
}
# OpenSSL's X509_V_ERR_… → what it means here.
_FAULTS: Mapping[int, str] = {
    10: "it has ended",
    18: "its issuer is nobody but itself",
    19: "its chain ends at a root that nobody trusts",
    20: "its issuer is unknown, or an intermediate certificate is missing in its chain",
    21: "its issuer is unknown, or an intermediate certificate is missing in its chain",
    62: "it is for another name",
}


def check_certificate(deployment: Deployment) -> list[CheckResult]:
    """Look at what every endpoint shows, and report each certificate once."""
    endpoints = deployment.outputs.endpoints
    with ThreadPoolExecutor(max(1, len(endpoints))) as pool:
        shown = pool.map(lambda service: _shown(deployment, service), endpoints)
        seen = dict(zip(endpoints, shown, strict=True))
    faults, valid = defaultdict(list), defaultdict(list)
    days: dict[str, int] = {}
    for service, found in seen.items():
        if isinstance(found, str):
            faults[found].append(service)
        elif found is not None:
            valid[found["serialNumber"]].append(service)
            days[found["serialNumber"]] = days_left(found)
    renewal = _RENEWAL[deployment.outputs.tls.kind]
    results = [_refused(deployment, fault, services) for fault, services in faults.items()]
    results += [_lasting(services, days[number], renewal) for number, services in valid.items()]
    if len(valid) > 1:
        results.append(
            _REPORT.warning(
                _names(endpoints),
                "the services show different certificates: one was not reloaded after a renewal",
                "restart the container: docker restart, then run the doctor again",
            )
        )
    return results or [_REPORT.skipped("server", "no service answers over TLS: see ports")]


def _shown(deployment: Deployment, service: str) -> dict[str, Any] | str | None:
    """Give a service's certificate, why clients refuse it, or None where it does not answer."""
    outputs = deployment.outputs
    address = (outputs.address, outputs.endpoints[service].port)
    context = client_context(outputs.hostname, outputs.ca_certificate)
    try:
        return certificate_of(service, address, context=context, timeout=deployment.timeout)
    except ssl.SSLCertVerificationError as error:
        return _FAULTS.get(error.verify_code, error.verify_message)
    except PROTOCOL_ERRORS:  # the check of the ports says how
        return None


def _refused(deployment: Deployment, fault: str, services: list[str]) -> CheckResult:
    hostname, kind = deployment.outputs.hostname, deployment.outputs.tls.kind
    return _REPORT.failed(
        _names(services),
        f"clients refuse the certificate: {fault}",
        f"show a valid one for {hostname} with its whole chain (mailstack:server.tls, kind "
        f"{kind}); to renew it: {_RENEWAL[kind]}",
    )


def _lasting(services: list[str], days: int, renewal: str) -> CheckResult:
    if days < _DAYS_WARNED:
        return _REPORT.warning(_names(services), f"the certificate ends in {days} days", renewal)
    return _REPORT.ok(_names(services), f"the certificate is valid for {days} more days")


def _names(services: Mapping[str, object] | list[str]) -> str:
    return ", ".join(services)
