"""A warm engine to kill, and deployments to kill it at; Docker is always the simulated one."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.lab_project import ROOT, LabProject
from tests.reliability.deployment import Deployment

SIMULATED = {"MAILSTACK_LAB_DOCKER": "simulated"}


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How an engine ended: killed while it held these moments, or with its steps or an error."""

    killed: bool
    held: list[str]
    steps: list[tuple[str, str, str]]
    error: str


class WarmEngine:
    """Talks to `warm_engine.py`: one operation at a time, on any project."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.reliability.warm_engine"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._running: int | None = None

    def run(self, deployment: Deployment, operation: str, **how: Any) -> Ended:
        """Run an operation to its end, whatever that is."""
        self.start(deployment, operation, **how)
        return self.wait()

    def command(
        self, deployment: Deployment, *arguments: str, **environment: str
    ) -> tuple[int, str]:
        """Run `python -m lab`; gives its exit code and all that it printed."""
        how = {"arguments": arguments, "environment": environment}
        self.start(deployment, "", **how)
        said = self.next("said")["said"]
        return int(self.next("code")["code"]), str(said)

    def start(self, deployment: Deployment, operation: str, **how: Any) -> int:
        """Begin an operation; gives the engine's pid."""
        self._end_running()
        command = {"folder": str(deployment.project.folder), "operation": operation, **how}
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        self._running = int(self.next("pid")["pid"])
        return self._running

    def wait(self) -> Ended:
        """Wait for the end of the operation that was begun."""
        told: dict[str, Any] = {}
        while not told.keys() & {"signal", "code"}:
            told |= self._read()
        assert told.get("signal", signal.SIGKILL) == signal.SIGKILL, told
        return Ended(
            killed="signal" in told,
            held=told.get("held", []),
            steps=[(op, kind, name) for op, kind, name in told.get("steps", [])],
            error=told.get("error", ""),
        )

    def next(self, key: str) -> dict[str, Any]:
        """The next answer that has `key`."""
        while key not in (answer := self._read()):
            assert not {"signal", "code", "error"} & answer.keys(), answer
        return answer

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the warm engine ended"
        answer: dict[str, Any] = json.loads(line)
        if answer.keys() & {"signal", "code"}:
            self._running = None
        return answer

    def _end_running(self) -> None:
        # A test that failed leaves its engine held at a step.
        if self._running is not None:
            os.kill(self._running, signal.SIGKILL)
            self.wait()

    def close(self) -> None:
        self._end_running()
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(timeout=60)


@pytest.fixture(scope="session")
def engine() -> Iterator[WarmEngine]:
    environment = LabProject(ROOT, extra=SIMULATED).environment()
    warm = WarmEngine(environment | {"PYTHONPATH": str(ROOT)})
    yield warm
    warm.close()


@pytest.fixture
def deployment(tmp_path: Path) -> Iterator[Deployment]:
    """A project with the dev stack's file; nothing is deployed yet."""
    project = LabProject.make(tmp_path / "project")
    project.extra = SIMULATED
    yield Deployment(project)
    project.destroy()


@pytest.fixture(scope="session")
def undisturbed(
    engine: WarmEngine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Deployment]:
    """The dev stack, deployed in one go."""
    project = LabProject.make(tmp_path_factory.mktemp("undisturbed") / "project")
    project.extra = SIMULATED
    done = Deployment(project)
    ended = engine.run(done, "up")
    assert not ended.error
    yield done
    project.destroy()
