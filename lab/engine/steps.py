"""The steps that the planner decides on and the executor takes."""

from dataclasses import dataclass

from lab.engine.diffs import NO_DIFF, Diff, compare
from lab.engine.events import Op, Step
from lab.engine.resources import Resource


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A decided step.

    Attributes:
        old: the state before; absent for a create.
        new: the state after, as far as it is known; absent for a delete.
        pending_delete: for a create-replacement: the old object is to be deleted later.
        pending_replacement: for a delete-replaced: the new object is to be created after it.
    """

    op: Op
    old: Resource | None = None
    new: Resource | None = None
    diff: Diff = NO_DIFF
    pending_delete: bool = False
    pending_replacement: bool = False

    @property
    def resource(self) -> Resource:
        """The resource that the step is about."""
        resource = self.new or self.old
        if resource is None:
            raise AssertionError("a step is about a resource")
        return resource

    def described(self) -> Step:
        """The step as events tell it."""
        resource = self.resource
        return Step(
            op=self.op,
            urn=resource.urn,
            type=resource.type,
            name=resource.name,
            changed=self._changed(),
            replaces=self.diff.replaces,
        )

    def _changed(self) -> tuple[str, ...]:
        # Some providers (the SDK's dynamic one) say that something differs, but not what.
        if self.diff.changes and not self.diff.changed and self.old and self.new:
            return compare(self.old.inputs, self.new.inputs).changed
        return self.diff.changed


def create(new: Resource) -> Planned:
    """Make an object that was not there."""
    return Planned(op="create", new=new)


def delete(old: Resource) -> Planned:
    """Delete an object that the program does not want any more."""
    return Planned(op="discard" if old.external else "delete", old=old)


def delete_replaced(old: Resource, *, first: bool) -> Planned:
    """Delete an object that is being replaced, `first` if its successor is still to be made."""
    op: Op = "discard-replaced" if old.external else "delete-replaced"
    return Planned(op=op, old=old, pending_replacement=first)


def replace_with(old: Resource, new: Resource, diff: Diff, *, delete_first: bool) -> list[Planned]:
    """Replace an object; the order is that of the real engine's step list."""
    logical = Planned(op="replace", old=old, new=new, diff=diff)
    physical = Planned(
        op="create-replacement", old=old, new=new, diff=diff, pending_delete=not delete_first
    )
    return [logical, physical] if delete_first else [physical, logical]
