"""Which checks run, and what stands for those that cannot."""

import dataclasses
import socket
from collections.abc import Iterator

import pytest

from doctor.checks import CHECKS, Check
from doctor.deployment import Deployment
from doctor.errors import DnsError
from doctor.resolver import Resolver
from doctor.result import CheckResult, Reporter, Status
from doctor.run import run_checks


@pytest.fixture
def without_dns(deployment: Deployment) -> Iterator[Deployment]:
    """Give the deployment with a DNS server that never answers."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mute:
        mute.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{mute.getsockname()[1]}"
        yield dataclasses.replace(deployment, resolver=Resolver(address, lifetime=0.2))


def test_a_healthy_deployment_in_the_checks_order(deployment: Deployment) -> None:
    checks = [check for check in CHECKS if check.asks == "dns"]
    results = run_checks(checks, deployment)
    assert {result.status for result in results} == {Status.OK}
    assert list(dict.fromkeys(result.check for result in results)) == [
        "records",
        "ptr",
        "mx",
        "spf",
        "dkim",
        "dmarc",
    ]


def test_a_simulated_container_is_skipped_never_passed(deployment: Deployment) -> None:
    checks = [check for check in CHECKS if check.asks == "server"]
    results = run_checks(checks, deployment, simulated="no Docker Engine here")
    assert [result.status for result in results] == [Status.SKIPPED] * len(checks)
    assert {result.message for result in results} == {"simulated container (no Docker Engine here)"}


def test_a_dead_dns_server_is_one_failure(without_dns: Deployment) -> None:
    results = run_checks(CHECKS, without_dns, simulated="simulated")
    failed = [result for result in results if result.status is Status.FAILED]
    assert [result.check for result in failed] == ["dns"]
    assert "--dns" in failed[0].fix
    assert len(results) == 1 + len(CHECKS)


def test_what_asks_no_dns_needs_none(without_dns: Deployment) -> None:
    seen = Reporter(check="x").ok("it", "ran")
    check = Check(name="x", asks="server", run=lambda _: [seen], passed="ran")
    assert run_checks([check], without_dns) == [seen]


def test_an_unexpected_dns_failure_fails_its_check_alone(deployment: Deployment) -> None:
    def broken(_: Deployment) -> list[CheckResult]:
        raise DnsError("no answer for that one")

    good = Check(name="good", asks="dns", run=lambda _: [], passed="")
    (result,) = run_checks([Check(name="bad", asks="dns", run=broken, passed=""), good], deployment)
    assert result.check == "bad"
    assert result.status is Status.FAILED
    assert "no answer for that one" in result.message
