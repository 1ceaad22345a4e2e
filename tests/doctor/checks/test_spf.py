"""SPF as receivers evaluate it."""

import pytest

from doctor.checks.spf import check_spf
from doctor.deployment import Deployment
from doctor.result import CheckResult, Status
from tests.doctor.dns_world import DnsWorld


def of(deployment: Deployment, name: str) -> list[CheckResult]:
    return [result for result in check_spf(deployment) if result.subject == name]


def test_the_planned_records_pass_the_server(deployment: Deployment) -> None:
    results = check_spf(deployment)
    assert [(result.subject, result.status) for result in results] == [
        ("mail.example.test", Status.OK),
        ("example.test", Status.OK),
        ("example.org", Status.OK),
    ]
    assert results[1].message == "the server passes, 1 of 10 look-ups, 0 of 2 empty ones"


@pytest.mark.parametrize(
    ("value", "verdict"),
    [
        ("v=spf1 ip4:192.0.2.0/24 -all", "fail"),
        ("v=spf1 ip4:192.0.2.0/24 ~all", "softfail"),
        ("v=spf1 ip4:192.0.2.0/24", "neutral"),
        ("v=spf1 -ip4:127.0.0.0/8 mx -all", "fail"),
        ("v=spf1 include:strict.test -all", "fail"),
        ("v=spf1 redirect=strict.test", "fail"),
        ("v=spf1 a:other.test -all", "fail"),
    ],
)
def test_a_record_that_refuses_the_server_fails(
    deployment: Deployment, dns: DnsWorld, value: str, verdict: str
) -> None:
    dns.put_text("strict.test", "v=spf1 ip4:192.0.2.1 -all")
    dns.put("other.test", "A", "192.0.2.7")
    dns.put_text("example.org", value)
    (result,) = of(deployment, "example.org")
    assert result.status is Status.FAILED
    assert result.message == f"mail from the server's own address 127.0.0.1 gets '{verdict}'"
    assert "ip4:127.0.0.1" in result.fix


@pytest.mark.parametrize(
    "value",
    [
        "v=spf1 mx -all",
        "v=spf1 a:mail.example.test -all",
        "v=spf1 a:near.test/24 -all",
        "v=spf1 ip4:127.0.0.0/8 -all",
        "v=spf1 include:ours.test -all",
        "v=spf1 redirect=ours.test",
    ],
)
def test_every_way_to_name_the_server_passes(
    deployment: Deployment, dns: DnsWorld, value: str
) -> None:
    dns.put("near.test", "A", "127.0.0.77")
    dns.put_text("ours.test", "v=spf1 ip4:127.0.0.1 -all")
    dns.put_text("example.org", value)
    (result,) = of(deployment, "example.org")
    assert result.status is Status.OK, result.message


def test_look_ups_are_counted_through_includes(deployment: Deployment, dns: DnsWorld) -> None:
    includes = " ".join(f"include:p{number}.test" for number in range(6))
    dns.put_text("example.org", f"v=spf1 ip4:127.0.0.1 {includes} -all")
    for number in range(6):
        dns.put_text(f"p{number}.test", "v=spf1 a:mail.example.test -all")
    (result,) = of(deployment, "example.org")
    assert result.status is Status.FAILED
    assert "maximum DNS lookups" in result.message
    assert "remove an include" in result.fix


def test_three_empty_look_ups_fail(deployment: Deployment, dns: DnsWorld) -> None:
    dns.put_text("example.org", "v=spf1 ip4:127.0.0.1 a:x.test a:y.test a:z.test -all")
    (result,) = of(deployment, "example.org")
    assert result.status is Status.FAILED
    assert "void" in result.message


def test_two_records_fail(deployment: Deployment, dns: DnsWorld) -> None:
    dns.put_text("example.org", "v=spf1 mx -all", "v=spf1 a -all")
    (result,) = of(deployment, "example.org")
    assert result.status is Status.FAILED


def test_no_record_fails(deployment: Deployment, dns: DnsWorld) -> None:
    dns.remove("example.org", "TXT")
    (result,) = of(deployment, "example.org")
    assert result.status is Status.FAILED


def test_a_name_of_the_relay_need_not_pass_the_server(
    deployment: Deployment, dns: DnsWorld
) -> None:
    bounce = deployment.outputs.records[0].model_copy(
        update={
            "name": "bounce.example.org",
            "type": "TXT",
            "content": "v=spf1 include:ses.test ~all",
        }
    )
    deployment.outputs.records.append(bounce)
    dns.put_text("bounce.example.org", bounce.content)
    dns.put_text("ses.test", "v=spf1 ip4:192.0.2.0/24 -all")
    (result,) = of(deployment, "bounce.example.org")
    assert result.status is Status.OK
    assert result.message == "1 of 10 look-ups, 0 of 2 empty ones"
