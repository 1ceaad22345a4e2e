"""How our own time goes with the number of domains, and how long the whole takes."""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from tests.bench.many_domains import many_domains
from tests.bench.pairs import OPERATIONS, timed
from tests.bench.subjects import deployed, lab_variables, worker_command

SIZES = (1, 10, 100, 300)
PATIENCE = 180.0  # seconds that deploying one size may take


@dataclass(frozen=True, kw_only=True)
class OwnTime:
    """CPU seconds for so many domains: ours, and the SDK's constructors of our resources."""

    domains: int
    own: float
    constructors: float


@dataclass(frozen=True, kw_only=True)
class WholeTime:
    """Wall seconds of each operation of the small engine; None where it was not tried."""

    domains: int
    preview: float | None
    up: float | None


def own_times(folder: Path, variables: Mapping[str, str], runs: int) -> list[OwnTime]:
    """Measure each size ``runs`` times, the sizes in turn; gives the medians."""
    told: dict[int, list[dict[str, float]]] = {size: [] for size in SIZES}
    for _ in range(runs):
        for size in SIZES:
            command = [sys.executable, "-m", "tests.bench.own_time", str(size)]
            told[size].append(json.loads(timed(command, folder, variables)[1]))
    return [
        OwnTime(
            domains=size,
            own=median(run["own"] for run in found),
            constructors=median(run["constructors"] for run in found),
        )
        for size, found in told.items()
    ]


def growth(times: list[OwnTime]) -> dict[str, float]:
    """Give the ratios that must not grow.

    A domain of 300 to one of 10, and, because what every stack pays once would hide a growth in
    the former: each further domain from 100 to 300 to each further one from 10 to 100.
    """
    own = {found.domains: found.own for found in times}
    late, early = (own[300] - own[100]) / 200, (own[100] - own[10]) / 90
    return {
        "per domain, 300 to 10": (own[300] / 300) / (own[10] / 10),
        "each further domain, beyond 100 to before": late / early,
    }


def whole_times() -> list[WholeTime]:
    """Deploy each size and time what changes nothing; leaves out what would take too long."""
    found: list[WholeTime] = []
    expected = 0.0
    for size, after in zip(SIZES, (*SIZES[1:], SIZES[-1]), strict=True):
        if expected > PATIENCE:
            found.append(WholeTime(domains=size, preview=None, up=None))
            continue
        with (
            TemporaryDirectory(prefix="mailstack-") as folder,
            deployed(Path(folder) / "project", many_domains(size)) as project,
        ):
            variables = lab_variables(project)
            took = {
                operation: timed(
                    worker_command(operation, project.folder, project.lab),
                    project.folder,
                    variables,
                )[0].wall
                for operation in OPERATIONS
            }
        found.append(WholeTime(domains=size, **took))
        expected = took["up"] * after / size
    return found
