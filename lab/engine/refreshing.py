"""Refresh: what the world looks like, taken over into the state (RefreshStep in step.go)."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from lab.engine import resources
from lab.engine.connections import ProviderError
from lab.engine.errors import EngineError
from lab.engine.events import Step
from lab.engine.planner import diff_resource
from lab.engine.properties import Secret, make_secret
from lab.engine.registry import Registry
from lab.engine.reporting import Reporter
from lab.engine.resources import Resource


class Refresher:
    """Reads resources one by one; changes nothing but what it gives back."""

    def __init__(self, registry: Registry, reporter: Reporter) -> None:
        self._registry = registry
        self._reporter = reporter

    def refresh(
        self, olds: Sequence[Resource], cancelled: Callable[[], bool], workers: int
    ) -> list[Resource]:
        """The resources as they are now, without those that are gone.

        One that cannot be read stays as it was; the reporter knows why.
        """
        with ThreadPoolExecutor(max_workers=workers) as pool:
            found = list(pool.map(lambda old: old if cancelled() else self._look(old), olds))
        gone = {
            old.urn for old, now in zip(olds, found, strict=True) if now is None and not old.delete
        }
        return [_without(now, gone) for now in found if now is not None]

    def _look(self, old: Resource) -> Resource | None:
        step = Step(op="refresh", urn=old.urn, type=old.type, name=old.name)
        self._reporter.started(step)
        began = time.monotonic()
        try:
            found, step = self._read(old, step)
        except (ProviderError, EngineError) as error:
            self._reporter.step_failed(step, str(error))
            return old
        self._reporter.finished(step, time.monotonic() - began)
        return found

    def _read(self, old: Resource, step: Step) -> tuple[Resource | None, Step]:
        if not old.custom or old.is_provider or old.pending_replacement:
            return old, replace(step, outcome="same")
        answer = self._registry.find(old.provider).read(old, old.outputs)
        if not answer.id:
            return None, replace(step, outcome="delete")
        new = old.copied()
        new.id, new.outputs = answer.id, answer.outputs
        new.inputs = old.inputs if answer.inputs is None else answer.inputs
        new.init_errors = answer.init_errors
        _keep_secret(old, new)
        self._reporter.masker.learn(new.outputs)
        if new.inputs != old.inputs or new.outputs != old.outputs:
            new.modified = resources.now()
        if old.external:
            outcome = "same" if new.outputs == old.outputs else "update"
            return new, replace(step, outcome=outcome)
        # What an `up` without any change to the program would find to change back.
        diff = diff_resource(
            self._registry, new.provider, new, old.inputs, old.ignore_changes, preview=False
        )
        outcome = "update" if diff.changes else "same"
        return new, replace(step, outcome=outcome, changed=diff.changed)


def _keep_secret(old: Resource, new: Resource) -> None:
    for before, after in ((old.inputs, new.inputs), (old.outputs, new.outputs)):
        for key, value in before.items():
            if isinstance(value, Secret) and key in after:
                after[key] = make_secret(after[key])
    for key in old.additional_secret_outputs:
        if key in new.outputs:
            new.outputs[key] = make_secret(new.outputs[key])


def _without(resource: Resource, gone: set[str]) -> Resource:
    """The resource without references to what is gone."""
    if gone.isdisjoint(resource.references()):
        return resource
    clone = resource.copied()
    clone.dependencies = [urn for urn in resource.dependencies if urn not in gone]
    clone.property_dependencies = {
        key: [urn for urn in found if urn not in gone]
        for key, found in resource.property_dependencies.items()
    }
    if resource.deleted_with in gone:
        clone.deleted_with = ""
    return clone
