"""Every mailbox whose password is known can be opened over TLS."""

from imap_tools import MailBox, MailboxLoginError, MailBoxStartTls

from doctor.deployment import Deployment
from doctor.result import CheckResult, Reporter
from doctor.services import PROTOCOL_ERRORS, ended
from doctor.tls import NamedContext, client_context
from mail.password import is_hash

_REPORT = Reporter(check="login")
_MOST = 100  # mailboxes: each costs the server a deliberately slow hash
_REFUSED_MOST = 2  # Fail2Ban locks our address out after more (Dovecot's jail counts to six)


def check_login(deployment: Deployment) -> list[CheckResult]:
    """Log in to the mailboxes one after the other, and stop before Fail2Ban stops us."""
    outputs = deployment.outputs
    if not {"imaps", "imap"} & outputs.endpoints.keys():
        return [_REPORT.skipped("mailboxes", "the stack offers no IMAP")]
    if not outputs.mailboxes:
        return [_REPORT.skipped("mailboxes", "the outputs hide them", "export with --show-secrets")]
    context = client_context(outputs.hostname, outputs.ca_certificate)
    results: list[CheckResult] = []
    refused = 0
    for number, (login, mailbox) in enumerate(outputs.mailboxes.items()):
        password = mailbox.password.get_secret_value() if mailbox.password else ""
        if number >= _MOST:
            results.append(_REPORT.skipped(login, f"not among the first {_MOST} mailboxes"))
        elif not password or is_hash(password):
            results.append(_REPORT.skipped(login, "its password is not known, only its hash"))
        elif refused >= _REFUSED_MOST:
            results.append(_REPORT.skipped(login, "not tried, so that Fail2Ban bans no one"))
        else:
            result = _check(deployment, login, password, context)
            refused += result.status == "failed"
            results.append(result)
    return results


def _check(deployment: Deployment, login: str, password: str, context: NamedContext) -> CheckResult:
    try:
        mailbox = _mailbox(deployment, context)
        with ended(mailbox.logout):
            mailbox.login(login, password)
    except MailboxLoginError:
        # Its text holds the server's answer only, but the next version's might hold the password.
        return _REPORT.failed(
            login,
            "the server refuses its password",
            "look whether postfix-accounts.cf has the account; `pulumi up --refresh` rewrites it",
        )
    except PROTOCOL_ERRORS as error:
        return _REPORT.failed(
            login, f"cannot log in: {error or type(error).__name__}", "see the check of the ports"
        )
    return _REPORT.ok(login, "logs in and opens its inbox")


def _mailbox(deployment: Deployment, context: NamedContext) -> MailBox | MailBoxStartTls:
    outputs, timeout = deployment.outputs, deployment.timeout
    if "imaps" in outputs.endpoints:
        port = outputs.endpoints["imaps"].port
        return MailBox(outputs.address, port, timeout=timeout, ssl_context=context)
    port = outputs.endpoints["imap"].port
    return MailBoxStartTls(outputs.address, port, timeout=timeout, ssl_context=context)
