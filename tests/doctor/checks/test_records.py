"""Every planned record is answered, exactly."""

import pytest

from doctor.checks.records import check_records
from doctor.deployment import Deployment
from doctor.result import CheckResult, Status
from tests.doctor.dns_world import DnsWorld


def bad(deployment: Deployment) -> list[CheckResult]:
    return [result for result in check_records(deployment) if result.status is not Status.OK]


def test_all_answered_as_planned(deployment: Deployment) -> None:
    results = check_records(deployment)
    assert [result.status for result in results] == [Status.OK] * len(deployment.outputs.records)
    assert len(results) > 10


@pytest.mark.parametrize(
    ("name", "kind", "content"),
    [
        ("mail.example.test", "A", "127.0.0.9"),
        ("example.test", "MX", "20 mail.example.test."),
        ("example.test", "MX", "10 other.test."),
        ("_imaps._tcp.example.test", "SRV", "0 1 994 mail.example.test."),
        ("example.test", "TXT", '"v=spf1 -all"'),
    ],
)
def test_another_content_fails_with_the_reason_and_the_fix(
    deployment: Deployment, dns: DnsWorld, name: str, kind: str, content: str
) -> None:
    dns.put(name, kind, content)
    (result,) = bad(deployment)
    assert result.status is Status.FAILED
    assert result.subject == f"{name} {kind}"
    planned = next(r for r in deployment.outputs.records if (r.name, r.type) == (name, kind))
    assert f"the DNS has {content}. " in result.message
    assert planned.why in result.message
    assert f"{name}. 300 IN {kind}" in result.fix
    assert planned.content in result.fix


def test_a_missing_record_fails(deployment: Deployment, dns: DnsWorld) -> None:
    dns.remove("_dmarc.example.org", "TXT")
    (result,) = bad(deployment)
    assert result.message.startswith("not in the DNS")


def test_records_of_others_at_the_same_name_do_not_matter(
    deployment: Deployment, dns: DnsWorld
) -> None:
    dns.records["example.test", "TXT"].append('"site-verification=1"')
    assert bad(deployment) == []


def test_where_a_long_value_is_cut_does_not_matter(
    deployment: Deployment, dns: DnsWorld, dkim_values: dict[str, str]
) -> None:
    value = dkim_values["rsa"]
    dns.put(
        "mail._domainkey.example.test", "TXT", f'"{value[:99]}" "{value[99:200]}" "{value[200:]}"'
    )
    assert bad(deployment) == []


def test_the_case_of_a_target_does_not_matter(deployment: Deployment, dns: DnsWorld) -> None:
    dns.put("example.test", "MX", "10 MAIL.Example.TEST.")
    assert bad(deployment) == []


def test_a_server_failure_is_not_taken_for_a_missing_record(
    deployment: Deployment, dns: DnsWorld
) -> None:
    dns.broken.add("_dmarc.example.org")
    (result,) = bad(deployment)
    assert "no answer for _dmarc.example.org TXT" in result.message


def test_extra_records_of_one_name_do_not_hide_a_missing_one(
    deployment: Deployment, dns: DnsWorld
) -> None:
    dns.put("mail.example.test", "A", "127.0.0.8", "127.0.0.9")
    (result,) = bad(deployment)
    assert "127.0.0.8, 127.0.0.9" in result.message
