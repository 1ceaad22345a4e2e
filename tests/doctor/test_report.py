"""What people read, and what programs read."""

import io
import json
from collections.abc import Sequence

from rich.console import Console

from doctor.report import as_json, print_report
from doctor.result import CheckResult, Reporter

RECORDS, PORTS, LOGIN = (Reporter(check=name) for name in ("records", "ports", "login"))
GOOD = [RECORDS.ok(f"r{number}.test A", "Where it is.") for number in range(3)]
BAD = RECORDS.failed("x.test MX", "not in the DNS", "publish [it]: " + "long " * 60 + "end")
WARNED = PORTS.warning("imaps", "expires in 3 days", "renew it")
SKIPPED = LOGIN.skipped("server", "simulated container")


def text(results: Sequence[CheckResult], *, verbose: bool = False) -> str:
    out = io.StringIO()
    print_report(Console(file=out, width=80), results, verbose=verbose)
    return out.getvalue()


def test_all_well_is_one_line_a_check_and_a_summary() -> None:
    assert text(GOOD) == "✓ records    3 of 3 answered as planned\n\nHealthy: 3 ok\n"


def test_what_is_not_well_stands_alone_with_its_fix_in_one_line() -> None:
    shown = text([*GOOD, BAD, WARNED])
    assert "✓ records    3 of 4 answered as planned\n" in shown
    assert "✗ records    x.test MX: not in the DNS\n" in shown
    assert f"             fix: {BAD.fix}\n" in shown
    assert "! ports      imaps: expires in 3 days\n" in shown
    assert shown.endswith("Not healthy: 3 ok, 1 warning, 1 failed\n")


def test_what_was_skipped_is_said_and_limits_the_verdict() -> None:
    shown = text([*GOOD, SKIPPED])
    assert "- login      skipped: server: simulated container\n" in shown
    assert shown.endswith("Healthy as far as it was checked: 3 ok, 1 skipped\n")


def test_verbose_shows_everything() -> None:
    shown = text(GOOD, verbose=True)
    assert all(f"✓ records    {result.subject}: Where it is.\n" in shown for result in GOOD)


def test_json_has_everything() -> None:
    found = json.loads(as_json([*GOOD, BAD, SKIPPED]))
    assert found["ok"] is False
    assert found["counts"] == {"ok": 3, "warning": 0, "failed": 1, "skipped": 1}
    assert found["results"][3] == {
        "check": "records",
        "subject": "x.test MX",
        "status": "failed",
        "message": "not in the DNS",
        "fix": BAD.fix,
    }


def test_warnings_are_no_failure() -> None:
    assert json.loads(as_json([WARNED]))["ok"] is True
