"""DMARC: every domain has a policy that receivers understand, and its reports may arrive.

RFC 7489; 7.1 for reports that go to another domain, which has to agree to them in its own DNS.
"""

from checkdmarc.dmarc import check_dmarc as evaluate_dmarc

from doctor.deployment import Deployment
from doctor.result import CheckResult, Reporter

_REPORT = Reporter(check="dmarc")


def check_dmarc(deployment: Deployment) -> list[CheckResult]:
    """Look up and parse the policy of every mail domain, and who receives its reports."""
    return [
        result for domain in deployment.outputs.domains for result in _check(deployment, domain)
    ]


def _check(deployment: Deployment, domain: str) -> list[CheckResult]:
    found = evaluate_dmarc(domain, resolver=deployment.resolver.engine, retries=0)
    if not found["valid"]:
        planned = next(
            (
                record.content
                for record in deployment.outputs.records
                if record.name == f"_dmarc.{domain}"
            ),
            "v=DMARC1; p=quarantine",
        )
        fix = f'publish _dmarc.{domain}. TXT "{planned}" (`pulumi up --refresh`)'
        return [_REPORT.failed(domain, str(found["error"]).rstrip("."), fix)]
    results = [
        _REPORT.warning(domain, warning.rstrip("."), _remedy(warning))
        for warning in found["warnings"]
    ]
    policy = found["tags"]["p"]["value"]
    return results or [_REPORT.ok(domain, f"policy {policy}")]


def _remedy(warning: str) -> str:
    if "Authorization record" in warning:
        return "the receiving domain has to publish the record, or send reports to your own domain"
    if "p tag" in warning:
        return "when the reports look right: set dmarc.policy to quarantine or reject"
    return "correct mailstack:domains[…].dmarc"
