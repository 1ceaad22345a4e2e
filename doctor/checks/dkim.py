"""Every DKIM key is published, whole, alone at its selector, and strong enough (RFC 6376)."""

import dkim

from doctor.deployment import Deployment
from doctor.errors import DnsError
from doctor.outputs import DkimOutput
from doctor.resolver import Resolver
from doctor.result import CheckResult, Reporter

_REPORT = Reporter(check="dkim")
_RSA_REFUSED, _RSA_WEAK = 1024, 2048  # bits: below the first receivers fail it (RFC 8301 3.2)


def check_dkim(deployment: Deployment) -> list[CheckResult]:
    """Look up and parse the key of every domain and selector."""
    return [_check(key, deployment.resolver) for key in deployment.outputs.dkim]


def _check(key: DkimOutput, resolver: Resolver) -> CheckResult:
    fix = f"`pulumi up --refresh`, or publish at {key.name} the one TXT record {key.record}"
    try:
        texts = resolver.texts(key.name)
    except DnsError as error:
        return _REPORT.failed(key.name, str(error), fix)
    if not texts:
        return _REPORT.failed(key.name, "no key is published: signatures cannot be verified", fix)
    if len(texts) > 1:
        return _REPORT.failed(
            key.name, f"{len(texts)} TXT records: receivers may pick any (RFC 6376 3.6.2.2)", fix
        )
    try:
        _, bits, kind, _ = dkim.evaluate_pk(key.name, texts[0])
    except (dkim.KeyFormatError, ValueError) as error:
        return _REPORT.failed(key.name, f"not a DKIM key: {error}", fix)
    if texts[0] != key.record:
        return _REPORT.failed(key.name, "another key is published than the server signs with", fix)
    return _strength(key.name, kind.decode("ascii"), bits)


def _strength(name: str, kind: str, bits: int) -> CheckResult:
    if kind != "rsa":
        return _REPORT.ok(name, "the server's key is published (Ed25519)")
    stronger = f"replace the key by one of {_RSA_WEAK} bits (docs/runbooks)"
    if bits < _RSA_REFUSED:
        return _REPORT.failed(name, f"receivers refuse RSA of {bits} bits", stronger)
    if bits < _RSA_WEAK:
        return _REPORT.warning(name, f"RSA of {bits} bits is weak", stronger)
    return _REPORT.ok(name, f"the server's key is published ({bits} bits)")
