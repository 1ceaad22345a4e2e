"""The two programs side by side: one deployed lab, two project folders on the same stack."""

import json
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.flat_program import flat_program
from tests.bench.recording import as_comparable, read_recording
from tests.lab_project import LabProject

ROOT = Path(__file__).resolve().parents[2]


class NotComparableError(Exception):
    """The flat program does not ask for what ours asks for; nothing may be measured."""


@dataclass(frozen=True, kw_only=True)
class Subjects:
    """Our program and the flat one, ready to be run on the same deployed stack."""

    ours: Path
    flat: Path
    lab: Path
    variables: Mapping[str, str]
    resources: int


@contextmanager
def deployed(folder: Path, stack_file: Mapping[str, Any] | None = None) -> Iterator[LabProject]:
    """Deploy a stack to a lab of its own with the small engine; it goes in the end."""
    project = LabProject.make(folder, stack_file)
    project.extra["MAILSTACK_LAB_DOCKER"] = "simulated"
    try:
        project.small("up")
        yield project
    finally:
        project.destroy()


@contextmanager
def subjects(folder: Path) -> Iterator[Subjects]:
    """Deploy the dev stack, write the flat program, and make sure that both ask for the same.

    Raises NotComparableError.
    """
    with deployed(folder / "ours") as project:
        variables = lab_variables(project)
        ours, flat = folder / "ours", folder / "flat"
        recorded, repeated = folder / "ours.json", folder / "flat.json"
        found = worker("preview", ours, project.lab, variables, "--record", str(recorded))
        _write_flat(flat, ours, flat_program(read_recording(recorded)))
        again = worker("preview", flat, project.lab, variables, "--record", str(repeated))
        if changed := [*found["changed"], *again["changed"]]:
            raise NotComparableError(f"a preview without a change shows {', '.join(changed)}")
        _same(as_comparable(read_recording(recorded)), as_comparable(read_recording(repeated)))
        yield Subjects(
            ours=ours,
            flat=flat,
            lab=project.lab,
            variables=variables,
            resources=found["resources"],
        )


def lab_variables(project: LabProject) -> dict[str, str]:
    """Give the environment that leads to the project's lab and nowhere else."""
    variables = project.environment()
    # A program from a person's folder finds its modules compiled.
    variables.pop("PYTHONDONTWRITEBYTECODE", None)
    variables["PYTHONPATH"] = str(ROOT)
    for line in project.run("env").stdout.splitlines():
        name, _, value = line.removeprefix("export ").partition("=")
        variables[name] = shlex.split(value)[0] if value else ""
    return variables


def worker_command(operation: str, folder: Path, lab: Path, *more: str) -> list[str]:
    """Give the command that runs the small engine on the program in a folder."""
    where = ["--folder", str(folder), "--lab", str(lab)]
    return [sys.executable, "-m", "tests.bench.worker", operation, *where, *more]


def worker(
    operation: str, folder: Path, lab: Path, variables: Mapping[str, str], *more: str
) -> dict[str, Any]:
    """Run the small engine once, and give what it tells."""
    done = subprocess.run(
        worker_command(operation, folder, lab, *more),
        cwd=folder,
        env=dict(variables),
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise NotComparableError(f"{operation} in {folder.name} failed: {done.stderr[-2000:]}")
    return dict(json.loads(done.stdout))


def _write_flat(flat: Path, ours: Path, source: str) -> None:
    flat.mkdir(mode=0o700)
    for path in ours.iterdir():
        if path.name not in ("__main__.py", ".lab"):
            (flat / path.name).symlink_to(path)
    # As ours: a short main file and a module, which Python compiles once.
    (flat / "flat_resources.py").write_text(source)
    (flat / "flat_resources.py").chmod(0o600)
    (flat / "__main__.py").write_text("import flat_resources  # noqa: F401\n")


def _same(ours: dict[str, str], flat: dict[str, str]) -> None:
    different = [name for name in sorted({*ours, *flat}) if ours.get(name) != flat.get(name)]
    if different:
        raise NotComparableError(f"the flat program asks for other things: {', '.join(different)}")
