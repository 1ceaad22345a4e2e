"""The two engines behind one face: run an operation, and say which steps it took."""

import json
import shlex
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.lab_project import LabProject, Steps, changes

_ARGUMENTS = {
    "up": ["up", "--yes"],
    "refresh": ["refresh", "--yes"],
    "destroy": ["destroy", "--yes"],
    "drift": ["refresh", "--preview-only", "--expect-no-changes"],
}


@dataclass(frozen=True)
class Outcome:
    """What an operation came to."""

    failed: bool
    steps: Steps
    said: str


Engine = Callable[[LabProject, str], Outcome]


def small(project: LabProject, operation: str) -> Outcome:
    """Run the lab's own engine."""
    arguments = [] if operation == "destroy" else ["--engine", "small", "--json"]
    done = project.run(operation, *arguments, check=False)
    steps: Steps = set()
    if done.returncode == 0 and arguments:
        steps = changes(
            (step["op"], step["type"], step["name"]) for step in json.loads(done.stdout)["steps"]
        )
    return Outcome(done.returncode != 0, steps, done.stdout + done.stderr)


def real(project: LabProject, operation: str) -> Outcome:
    """Run the plain Pulumi CLI with what `python -m lab env` exports."""
    return real_with(project, operation)


def real_with(project: LabProject, operation: str, *more: str) -> Outcome:
    """Run the plain Pulumi CLI with further arguments of its own."""
    variables = project.environment()
    for line in project.run("env").stdout.splitlines():
        name, _, value = line.removeprefix("export ").partition("=")
        variables[name] = shlex.split(value)[0] if value else ""
    log = project.lab / "events.json"
    log.unlink(missing_ok=True)
    done = subprocess.run(
        [
            "pulumi",
            *_ARGUMENTS.get(operation, [operation]),
            *more,
            "--non-interactive",
            "--event-log",
            log,
        ],
        cwd=project.folder,
        # The event log is a flag of the debug commands.
        env=variables | {"PULUMI_DEBUG_COMMANDS": "true"},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    return Outcome(done.returncode != 0, _logged(log), done.stdout + done.stderr)


def _logged(log: Path) -> Steps:
    events = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
    # `up` previews first: what counts is what came after the last prelude.
    start = max((at for at, event in enumerate(events) if "preludeEvent" in event), default=0)
    steps = [
        event["resourcePreEvent"]["metadata"]
        for event in events[start:]
        if "resourcePreEvent" in event
    ]
    return changes((step["op"], step["type"], step["urn"].split("::")[-1]) for step in steps)


def real_is_here() -> bool:
    """Whether the Pulumi CLI is on PATH."""
    return shutil.which("pulumi") is not None
