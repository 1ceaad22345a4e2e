"""Between Pulumi's property values and plain Python ones, keeping secrets and unknowns."""

from collections.abc import Iterable, Mapping
from typing import Any

from google.protobuf import json_format, struct_pb2
from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.runtime.rpc import UNKNOWN

__all__ = ["UNKNOWN", "Plain", "is_unknown", "prune", "secret_keys", "to_plain", "to_wire", "wrap"]

Plain = dict[str, Any]
"""Property names (camelCase) to dict, list, str, float, int, bool or None; or UNKNOWN in it."""


def to_plain(properties: Mapping[str, PropertyValue]) -> Plain:
    """Take off secrets and dependencies; unknowns stay as UNKNOWN, nulls are dropped."""
    return {key: _plain(value) for key, value in properties.items() if value.value is not None}


def _plain(value: PropertyValue) -> Any:  # noqa: ANN401 - any JSON value
    inner = value.value
    if isinstance(inner, Mapping):
        return to_plain(inner)
    if isinstance(inner, str | bool | float) or inner is None:
        return inner
    if isinstance(inner, Iterable):
        return [_plain(item) for item in inner]
    message = f"the lab cannot take {type(inner).__name__} values"
    raise TypeError(message)


def secret_keys(properties: Mapping[str, PropertyValue]) -> set[str]:
    """The top-level properties that are, or contain, a secret."""
    return {key for key, value in properties.items() if value.contains_secret()}


def wrap(plain: Plain, secrets: Iterable[str] = ()) -> dict[str, PropertyValue]:
    """Plain values as property values; those named in `secrets` become secrets."""
    hidden = set(secrets)
    return {
        key: _wrap(value).with_secret(key in hidden)
        for key, value in plain.items()
        if value is not None
    }


def _wrap(value: Any) -> PropertyValue:  # noqa: ANN401 - any JSON value
    if isinstance(value, Mapping):
        return PropertyValue(wrap(dict(value)))
    if isinstance(value, list | tuple):
        return PropertyValue([_wrap(item) for item in value])
    if isinstance(value, int) and not isinstance(value, bool):
        # The wire knows doubles only, and PropertyValue refuses ints.
        return PropertyValue(float(value))
    return PropertyValue(value)


def to_wire(properties: Mapping[str, PropertyValue]) -> Plain:
    """The JSON form of what goes over the wire, with secrets marked: for the ledger."""
    struct: struct_pb2.Struct = PropertyValue.marshal_map(dict(properties))
    wire: Plain = json_format.MessageToDict(struct)
    return wire


def is_unknown(value: Any) -> bool:  # noqa: ANN401 - any JSON value
    """Whether the value is, or contains, something only known after deployment."""
    if isinstance(value, Mapping):
        return any(is_unknown(item) for item in value.values())
    if isinstance(value, list):
        return any(is_unknown(item) for item in value)
    return bool(value == UNKNOWN)


def prune(properties: Mapping[str, PropertyValue]) -> dict[str, PropertyValue]:
    """Without the properties that are null: to Pulumi they are not set."""
    return {key: value for key, value in properties.items() if value.value is not None}
