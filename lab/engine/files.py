"""Writing files so that a crash, or a full disk, leaves either the old or the new content."""

import os
from contextlib import suppress
from pathlib import Path

from lab.engine.errors import StateError


def write_atomically(path: Path, content: bytes) -> None:
    """Replace a file's content, readable by its owner alone.

    Raises:
        StateError: it could not be written; the old content is still there.
    """
    temporary = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise StateError(
            f"cannot write {path}: {error.strerror}; make room there and run the command again "
            "(the state before is intact)"
        ) from error


def sync_folder(folder: Path) -> None:
    """Make a rename or removal in a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
