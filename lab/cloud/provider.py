"""A Pulumi provider whose resources are tables of `lab.cloud.resource`."""

import asyncio
import hashlib
import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar

from pulumi.provider.experimental import provider as sdk
from pulumi.provider.experimental.property_value import PropertyValue

from lab.cloud.diff import diff, drifted
from lab.cloud.errors import CloudError
from lab.cloud.resource import Call, Resource
from lab.cloud.values import (
    UNKNOWN,
    Plain,
    is_unknown,
    prune,
    secret_keys,
    to_plain,
    to_wire,
    wrap,
)
from lab.world import World

__all__ = ["CONNECTION", "OLD_INPUTS", "Call", "CloudError", "CloudProvider", "Resource"]

CONNECTION: ContextVar[str] = ContextVar("CONNECTION", default="")
"""The gRPC connection of the request: the engine has one for each instance of a provider."""
OLD_INPUTS: ContextVar[dict[str, PropertyValue] | None] = ContextVar("OLD_INPUTS", default=None)
"""What `Diff` gets over the wire but the SDK's DiffRequest leaves out."""

Function = Callable[[Call, Plain], Plain]
"""An invoke: arguments to result; raises CloudError."""


class CloudProvider(sdk.Provider):
    """One package (`aws`, …) of the lab: check, diff and CRUD by table, with a ledger."""

    def __init__(
        self,
        package: str,
        world: World,
        *,
        resources: Iterable[Resource],
        functions: Mapping[str, Function] | None = None,
    ) -> None:
        self.package = package
        self.world = world
        self._resources = {resource.token: resource for resource in resources}
        self._functions = dict(functions or {})
        self._configs: dict[str, Plain] = {}

    @property
    def config(self) -> Plain:
        """The configuration of the provider instance that this request belongs to."""
        return self._configs.get(CONNECTION.get(), {})

    async def configure(self, request: sdk.ConfigureRequest) -> sdk.ConfigureResponse:
        """Keep the configuration for this connection."""
        self._configs[CONNECTION.get()] = to_plain(request.args)
        return sdk.ConfigureResponse(accept_secrets=True, supports_preview=True)

    async def check(self, request: sdk.CheckRequest) -> sdk.CheckResponse:
        """Refuse inputs that can never work; give a name to what has none."""
        resource = self._resource(request.type)
        inputs = prune(request.new_inputs)
        if resource.autoname and resource.autoname not in inputs:
            name = request.old_inputs.get(resource.autoname)
            inputs[resource.autoname] = name or PropertyValue(_auto_name(request))
        plain = to_plain(inputs)
        failures = [
            sdk.CheckFailure(key, f'Missing required property "{key}"')
            for key in sorted(resource.required - inputs.keys())
        ]
        failures += [
            sdk.CheckFailure(key, f'the lab does not have the property "{key}" of {request.type}')
            for key in sorted(inputs.keys() - resource.required - resource.optional)
        ]
        failures += [sdk.CheckFailure(key, reason) for key, reason in resource.check(plain)]
        return sdk.CheckResponse(inputs=inputs, failures=failures)

    async def diff(self, request: sdk.DiffRequest) -> sdk.DiffResponse:
        """Compare the object in the state with the new inputs."""
        resource = self._resource(request.type)
        return diff(
            outputs=to_plain(request.old_state),
            old_inputs=to_plain(OLD_INPUTS.get() or {}),
            inputs=to_plain(request.new_inputs),
            replaces=resource.replaced_by(to_plain(request.new_inputs)),
            ignore=request.ignore_changes,
            sets=resource.sets,
            delete_before_replace=_keeps_its_name(resource, request),
        )

    async def create(self, request: sdk.CreateRequest) -> sdk.CreateResponse:
        """Make the object, or say in a preview what is known of it."""
        resource = self._resource(request.type)
        inputs = to_plain(request.properties)
        hidden = secret_keys(request.properties) | resource.secrets
        if request.preview or is_unknown(inputs):
            unknown = dict.fromkeys(resource.computed, UNKNOWN)
            return sdk.CreateResponse(properties=wrap(unknown | inputs, hidden))

        def create() -> tuple[str, dict[str, PropertyValue]]:
            self._fault(request.name, "create")
            with self._transaction(resource):
                made, outputs = resource.create(self._call(request.urn, request.name), inputs)
                properties = wrap(outputs, hidden)
                self.world.record(request.urn, resource.token, made, to_wire(properties))
            return made, properties

        made, properties = await asyncio.to_thread(create)
        return sdk.CreateResponse(resource_id=made, properties=properties)

    async def update(self, request: sdk.UpdateRequest) -> sdk.UpdateResponse:
        """Change the object in place."""
        resource = self._resource(request.type)
        outputs, inputs = to_plain(request.olds), to_plain(request.news)
        hidden = secret_keys(request.news) | resource.secrets
        if request.preview or is_unknown(inputs):
            unknown = dict.fromkeys(resource.volatile, UNKNOWN)
            return sdk.UpdateResponse(wrap(resource.kept(outputs) | unknown | inputs, hidden))

        def update() -> dict[str, PropertyValue]:
            self._fault(request.name, "update")
            with self._transaction(resource):
                call = self._call(request.urn, request.name)
                new = resource.update(call, request.resource_id, outputs, inputs)
                properties = wrap(new, hidden)
                self.world.record(
                    request.urn, resource.token, request.resource_id, to_wire(properties)
                )
            return properties

        return sdk.UpdateResponse(await asyncio.to_thread(update))

    async def read(self, request: sdk.ReadRequest) -> sdk.ReadResponse:
        """The object as it is; inputs that drifted follow it, so that the next diff mends them."""
        resource = self._resource(request.type)
        old = to_plain(request.properties)

        def read() -> Plain | None:
            self._fault(request.name, "read")
            call = self._call(request.urn, request.name)
            return resource.read(call, request.resource_id, old)

        outputs = await asyncio.to_thread(read)
        if outputs is None:
            return sdk.ReadResponse(resource_id="")
        hidden = secret_keys(request.inputs) | secret_keys(request.properties) | resource.secrets
        if request.inputs:
            inputs = drifted(given=to_plain(request.inputs), old=old, new=outputs)
        else:
            # An import: whatever the object has that can be an input.
            keys = resource.required | (resource.optional - resource.computed)
            inputs = {key: outputs[key] for key in keys & outputs.keys()}
        return sdk.ReadResponse(
            resource_id=str(outputs.get("id", request.resource_id)),
            properties=wrap(outputs, hidden),
            inputs=wrap(inputs, hidden),
        )

    async def delete(self, request: sdk.DeleteRequest) -> None:
        """Remove the object, and its line in the ledger."""
        resource = self._resource(request.type)
        outputs = to_plain(request.properties)

        def delete() -> None:
            self._fault(request.name, "delete")
            with self._transaction(resource):
                call = self._call(request.urn, request.name)
                resource.delete(call, request.resource_id, outputs)
                self.world.forget(resource.token, request.resource_id)

        await asyncio.to_thread(delete)

    async def invoke(self, request: sdk.InvokeRequest) -> sdk.InvokeResponse:
        """Answer a look-up."""
        function = self._functions.get(request.tok)
        if function is None:
            raise self._unknown(request.tok)
        arguments = to_plain(request.args)
        call = self._call(urn="", name="")
        return sdk.InvokeResponse(wrap(await asyncio.to_thread(function, call, arguments)))

    def _resource(self, token: str) -> Resource:
        # The URN of a component's child has the parents' types before its own.
        token = token.rpartition("$")[2]
        resource = self._resources.get(token)
        if resource is None:
            raise self._unknown(token)
        return resource

    def _unknown(self, token: str) -> CloudError:
        message = f"the lab does not have {token}: see lab/cloud/ and lab/docker/ for what it has"
        return CloudError("not in the lab", message)

    def _call(self, urn: str, name: str) -> Call:
        return Call(world=self.world, urn=urn, name=name, config=self.config)

    def _transaction(self, resource: Resource) -> AbstractContextManager[None]:
        return self.world.transaction() if resource.atomic else nullcontext()

    def _fault(self, name: str, operation: str) -> None:
        # Before the transaction, which would roll back that the fault is used up.
        message = self.world.take_fault(name, operation)
        if message is not None:
            raise CloudError("injected", message)


def _keeps_its_name(resource: Resource, request: sdk.DiffRequest) -> bool:
    """Whether a replacement would clash with the name of what it replaces.

    As the real bridge does it: an object with a name of its own, rather than a generated one,
    goes before its replacement comes.
    """
    key = resource.autoname
    if not key:
        return False
    old, new = to_plain(request.old_state).get(key), to_plain(request.new_inputs).get(key)
    generated = re.fullmatch(re.escape(request.name) + "-[0-9a-f]{7}", str(new))
    return bool(old == new and not generated)


def _auto_name(request: sdk.CheckRequest) -> str:
    seed = request.random_seed or secrets.token_bytes(16)
    return f"{request.name}-{hashlib.sha256(seed).hexdigest()[:7]}"
