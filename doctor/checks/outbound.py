"""The ways out: what of them shows from outside, and what only their owners can tell."""

import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from doctor.deployment import Deployment
from doctor.outputs import RelayOutput
from doctor.result import CheckResult, Reporter
from doctor.services import PROTOCOL_ERRORS, certificate_of
from doctor.tls import client_context
from mail.relay_instructions import ses_sandbox_instruction

_REPORT = Reporter(check="outbound")
_TLS_FROM_THE_START = frozenset({465, 2465})  # RFC 8314 3.3, and SES's alternative port
_TRY_PORT_25 = (
    "try it in the container: docker exec CONTAINER timeout 9 bash -c "
    "'</dev/tcp/gmail-smtp-in.l.google.com/25 && echo open'; where it is blocked, see the stack's "
    "output `instructions`, or set mailstack:relay"
)


def check_outbound(deployment: Deployment) -> list[CheckResult]:
    """Name each way out that mail takes; with --relay greet its smarthost over TLS as Postfix does.

    The server refuses a smarthost whose certificate is not valid for its name, and mail then waits
    in the queue. No login is tried: the passwords are not in the outputs.
    """
    ways = _ways(deployment)
    with ThreadPoolExecutor(max(1, len(ways))) as pool:
        found = pool.map(lambda way: list(_check(deployment, *way)), ways.items())
        return [result for results in found for result in results]


def _ways(deployment: Deployment) -> dict[RelayOutput, list[str]]:
    """Give each way out with its domains; bounces and forwarded mail take the stack's own."""
    outputs = deployment.outputs
    ways: dict[RelayOutput, list[str]] = {outputs.relay: []}
    for domain, relay in sorted(outputs.relays.items()):
        ways.setdefault(relay, []).append(domain)
    return ways


def _check(deployment: Deployment, relay: RelayOutput, domains: list[str]) -> Iterator[CheckResult]:
    whose = ", ".join(domains) or "bounces and forwarded mail"
    if relay.host is None or relay.port is None:
        yield _REPORT.skipped(
            whose,
            "delivered directly: whether port 25 is open outwards shows on the server alone",
            _TRY_PORT_25,
        )
        return
    yield _greeted(deployment, relay.host, relay.port)
    if relay.kind == "ses" and domains:
        region = relay.host.split(".")[1]
        todo = ses_sandbox_instruction(region=region, domains=domains)
        yield _REPORT.skipped(
            whose, f"whether SES in {region} has left its sandbox shows at AWS alone", todo.how
        )


def _greeted(deployment: Deployment, host: str, port: int) -> CheckResult:
    subject = f"{host}:{port}"
    if not deployment.try_relay:
        return _REPORT.skipped(subject, "not asked without --relay")
    service = "submissions" if port in _TLS_FROM_THE_START else "submission"
    try:
        certificate_of(
            service,
            (host, port),
            context=client_context(host, None),
            timeout=deployment.timeout,
        )
    except ssl.SSLCertVerificationError as error:
        # No failure: the server may have been told to trust a CA that this machine does not know.
        return _REPORT.warning(
            subject,
            f"its certificate is refused: {error.verify_message}",
            "name the host as its certificate does (mailstack:relay), or have Postfix trust its "
            "CA: smtp_tls_CAfile in postfix-main.cf (mailstack:server.files)",
        )
    except PROTOCOL_ERRORS as error:
        return _REPORT.skipped(subject, f"does not answer here: {error or type(error).__name__}")
    return _REPORT.ok(subject, "answers over TLS, with a valid certificate")
