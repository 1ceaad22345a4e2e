"""The real Pulumi CLI on the lab's stack, where it is on PATH."""

import os
import shutil
import subprocess

from lab.commands.workspace import Workspace
from lab.errors import LabError


def available() -> bool:
    """Whether ``pulumi`` is on PATH."""
    return shutil.which("pulumi") is not None


def select(workspace: Workspace) -> None:
    """Select the stack, and make it known to the CLI if it is new."""
    _run(workspace, "stack", "select", "--create", workspace.stack, "--non-interactive", quiet=True)


def run(workspace: Workspace, *arguments: str) -> None:
    """Run a command of the CLI with its own display. Raises LabError when it fails."""
    _run(workspace, *arguments, "--stack", workspace.stack)


def _run(workspace: Workspace, *arguments: str, quiet: bool = False) -> None:
    done = subprocess.run(  # noqa: S603 - our own words, no shell
        ["pulumi", *arguments],  # noqa: S607 - found on PATH on purpose
        cwd=workspace.project,
        env=os.environ,
        check=False,
        capture_output=quiet,
        text=True,
    )
    if done.returncode != 0:
        said = f": {done.stderr.strip()}" if quiet and done.stderr else "; it says why above"
        raise LabError(f"`pulumi {' '.join(arguments)}` failed{said}")
