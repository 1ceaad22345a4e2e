"""The measurements as tables."""

from collections.abc import Iterable, Mapping

from rich.console import Console
from rich.table import Table

from tests.bench.pairs import Comparison
from tests.bench.scaling import OwnTime, WholeTime

TARGET = 1.25
_UNITS = {"wall": "s", "cpu": "s", "memory": "MiB"}


def show_comparison(
    console: Console, compared: Iterable[Comparison], *, engine: str, resources: int
) -> None:
    """Print our program beside the flat one."""
    table = Table(
        title=f"The dev stack ({resources} resources), nothing to change, engine: {engine}",
        caption=f"medians of alternating pairs; target for wall and memory ≤ {TARGET}",
    )
    for column in ("operation", "measure"):
        table.add_column(column)
    for column in ("ours", "flat", "ratio"):
        table.add_column(column, justify="right")
    for found in compared:
        unit = _UNITS[found.measure]
        table.add_row(
            found.operation,
            found.measure,
            f"{found.ours:.1f} {unit}",
            f"{found.flat:.1f} {unit}",
            _ratio(found.ratio),
        )
    console.print(table)


def show_domains(
    console: Console,
    own: Iterable[OwnTime],
    whole: Iterable[WholeTime],
    grown: Mapping[str, float],
) -> None:
    """Print times per domain."""
    table = Table(
        title="One mailbox and one zone per domain: milliseconds per domain",
        caption="ours: CPU time; —: left out, it would take more than three minutes",
    )
    for column in ("domains", "ours", "SDK's constructors", "whole preview", "whole up"):
        table.add_column(column, justify="right")
    for mine, all_ in zip(own, whole, strict=True):
        seconds = (mine.own, mine.constructors, all_.preview, all_.up)
        table.add_row(str(mine.domains), *(_per_domain(value, mine.domains) for value in seconds))
    console.print(table)
    for name, ratio in grown.items():
        console.print(f"{name}: {_ratio(ratio)} (target ≤ {TARGET})", highlight=False)


def _per_domain(seconds: float | None, domains: int) -> str:
    return "—" if seconds is None else f"{1000 * seconds / domains:.1f}"


def _ratio(ratio: float) -> str:
    return f"[{'green' if ratio <= TARGET else 'red'}]{ratio:.2f}[/]"
