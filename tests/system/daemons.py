"""Starts a real daemon for a test, waits until it is there, and ends it."""

import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

_PATIENCE = 60  # seconds; Rspamd compiles its expressions on a first start


@contextmanager
def running(command: Sequence[str], *, ready: Path | None = None) -> Iterator[int]:
    """Run a program that stays in the foreground; `ready` is a file that it makes when it is up.

    Yields its process id. Its output shows with the test's when the test fails.
    """
    process = subprocess.Popen(command)
    try:
        if ready is not None:
            _wait_for(ready, process)
        yield process.pid
    finally:
        process.terminate()
        process.wait(timeout=_PATIENCE)


def _wait_for(path: Path, process: subprocess.Popen[bytes]) -> None:
    # inotify would need a library; the program's own death ends the wait early.
    for _ in range(_PATIENCE * 10):
        if path.exists():
            return
        try:
            code = process.wait(timeout=0.1)
        except subprocess.TimeoutExpired:
            continue
        raise RuntimeError(f"it ended with {code} before it was ready")
    raise TimeoutError(f"{path} did not appear")


def free_port() -> int:
    """Give a TCP port of the loopback interface that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
