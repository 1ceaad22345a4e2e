"""No service takes a password before TLS, so none can be overheard (RFC 8314 3)."""

import imaplib
import poplib
from collections.abc import Callable, Mapping

from doctor.deployment import Deployment
from doctor.result import CheckResult, Reporter
from doctor.services import PROTOCOL_ERRORS, ended, smtp_connection

_REPORT = Reporter(check="plaintext")


def check_plaintext(deployment: Deployment) -> list[CheckResult]:
    """Ask every service that starts in plain text what it offers before TLS."""
    outputs = deployment.outputs
    results = []
    for service, offers_login in _QUESTIONS.items():
        if service not in outputs.endpoints:
            continue
        address = (outputs.address, outputs.endpoints[service].port)
        subject = f"{service} {address[0]}:{address[1]}"
        try:
            offered = offers_login(address, deployment.timeout)
        except PROTOCOL_ERRORS:
            results.append(_REPORT.skipped(subject, "does not answer (see ports)"))
            continue
        if offered:
            results.append(
                _REPORT.failed(
                    subject,
                    "takes passwords without TLS",
                    "remove what allows it from mailstack:server.files or the environment "
                    "(smtpd_tls_auth_only, disable_plaintext_auth)",
                )
            )
        else:
            results.append(_REPORT.ok(subject, "takes no password before TLS"))
    return results


def _smtp(address: tuple[str, int], timeout: float) -> bool:
    with smtp_connection(address, timeout) as client:
        return client.has_extn("auth")


def _imap(address: tuple[str, int], timeout: float) -> bool:
    client = imaplib.IMAP4(*address, timeout=timeout)
    with ended(client.shutdown):
        offered = {capability.upper() for capability in client.capabilities}
        # RFC 9051 6.2.3: LOGIN works unless the server says that it does not.
        return "LOGINDISABLED" not in offered or any(word.startswith("AUTH=") for word in offered)


def _pop3(address: tuple[str, int], timeout: float) -> bool:
    client = poplib.POP3(*address, timeout=timeout)
    with ended(client.close):
        capabilities = client.capa()
    return "USER" in capabilities or bool(capabilities.get("SASL"))


_QUESTIONS: Mapping[str, Callable[[tuple[str, int], float], bool]] = {
    "smtp": _smtp,
    "submission": _smtp,
    "imap": _imap,
    "pop3": _pop3,
}
