"""`make bench`: our program against a flat one, and 1 to 300 domains. Ratios of one run only.

docs/benchmarks.md says what is measured, how, and what came out.
"""

import json
import sys
import tempfile
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from tests.bench.machine import machine
from tests.bench.pairs import Comparison, compare
from tests.bench.report import TARGET, show_comparison, show_domains
from tests.bench.scaling import growth, own_times, whole_times
from tests.bench.subjects import NotComparableError, subjects

# Peak memory and the time that a person waits; CPU time is there to judge the noise.
_JUDGED = {"wall", "memory"}


class WhichEngine(StrEnum):
    """The engine that runs both programs."""

    SMALL = "small"
    PULUMI = "pulumi"


def main(
    engine: Annotated[
        WhichEngine, typer.Option(help="pulumi: the CLI on PATH.")
    ] = WhichEngine.SMALL,
    pairs: Annotated[int, typer.Option(min=1, help="Measured pairs of runs.")] = 7,
    runs: Annotated[int, typer.Option(min=1, help="Runs of each number of domains.")] = 3,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Measure our own share of time and memory. Ends with 1 when a target is missed."""
    console = Console(stderr=as_json)
    where = machine()
    console.print(where, highlight=False)
    with tempfile.TemporaryDirectory(prefix="mailstack-") as folder:
        try:
            with subjects(Path(folder)) as both, console.status("our program and a flat one"):
                compared = compare(both, engine.value, pairs)
                own = own_times(both.ours, both.variables, runs)
            with console.status("1 to 300 domains"):
                whole = whole_times()
        except NotComparableError as error:
            console.print(f"[red]not measured[/]: {error}", highlight=False)
            sys.exit(2)
    grown = growth(own)
    show_comparison(console, compared, engine=engine.value, resources=both.resources)
    show_domains(console, own, whole, grown)
    if as_json:
        told = {
            "machine": where,
            "engine": engine.value,
            "compared": [asdict(found) for found in compared],
            "own": [asdict(found) for found in own],
            "whole": [asdict(found) for found in whole],
            "growth": grown,
        }
        sys.stdout.write(json.dumps(told, indent=2) + "\n")
    missed = [ratio for ratio in (*_judged(compared), *grown.values()) if ratio > TARGET]
    sys.exit(1 if missed else 0)


def _judged(compared: list[Comparison]) -> list[float]:
    return [found.ratio for found in compared if found.measure in _JUDGED]


if __name__ == "__main__":
    typer.run(main)
