"""The results for people, and for programs."""

import dataclasses
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby

from rich.console import Console
from rich.markup import escape

from doctor.checks import CHECKS
from doctor.result import CheckResult, Status

_LOOKS: Mapping[Status, tuple[str, str]] = {
    Status.OK: ("✓", "green"),
    Status.WARNING: ("!", "yellow"),
    Status.FAILED: ("✗", "red"),
    Status.SKIPPED: ("-", "dim"),
}
_NAME_WIDTH = 11
_INDENT = " " * (_NAME_WIDTH + 2)
_SUMS = {check.name: check.passed for check in CHECKS}


def succeeded(results: Sequence[CheckResult]) -> bool:
    """Say whether nothing failed; warnings and skipped checks are no failures."""
    return not any(result.status is Status.FAILED for result in results)


def as_json(results: Sequence[CheckResult]) -> str:
    """Write the results for programs: `ok`, `counts` by status, and every result."""
    counts = Counter(result.status.value for result in results)
    return json.dumps(
        {
            "ok": succeeded(results),
            "counts": {status.value: counts[status.value] for status in Status},
            "results": [dataclasses.asdict(result) for result in results],
        },
        indent=2,
        ensure_ascii=False,
    )


def print_report(console: Console, results: Sequence[CheckResult], *, verbose: bool) -> None:
    """Print the results check by check; what is well in one line each unless `verbose`."""
    for check, group in groupby(results, key=lambda result: result.check):
        _print_check(console, check, list(group), verbose=verbose)
    _print_summary(console, results)


def _print_check(
    console: Console, check: str, results: Sequence[CheckResult], *, verbose: bool
) -> None:
    passed = [result for result in results if result.status is Status.OK]
    if verbose or len(passed) == 1:
        shown = list(results)
    else:
        shown = [result for result in results if result.status is not Status.OK]
        if passed:
            text = f"{len(passed)} of {len(results)} {_SUMS[check]}"
            _line(console, check, Status.OK, escape(text))
    for result in shown:
        _line(console, check, result.status, f"{escape(result.subject)}: {escape(result.message)}")
        if result.fix:
            _print(console, f"{_INDENT}[dim]fix:[/] {escape(result.fix)}")


def _line(console: Console, check: str, status: Status, markup: str) -> None:
    sign, colour = _LOOKS[status]
    word = "skipped: " if status is Status.SKIPPED else ""
    _print(console, f"[{colour}]{sign}[/] [bold]{check + ' ':<{_NAME_WIDTH}}[/]{word}{markup}")


def _print(console: Console, markup: str) -> None:
    # Not wrapped: a record to copy must stay one line.
    console.print(markup, soft_wrap=True)


def _print_summary(console: Console, results: Sequence[CheckResult]) -> None:
    counts = Counter(result.status for result in results)
    parts = [f"{counts[status]} {status.value}" for status in Status if counts[status]]
    verdict = "[green]Healthy[/]" if succeeded(results) else "[red]Not healthy[/]"
    if succeeded(results) and counts[Status.SKIPPED]:
        verdict = "[green]Healthy as far as it was checked[/]"
    console.print(f"\n[bold]{verdict}[/]: {', '.join(parts)}")
