"""An engine that stops at chosen moments of its steps: only ever installed in a child process.

A step has two moments that a kill can separate: `begun` (the journal says that the provider is
about to be asked) and `made` (the provider has done it, the journal does not know yet).
"""

import os
import signal
import threading
import time
from collections.abc import Callable
from typing import Any

from lab.engine import session
from lab.engine.journal import Entry, Journal

Due = Callable[[str], bool]
_QUIET = 0.25  # seconds without any news after which every other step is held, too


def unseen(seen: frozenset[str]) -> Due:
    """Every moment that is not in `seen`, the first of each step only."""
    return lambda moment: moment not in seen


def only(wanted: str) -> Due:
    """One moment: "begun creating NAME", say."""
    return lambda moment: " ".join([*moment.split()[:2], moment.rpartition("::")[2]]) == wanted


def install(due: Due, tell: Callable[[list[str]], None], *, kill: bool) -> None:
    """Hold every step at its due moment; when nothing else goes on, tell which, and die.

    With `kill` false, stay like that until somebody else ends the process.
    """
    holder = _Holder(due, tell, kill=kill)

    class HoldingJournal(Journal):
        def append(self, entry: Entry, *, durable: bool = True) -> None:
            if "end" in entry:
                holder.pass_made(entry["end"])
            super().append(entry, durable=durable)
            if "begin" in entry:
                holder.pass_begun(entry["begin"])

    session.Journal = HoldingJournal  # type: ignore[attr-defined]
    threading.Thread(target=holder.watch, daemon=True).start()


class _Holder:
    def __init__(self, due: Due, tell: Callable[[list[str]], None], *, kill: bool) -> None:
        self._due = due
        self._tell = tell
        self._kill = kill
        self._held: list[str] = []
        self._asked: dict[int, str] = {}
        self._lock = threading.Lock()
        self._news = time.monotonic()

    def pass_begun(self, begin: tuple[int, str, dict[str, Any]]) -> None:
        number, doing, resource = begin
        step = f"{doing} {resource['urn']}"
        with self._lock:
            self._news = time.monotonic()
            self._asked[number] = step
        self._hold("begun", number, step)

    def pass_made(self, number: int) -> None:
        self._hold("made", number, self._asked[number])
        with self._lock:
            self._news = time.monotonic()
            del self._asked[number]

    def _hold(self, kind: str, number: int, step: str) -> None:
        if not self._due(f"{kind} {step}"):
            return
        with self._lock:
            self._news = time.monotonic()
            self._held.append(f"{kind} {step}")
            del self._asked[number]
        threading.Event().wait()

    def watch(self) -> None:
        while True:
            time.sleep(_QUIET / 5)
            with self._lock:
                quiet = time.monotonic() - self._news > _QUIET
                if not (quiet and self._held and not self._asked):
                    continue
                self._tell(self._held)
            if self._kill:
                os.kill(os.getpid(), signal.SIGKILL)
            return
