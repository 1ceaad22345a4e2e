"""DMARC: every domain has a policy that receivers understand, and its reports may arrive.

RFC 7489; 7.1 for reports that go to another domain, which has to agree to them in its own DNS.
"""

from typing import Any

from checkdmarc.dmarc import UnverifiedDMARCURIDestination
from checkdmarc.dmarc import check_dmarc as parse_dmarc
from checkdmarc.dmarc import verify_dmarc_report_destination as verify_receiver

from doctor.deployment import Deployment
from doctor.result import CheckResult, Reporter

_REPORT = Reporter(check="dmarc")


def check_dmarc(deployment: Deployment) -> list[CheckResult]:
    """Look up and parse the policy of every mail domain, and who receives its reports."""
    return [
        result for domain in deployment.outputs.domains for result in _check(deployment, domain)
    ]


def _check(deployment: Deployment, domain: str) -> list[CheckResult]:
    found = parse_dmarc(domain, resolver=deployment.resolver.engine, retries=0)
    if not found["valid"]:
        return [_REPORT.failed(domain, str(found["error"]).rstrip("."), _fix(deployment, domain))]
    if found["location"] != domain:
        message = f"has no policy of its own, only that of {found['location']}"
        return [_REPORT.failed(domain, message, _fix(deployment, domain))]
    # Only some of the library's own warnings are faults: a domain without reports is a choice.
    tags = found["tags"]
    results = [
        _REPORT.warning(
            domain,
            f"{receiver} has not agreed to receive its reports, which are then not sent",
            f'{receiver} publishes {domain}._report._dmarc.{receiver}. TXT "v=DMARC1", '
            "or send the reports to an address of your own",
        )
        for receiver in sorted(_receivers(tags))
        if not _agrees(deployment, domain, receiver)
    ]
    policy = tags["p"]["value"]
    if policy == "none":
        results.append(
            _REPORT.warning(
                domain,
                "policy none: receivers accept mail that anyone forges in its name",
                f"once its reports look right, set dmarc.policy of {domain} to quarantine",
            )
        )
    return results or [_REPORT.ok(domain, f"policy {policy}")]


def _receivers(tags: Any) -> set[str]:  # noqa: ANN401 - checkdmarc's nested dicts
    return {
        uri["address"].rpartition("@")[2].lower()
        for tag in ("rua", "ruf")
        if tag in tags
        for uri in tags[tag]["value"]
    }


def _agrees(deployment: Deployment, domain: str, receiver: str) -> bool:
    try:
        verify_receiver(domain, receiver, resolver=deployment.resolver.engine, retries=0)
    except UnverifiedDMARCURIDestination:
        return False
    return True


def _fix(deployment: Deployment, domain: str) -> str:
    name = f"_dmarc.{domain}"
    planned = [record.content for record in deployment.outputs.records if record.name == name]
    content = planned[0] if planned else "v=DMARC1; p=quarantine"
    return f'publish {name}. TXT "{content}" (`pulumi up --refresh`)'
