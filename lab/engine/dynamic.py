"""The process that runs the program's own dynamic resources (`pulumi.dynamic`)."""

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, Final

from lab.engine.connections import ProviderError

PACKAGE: Final = "pulumi-python"

# The pipe on its standard input closes when the engine ends, however it ends: a killed engine
# must not leave this process behind.
_HOST: Final = """
import os, runpy, sys, threading
threading.Thread(target=lambda: (sys.stdin.buffer.read(), os._exit(0)), daemon=True).start()
runpy.run_module("pulumi.dynamic", run_name="__main__", alter_sys=True)
"""


class DynamicHost:
    """Starts `pulumi.dynamic` in the program's folder; starting early hides its import time."""

    def __init__(self, work_dir: Path, project: str) -> None:
        self._work_dir = work_dir
        self._project = project
        self._process: subprocess.Popen[bytes] | None = None
        self._port: int | None = None
        self._lock = threading.Lock()

    def start(self) -> None:
        """Start the process, if it is not running; does not wait for it."""
        with self._lock:
            if self._process is None:
                self._process = self._spawn()

    def port(self) -> int:
        """The port it listens on.

        Raises:
            ProviderError: it ended before it listened.
        """
        self.start()
        with self._lock:
            if self._port is None:
                self._port = self._announced()
            return self._port

    def stop(self) -> None:
        """End the process."""
        with self._lock:
            if self._process is not None:
                self._process.kill()
                self._process.wait()
                for pipe in (self._process.stdin, self._process.stdout):
                    if pipe is not None:
                        pipe.close()
            self._process = self._port = None

    def _spawn(self) -> subprocess.Popen[bytes]:
        environment = {**os.environ, "PULUMI_PROJECT": self._project, "PYTHONUNBUFFERED": "1"}
        return subprocess.Popen(  # noqa: S603 (our own interpreter)
            [sys.executable, "-c", _HOST],
            cwd=self._work_dir,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # What a provider prints may hold secrets.
            stderr=subprocess.DEVNULL,
            # Ctrl-C is for the engine, which lets the running step finish.
            start_new_session=True,
        )

    def _announced(self) -> int:
        process = self._process
        if process is None or process.stdout is None:
            raise ProviderError("the dynamic provider was stopped")
        line = process.stdout.readline().strip()
        if not line.isdigit():
            raise ProviderError(
                "the host of the program's dynamic resources did not start: "
                "`python -m pulumi.dynamic` in the program's folder tells why"
            )
        threading.Thread(target=_drain, args=(process.stdout,), daemon=True).start()
        return int(line)


def _drain(pipe: IO[bytes]) -> None:
    # What providers print is of no use, but a full pipe would stop them.
    try:
        while pipe.read(65536):
            pass
    except ValueError:
        return  # closed by stop()
