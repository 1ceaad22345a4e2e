"""Run the checks, at once where they can, and never against what is not there."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from doctor.checks import Check
from doctor.deployment import Deployment
from doctor.errors import DnsError
from doctor.result import CheckResult, Reporter


def run_checks(
    checks: Sequence[Check], deployment: Deployment, *, simulated: str | None = None
) -> list[CheckResult]:
    """Run the checks and give their results in the checks' order.

    `simulated` says why there is no real container; what would ask it is then skipped, never
    passed. With a DNS server that does not answer, the checks that ask the DNS are skipped and that
    server is the one failure.
    """
    dns_problem = _dns_problem(checks, deployment)

    def run(check: Check) -> list[CheckResult]:
        report = Reporter(check=check.name)
        if check.asks == "server" and simulated is not None:
            return [report.skipped("server", f"simulated container ({simulated})")]
        if check.asks == "dns" and dns_problem is not None:
            return [report.skipped("DNS", "the DNS server does not answer")]
        try:
            return check.run(deployment)
        except DnsError as error:  # a look-up that no check expects to fail
            return [report.failed("DNS", str(error), "ask again; if it stays: see that server")]

    with ThreadPoolExecutor(max(1, len(checks))) as pool:
        results = [result for found in pool.map(run, checks) for result in found]
    return [dns_problem, *results] if dns_problem else results


def _dns_problem(checks: Sequence[Check], deployment: Deployment) -> CheckResult | None:
    if not any(check.asks == "dns" for check in checks):
        return None
    try:
        deployment.resolver.look_up(deployment.outputs.hostname, "A")
    except DnsError as error:
        return Reporter(check="dns").failed(
            deployment.resolver.server,
            str(error),
            "name a server that answers with --dns HOST:PORT, or start the lab: python -m lab up",
        )
    return None
