"""``python -m lab.daemon``: the background process itself."""

import argparse
import fcntl
import json
import os
import sys
from pathlib import Path

from lab.daemon import DaemonError
from lab.errors import LabError


def _hold_lock(directory: Path) -> None:
    # A bare descriptor, unlike a FileLock, is released by nothing but the end of the process: who
    # waits for the lock waits for that.
    descriptor = os.open(directory / "daemon.lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise DaemonError("this lab's daemon runs already") from None


def main() -> int:
    """Serve in the foreground; with --ready-fd, detach first and answer there."""
    parser = argparse.ArgumentParser(prog="python -m lab.daemon", description=main.__doc__)
    parser.add_argument("directory", type=Path, help=".lab/<stack>")
    parser.add_argument("--dns-port", type=int, default=0, help="0: the last one, or any free")
    parser.add_argument("--ready-fd", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    os.umask(0o077)
    if arguments.ready_fd is not None:
        if os.fork():
            return 0  # the command that starts us gets its exit code at once
        os.setsid()
    # Imported after the fork: gRPC does not survive one.
    from lab.daemon.server import run  # noqa: PLC0415

    ready = os.fdopen(arguments.ready_fd or os.dup(sys.stdout.fileno()), "w")
    try:
        _hold_lock(arguments.directory)
        run(arguments.directory.resolve(), arguments.dns_port, ready)
    except LabError as error:
        print(json.dumps({"error": str(error)}), file=ready, flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
