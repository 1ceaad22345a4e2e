"""Decides which steps a registration takes.

A condensed pkg/resource/deploy/step_generator.go: plans are made one after the other, in the
order in which registrations arrive.
"""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from lab.engine import diffs, paths, steps
from lab.engine.aliases import Names
from lab.engine.answers import Checked
from lab.engine.diffs import NO_DIFF, Diff
from lab.engine.errors import PROTECTED, EngineError
from lab.engine.goals import Goal
from lab.engine.properties import PropertyMap, contains_unknown, plain
from lab.engine.registry import Registry
from lab.engine.replacement import Replacements
from lab.engine.resources import Resource
from lab.engine.steps import Planned

_SEED_BYTES = 32


@dataclass(slots=True)
class Planner:
    """The decisions of one operation so far.

    Attributes:
        refuse: takes a URN and why a step is forbidden; raises, unless it is a preview, which
            shows everything that is wrong.
        touched: URNs that any step was decided for.
        kept: those that the program still wants (as they are, changed or replaced).
        replaced: those that are being replaced.
        deleted: those that are, or are about to be, deleted.
    """

    names: Names
    registry: Registry
    replacements: Replacements
    preview: bool
    refuse: Callable[[str, str], None]
    touched: set[str] = field(default_factory=set)
    kept: set[str] = field(default_factory=set)
    replaced: set[str] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)

    def plan(self, goal: Goal) -> list[Planned]:
        """The steps for a registration.

        Raises:
            EngineError: the registration is wrong, or protection forbids what it needs.
            ProviderError: the provider refuses it.
        """
        urn = self.names.claim(goal)
        old = self.names.old(urn, goal)
        new = _new_state(urn, goal, old)
        if old is not None and old.external and goal.custom:
            raise EngineError(
                f"{urn} was only read before (`get`) and is to be managed now: give it another name"
            )
        recreating = old is not None and old.urn in self.deleted
        if old is None or recreating:
            self._check(goal, new, {})
        else:
            new.inputs = paths.ignore_changes(new.inputs, old.inputs, goal.ignore_changes)
            self._check(goal, new, old.inputs)
        self.touched |= {urn, old.urn} if old else {urn}
        self.kept.add(urn)
        if old is None:
            return [steps.create(new)]
        if recreating:
            self.deleted.discard(old.urn)
            self.replaced.add(urn)
            return steps.replace_with(old, new, NO_DIFF, delete_first=True)
        return self._plan_existing(goal, old, new)

    def plan_read(self, goal: Goal, id_: str) -> Planned:
        """The step that looks up an object which is not ours.

        Raises:
            EngineError: the name is taken by a resource that is ours.
        """
        urn = self.names.claim(goal)
        old = self.names.old(urn, goal)
        if old is not None and not old.external and old.id != id_:
            raise EngineError(
                f"{urn} is managed by this stack and is only to be read now (`get`): give what "
                "is read another name"
            )
        new = _new_state(urn, goal, old)
        new.id, new.external = id_, True
        self.touched.add(urn)
        self.kept.add(urn)
        return Planned(op="read", old=old, new=new)

    def plan_import(self, goal: Goal, id_: str) -> Planned:
        """The step that takes an existing object into the state, which has none of that name.

        Raises:
            EngineError: the parent is not there.
        """
        new = _new_state(self.names.claim(goal), goal, None)
        new.id = id_
        return Planned(op="import", new=new)

    def _plan_existing(self, goal: Goal, old: Resource, new: Resource) -> list[Planned]:
        triggered = self._triggered(old, new)
        diff = Diff(changes=True) if triggered else self._diff(goal, old, new)
        diff = diffs.with_replace_on_changes(diff, goal.replace_on_changes)
        if (diff.changes and (diff.replaces or triggered)) or old.pending_replacement:
            return self._plan_replacement(goal, old, new, diff)
        if diff.changes or old.init_errors:
            return [Planned(op="update", old=old, new=new, diff=diff)]
        return [Planned(op="same", old=old, new=new)]

    def _plan_replacement(
        self, goal: Goal, old: Resource, new: Resource, diff: Diff
    ) -> list[Planned]:
        if new.protect and old.protect:
            cause = ", ".join(diff.replaces) or "its replacement trigger"
            self.refuse(
                new.urn,
                f"unable to replace the resource (because of {cause}): it {PROTECTED}",
            )
        self.replaced.add(new.urn)
        # Defaults carried over from the old object do not hold for a new one.
        new.inputs = goal.inputs
        self._check(goal, new, {})
        delete_first = diff.delete_before_replace
        if goal.delete_before_replace is not None:
            delete_first = goal.delete_before_replace
        if not delete_first:
            return steps.replace_with(old, new, diff, delete_first=False)
        planned: list[Planned] = []
        for dependent in reversed(self.replacements.caused_by(old, self._decided)):
            if dependent.protect:
                self.refuse(
                    dependent.urn,
                    f"unable to replace the resource as part of replacing {new.urn}: "
                    f"it {PROTECTED}",
                )
            self.deleted.add(dependent.urn)
            planned.append(steps.delete_replaced(dependent, first=True))
        if not old.pending_replacement:
            self.deleted.add(old.urn)
            planned.append(steps.delete_replaced(old, first=True))
        return [*planned, *steps.replace_with(old, new, diff, delete_first=True)]

    def _decided(self, urn: str) -> bool:
        return urn in self.touched or urn in self.deleted

    def _triggered(self, old: Resource, new: Resource) -> bool:
        before, after = plain(old.replacement_trigger), plain(new.replacement_trigger)
        if contains_unknown(before) or contains_unknown(after):
            if not self.preview:
                raise EngineError(f"replacement trigger contains unknowns for {new.urn}")
            return True
        return before is not None and after is not None and before != after

    def _diff(self, goal: Goal, old: Resource, new: Resource) -> Diff:
        if new.deleted_with and new.deleted_with in self.replaced:
            return Diff(changes=True, replaces=("deletedWith",))
        if self._provider_changed(old, new):
            return Diff(changes=True, replaces=("provider",))
        if not goal.custom:
            return diffs.compare(old.inputs, new.inputs)
        if new.is_provider:
            return self.registry.diff(old, new.inputs, urn=new.urn)
        return diff_resource(
            self.registry, new.provider, old, new.inputs, goal.ignore_changes, preview=self.preview
        )

    def _provider_changed(self, old: Resource, new: Resource) -> bool:
        """Whether the object has to be remade because another provider is to manage it."""
        if old.provider == new.provider:
            return False
        if not old.provider or not new.provider:
            return True
        old_urn, new_urn = old.provider.rpartition("::")[0], new.provider.rpartition("::")[0]
        if self.names.renamed_to.get(old_urn) == new_urn:
            return False
        before, after = self.names.olds.get(old_urn), self.replacements.provider(new_urn)
        if before is None or after is None:
            return False
        return bool(self.registry.diff(before, after.inputs, urn=new_urn).replaces)

    def _check(self, goal: Goal, new: Resource, olds: PropertyMap) -> None:
        if not goal.custom:
            return
        if new.is_provider:
            checked: Checked = self.registry.check(new.urn, olds, new.inputs)
            self.replacements.note_provider(new)
        else:
            provider = self.registry.find(new.provider)
            seed = os.urandom(_SEED_BYTES)
            checked = provider.check(new.urn, olds, new.inputs, seed, preview=self.preview)
        if checked.failures:
            raise EngineError(_refused(new, checked.failures))
        new.inputs = checked.inputs


