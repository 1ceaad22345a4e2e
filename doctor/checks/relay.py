"""The server passes on no stranger's mail: an open relay is found and blocked within hours."""

import smtplib

from doctor.deployment import Deployment
from doctor.result import CheckResult, Reporter
from doctor.services import smtp_connection

_REPORT = Reporter(check="relay")
# example.com is no one's (RFC 2606). No message is ever sent: the conversation ends before DATA.
_STRANGER = "stranger@example.com"
# The null sender of bounces, since servers may refuse any other for reasons of its own domain,
# which would hide an open relay.
_NULL_SENDER = "<>"
_ACCEPTED, _PERMANENT = 400, 500  # SMTP reply codes below / from (RFC 5321 4.2.1)


def check_relay(deployment: Deployment) -> list[CheckResult]:
    """Offer mail for a foreign domain to port 25, without a password; only when asked to.

    docker-mailserver's Fail2Ban counts each refusal, and bans an address for a week, from every
    port, after six in a week: a check that runs unasked would lock its own user out.
    """
    outputs = deployment.outputs
    if "smtp" not in outputs.endpoints:
        return [_REPORT.skipped("smtp", "the stack offers no SMTP")]
    subject = f"smtp {outputs.address}:{outputs.endpoints['smtp'].port}"
    if not deployment.try_relay:
        return [
            _REPORT.skipped(
                subject,
                "not tried without --relay (six tries in a week and Fail2Ban bans your address)",
            )
        ]
    try:
        address = (outputs.address, outputs.endpoints["smtp"].port)
        with smtp_connection(address, deployment.timeout) as client:
            code, answer = _offer(client)
    except OSError:
        return [_REPORT.skipped(subject, "does not answer (see ports)")]
    return [_verdict(subject, code, f"{code} {answer.decode('utf-8', 'replace')}")]


def _verdict(subject: str, code: int, answer: str) -> CheckResult:
    if code < _ACCEPTED:
        return _REPORT.failed(
            subject,
            f"accepts mail for {_STRANGER} from strangers: an open relay",
            "stop the container now, then look for mynetworks, PERMIT_DOCKER and "
            "smtpd_relay_restrictions in mailstack:server",
        )
    if code < _PERMANENT:
        return _REPORT.warning(
            subject, f"refuses strangers' mail for now only: {answer}", "try again later"
        )
    return _REPORT.ok(subject, f"refuses strangers' mail: {answer}")


def _offer(client: smtplib.SMTP) -> tuple[int, bytes]:
    code, answer = client.docmd("MAIL", f"FROM:{_NULL_SENDER}")
    if code < _ACCEPTED:
        code, answer = client.rcpt(_STRANGER)
    return code, answer
