"""Which other resources have to go before one can be deleted and made anew."""

from collections.abc import Callable, Sequence

from lab.engine import diffs, urns
from lab.engine.graph import Dependents
from lab.engine.properties import UNKNOWN, Value
from lab.engine.registry import Registry
from lab.engine.resources import Resource


class Replacements:
    """Follows the dependents in the old state (calculateDependentReplacements)."""

    def __init__(self, olds: Sequence[Resource], registry: Registry) -> None:
        self._olds = olds
        self._registry = registry
        self._graph: Dependents | None = None
        self._providers: dict[str, Resource] = {}

    def note_provider(self, provider: Resource) -> None:
        """Remember a provider resource as the program now wants it."""
        self._providers[provider.urn] = provider

    def provider(self, urn: str) -> Resource | None:
        """The provider resource that the program registered under a URN."""
        return self._providers.get(urn)

    def caused_by(self, root: Resource, done: Callable[[str], bool]) -> list[Resource]:
        """The dependents of `root` that its replacement replaces, in the order of the state.

        Args:
            root: the old object that is deleted first.
            done: tells URNs that steps were decided for; they cannot depend on `root` any more.
        """
        if self._graph is None:
            self._graph = Dependents(self._olds)
        condemned = {root.urn}
        found: list[Resource] = []
        for dependent in self._graph.of(root, done):
            if self._has_to_go(dependent, condemned):
                condemned.add(dependent.urn)
                found.append(dependent)
        listed = {id(resource) for resource in found}
        for resource in self._graph.deleted_with.get(root.urn, []):
            if id(resource) not in listed and not done(resource.urn):
                found.append(resource)
        return found

    def _has_to_go(self, resource: Resource, condemned: set[str]) -> bool:
        if not resource.custom or resource.external or resource.delete:
            return False
        if urns.split_reference(resource.provider)[0] in condemned:
            return True
        if resource.deleted_with in condemned:
            return True
        inputs: dict[str, Value] = {}
        concerned = False
        for key, value in resource.inputs.items():
            hit = not condemned.isdisjoint(resource.property_dependencies.get(key, ()))
            inputs[key] = UNKNOWN if hit else value
            concerned = concerned or hit
        if not concerned:
            return False
        return bool(self._diff(resource, inputs).replaces)

    def _diff(self, resource: Resource, inputs: dict[str, Value]) -> diffs.Diff:
        if resource.is_provider:
            diff = self._registry.diff(resource, inputs)
        else:
            provider = self._registry.find(resource.provider)
            diff = provider.diff(resource, inputs, resource.ignore_changes, preview=True)
            if diff.changes is None:
                own = diffs.compare(resource.inputs, inputs)
                diff = diffs.Diff(changes=own.changes, changed=own.changed, replaces=diff.replaces)
        return diffs.with_replace_on_changes(diff, resource.replace_on_changes)
