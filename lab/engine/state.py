"""The state of a stack while an operation changes it.

As in the real CLI's snapshot manager, what the running operation registered comes first, in
the order it was done, and what it has not met yet follows; so each resource comes after what it
depends on, at any moment. Every change goes to the journal before it is told to anyone.
"""

import itertools
import threading
from collections.abc import Iterable, Sequence

from lab.engine import urns
from lab.engine.checkpoint import Pending
from lab.engine.journal import Entry, Journal
from lab.engine.resources import Resource
from lab.engine.secrets import PassphraseSecrets
from lab.engine.serialize import Serializer


class State:
    """Resources by handle, and the operations whose outcome is unknown."""

    def __init__(
        self, base: Iterable[Resource], serializer: Serializer, journal: Journal | None = None
    ) -> None:
        self._base = {f"b{index}": resource for index, resource in enumerate(base)}
        for handle, resource in self._base.items():
            resource.handle = handle
        self._news: dict[str, Resource] = {}
        self._pending: dict[int, Pending] = {}
        self._serializer = serializer
        self._journal = journal
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def begin(self, type_: str, resource: Resource) -> int:
        """Note that a provider is about to be asked to do something; gives its number."""
        with self._lock:
            number = next(self._numbers)
            self._pending[number] = Pending(type_, resource)
        self._record({"begin": (number, type_, self._serializer.dump(resource))})
        return number

    def keep(self, old: Resource, new: Resource, *, changed: bool) -> None:
        """Confirm a resource; `changed` when its recorded fields differ though no step did."""
        new.handle = old.handle
        if changed:
            self.commit(put=[new])
            return
        with self._lock:
            self._put(new.handle, new)
        # Only the order changes: losing this line in a power cut costs nothing.
        self._record({"keep": [new.handle]}, durable=False)

    def commit(
        self,
        *,
        end: int | None = None,
        put: Sequence[Resource] = (),
        mark: Sequence[Resource] = (),
        drop: Sequence[Resource] = (),
    ) -> None:
        """Take over the outcome of a step: all of it, or none if the journal cannot be written.

        Args:
            end: the operation that is over.
            put: resources made or changed; one with the handle of an old one takes its place.
            mark: old resources whose fields changed but that stay where they are.
            drop: resources that are gone.
        """
        entry: Entry = {}
        with self._lock:
            for resource in put:
                resource.handle = resource.handle or f"n{next(self._numbers)}"
        if end is not None:
            entry["end"] = end
        if put:
            entry["put"] = [(item.handle, self._serializer.dump(item)) for item in put]
        if mark:
            entry["mark"] = [(item.handle, self._serializer.dump(item)) for item in mark]
        if drop:
            entry["drop"] = [item.handle for item in drop]
        self._record(entry)
        with self._lock:
            if end is not None:
                self._pending.pop(end, None)
            for resource in put:
                self._put(resource.handle, resource)
            for resource in drop:
                self._drop(resource.handle)

    def replay(self, entries: Iterable[Entry], opener: PassphraseSecrets) -> None:
        """Apply what a crashed operation had journaled."""
        for entry in entries:
            if "begin" in entry:
                number, type_, data = entry["begin"]
                self._pending[number] = Pending(type_, self._serializer.load(data, opener))
            for handle, data in entry.get("put", []):
                self._put(handle, self._serializer.load(data, opener))
            for handle, data in entry.get("mark", []):
                place = self._news if handle in self._news else self._base
                place[handle] = self._serializer.load(data, opener)
            for handle in entry.get("keep", []):
                self._put(handle, self._base.get(handle) or self._news[handle])
            for handle in entry.get("drop", []):
                self._drop(handle)
            self._pending.pop(entry.get("end", 0), None)

    def resources(self) -> list[Resource]:
        """All resources, each after those it depends on."""
        with self._lock:
            return normalized([*self._news.values(), *self._base.values()])

    def pending(self) -> list[Pending]:
        """Operations that were begun and have no known outcome."""
        with self._lock:
            return list(self._pending.values())

    def _put(self, handle: str, resource: Resource) -> None:
        self._base.pop(handle, None)
        self._news[handle] = resource

    def _drop(self, handle: str) -> None:
        self._base.pop(handle, None)
        self._news.pop(handle, None)

    def _record(self, entry: Entry, *, durable: bool = True) -> None:
        if self._journal is not None:
            self._journal.append(entry, durable=durable)


def normalized(resources: list[Resource]) -> list[Resource]:
    """Resources with every reference to a renamed one under its new URN.

    What is not registered under its new parent yet still refers to the old names
    (NormalizeURNReferences in pkg/resource/deploy/snapshot.go).
    """
    renamed: dict[str, str] = {}
    for resource in resources:
        renamed.update(dict.fromkeys(resource.aliases, resource.urn))
        parent = renamed.get(resource.parent)
        if parent and urns.qualified_type(parent) != urns.STACK_TYPE:
            prefix = "::".join(resource.urn.split("::", 2)[:2])
            chain = f"{urns.qualified_type(parent)}${resource.type}"
            renamed[resource.urn] = f"{prefix}::{chain}::{resource.name}"
    if not renamed:
        return resources
    return [_with_names(resource, renamed) for resource in resources]


def _with_names(resource: Resource, renamed: dict[str, str]) -> Resource:
    def fix(urn: str) -> str:
        return renamed.get(urn, urn)

    clone = resource.copied()
    clone.handle = resource.handle
    clone.urn, clone.parent = fix(resource.urn), fix(resource.parent)
    clone.deleted_with = fix(resource.deleted_with)
    clone.dependencies = [fix(urn) for urn in resource.dependencies]
    clone.property_dependencies = {
        key: [fix(urn) for urn in found] for key, found in resource.property_dependencies.items()
    }
    if resource.provider:
        urn, id_ = urns.split_reference(resource.provider)
        clone.provider = f"{fix(urn)}::{id_}"
    clone.aliases = []
    return clone
