"""One engine at a time on a stack.

The kernel holds the lock (flock), so a killed engine leaves none behind; the file only remembers
the pid for the error message. The real CLI's own lock files are respected too.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lab.engine.errors import StackLockedError


@contextmanager
def stack_lock(path: Path, cli_locks: Path) -> Iterator[None]:
    """Hold the stack's lock.

    Args:
        path: the lock file, made when absent.
        cli_locks: the folder where the real CLI leaves a file for each operation it runs.

    Raises:
        StackLockedError: another engine has the stack.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _locked(_pid(os.pread(descriptor, 64, 0))) from None
        for lock in sorted(cli_locks.glob("*.json")):
            pid = _cli_pid(lock)
            if pid is not None and _alive(pid):
                raise _locked(pid)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _locked(pid: int | None) -> StackLockedError:
    holder = f"process {pid}" if pid else "another process"
    return StackLockedError(
        f"{holder} is working on this stack: wait until it is done, or stop it", pid
    )


def _pid(text: bytes) -> int | None:
    return int(text) if text.isdigit() else None


def _cli_pid(lock: Path) -> int | None:
    try:
        return _pid(str(json.loads(lock.read_bytes())["pid"]).encode())
    except (OSError, ValueError, KeyError):
        return None
