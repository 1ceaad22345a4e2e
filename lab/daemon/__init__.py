"""The background process behind a lab: clouds, DNS and Docker outlive each command.

`python -m lab.daemon DIRECTORY` runs it in the foreground; `start` detaches one. A held lock on
daemon.lock, not a process number, says that it is alive: a number may belong to anyone by now.
"""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from lab.daemon.run_info import RunInfo
from lab.errors import LabError

_ROOT = Path(__file__).resolve().parents[2]
_START_TIMEOUT = 120  # seconds for another start or stop of the same lab to finish
_STOP_TIMEOUT = 20  # seconds from SIGTERM to the lock's release
_SECRET = re.compile("PULUMI_|AWS_|CLOUDFLARE_")
_LOG_LIMIT = 1_000_000  # bytes; a longer log starts anew
_LOG_TAIL = 8  # lines quoted when a start fails


class DaemonError(LabError):
    """The background process cannot start or stop."""


def start(directory: Path, dns_port: int = 0) -> RunInfo:
    """Run the daemon of this lab in the background, unless it runs already; wait until it serves.

    `directory` is .lab/<stack>. `dns_port` 0 takes the port of the last time, if it is free.
    Raises DaemonError: the port is taken (by which lab), the process failed (why).
    """
    directory = directory.resolve()
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _only_one(directory):
        running = status(directory)
        if running is None:
            return _spawn(directory, dns_port)
        if dns_port and not running.dns.endswith(f":{dns_port}"):
            message = f"this lab is up already, with its DNS on {running.dns}; destroy it first"
            raise DaemonError(message)
        return running


def stop(directory: Path) -> bool:
    """End this lab's daemon and wait until it is gone; False when none was running.

    Raises DaemonError when it does not end, even by SIGKILL.
    """
    directory = directory.resolve()
    if not directory.is_dir():
        return False
    with _only_one(directory):
        running = status(directory)
        if running is None:
            return False
        for number in (signal.SIGTERM, signal.SIGKILL):
            os.kill(running.pid, number)
            try:
                with daemon_lock(directory, timeout=_STOP_TIMEOUT):
                    run_file(directory).unlink(missing_ok=True)
                    return True
            except Timeout:
                continue
    message = f"the lab's process {running.pid} does not end"
    raise DaemonError(message)


def status(directory: Path) -> RunInfo | None:
    """Where the running daemon serves; None when there is none, whatever a stale run.json says."""
    if not directory.is_dir():
        return None
    try:
        with daemon_lock(directory, timeout=0):
            return None
    except Timeout:
        pass
    try:
        return RunInfo.from_json(run_file(directory).read_text())
    except FileNotFoundError:
        return None  # it is just starting, or just ending


def daemon_lock(directory: Path, timeout: float) -> FileLock:
    """The lock that a daemon holds for its whole life. `timeout` in seconds."""
    return FileLock(directory / "daemon.lock", timeout=timeout, mode=0o600)


def run_file(directory: Path) -> Path:
    """Where a running daemon says where it serves."""
    return directory / "run.json"


def neighbour_on_port(directory: Path, dns_port: int) -> str | None:
    """The stack whose lab, beside this one, has its DNS on this port."""
    for other in sorted(directory.resolve().parent.iterdir()):
        if other != directory.resolve() and other.is_dir():
            running = status(other)
            if running and running.dns.endswith(f":{dns_port}"):
                return other.name
    return None


@contextmanager
def _only_one(directory: Path) -> Iterator[None]:
    """Let one start or stop of this lab happen at a time."""
    lock = FileLock(directory / "start.lock", timeout=_START_TIMEOUT, mode=0o600)
    try:
        lock.acquire()
    except Timeout:
        message = f"another command is starting or stopping the lab in {directory.name} for minutes"
        raise DaemonError(message) from None
    try:
        yield
    finally:
        lock.release()


def _spawn(directory: Path, dns_port: int) -> RunInfo:
    log = directory / "daemon.log"
    fresh = os.O_TRUNC if log.exists() and log.stat().st_size > _LOG_LIMIT else 0
    descriptor = os.open(log, os.O_CREAT | os.O_WRONLY | os.O_APPEND | fresh, 0o600)
    reader, writer = os.pipe()
    command = [sys.executable, "-m", "lab.daemon", str(directory)]
    command += ["--dns-port", str(dns_port), "--ready-fd", str(writer)]
    with os.fdopen(descriptor, "w") as log_file, os.fdopen(reader) as answers:
        try:
            subprocess.run(  # noqa: S603 - our own interpreter and module
                command,
                check=False,
                cwd=_ROOT,
                # The passphrase and real clouds' credentials are not for a process that stays.
                env={key: value for key, value in os.environ.items() if not _SECRET.match(key)},
                stdin=subprocess.DEVNULL,
                stdout=log_file,
                stderr=log_file,
                pass_fds=[writer],
            )
        finally:
            os.close(writer)
        # One line when it serves, or the end of the pipe when it died.
        line = answers.readline()
    answer = json.loads(line) if line else {"error": _last_words(log)}
    if "error" in answer:
        raise DaemonError(answer["error"])
    return RunInfo.from_json(line)


def _last_words(log: Path) -> str:
    tail = log.read_text(errors="replace").splitlines()[-_LOG_TAIL:]
    return "\n".join(["the lab's background process ended while starting:", *tail])
