"""Runs the program in this process, as the SDK's own language host does.

See pulumi/automation/_server.py: a fresh event loop, in a copy of the context, so that nothing
the program sets outlives it.
"""

import asyncio
import contextvars
import logging
import runpy
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import chdir, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from google.protobuf import empty_pb2
from pulumi.runtime import reset_options, run_in_stack, set_all_config
from pulumi.runtime.proto import engine_pb2
from pulumi.runtime.settings import SETTINGS

from lab.engine.events import Severity
from lab.engine.monitor import Monitor
from lab.engine.reporting import Reporter

# Each registration holds a thread while its provider works.
WORKERS: Final = 32

_SEVERITIES: Final[dict[int, Severity]] = {
    engine_pb2.DEBUG: "debug",
    engine_pb2.INFO: "info",
    engine_pb2.WARNING: "warning",
    engine_pb2.ERROR: "error",
}


@dataclass(frozen=True, slots=True)
class Log:
    """The gRPC service `Engine` as far as programs use it: `pulumi.log`."""

    reporter: Reporter

    def Log(self, request: engine_pb2.LogRequest) -> empty_pb2.Empty:  # noqa: N802
        """Pass on a message; the SDK's own debugging is left out."""
        severity = _SEVERITIES[request.severity]
        if severity != "debug":
            self.reporter.say(severity, request.message, request.urn)
        return empty_pb2.Empty()

    def RequirePulumiVersion(  # noqa: N802
        self, _request: engine_pb2.RequirePulumiVersionRequest
    ) -> engine_pb2.RequirePulumiVersionResponse:
        """Any version will do: this engine has none."""
        return engine_pb2.RequirePulumiVersionResponse()


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A program and what it is told about itself."""

    path: Path
    work_dir: Path
    project: str
    stack: str
    config: dict[str, str]
    secret_keys: frozenset[str]


def run(program: Program, monitor: Monitor, reporter: Reporter) -> BaseException | None:
    """Run a program to its end; gives what it raised.

    All registrations it began are settled when this returns.
    """
    with _in_folder(program.work_dir):
        return contextvars.copy_context().run(_run, program, monitor, reporter)


def _run(program: Program, monitor: Monitor, reporter: Reporter) -> BaseException | None:
    reset_options(
        project=program.project,
        stack=program.stack,
        root_directory=str(program.work_dir),
        parallel=WORKERS,
        preview=monitor.preview,
        organization="organization",
    )
    SETTINGS.monitor = monitor
    SETTINGS.engine = Log(reporter)
    set_all_config(program.config, list(program.secret_keys))

    # Resources that fail leave tasks behind whose errors were told already.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(lambda _loop, _context: None)
    threads = ThreadPoolExecutor(max_workers=WORKERS, thread_name_prefix="registration")
    loop.set_default_executor(threads)
    try:
        loop.run_until_complete(run_in_stack(lambda: _execute(program.path)))
    except BaseException as error:  # noqa: BLE001 (whatever a program raises, SystemExit included)
        return error
    finally:
        threads.shutdown(wait=True)
        for task in asyncio.all_tasks(loop):
            task.cancel()
            with suppress(asyncio.CancelledError, Exception):
                loop.run_until_complete(task)
        loop.close()
    return None


async def _execute(path: Path) -> None:
    runpy.run_path(str(path), run_name="__main__")
    # The SDK's wait_for_rpcs looks at every unfinished output each time that one finishes, so
    # its time grows with their square, unless the registrations have begun when it is called.
    await asyncio.sleep(0)


@contextmanager
def _in_folder(folder: Path) -> Iterator[None]:
    """Let the program find its own modules and files, as `python __main__.py` there does."""
    sys.path.insert(0, str(folder))
    try:
        with chdir(folder):
            yield
    finally:
        with suppress(ValueError):
            sys.path.remove(str(folder))
