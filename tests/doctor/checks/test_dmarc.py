"""Policies are understood, and reports may arrive."""

import pytest

from doctor.checks.dmarc import check_dmarc
from doctor.deployment import Deployment
from doctor.result import CheckResult, Status
from tests.doctor.dns_world import DnsWorld


def of(deployment: Deployment, domain: str) -> list[CheckResult]:
    return [result for result in check_dmarc(deployment) if result.subject == domain]


def test_the_planned_policies_are_understood(deployment: Deployment) -> None:
    results = check_dmarc(deployment)
    assert [(result.subject, result.status, result.message) for result in results] == [
        ("example.org", Status.OK, "policy quarantine"),
        ("example.test", Status.OK, "policy quarantine"),
    ]


def test_reports_that_their_receiver_does_not_agree_to_are_a_warning(
    deployment: Deployment, dns: DnsWorld
) -> None:
    dns.remove("example.test._report._dmarc.example.org", "TXT")
    (result,) = of(deployment, "example.test")
    assert result.status is Status.WARNING
    assert "example.org has not agreed" in result.message
    assert "example.test._report._dmarc.example.org. TXT" in result.fix


def test_no_policy_at_all_is_a_warning(deployment: Deployment, dns: DnsWorld) -> None:
    dns.put_text("_dmarc.example.org", "v=DMARC1; p=none")
    (result,) = of(deployment, "example.org")
    assert result.status is Status.WARNING
    assert "policy none" in result.message


@pytest.mark.parametrize("value", ["v=DMARC1; p=quarentine", "v=spf1 -all", "p=reject"])
def test_what_is_no_policy_fails(deployment: Deployment, dns: DnsWorld, value: str) -> None:
    dns.put_text("_dmarc.example.org", value)
    (result,) = of(deployment, "example.org")
    assert result.status is Status.FAILED
    assert '_dmarc.example.org. TXT "v=DMARC1; p=quarantine' in result.fix


def test_a_missing_record_fails(deployment: Deployment, dns: DnsWorld) -> None:
    dns.remove("_dmarc.example.org", "TXT")
    (result,) = of(deployment, "example.org")
    assert result.status is Status.FAILED


def test_two_records_fail(deployment: Deployment, dns: DnsWorld) -> None:
    dns.put_text("_dmarc.example.org", "v=DMARC1; p=none", "v=DMARC1; p=reject")
    (result,) = of(deployment, "example.org")
    assert result.status is Status.FAILED


def test_a_policy_that_is_only_inherited_fails(deployment: Deployment, dns: DnsWorld) -> None:
    deployment.outputs.dkim[0] = deployment.outputs.dkim[0].model_copy(
        update={"domain": "sub.example.org"}
    )
    dns.put("sub.example.org", "MX", "10 mail.example.test.")
    (result,) = of(deployment, "sub.example.org")
    assert result.status is Status.FAILED
    assert "only that of example.org" in result.message
