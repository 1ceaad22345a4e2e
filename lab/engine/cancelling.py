"""Ctrl-C: finish what runs, save, stop."""

import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any, Final, Self

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


class Cancellation:
    """While entered, the first SIGINT or SIGTERM asks for an orderly end.

    A second one acts as usual: the engine dies, and the journal remembers for the next start.
    """

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._requested = False
        self._before: dict[int, Any] = {}

    def __call__(self) -> bool:
        """Whether an end was asked for."""
        return self._requested

    def __enter__(self) -> Self:
        # Python lets only the main thread handle signals; elsewhere the caller is in charge.
        if threading.current_thread() is threading.main_thread():
            self._before = {number: signal.signal(number, self._request) for number in _SIGNALS}
        return self

    def __exit__(self, *_error: object) -> None:
        self._restore()

    def _request(self, _number: int, _frame: FrameType | None) -> None:
        self._requested = True
        self._restore()
        self._tell("stopping: the running steps are finished and saved, then it ends")

    def _restore(self) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before = {}
