"""The append-only journal of an operation that is under way.

Rewriting the whole state at each step would cost quadratic time, so each step appends a line
of JSON, and the checkpoint is written once: at the end, or at the next start after a crash.
Resources stand in it as in the checkpoint, secrets sealed. The first line is
`{"base": "<sha256 of the checkpoint that the journal continues>"}`; the others are `Entry`s.
"""

import json
import os
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any, TypedDict

from lab.engine.errors import StateError
from lab.engine.files import sync_folder


class Entry(TypedDict, total=False):
    """What one step changes; resources are named by handles.

    Fields:
        end: number of the operation whose outcome is known now.
        begin: number, type and resource of an operation that a provider is about to be asked for.
        keep: handles of resources that this operation confirmed as they were.
        put: handles and new contents of resources that this operation made or changed.
        mark: the same for resources that stay behind (replaced, not deleted yet).
        drop: handles of resources that are no more.
    """

    end: int
    begin: tuple[int, str, dict[str, Any]]
    keep: list[str]
    put: list[tuple[str, dict[str, Any]]]
    mark: list[tuple[str, dict[str, Any]]]
    drop: list[str]


class Journal:
    """Appends entries."""

    def __init__(self, path: Path, base: str) -> None:
        self._path = path
        self._write_lock = threading.Lock()
        self._sync_lock = threading.Lock()
        self._written = self._synced = 0
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND
            self._descriptor = os.open(path, flags, 0o600)
            self._append({"base": base}, durable=True)
            sync_folder(path.parent)
        except OSError as error:
            raise self._full(error) from error

    def append(self, entry: Entry, *, durable: bool = True) -> None:
        """Write an entry; a durable one is on the disk when this returns.

        Raises:
            StateError: the disk is full or broken.
        """
        try:
            self._append(entry, durable=durable)
        except OSError as error:
            raise self._full(error) from error

    def _append(self, entry: object, *, durable: bool) -> None:
        line = json.dumps(entry, separators=(",", ":")).encode() + b"\n"
        with self._write_lock:
            self._write(line)
            self._written += len(line)
            position = self._written
        if not durable:
            return
        # Steps that end together share one fsync: whoever comes later finds its line synced.
        with self._sync_lock:
            if self._synced < position:
                upto = self._written
                os.fsync(self._descriptor)
                self._synced = upto

    def _write(self, line: bytes) -> None:
        start = os.fstat(self._descriptor).st_size
        try:
            written = os.write(self._descriptor, line)
            while written < len(line):
                written += os.write(self._descriptor, line[written:])
        except OSError:
            # Half a line in the middle would hide the entries after it.
            with suppress(OSError):
                os.ftruncate(self._descriptor, start)
            raise

    def close(self) -> None:
        """Stop writing; the file stays until what it holds is in the checkpoint."""
        os.close(self._descriptor)

    def _full(self, error: OSError) -> StateError:
        return StateError(
            f"cannot write {self._path}: {error.strerror}; make room there and run the command "
            "again, it continues where this one stopped"
        )


def read(path: Path, base: str) -> list[Entry]:
    """The entries a crashed operation left, when they continue the checkpoint `base`.

    A last line that the crash cut is left out: what it tells was not acted on yet.

    Raises:
        StateError: the file is damaged.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return []
    complete = content[: content.rfind(b"\n") + 1]
    try:
        entries: list[Any] = [json.loads(line) for line in complete.splitlines()]
    except ValueError as error:
        raise StateError(
            f"{path} is damaged: move it away to go on from the state as it was before the "
            "interrupted operation"
        ) from error
    # Any other base means that the crash came between writing the checkpoint and the removal.
    return entries[1:] if entries and entries[0].get("base") == base else []
