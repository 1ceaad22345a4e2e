"""The measure: a program that registers a recording's resources as literals.

The same types, names, parents, options and inputs; an input that came from another resource is
its value, marked as coming from there, so that the engine is asked for the very same. The SDKs'
classes are used where they exist: their import is part of any program's time.
"""

import json
import re
from collections.abc import Iterable

from pulumi.runtime.proto import alias_pb2, resource_pb2

from lab.engine import urns
from lab.engine.properties import PropertyMap, Secret, Value, from_struct, from_value
from tests.bench.recording import Outputs, Recording, Registration

_DYNAMIC = "pulumi-python"
_HEADER = '''"""Generated: the dev stack's resources as literals."""

import asyncio

import pulumi
{imports}

def known(value, resources, secret=False):
    """Give a literal as the output of other resources that it once was."""
    return pulumi.Output(set(resources), now(value), now(True), now(secret))


def now(value):
    future = asyncio.get_event_loop().create_future()
    future.set_result(value)
    return future


'''


def flat_program(recording: Recording) -> str:
    """Give the source of the program.

    Raises:
        ValueError: the recording has something that this cannot write down.
    """
    return _Writer().write(recording)


class _Writer:
    def __init__(self) -> None:
        self._names: dict[str, str] = {}  # URN → variable
        self._providers: dict[str, str] = {}  # provider reference → variable
        self._packages: set[str] = set()
        self._stack = ""

    def write(self, recording: Recording) -> str:
        body = "\n".join(
            self._outputs(entry) if isinstance(entry, Outputs) else self._resource(entry)
            for entry in recording
        )
        imports = "".join(f"import pulumi_{name}\n" for name in sorted(self._packages))
        return _HEADER.format(imports=imports) + body + "\n"

    def _resource(self, entry: Registration) -> str:
        request = entry.request
        if request.type == urns.STACK_TYPE:
            self._stack = entry.urn
            return ""
        variable = f"r{len(self._names)}"
        self._names[entry.urn] = variable
        if urns.is_provider(request.type):
            self._providers[f"{entry.urn}::{entry.id}"] = variable
        options = self._options(request)
        inputs = self._inputs(request)
        if not request.custom:
            call = f"pulumi.ComponentResource({request.type!r}, {request.name!r}, None, {options})"
        elif urns.package_of(request.type) == _DYNAMIC:
            listed = ", ".join(f"{key!r}: {value}" for key, value in inputs.items())
            named = f"{request.type!r}, {request.name!r}"
            call = f"pulumi.CustomResource({named}, {{{listed}}}, {options})"
        else:
            named = "".join(f", {_snake(key)}={value}" for key, value in inputs.items())
            call = f"{self._class(request.type)}({request.name!r}{named}, opts={options})"
        return f"{variable} = {call}"

    def _outputs(self, entry: Outputs) -> str:
        outputs = from_struct(entry.request.outputs)
        if entry.request.urn == self._stack:
            return "\n".join(f"pulumi.export({k!r}, {literal(v)})" for k, v in outputs.items())
        return f"{self._names[entry.request.urn]}.register_outputs({literal(outputs)})"

    def _class(self, kind: str) -> str:
        package = urns.package_of(kind)
        if urns.is_provider(kind):
            package = kind.removeprefix(urns.PROVIDER_PREFIX)
            self._packages.add(package)
            return f"pulumi_{package}.Provider"
        self._packages.add(package)
        _, module, name = kind.split(":")
        folder = module.split("/")[0]
        return ".".join([f"pulumi_{package}", *([] if folder == "index" else [folder]), name])

    def _inputs(self, request: resource_pb2.RegisterResourceRequest) -> dict[str, str]:
        inputs: PropertyMap = from_struct(request.object)
        if urns.is_provider(request.type):
            # The engine has a provider's lists and booleans as JSON: the SDK writes it itself.
            inputs = {key: _opened(value) for key, value in inputs.items() if key != "version"}
        found = request.propertyDependencies
        return {
            key: self._value(value, found[key].urns if key in found else ())
            for key, value in inputs.items()
        }

    def _value(self, value: Value, dependencies: Iterable[str]) -> str:
        variables = self._variables(dependencies)
        if not variables:
            return literal(value)
        if isinstance(value, Secret):
            return f"known({literal(value.value)}, {variables}, secret=True)"
        return f"known({literal(value)}, {variables})"

    def _options(self, request: resource_pb2.RegisterResourceRequest) -> str:
        given: dict[str, str] = {}
        if request.parent and request.parent != self._stack:
            given["parent"] = self._names[request.parent]
        if request.provider:
            given["provider"] = self._providers[request.provider]
        if request.providers and not request.custom:
            listed = ", ".join(f"{k!r}: {self._providers[v]}" for k, v in request.providers.items())
            given["providers"] = f"{{{listed}}}"
        if request.HasField("protect"):
            given["protect"] = repr(request.protect)
        if request.HasField("retainOnDelete"):
            given["retain_on_delete"] = repr(request.retainOnDelete)
        if request.deleteBeforeReplaceDefined:
            given["delete_before_replace"] = repr(request.deleteBeforeReplace)
        if request.ignoreChanges:
            given["ignore_changes"] = repr(list(request.ignoreChanges))
        if request.replaceOnChanges:
            given["replace_on_changes"] = repr(list(request.replaceOnChanges))
        # A class of the SDKs' gives its former types itself.
        if aliases := [_alias(alias) for alias in request.aliases if not alias.spec.type]:
            given["aliases"] = f"[{', '.join(aliases)}]"
        if request.HasField("replacement_trigger"):
            given["replacement_trigger"] = literal(from_value(request.replacement_trigger))
        if urns.package_of(request.type) == _DYNAMIC and request.additionalSecretOutputs:
            given["additional_secret_outputs"] = repr(list(request.additionalSecretOutputs))
        by_property = {urn for found in request.propertyDependencies.values() for urn in found.urns}
        if explicit := self._variables(set(request.dependencies) - by_property):
            given["depends_on"] = explicit
        return f"pulumi.ResourceOptions({', '.join(f'{k}={v}' for k, v in given.items())})"

    def _variables(self, found: Iterable[str]) -> str:
        """Give a list of variables, or nothing."""
        names = [self._names[urn] for urn in sorted(found)]
        return f"[{', '.join(names)}]" if names else ""


def literal(value: Value) -> str:
    """Write a value down; secrets stay secret.

    Raises:
        ValueError: it is an asset or a reference to a resource.
    """
    if isinstance(value, Secret):
        return f"pulumi.Output.secret({literal(value.value)})"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key!r}: {literal(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(literal(item) for item in value) + "]"
    if isinstance(value, float) and value.is_integer():
        return repr(int(value))
    if value is None or isinstance(value, str | bool | int | float):
        return repr(value)
    raise ValueError(f"cannot write a {type(value).__name__} as a literal")


def _alias(alias: alias_pb2.Alias) -> str:
    if alias != alias_pb2.Alias(spec=alias_pb2.Alias.Spec(noParent=True)):
        raise ValueError(f"cannot write this alias down: {alias}")
    return "pulumi.Alias(parent=pulumi.ROOT_STACK_RESOURCE)"


def _opened(value: Value) -> Value:
    if isinstance(value, str) and (value[:1] in ("[", "{") or value in ("true", "false")):
        opened: Value = json.loads(value)
        return opened
    return value


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()
