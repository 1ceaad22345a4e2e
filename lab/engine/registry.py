"""Provider resources, managed by the engine itself, and the providers they stand for.

The counterpart of pkg/resource/deploy/providers/registry.go.
"""

import threading
import uuid
from dataclasses import replace

from pulumi.runtime.proto import provider_pb2

from lab.engine import diffs, urns
from lab.engine.answers import Answer, Checked
from lab.engine.connections import Connection, Connections, ProviderError, call
from lab.engine.diffs import Diff
from lab.engine.errors import UnsupportedError
from lab.engine.properties import (
    UNKNOWN_STRING,
    PropertyMap,
    Wire,
    annotate_secrets,
    from_struct,
    to_struct,
)
from lab.engine.provider import INTERNAL_KEY, Provider, without_internal
from lab.engine.resources import Resource

# Provider processes see a provider's own configuration without secret marks.
_CONFIG_WIRE = Wire(unknowns=True)


class Registry:
    """Finds the provider that a reference `<urn>::<id>` names."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._active: dict[str, Provider] = {}
        self._stored: dict[str, Resource] = {}
        self._lock = threading.Lock()

    def remember(self, resource: Resource) -> None:
        """Keep a provider resource of the old state, for the objects that it made."""
        self._stored[f"{resource.urn}::{resource.id}"] = resource

    def find(self, reference: str) -> Provider:
        """The provider of a resource; one of the old state is brought up when needed.

        Raises:
            UnsupportedError: nothing of that name is known.
        """
        with self._lock:
            if reference not in self._active:
                stored = self._stored.get(reference)
                if stored is None:
                    raise UnsupportedError(f"the provider {reference} is not known to the state")
                self._active[reference] = self._provider(stored, stored.inputs)
            return self._active[reference]

    def check(self, urn: str, olds: PropertyMap, news: PropertyMap) -> Checked:
        """Have a provider's configuration checked."""
        stub = self._connection(urn).stub
        request = provider_pb2.CheckRequest(
            urn=urn,
            name=urns.name_of(urn),
            type=urns.type_of(urn),
            olds=to_struct(without_internal(olds), _CONFIG_WIRE),
            news=to_struct(without_internal(news), _CONFIG_WIRE),
        )
        try:
            reply = call(stub.CheckConfig, request)
        except ProviderError as error:
            if not error.unimplemented:
                raise
            return Checked(inputs=news)
        inputs = from_struct(reply.inputs)
        annotate_secrets(inputs, news)
        for key in ("version", INTERNAL_KEY):
            if key in news:
                inputs[key] = news[key]
        failures = [f"{failure.property}: {failure.reason}" for failure in reply.failures]
        return Checked(inputs=inputs, failures=failures)

    def diff(self, old: Resource, news: PropertyMap, *, urn: str = "") -> Diff:
        """Ask what a new configuration would change; a replacement replaces its resources too."""
        urn = urn or old.urn
        inputs = without_internal(news)
        request = provider_pb2.DiffRequest(
            urn=urn,
            name=urns.name_of(urn),
            type=urns.type_of(urn),
            olds=to_struct(old.outputs, _CONFIG_WIRE),
            news=to_struct(inputs, _CONFIG_WIRE),
            old_inputs=to_struct(without_internal(old.inputs), _CONFIG_WIRE),
        )
        try:
            diff = diffs.from_response(call(self._connection(urn).stub.DiffConfig, request))
        except ProviderError as error:
            if not error.unimplemented:
                raise
            diff = Diff(changes=None)
        if diff.changes is None:
            own = diffs.compare(old.outputs, inputs)
            diff = replace(diff, changes=own.changes, changed=own.changed)
        return diff

    def create(self, resource: Resource, *, preview: bool) -> Answer:
        """Bring up a new provider under a new id."""
        id_ = UNKNOWN_STRING if preview else str(uuid.uuid4())
        return self._bring_up(resource, id_)

    def update(self, old: Resource, new: Resource) -> Answer:
        """Bring a provider up with a new configuration, under its old id."""
        return self._bring_up(new, old.id)

    def same(self, old: Resource, new: Resource) -> None:
        """Bring up a provider that has not changed, maybe under a new name."""
        provider = self._provider(new, old.inputs, old.id)
        with self._lock:
            self._active[f"{new.urn}::{old.id}"] = provider
            self._active.setdefault(f"{old.urn}::{old.id}", provider)

    def _bring_up(self, resource: Resource, id_: str) -> Answer:
        provider = self._provider(resource, resource.inputs, id_)
        with self._lock:
            self._active[f"{resource.urn}::{id_}"] = provider
        return Answer(id=id_, outputs=without_internal(resource.inputs))

    def _provider(self, resource: Resource, config: PropertyMap, id_: str = "") -> Provider:
        package = urns.package_of(urns.type_of(resource.urn))
        return Provider(
            lambda: self._connections.open(package), resource.urn, id_ or resource.id, config
        )

    def _connection(self, urn: str) -> Connection:
        return self._connections.get(urns.package_of(urns.type_of(urn)))
