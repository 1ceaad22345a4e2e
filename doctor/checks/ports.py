"""Every endpoint answers as its service does, with a certificate that clients accept."""

import ssl
from concurrent.futures import ThreadPoolExecutor

from doctor.deployment import Deployment
from doctor.outputs import Endpoint
from doctor.result import CheckResult, Reporter
from doctor.services import PROTOCOL_ERRORS, certificate_of
from doctor.tls import client_context
from mail.host_instructions import open_ports_instruction

_REPORT = Reporter(check="ports")
_SMTP_PORT = 25


def check_ports(deployment: Deployment) -> list[CheckResult]:
    """Connect to every endpoint at the server's IPv4 address and start TLS."""
    endpoints = deployment.outputs.endpoints
    with ThreadPoolExecutor(max(1, len(endpoints))) as pool:
        return list(pool.map(lambda item: _check(deployment, *item), endpoints.items()))


def _check(deployment: Deployment, service: str, endpoint: Endpoint) -> CheckResult:
    outputs = deployment.outputs
    address = (outputs.address, endpoint.port)
    subject = f"{service} {address[0]}:{address[1]}"
    try:
        certificate_of(
            service,
            address,
            context=client_context(outputs.hostname, outputs.ca_certificate),
            timeout=deployment.timeout,
        )
    except ssl.SSLCertVerificationError as error:
        return _REPORT.failed(
            subject,
            f"its certificate is refused: {error.verify_message}",
            f"serve a valid certificate for {outputs.hostname} with its whole chain "
            "(mailstack:server.tls)",
        )
    except (ConnectionRefusedError, TimeoutError):
        return _REPORT.failed(subject, "nothing answers", _silent(deployment, endpoint.port))
    except PROTOCOL_ERRORS as error:
        return _REPORT.failed(
            subject,
            f"something answers, but not as {service} over TLS: {error or type(error).__name__}",
            "look into the container's log: docker logs, or /var/log/mail",
        )
    return _REPORT.ok(subject, "answers over TLS")


def _silent(deployment: Deployment, port: int) -> str:
    outputs = deployment.outputs
    ports = {service: endpoint.port for service, endpoint in outputs.endpoints.items()}
    asked = open_ports_instruction(address=outputs.address, ports=ports)
    fix = "see that the container runs (docker ps)"
    if outputs.asked_for(asked):
        fix += f". {asked.how}"
    else:
        fix += " and that security group and firewall let the port through"
    if port == _SMTP_PORT:
        fix += "; many networks block port 25 outwards, so try from another one too"
    return fix
