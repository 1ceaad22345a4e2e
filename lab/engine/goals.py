"""What the program asks for: one registration, read from its request."""

import re
from dataclasses import dataclass, field
from typing import Final

from pulumi.runtime.proto import alias_pb2, resource_pb2

from lab.engine.errors import UnsupportedError
from lab.engine.properties import PropertyMap, Secret, Value, from_struct, from_value, walk

_DURATION_PART: Final = re.compile(r"(\d+(?:\.\d+)?)(h|ms|m|s)")
_SECONDS: Final = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """A former identity: a whole URN, or the parts that differ from now."""

    urn: str = ""
    name: str = ""
    type: str = ""
    stack: str = ""
    project: str = ""
    parent: str = ""
    no_parent: bool = False


@dataclass(slots=True, kw_only=True)
class Goal:
    """A resource as the program wants it; None where an option is left open."""

    type: str
    name: str
    custom: bool
    parent: str = ""
    inputs: PropertyMap = field(default_factory=dict)
    provider: str = ""
    protect: bool | None = None
    retain_on_delete: bool | None = None
    delete_before_replace: bool | None = None
    deleted_with: str = ""
    dependencies: list[str] = field(default_factory=list)
    property_dependencies: dict[str, list[str]] = field(default_factory=dict)
    ignore_changes: list[str] = field(default_factory=list)
    replace_on_changes: list[str] = field(default_factory=list)
    hide_diff: list[str] = field(default_factory=list)
    additional_secret_outputs: list[str] = field(default_factory=list)
    aliases: list[Alias] = field(default_factory=list)
    custom_timeouts: dict[str, float] = field(default_factory=dict)
    replacement_trigger: Value = None

    def inherit(self, parent: "Goal") -> None:
        """Take over what the parent says and this leaves open (inheritFromParent)."""
        self.deleted_with = self.deleted_with or parent.deleted_with
        if self.protect is None:
            self.protect = parent.protect
        if self.retain_on_delete is None:
            self.retain_on_delete = parent.retain_on_delete


def read_goal(request: resource_pb2.RegisterResourceRequest) -> Goal:
    """Read a registration.

    Raises:
        UnsupportedError: it uses an option that the lab leaves to the real engine.
    """
    _refuse_unsupported(request)
    inputs = from_struct(request.object)
    dependencies = sorted(request.dependencies)
    by_property = {key: sorted(found.urns) for key, found in request.propertyDependencies.items()}
    if not by_property:
        by_property = dict.fromkeys(inputs, dependencies)
    defined = request.deleteBeforeReplaceDefined or request.deleteBeforeReplace
    trigger = _trigger(request)
    return Goal(
        type=request.type,
        name=request.name,
        custom=request.custom,
        parent=request.parent,
        inputs=inputs,
        provider=request.provider,
        protect=request.protect if request.HasField("protect") else None,
        retain_on_delete=request.retainOnDelete if request.HasField("retainOnDelete") else None,
        delete_before_replace=request.deleteBeforeReplace if defined else None,
        deleted_with=request.deletedWith,
        dependencies=dependencies,
        property_dependencies={key: by_property.get(key, []) for key in {*inputs, *by_property}},
        ignore_changes=list(request.ignoreChanges),
        replace_on_changes=list(request.replaceOnChanges),
        hide_diff=list(request.hideDiffs),
        additional_secret_outputs=list(request.additionalSecretOutputs),
        aliases=[
            *(Alias(urn=urn) for urn in request.aliasURNs),
            *(_read_alias(alias) for alias in request.aliases),
        ],
        custom_timeouts=_read_timeouts(request.customTimeouts),
        replacement_trigger=trigger,
    )


def _refuse_unsupported(request: resource_pb2.RegisterResourceRequest) -> None:
    hooks = request.hooks
    asked = {
        "remote components": request.remote,
        "import": request.importId,
        "transforms": request.transforms,
        "resource hooks": any(getattr(hooks, entry.name) for entry in hooks.DESCRIPTOR.fields),
        "state migrations": request.state_migrations,
        "replaceWith": request.replace_with,
        "parameterized packages": request.packageRef,
        "envVarMappings": request.envVarMappings,
    }
    found = [name for name, value in asked.items() if value]
    if found:
        raise UnsupportedError(
            f"resource {request.name!r} ({request.type}) uses {', '.join(found)}, which the "
            "lab's small engine does not have: deploy it with the real Pulumi CLI"
        )


def _trigger(request: resource_pb2.RegisterResourceRequest) -> Value:
    if not request.HasField("replacement_trigger"):
        return None
    trigger = from_value(request.replacement_trigger)
    if any(isinstance(part, Secret) for part in walk(trigger)):
        # Seen with CLI 3.260: a changed secret trigger replaces nothing, and says nothing.
        raise UnsupportedError(
            f"the replacement trigger of {request.name!r} ({request.type}) is a secret, which "
            "never triggers on the real engine: give it a plain value"
        )
    return trigger


def _read_alias(alias: alias_pb2.Alias) -> Alias:
    if alias.WhichOneof("alias") == "urn":
        return Alias(urn=alias.urn)
    spec = alias.spec
    return Alias(
        name=spec.name,
        type=spec.type,
        stack=spec.stack,
        project=spec.project,
        parent=spec.parentUrn,
        no_parent=spec.noParent,
    )


def _read_timeouts(
    timeouts: resource_pb2.RegisterResourceRequest.CustomTimeouts,
) -> dict[str, float]:
    given = {
        "create": timeouts.create,
        "update": timeouts.update,
        "delete": timeouts.delete,
        "read": timeouts.read,
    }
    return {key: seconds(text) for key, text in given.items() if text}


def seconds(text: str) -> float:
    """A duration such as `1m30s` in seconds.

    Raises:
        UnsupportedError: it is none.
    """
    parts = _DURATION_PART.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise UnsupportedError(f"not a duration: {text!r}; write it as 90s, 5m or 1h30m")
    return sum(float(number) * _SECONDS[unit] for number, unit in parts)
