"""Finding a resource's old state under its present or a former name (getOldResource)."""

from dataclasses import dataclass, field

from lab.engine import urns
from lab.engine.errors import EngineError
from lab.engine.goals import Alias, Goal
from lab.engine.resources import Resource


@dataclass(slots=True)
class Names:
    """The names of one operation.

    Attributes:
        olds: resources of the old state by URN.
        seen: URNs registered so far.
        renamed_to: old URN → new URN of the resources found under a former name.
    """

    stack: str
    project: str
    olds: dict[str, Resource]
    seen: set[str] = field(default_factory=set)
    renamed_to: dict[str, str] = field(default_factory=dict)
    _former: dict[str, str] = field(default_factory=dict)

    def claim(self, goal: Goal) -> str:
        """The URN of a new registration.

        Raises:
            EngineError: the parent is unknown, or the URN is taken already.
        """
        if goal.parent and goal.parent not in self.seen:
            raise EngineError(f"could not find parent resource {goal.parent}")
        urn = self.urn(goal)
        if urn in self.seen:
            raise EngineError(
                f"Duplicate resource URN '{urn}'; try giving the resource a unique name"
            )
        if urn in self.renamed_to:
            raise EngineError(
                f"Duplicate resource URN '{urn}' conflicting with alias on resource with URN "
                f"'{self.renamed_to[urn]}'"
            )
        self.seen.add(urn)
        return urn

    def urn(self, goal: Goal) -> str:
        """The URN that a registration has."""
        return urns.build(
            stack=self.stack,
            project=self.project,
            parent=goal.parent,
            type_=goal.type,
            name=goal.name,
        )

    def old(self, urn: str, goal: Goal) -> Resource | None:
        """The old state of a resource, under its own name first, then under its aliases.

        Raises:
            EngineError: two resources claim the same former name.
        """
        if urn in self.olds:
            return self.olds[urn]
        for former in self._candidates(goal):
            if former not in self.olds:
                continue
            if former in self.seen or former in self.renamed_to:
                taken = self.renamed_to.get(former, former)
                raise EngineError(
                    f"Duplicate resource alias '{former}' applied to resource with URN '{urn}' "
                    f"conflicting with resource with URN '{taken}'"
                )
            self.renamed_to[former] = urn
            self._former[urn] = former
            return self.olds[former]
        return None

    def _candidates(self, goal: Goal) -> list[str]:
        own = [self._collapse(alias, goal) for alias in goal.aliases]
        found = list(own)
        if former_parent := self._former.get(goal.parent):
            found.append(self._inherited(goal.type, goal.name, goal.parent, former_parent))
            found += [
                self._inherited(urns.type_of(urn), urns.name_of(urn), goal.parent, former_parent)
                for urn in own
            ]
        return list(dict.fromkeys(found))

    def _collapse(self, alias: Alias, goal: Goal) -> str:
        if alias.urn:
            return alias.urn
        parent = goal.parent
        if alias.parent:
            parent = self._former.get(alias.parent, alias.parent)
        return urns.build(
            stack=alias.stack or self.stack,
            project=alias.project or self.project,
            parent="" if alias.no_parent else parent,
            type_=alias.type or goal.type,
            name=alias.name or goal.name,
        )

    def _inherited(self, type_: str, name: str, parent: str, former_parent: str) -> str:
        """A child's former name, when its parent was renamed: `old-x` becomes `new-x`."""
        parent_name = urns.name_of(parent)
        if name.startswith(parent_name):
            name = urns.name_of(former_parent) + name.removeprefix(parent_name)
        return urns.build(
            stack=self.stack,
            project=self.project,
            parent=former_parent,
            type_=type_,
            name=name,
        )