def diff_resource(
    registry: Registry,
    provider: str,
    old: Resource,
    news: PropertyMap,
    ignore: list[str],
    *,
    preview: bool,
) -> Diff:
    """A provider's diff, or our own comparison of the inputs where it cannot tell."""
    diff = registry.find(provider).diff(old, news, ignore, preview=preview)
    if diff.changes is None:
        own = diffs.compare(old.inputs, paths.ignore_changes(news, old.inputs, ignore))
        diff = Diff(
            changes=own.changes,
            changed=own.changed,
            replaces=diff.replaces,
            delete_before_replace=diff.delete_before_replace,
        )
    return diff


def _refused(resource: Resource, failures: Iterable[str]) -> str:
    reasons = "; ".join(failures)
    return f"{resource.type} resource {resource.name!r} has a problem: {reasons}"


def _new_state(urn: str, goal: Goal, old: Resource | None) -> Resource:
    return Resource(
        urn=urn,
        type=goal.type,
        custom=goal.custom,
        inputs=goal.inputs,
        parent=goal.parent,
        provider=goal.provider,
        protect=bool(goal.protect),
        retain_on_delete=bool(goal.retain_on_delete),
        deleted_with=goal.deleted_with,
        dependencies=goal.dependencies,
        property_dependencies=goal.property_dependencies,
        additional_secret_outputs=goal.additional_secret_outputs,
        aliases=[old.urn] if old is not None and old.urn != urn else [],
        ignore_changes=goal.ignore_changes,
        replace_on_changes=goal.replace_on_changes,
        hide_diff=goal.hide_diff,
        custom_timeouts=goal.custom_timeouts,
        replacement_trigger=goal.replacement_trigger,
        created=old.created if old else "",
        modified=old.modified if old else "",
    )
