"""One configured provider: the resource methods, with values on their way in and out.

What is sent and how answers are taken follows pkg/resource/plugin/provider_plugin.go: providers
that do not accept secrets get plaintext, and their answers are marked from what was sent.
"""

import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from google.protobuf import struct_pb2
from pulumi.runtime.proto import provider_pb2

from lab.engine import diffs, urns
from lab.engine.answers import Answer, Checked
from lab.engine.connections import Connection, HalfMade, ProviderError, call
from lab.engine.diffs import Diff
from lab.engine.properties import (
    PropertyMap,
    Wire,
    annotate_secrets,
    contains_secret,
    contains_unknown,
    from_struct,
    make_secret,
    plain,
    to_struct,
)
from lab.engine.resources import Resource

INTERNAL_KEY: Final = "__internal"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Configured:
    """A provider that can be asked. What it understands is known now, and not before."""

    stub: Any
    secrets: bool
    resources: bool
    previews: bool

    def wire(self, *, unknowns: bool = False) -> Wire:
        """How to write to it."""
        return Wire(unknowns=unknowns, secrets=self.secrets, resources=self.resources)

    def marked(self, received: struct_pb2.Struct, sent: PropertyMap) -> PropertyMap:
        """Read an answer; what was secret when it was sent is secret again."""
        values = from_struct(received)
        if not self.secrets:
            annotate_secrets(values, sent)
        return values

    def half_made(self, error: ProviderError, resource: Resource, id_: str = "") -> Answer:
        """Keep an object that was made and does not work; else raise the error."""
        made: HalfMade | None = error.half_made
        if made is None:
            raise error
        outputs = self.marked(made.properties, resource.inputs)
        return Answer(id=made.id or id_, outputs=outputs, init_errors=made.reasons or [str(error)])


