"""Mail for every domain comes here."""

from doctor.checks.mx import check_mx
from doctor.deployment import Deployment
from doctor.result import CheckResult, Status
from tests.doctor.dns_world import DnsWorld


def by_subject(deployment: Deployment) -> dict[str, CheckResult]:
    return {result.subject: result for result in check_mx(deployment)}


def test_every_domain_leads_here(deployment: Deployment) -> None:
    results = by_subject(deployment)
    assert set(results) == {"mail.example.test", "example.org", "example.test"}
    assert {result.status for result in results.values()} == {Status.OK}


def test_another_server_fails(deployment: Deployment, dns: DnsWorld) -> None:
    dns.put("example.org", "MX", "10 mx.elsewhere.test.")
    result = by_subject(deployment)["example.org"]
    assert result.status is Status.FAILED
    assert "goes to mx.elsewhere.test, not to mail.example.test" in result.message
    assert "example.org. MX 10 mail.example.test." in result.fix


def test_no_mx_fails(deployment: Deployment, dns: DnsWorld) -> None:
    dns.remove("example.org", "MX")
    result = by_subject(deployment)["example.org"]
    assert result.status is Status.FAILED
    assert "has no MX" in result.message


def test_a_second_server_is_a_warning(deployment: Deployment, dns: DnsWorld) -> None:
    dns.put("example.org", "MX", "10 mail.example.test.", "20 backup.elsewhere.test.")
    result = by_subject(deployment)["example.org"]
    assert result.status is Status.WARNING
    assert "backup.elsewhere.test" in result.message


def test_a_hostname_that_is_a_cname_fails(deployment: Deployment, dns: DnsWorld) -> None:
    dns.remove("mail.example.test", "A")
    dns.put("mail.example.test", "CNAME", "host.example.test.")
    dns.put("host.example.test", "A", "127.0.0.1")
    result = by_subject(deployment)["mail.example.test"]
    assert result.status is Status.FAILED
    assert "CNAME to host.example.test." in result.message


def test_a_hostname_without_address_fails(deployment: Deployment, dns: DnsWorld) -> None:
    dns.remove("mail.example.test", "A")
    result = by_subject(deployment)["mail.example.test"]
    assert result.status is Status.FAILED
    assert result.message == "has no address"


def test_no_answer_fails(deployment: Deployment, dns: DnsWorld) -> None:
    dns.broken |= {"example.org", "mail.example.test"}
    results = by_subject(deployment)
    assert results["example.org"].status is Status.FAILED
    assert results["mail.example.test"].status is Status.FAILED
