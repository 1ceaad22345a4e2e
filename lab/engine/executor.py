"""Takes planned steps: asks the provider, records the outcome, tells the listener."""

import time
from collections.abc import Callable, Container
from typing import Protocol

from lab.engine import resources
from lab.engine.answers import Answer
from lab.engine.connections import ProviderError
from lab.engine.errors import PROTECTED, EngineError
from lab.engine.properties import Secret, make_secret
from lab.engine.registry import Registry
from lab.engine.reporting import Reporter
from lab.engine.resources import Resource
from lab.engine.state import State
from lab.engine.steps import Planned


class StoppedError(Exception):
    """A step failed and was reported; nothing new is to be begun."""


class _Ask(Protocol):
    def __call__(self) -> Answer: ...


class Executor:
    """Takes steps, in the thread of the caller.

    Args:
        deleted: URNs that this operation deletes, for `deletedWith`.
    """

    def __init__(
        self,
        state: State,
        registry: Registry,
        reporter: Reporter,
        deleted: Container[str],
        *,
        preview: bool,
    ) -> None:
        self._state = state
        self._registry = registry
        self._reporter = reporter
        self._deleted = deleted
        self._preview = preview

    def take(self, planned: Planned) -> None:
        """Take a step.

        Raises:
            StoppedError: it failed; the reporter knows why.
        """
        step = planned.described()
        self._reporter.started(step)
        began = time.monotonic()
        try:
            self._method(planned)(planned)
        except (ProviderError, EngineError) as error:
            self._reporter.step_failed(step, str(error))
            raise StoppedError from error
        self._reporter.finished(step, time.monotonic() - began)

    def _method(self, planned: Planned) -> Callable[[Planned], None]:
        methods: dict[str, Callable[[Planned], None]] = {
            "same": self._same,
            "create": self._create,
            "create-replacement": self._create,
            "update": self._update,
            "read": self._read,
            "import": self._import,
            "replace": _only_shown,
            "remove-pending-replace": self._forget,
        }
        return methods.get(planned.op, self._delete)

    def _same(self, planned: Planned) -> None:
        old, new = _both(planned)
        new.id, new.outputs = old.id, dict(old.outputs)
        if new.is_provider:
            self._registry.same(old, new)
        self._mark_secrets(new)
        self._state.keep(old, new, changed=_differs(old, new))

    def _create(self, planned: Planned) -> None:
        new, old = planned.resource, planned.old
        answer, number = self._ask("creating", new, lambda: self._created(new))
        new.id, new.outputs, new.init_errors = answer.id, answer.outputs, answer.init_errors
        new.created = new.modified = resources.now()
        self._mark_secrets(new)
        if old is None:
            self._state.commit(end=number, put=[new])
        elif planned.pending_delete:
            old.delete = True
            self._state.commit(end=number, put=[new], mark=[old])
        else:
            self._state.commit(end=number, put=[new], drop=[old])
        _raise_init_errors(new)

    def _created(self, new: Resource) -> Answer:
        if not new.custom:
            return Answer(id="", outputs={})
        if new.is_provider:
            return self._registry.create(new, preview=self._preview)
        return self._registry.find(new.provider).create(new, preview=self._preview)

    def _update(self, planned: Planned) -> None:
        old, new = _both(planned)
        new.id, new.handle = old.id, old.handle
        answer, number = self._ask("updating", new, lambda: self._updated(old, new))
        new.outputs, new.init_errors = answer.outputs, answer.init_errors
        new.modified = resources.now()
        self._mark_secrets(new)
        self._state.commit(end=number, put=[new])
        _raise_init_errors(new)

    def _updated(self, old: Resource, new: Resource) -> Answer:
        if not new.custom:
            return Answer(id="", outputs=dict(old.outputs))
        if new.is_provider:
            return self._registry.update(old, new)
        return self._registry.find(new.provider).update(old, new, preview=self._preview)

    def _read(self, planned: Planned) -> None:
        new, old = planned.resource, planned.old
        if new.id:
            answer = self._registry.find(new.provider).read(new, new.inputs)
            if not answer.id:
                raise EngineError(f"resource '{new.id}' does not exist")
            new.id, new.outputs = answer.id, answer.outputs
        self._mark_secrets(new)
        new.handle = old.handle if old else ""
        self._state.commit(put=[new])

    def _import(self, planned: Planned) -> None:
        new = planned.resource
        answer = self._registry.find(new.provider).read(new, {})
        if not answer.id:
            raise EngineError(f"resource '{new.id}' does not exist")
        if answer.inputs is None:
            raise EngineError("the provider does not support importing resources")
        new.id, new.inputs, new.outputs = answer.id, answer.inputs, answer.outputs
        new.init_errors = answer.init_errors
        new.created = new.modified = resources.now()
        self._mark_secrets(new)
        self._state.commit(put=[new])

    def _delete(self, planned: Planned) -> None:
        old = planned.resource
        replacing = planned.op in {"delete-replaced", "discard-replaced"}
        if old.protect and not replacing:
            raise EngineError(PROTECTED)
        spared = old.external or old.retain_on_delete or old.deleted_with in self._deleted
        number = None
        if not (self._preview or spared or old.is_provider):
            _, number = self._ask("deleting", old, lambda: self._deleted_by_provider(old))
        if planned.pending_replacement:
            old.pending_replacement = True
            self._state.commit(end=number, mark=[old])
        else:
            self._state.commit(end=number, drop=[old])

    def _deleted_by_provider(self, old: Resource) -> Answer:
        if old.custom:
            self._registry.find(old.provider).delete(old)
        return Answer(id="", outputs={})

    def _forget(self, planned: Planned) -> None:
        self._state.commit(drop=[planned.resource])

    def _ask(self, doing: str, resource: Resource, ask: _Ask) -> tuple[Answer, int | None]:
        """Have a provider change the world, with a note in the journal before and after."""
        if self._preview or not resource.custom or resource.is_provider:
            return ask(), None
        number = self._state.begin(doing, resource)
        try:
            return ask(), number
        except ProviderError as error:
            # Without an answer, the note stays: the next start finds out what came of it.
            if not error.lost:
                self._state.commit(end=number)
            raise
        except EngineError:
            self._state.commit(end=number)
            raise

    def _mark_secrets(self, resource: Resource) -> None:
        for key in resource.additional_secret_outputs:
            if key in resource.outputs:
                resource.outputs[key] = make_secret(resource.outputs[key])
        for key, value in resource.inputs.items():
            if isinstance(value, Secret) and key in resource.outputs:
                resource.outputs[key] = make_secret(resource.outputs[key])
        self._reporter.masker.learn(resource.outputs)


def _only_shown(_planned: Planned) -> None:
    """A replacement as a whole is a step for people; its parts do the work."""


def _both(planned: Planned) -> tuple[Resource, Resource]:
    if planned.old is None or planned.new is None:
        raise AssertionError(f"{planned.op} has an old and a new state")
    return planned.old, planned.new


def _raise_init_errors(resource: Resource) -> None:
    if resource.init_errors:
        raise EngineError("the object exists but does not work: " + "; ".join(resource.init_errors))


_RECORDED = (
    "urn",
    "type",
    "custom",
    "provider",
    "parent",
    "protect",
    "retain_on_delete",
    "deleted_with",
    "custom_timeouts",
    "inputs",
    "outputs",
    "replacement_trigger",
    "additional_secret_outputs",
    "ignore_changes",
    "replace_on_changes",
)


def _differs(old: Resource, new: Resource) -> bool:
    if any(getattr(old, name) != getattr(new, name) for name in _RECORDED):
        return True
    return sorted(old.dependencies) != sorted(new.dependencies)