class Provider:
    """A provider under the configuration of one provider resource.

    It is configured at the first call that needs it, so that a configuration which does not work
    only stops those who use it. While parts of the configuration are unknown (in a preview) the
    provider is not asked at all.
    """

    def __init__(
        self, connection: Callable[[], Connection], urn: str, id_: str, config: PropertyMap
    ) -> None:
        self._connect = connection
        self._urn = urn
        self._id = id_
        self._config = without_internal(config)
        self._known = not contains_unknown(self._config)
        self._ready: _Configured | None = None
        self._lock = threading.Lock()

    def check(
        self, urn: str, olds: PropertyMap, news: PropertyMap, seed: bytes, *, preview: bool
    ) -> Checked:
        """Have inputs checked and completed."""
        if not self._known:
            return Checked(inputs=news)
        ready = self._configured()
        wire = ready.wire(unknowns=preview)
        reply = call(
            ready.stub.Check,
            provider_pb2.CheckRequest(
                urn=urn,
                name=urns.name_of(urn),
                type=urns.type_of(urn),
                olds=to_struct(olds, wire),
                news=to_struct(news, wire),
                randomSeed=seed,
            ),
        )
        inputs = ready.marked(reply.inputs, news)
        failures = [
            f"{failure.property}: {failure.reason}" if failure.property else failure.reason
            for failure in reply.failures
        ]
        return Checked(inputs=inputs, failures=failures)

    def diff(
        self, old: Resource, news: PropertyMap, ignore: Sequence[str], *, preview: bool
    ) -> Diff:
        """Ask what the new inputs would change."""
        if not self._known:
            return Diff(changes=True)
        ready = self._configured()
        wire = ready.wire(unknowns=preview)
        reply = call(
            ready.stub.Diff,
            provider_pb2.DiffRequest(
                id=old.id,
                urn=old.urn,
                name=old.name,
                type=old.type,
                olds=to_struct(old.outputs, wire),
                news=to_struct(news, wire),
                old_inputs=to_struct(old.inputs, wire),
                ignoreChanges=ignore,
            ),
        )
        return diffs.from_response(reply)

    def create(self, resource: Resource, *, preview: bool) -> Answer:
        """Make the object."""
        if preview and not self._known:
            return Answer(id="", outputs={})
        ready = self._configured()
        if preview and not ready.previews:
            return Answer(id="", outputs=dict(resource.inputs))
        request = provider_pb2.CreateRequest(
            urn=resource.urn,
            name=resource.name,
            type=resource.type,
            properties=to_struct(resource.inputs, ready.wire(unknowns=preview)),
            timeout=resource.custom_timeouts.get("create", 0),
            preview=preview,
        )
        try:
            reply = call(ready.stub.Create, request)
        except ProviderError as error:
            return ready.half_made(error, resource)
        if not reply.id and not preview:
            raise ProviderError("the provider gave no id for what it created")
        return Answer(id=reply.id, outputs=ready.marked(reply.properties, resource.inputs))

    def update(self, old: Resource, new: Resource, *, preview: bool) -> Answer:
        """Change the object in place."""
        if preview and not self._known:
            return Answer(id=old.id, outputs={})
        ready = self._configured()
        if preview and not ready.previews:
            return Answer(id=old.id, outputs=dict(new.inputs))
        request = provider_pb2.UpdateRequest(
            id=old.id,
            urn=new.urn,
            name=new.name,
            type=new.type,
            olds=to_struct(old.outputs, ready.wire()),
            news=to_struct(new.inputs, ready.wire(unknowns=preview)),
            old_inputs=to_struct(old.inputs, ready.wire()),
            timeout=new.custom_timeouts.get("update", 0),
            ignoreChanges=new.ignore_changes,
            preview=preview,
        )
        try:
            reply = call(ready.stub.Update, request)
        except ProviderError as error:
            return ready.half_made(error, new, id_=old.id)
        return Answer(id=old.id, outputs=ready.marked(reply.properties, new.inputs))

    def delete(self, resource: Resource) -> None:
        """Delete the object."""
        ready = self._configured()
        call(
            ready.stub.Delete,
            provider_pb2.DeleteRequest(
                id=resource.id,
                urn=resource.urn,
                name=resource.name,
                type=resource.type,
                properties=to_struct(resource.outputs, ready.wire()),
                old_inputs=to_struct(resource.inputs, ready.wire()),
                timeout=resource.custom_timeouts.get("delete", 0),
            ),
        )

    def read(self, resource: Resource, state: PropertyMap) -> Answer:
        """Look at the object as it is now; `state` is what is known of it."""
        if not self._known:
            return Answer(id=resource.id, outputs={})
        ready = self._configured()
        request = provider_pb2.ReadRequest(
            id=resource.id,
            urn=resource.urn,
            name=resource.name,
            type=resource.type,
            properties=to_struct(state, ready.wire()),
            inputs=to_struct(resource.inputs, ready.wire()),
            timeout=resource.custom_timeouts.get("read", 0),
        )
        try:
            reply = call(ready.stub.Read, request)
        except ProviderError as error:
            if error.half_made is None:
                raise
            reply = provider_pb2.ReadResponse(
                id=error.half_made.id,
                properties=error.half_made.properties,
                inputs=error.half_made.inputs,
            )
        outputs = ready.marked(reply.properties, state)
        given = reply.HasField("inputs")
        inputs = ready.marked(reply.inputs, resource.inputs) if given else None
        return Answer(id=reply.id, outputs=outputs, inputs=inputs)

    def invoke(self, token: str, arguments: PropertyMap, *, preview: bool) -> Checked:
        """Call a function; what it gives is secret if it was given a secret it cannot mark."""
        if not self._known:
            return Checked(inputs={})
        ready = self._configured()
        request = provider_pb2.InvokeRequest(
            tok=token, args=to_struct(arguments, ready.wire()), preview=preview
        )
        reply = call(ready.stub.Invoke, request)
        returned = from_struct(getattr(reply, "return"))
        if contains_secret(arguments) and not ready.secrets:
            returned = {key: make_secret(value) for key, value in returned.items()}
        failures = [f"{failure.property}: {failure.reason}" for failure in reply.failures]
        return Checked(inputs=returned, failures=failures)

    def _configured(self) -> _Configured:
        with self._lock:
            if self._ready is None:
                self._ready = self._configure(self._connect())
            return self._ready

    def _configure(self, connection: Connection) -> _Configured:
        package = urns.package_of(urns.type_of(self._urn))
        variables = {
            f"{package}:config:{key}": value if isinstance(value, str) else json.dumps(value)
            for key, value in ((key, plain(value)) for key, value in self._config.items())
            if key != "version"
        }
        everything = Wire(unknowns=True, secrets=True, resources=True)
        reply = call(
            connection.stub.Configure,
            provider_pb2.ConfigureRequest(
                urn=self._urn,
                name=urns.name_of(self._urn),
                type=urns.type_of(self._urn),
                id=self._id,
                variables=variables,
                args=to_struct(self._config, everything),
                acceptSecrets=True,
                acceptResources=True,
                sends_old_inputs=True,
                sends_old_inputs_to_delete=True,
            ),
        )
        handshake = connection.shook_hands
        return _Configured(
            stub=connection.stub,
            secrets=connection.accepts_secrets if handshake else reply.acceptSecrets,
            resources=connection.accepts_resources if handshake else reply.acceptResources,
            previews=True if handshake else reply.supportsPreview,
        )


def without_internal(config: PropertyMap) -> PropertyMap:
    """A provider's inputs without what the engine keeps in them for itself."""
    return {key: value for key, value in config.items() if key != INTERNAL_KEY}
