"""Collects what an operation does and tells the listener, one event at a time."""

import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from lab.engine.errors import Problem
from lab.engine.events import (
    Diagnostic,
    Event,
    Result,
    Severity,
    Step,
    StepFailed,
    StepFinished,
    StepStarted,
    Summary,
)
from lab.engine.masking import Masker, without_traceback

Listener = Callable[[Event], None]


class Reporter:
    """The one place through which words leave the engine, so that none holds a secret.

    Args:
        log: a file that gets the errors in full, tracebacks included.
    """

    def __init__(
        self, operation: str, listener: Listener, masker: Masker, log: Path | None
    ) -> None:
        self.result = Result(operation=operation)
        self.masker = masker
        self._listener = listener
        self._log = log
        # A signal may arrive, and be told, while an event is being told in the same thread.
        self._lock = threading.RLock()
        self._began = time.monotonic()

    @property
    def failed(self) -> bool:
        """Whether anything went wrong so far."""
        return bool(self.result.problems)

    def started(self, step: Step) -> None:
        """Tell that a step begins."""
        self._tell(StepStarted(step))

    def finished(self, step: Step, duration: float) -> None:
        """Tell that a step succeeded, after `duration` seconds."""
        done = replace(step, duration=duration)
        with self._lock:
            self.result.steps.append(done)
        self._tell(StepFinished(done))

    def step_failed(self, step: Step, message: str) -> None:
        """Tell that a step failed."""
        self._tell(StepFailed(step, self.fail(message, step.urn, tell=False)))

    def fail(self, message: str, urn: str = "", *, tell: bool = True) -> str:
        """Record a problem; gives the message as it may be shown."""
        self._write_log(f"{urn} {self.masker.hide(message)}\n")
        shown = self.masker.hide(without_traceback(message))
        with self._lock:
            self.result.problems.append(Problem(urn, shown))
        if tell:
            self._tell(Diagnostic("error", shown, urn))
        return shown

    def say(self, severity: Severity, message: str, urn: str = "") -> None:
        """Pass on a message of the program or of the engine."""
        self._tell(Diagnostic(severity, self.masker.hide(message), urn))

    def close(self) -> Result:
        """End the operation with a summary."""
        self.result.duration = time.monotonic() - self._began
        self._tell(Summary(self.result.operation, self.result.counts, self.result.duration))
        return self.result

    def _write_log(self, text: str) -> None:
        if self._log is None:
            return
        with suppress(OSError):  # on a full disk the message itself still has to be told
            descriptor = os.open(self._log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(text)

    def _tell(self, event: Event) -> None:
        with self._lock:
            self._listener(event)
