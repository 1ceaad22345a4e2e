"""Where a lab stack keeps its things, and how its parts come together."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from lab.engine import StackFile
from lab.errors import LabError
from lab.passphrase import passphrase
from lab.stack_file import load_stack
from settings import Settings, section_names, sections
from settings import load as load_settings

_STACK_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")


@dataclass(frozen=True, kw_only=True)
class Workspace:
    """One stack's lab: the project folder, and the folder with everything the lab knows."""

    project: Path
    stack: str

    @property
    def directory(self) -> Path:
        """``.lab/<stack>``: mode 0700, gone after ``destroy``."""
        return self.project / ".lab" / self.stack

    @property
    def backend(self) -> Path:
        """The state, in the layout of Pulumi's own file backend."""
        return self.directory / "backend"

    @property
    def world(self) -> Path:
        """What exists in the emulated clouds."""
        return self.directory / "world.db"

    @property
    def exists(self) -> bool:
        """Whether this stack has a lab."""
        return self.directory.is_dir()

    def prepare(self) -> None:
        """Make the folder, closed to others."""
        for folder in (self.directory.parent, self.directory, self.backend):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder.chmod(0o700)


def open_workspace(stack: str) -> Workspace:
    """Find the stack's lab below the current folder, which must be the project's, as for pulumi.

    Raises LabError when it is not, or when the name cannot be a stack's.
    """
    project = Path.cwd()
    if not (project / "Pulumi.yaml").is_file():
        raise LabError("no Pulumi.yaml here: run this in the project's folder")
    if not _STACK_NAME.fullmatch(stack):
        raise LabError(f"{stack!r} is not a stack name: letters, digits, '-', '_' and '.'")
    return Workspace(project=project, stack=stack)


def read_stack(workspace: Workspace) -> tuple[StackFile, Settings]:
    """Read and check the stack file. Raises LabError or SettingsError; changes nothing."""
    file = load_stack(workspace.project, workspace.stack, passphrase())
    raw = sections(file.config, file.project)
    return file, load_settings(raw, sealed=section_names(file.secret_keys, file.project))


def private_umask() -> None:
    """Let nothing that this process writes be readable by others."""
    os.umask(0o077)
