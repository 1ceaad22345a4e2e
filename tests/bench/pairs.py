"""Pairs of runs in turn (A B A B …), and what each took.

Others may use the machine: pairs run one after the other have much the same of it, so it is the
median of their ratios that counts, and CPU time is shown beside wall time.
"""

import json
import os
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryFile

from tests.bench.subjects import NotComparableError, Subjects, worker_command

OPERATIONS = ("preview", "up")
MEASURES = ("wall", "cpu", "memory")


@dataclass(frozen=True, kw_only=True)
class Run:
    """One run: seconds of wall time, of CPU time (children included), and peak MiB."""

    wall: float
    cpu: float
    memory: float


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Medians of one measure of one operation, and the median of the pairs' ratios."""

    operation: str
    measure: str
    ours: float
    flat: float
    ratio: float


Command = Callable[[str, Path], list[str]]


def compare(both: Subjects, engine: str, pairs: int) -> list[Comparison]:
    """Run each operation of both programs ``pairs`` times and once before, unmeasured.

    Raises NotComparableError when a run fails or changes something.
    """
    compared = []
    for operation in OPERATIONS:
        runs = [
            (_run(both, engine, operation, ours=True), _run(both, engine, operation, ours=False))
        ]
        for _ in range(pairs):
            ours = _run(both, engine, operation, ours=True)
            runs.append((ours, _run(both, engine, operation, ours=False)))
        for measure in MEASURES:
            values = [(getattr(a, measure), getattr(b, measure)) for a, b in runs[1:]]
            compared.append(
                Comparison(
                    operation=operation,
                    measure=measure,
                    ours=median(a for a, _ in values),
                    flat=median(b for _, b in values),
                    ratio=median(a / b for a, b in values),
                )
            )
    return compared


def _run(both: Subjects, engine: str, operation: str, *, ours: bool) -> Run:
    folder = both.ours if ours else both.flat
    if engine == "small":
        return _small(worker_command(operation, folder, both.lab), folder, both.variables)
    more = ["--yes", "--skip-preview"] if operation == "up" else []
    command = ["pulumi", operation, *more, "--expect-no-changes", "--non-interactive"]
    command += ["--stack", both.lab.name]
    return timed(command, folder, both.variables)[0]


def _small(command: list[str], folder: Path, variables: Mapping[str, str]) -> Run:
    run, said = timed(command, folder, variables)
    told = json.loads(said)
    if told["changed"]:
        raise NotComparableError(f"a run that was to change nothing: {', '.join(told['changed'])}")
    # The engine and the program are one process, which knows its own peak.
    return Run(wall=run.wall, cpu=run.cpu, memory=told["peak"] / 1024)


def timed(command: list[str], folder: Path, variables: Mapping[str, str]) -> tuple[Run, str]:
    """Run a command; gives what it took and what it said.

    CPU time is the process's with all of its children; memory is that of the largest of them.
    Raises NotComparableError when it fails.
    """
    with TemporaryFile("w+") as said:
        began = time.monotonic()
        process = subprocess.Popen(
            command, cwd=folder, env=dict(variables), stdout=said, stderr=subprocess.PIPE, text=True
        )
        assert process.stderr is not None
        errors = process.stderr.read()
        process.stderr.close()
        _, status, used = os.wait4(process.pid, 0)
        wall = time.monotonic() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        text = said.read()
    if process.returncode:
        raise NotComparableError(f"{' '.join(command[:3])} failed: {text[-1000:]}{errors[-2000:]}")
    cpu = used.ru_utime + used.ru_stime
    return Run(wall=wall, cpu=cpu, memory=used.ru_maxrss / 1024), text
