"""One resource as the state knows it."""

import copy
from dataclasses import dataclass, field
from datetime import UTC, datetime

from lab.engine import urns
from lab.engine.properties import PropertyMap, Value


@dataclass(slots=True, eq=False, kw_only=True)
class Resource:
    """A resource's state. Compared by identity: one URN may stand for an old and a new object.

    Attributes:
        id: the provider's id; empty for components and for what a preview would create.
        provider: reference `<urn>::<id>` of the provider resource; empty for components.
        custom_timeouts: seconds by operation (create, update, delete, read).
        delete: replaced already, the old object still has to be deleted.
        pending_replacement: deleted already, the new object still has to be created.
        extra: fields of the checkpoint that the engine keeps but does not use.
        handle: names this object in the journal.
    """

    urn: str
    type: str
    custom: bool
    id: str = ""
    inputs: PropertyMap = field(default_factory=dict)
    outputs: PropertyMap = field(default_factory=dict)
    parent: str = ""
    provider: str = ""
    protect: bool = False
    external: bool = False
    delete: bool = False
    pending_replacement: bool = False
    retain_on_delete: bool = False
    deleted_with: str = ""
    dependencies: list[str] = field(default_factory=list)
    property_dependencies: dict[str, list[str]] = field(default_factory=dict)
    init_errors: list[str] = field(default_factory=list)
    additional_secret_outputs: list[str] = field(default_factory=list)
    aliases: list[str] = field(default_factory=list)
    ignore_changes: list[str] = field(default_factory=list)
    replace_on_changes: list[str] = field(default_factory=list)
    hide_diff: list[str] = field(default_factory=list)
    custom_timeouts: dict[str, float] = field(default_factory=dict)
    replacement_trigger: Value = None
    created: str = ""
    modified: str = ""
    extra: dict[str, object] = field(default_factory=dict)
    handle: str = ""

    @property
    def name(self) -> str:
        """The name given in the program."""
        return urns.name_of(self.urn)

    @property
    def is_provider(self) -> bool:
        """Whether this is a provider resource."""
        return urns.is_provider(self.type)

    def references(self) -> set[str]:
        """URNs this resource needs, its parent left out."""
        found = {*self.dependencies, self.deleted_with}
        for dependencies in self.property_dependencies.values():
            found.update(dependencies)
        if self.provider:
            found.add(urns.split_reference(self.provider)[0])
        found.discard("")
        return found

    def copied(self) -> "Resource":
        """A shallow copy with its own property maps, to build a changed state from."""
        clone = copy.copy(self)
        clone.inputs, clone.outputs = dict(self.inputs), dict(self.outputs)
        clone.handle = ""
        return clone


def now() -> str:
    """The current time as the checkpoint writes it (RFC 3339, UTC)."""
    return datetime.now(tz=UTC).isoformat().replace("+00:00", "Z")
