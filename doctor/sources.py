"""Where a stack's outputs come from: a file, the stack's lab, or the Pulumi CLI."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from doctor.errors import DoctorError

_COMMAND_SECONDS = 120.0  # the lab may have to start again first
_STDIN = "-"


@dataclass(frozen=True, kw_only=True)
class Source:
    """A stack's outputs as they came, and what its lab says of itself.

    `dns`: the lab's DNS server, or None. `simulated`: why there is no real container, or None.
    The outputs hold secrets, so they are not in the repr.
    """

    raw: dict[str, Any]
    dns: str | None = None
    simulated: str | None = None

    def __repr__(self) -> str:
        return f"Source(dns={self.dns!r}, simulated={self.simulated!r})"


def read_file(name: str) -> Source:
    """Read a stack's outputs from a JSON file ("-": standard input). Raises DoctorError."""
    try:
        text = sys.stdin.read() if name == _STDIN else Path(name).read_text(encoding="utf-8")
    except OSError as error:
        raise DoctorError(f"cannot read {name}: {error.strerror}") from None
    return Source(raw=_parse(text, "standard input" if name == _STDIN else name))


def read_stack(stack: str, *, project: Path | None = None) -> Source:
    """Get a stack's outputs from its lab where it has one, or else by `pulumi stack output`.

    `project` is the project's folder; without it the current one, as for the lab and for pulumi.
    Raises DoctorError, with what each way would need.
    """
    project = project or Path.cwd()
    lab = project / ".lab" / stack
    if lab.is_dir():
        command = [sys.executable, "-m", "lab", "output", "--stack", stack, "--show-secrets"]
        return _with_lab(_run(command, project), lab)
    pulumi = shutil.which("pulumi")
    if pulumi is None:
        raise DoctorError(
            f"no outputs of stack {stack}: it has no lab (python -m lab up --stack {stack}), "
            "pulumi is not on PATH, and no --outputs FILE was given"
        )
    command = [pulumi, "stack", "output", "--json", "--show-secrets", "--stack", stack]
    return Source(raw=_run(command, project))


def _run(command: Sequence[str], directory: Path) -> dict[str, Any]:
    shown = " ".join(["python" if part == sys.executable else part for part in command])
    try:
        done = subprocess.run(  # noqa: S603 - our own words, no shell
            command,
            cwd=directory,
            env={**os.environ, "NO_COLOR": "1"},
            capture_output=True,
            text=True,
            check=False,
            timeout=_COMMAND_SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise DoctorError(f"`{shown}` gave nothing within {_COMMAND_SECONDS:.0f} s") from None
    if done.returncode:
        # Standard output is left out: it is where secrets would be.
        raise DoctorError(f"`{shown}` failed:\n{done.stderr.strip()}")
    return _parse(done.stdout, f"`{shown}`")


def _parse(text: str, origin: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        # The parser's own message may quote what it could not read.
        raise DoctorError(f"what {origin} gave is not JSON") from None
    if not isinstance(found, dict) or not found:
        raise DoctorError(f"{origin} gave no outputs: has the stack been deployed?")
    return found


def _with_lab(raw: dict[str, Any], lab: Path) -> Source:
    try:
        running = json.loads((lab / "run.json").read_text(encoding="utf-8"))
        docker = running["docker"] or {"simulated": True, "reason": "the lab runs without Docker"}
        return Source(
            raw=raw,
            dns=running["dns"],
            simulated=docker["reason"] if docker["simulated"] else None,
        )
    except (OSError, ValueError, KeyError, TypeError):
        return Source(raw=raw)  # no lab, or one that does not run: nothing to learn from it
