"""The checks: one module and one function each."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from doctor.checks.certificate import check_certificate
from doctor.checks.dkim import check_dkim
from doctor.checks.dmarc import check_dmarc
from doctor.checks.login import check_login
from doctor.checks.mx import check_mx
from doctor.checks.outbound import check_outbound
from doctor.checks.plaintext import check_plaintext
from doctor.checks.ports import check_ports
from doctor.checks.ptr import check_ptr
from doctor.checks.records import check_records
from doctor.checks.relay import check_relay
from doctor.checks.spf import check_spf
from doctor.deployment import Deployment
from doctor.result import CheckResult


@dataclass(frozen=True, kw_only=True)
class Check:
    """A check: what it asks, and how its passed subjects are summed up ("3 of 3 …")."""

    name: str
    asks: Literal["dns", "server"]
    run: Callable[[Deployment], list[CheckResult]]
    passed: str


CHECKS: tuple[Check, ...] = (
    Check(name="records", asks="dns", run=check_records, passed="answered as planned"),
    Check(name="ptr", asks="dns", run=check_ptr, passed="addresses lead to the name and back"),
    Check(name="mx", asks="dns", run=check_mx, passed="names lead mail here"),
    Check(name="spf", asks="dns", run=check_spf, passed="records within the limits"),
    Check(name="dkim", asks="dns", run=check_dkim, passed="keys are the server's"),
    Check(name="dmarc", asks="dns", run=check_dmarc, passed="domains have a policy"),
    Check(name="ports", asks="server", run=check_ports, passed="services answer, over valid TLS"),
    Check(
        name="certificate",
        asks="server",
        run=check_certificate,
        passed="certificates are valid for three weeks and more",
    ),
    Check(name="plaintext", asks="server", run=check_plaintext, passed="refuse unencrypted logins"),
    Check(name="login", asks="server", run=check_login, passed="mailboxes open"),
    Check(name="relay", asks="server", run=check_relay, passed="services refuse strangers' mail"),
    Check(name="outbound", asks="server", run=check_outbound, passed="ways out are open"),
)
