"""What exists in the emulated clouds, on disk: objects, and the ledger of who made them."""

import hashlib
import json
import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from lab.errors import LabError

Json = dict[str, Any]
"""A JSON object."""

ZONE = "cloudflare:zone"
"""Kind of the zones in `World`; seeded by the lab, never created by the program."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
  kind TEXT NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY (kind, id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS objects_by_name ON objects (kind, name);
CREATE TABLE IF NOT EXISTS ledger (
  urn TEXT NOT NULL, type TEXT NOT NULL, id TEXT NOT NULL, outputs TEXT NOT NULL,
  PRIMARY KEY (type, id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS ledger_by_urn ON ledger (urn);
CREATE TABLE IF NOT EXISTS settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS faults (
  name TEXT NOT NULL, operation TEXT NOT NULL, message TEXT NOT NULL);
"""


class WorldError(LabError):
    """The world's file cannot be read or written: a full disk, or no database at all."""


class LedgerEntry(NamedTuple):
    """One object that a provider made for a URN; `outputs` is in Pulumi's wire form."""

    type: str
    id: str
    outputs: Json


class World:
    """The store of one lab stack: an SQLite file that threads and processes may share.

    Readers never wait for writers (WAL). What was committed outlives a kill of the process:
    the kernel has it, even though not every commit is synced to the disk. Every method raises
    WorldError when the file cannot be used.
    """

    stack: str
    """The stack's name: its directory's."""

    def __init__(self, path: Path) -> None:
        # The file holds secrets (access keys, DKIM keys): nobody else may read it, not even
        # between its creation and a later chmod.
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        path.chmod(0o600)
        self.path = path
        self.stack = path.resolve().parent.name
        self._lock = threading.RLock()
        self._depth = 0
        self._db = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
        try:
            with self._explained():
                self._db.execute("PRAGMA journal_mode=WAL")
                self._db.execute("PRAGMA synchronous=NORMAL")
                self._db.executescript(_SCHEMA)
        except WorldError:
            self._db.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; safe to call twice."""
        with self._lock:
            self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing for what is done inside; inner transactions join the outermost one."""
        with self._lock:
            if self._depth == 0:
                self._run("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._depth -= 1
                # A full disk has rolled it back already.
                if self._depth == 0 and self._db.in_transaction:
                    self._run("ROLLBACK")
                raise
            self._depth -= 1
            if self._depth == 0:
                self._run("COMMIT")

    def put(self, kind: str, id: str, body: Mapping[str, Any], *, name: str = "") -> None:  # noqa: A002
        """Create or overwrite an object; `name` is what `find` looks for."""
        self._run(
            "INSERT OR REPLACE INTO objects VALUES (?, ?, ?, ?)", kind, id, name, json.dumps(body)
        )

    def get(self, kind: str, id: str) -> Json | None:  # noqa: A002
        """The object's body, or None."""
        rows = self._run("SELECT body FROM objects WHERE kind = ? AND id = ?", kind, id)
        return json.loads(rows[0][0]) if rows else None

    def remove(self, kind: str, id: str) -> bool:  # noqa: A002
        """Whether there was such an object; it is gone now."""
        query = "DELETE FROM objects WHERE kind = ? AND id = ? RETURNING id"
        return bool(self._run(query, kind, id))

    def find(self, kind: str, name: str | None = None) -> dict[str, Json]:
        """Objects of a kind by id, ordered by id: all, or those put with this `name`."""
        query = "SELECT id, body FROM objects WHERE kind = ? ORDER BY id"
        arguments = [kind]
        if name is not None:
            query = "SELECT id, body FROM objects WHERE kind = ? AND name = ? ORDER BY id"
            arguments.append(name)
        return {row[0]: json.loads(row[1]) for row in self._run(query, *arguments)}

    def has_below(self, kind: str, domain: str) -> bool:
        """Whether an object's `name` is a domain name below this one."""
        query = "SELECT 1 FROM objects WHERE kind = ? AND substr(name, -length(?)) = ? LIMIT 1"
        return bool(self._run(query, kind, f".{domain}", f".{domain}"))

    def record(self, urn: str, type: str, id: str, outputs: Json) -> None:  # noqa: A002
        """Note in the ledger that `id` was made (or changed) for this URN."""
        query = "INSERT OR REPLACE INTO ledger VALUES (?, ?, ?, ?)"
        self._run(query, urn, type, id, json.dumps(outputs))

    def forget(self, type: str, id: str) -> None:  # noqa: A002
        """Strike an object from the ledger: it was deleted. Its URN may have changed since."""
        self._run("DELETE FROM ledger WHERE type = ? AND id = ?", type, id)

    def ledger(self, urn: str) -> list[LedgerEntry]:
        """Every living object that was made for this URN."""
        rows = self._run("SELECT type, id, outputs FROM ledger WHERE urn = ? ORDER BY id", urn)
        return [LedgerEntry(row[0], row[1], json.loads(row[2])) for row in rows]

    def ledger_urns(self) -> list[str]:
        """Every URN that has a living object."""
        return [row[0] for row in self._run("SELECT DISTINCT urn FROM ledger ORDER BY urn")]

    def setting(self, key: str, default: Any = None) -> Any:  # noqa: ANN401 - any JSON value
        """A value the daemon keeps for itself (a port, say)."""
        rows = self._run("SELECT value FROM settings WHERE key = ?", key)
        return json.loads(rows[0][0]) if rows else default

    def set_setting(self, key: str, value: Any) -> None:  # noqa: ANN401 - any JSON value
        """Keep a JSON value under `key`."""
        self._run("INSERT OR REPLACE INTO settings VALUES (?, ?)", key, json.dumps(value))

    def seed_zones(self, names: Iterable[str]) -> None:
        """Make these DNS zones (A-labels) exist, as if someone had added them to the account."""
        with self.transaction():
            for name in names:
                zone = zone_id(name)
                if self.get(ZONE, zone) is None:
                    self.put(ZONE, zone, {"name": name}, name=name)

    def fail_next(self, urn_name: str, operation: str, message: str) -> None:
        """Let the next `operation` (create, update, delete, read) on this resource fail, once."""
        self._run("INSERT INTO faults VALUES (?, ?, ?)", urn_name, operation, message)

    def take_fault(self, urn_name: str, operation: str) -> str | None:
        """The message of a fault that `fail_next` asked for; it is used up by this call."""
        query = (
            "DELETE FROM faults WHERE rowid = (SELECT min(rowid) FROM faults"
            " WHERE name = ? AND operation = ?) RETURNING message"
        )
        rows = self._run(query, urn_name, operation)
        return str(rows[0][0]) if rows else None

    def _run(self, query: str, *arguments: str) -> list[tuple[Any, ...]]:
        with self._lock, self._explained():
            return self._db.execute(query, arguments).fetchall()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            message = f"the lab cannot use {self.path.name} of stack {self.stack}: {error}"
            raise WorldError(message) from error


def zone_id(name: str) -> str:
    """The stable id (32 hex digits, as Cloudflare's) of the zone with this name."""
    return hashlib.sha256(f"zone {name}".encode()).hexdigest()[:32]
