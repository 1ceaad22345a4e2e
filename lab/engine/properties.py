"""Property values as the engine holds them, and their way over gRPC.

The wire form is a protobuf Struct in which secrets, unknowns and resource references are marked
by sentinels. Inside the engine a secret is a `Secret`, an unknown is `UNKNOWN`, and a resource
reference stays a dict with its signature. Rules as in pkg/resource/plugin/rpc.go.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from google.protobuf import struct_pb2

from lab.engine.errors import UnsupportedError

SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
SECRET_SIGNATURE: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 (a public mark)
RESOURCE_SIGNATURE: Final = "5cf8f73096256a8f31e491e813e4eb8e"
OUTPUT_SIGNATURE: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
UNKNOWN_STRING: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"

# One sentinel per type of the value that is not known yet; the engine needs no such detail.
_UNKNOWN_SENTINELS: Final = frozenset(
    {
        UNKNOWN_STRING,
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)


class Unknown:
    """A value that only the real deployment will tell; there is one instance, `UNKNOWN`."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()


@dataclass(frozen=True, slots=True, repr=False)
class Secret:
    """A value that must never be shown or stored in plain."""

    value: "Value"

    def __repr__(self) -> str:
        return "Secret([secret])"


Value: TypeAlias = (
    "bool | int | float | str | list[Value] | dict[str, Value] | Secret | Unknown | None"
)
PropertyMap: TypeAlias = dict[str, "Value"]


def from_struct(struct: struct_pb2.Struct) -> PropertyMap:
    """Read a wire message; unknowns and secrets keep their marks."""
    return {key: from_value(value) for key, value in struct.fields.items()}


def from_value(value: struct_pb2.Value) -> Value:
    """Read one wire value.

    Raises:
        UnsupportedError: for an asset, an archive or a byte string.
    """
    match value.WhichOneof("kind"):
        case "string_value":
            text = value.string_value
            return UNKNOWN if text in _UNKNOWN_SENTINELS else text
        case "number_value":
            return value.number_value
        case "bool_value":
            return value.bool_value
        case "list_value":
            return [from_value(item) for item in value.list_value.values]
        case "struct_value":
            return _from_object(from_struct(value.struct_value))
        case _:
            return None


def _from_object(fields: PropertyMap) -> Value:
    signature = fields.get(SIGNATURE)
    if signature is None or signature == RESOURCE_SIGNATURE:
        return fields
    if signature == SECRET_SIGNATURE:
        return make_secret(fields.get("value"))
    if signature == OUTPUT_SIGNATURE:
        inner = fields.get("value", UNKNOWN)
        return make_secret(inner) if fields.get("secret") else inner
    raise UnsupportedError("assets, archives and byte strings are not supported by the lab")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """What the receiver of a message understands."""

    unknowns: bool = False
    secrets: bool = False
    resources: bool = False


def to_struct(properties: Mapping[str, Value], wire: Wire) -> struct_pb2.Struct:
    """Write a wire message; what `wire` does not keep becomes plain, or is left out if unknown."""
    struct = struct_pb2.Struct()
    for key, value in properties.items():
        if wire.unknowns or strip(value) is not UNKNOWN:
            _fill(struct.fields[key], value, wire)
    return struct


def to_value(value: Value, wire: Wire) -> struct_pb2.Value:
    """Write one wire value."""
    message = struct_pb2.Value()
    _fill(message, value, wire)
    return message


def _fill(target: struct_pb2.Value, value: Value, wire: Wire) -> None:
    match value:
        case None:
            target.null_value = struct_pb2.NULL_VALUE
        case bool():
            target.bool_value = value
        case int() | float():
            target.number_value = value
        case str():
            target.string_value = value
        case Unknown():
            target.string_value = UNKNOWN_STRING
        case Secret(inner):
            _fill_secret(target, inner, wire)
        case list():
            target.list_value.SetInParent()
            for item in value:
                if wire.unknowns or strip(item) is not UNKNOWN:
                    _fill(target.list_value.values.add(), item, wire)
        case dict():
            if value.get(SIGNATURE) == RESOURCE_SIGNATURE and not wire.resources:
                _fill(target, value.get("id", value.get("urn")), wire)
            else:
                target.struct_value.CopyFrom(to_struct(value, wire))


def _fill_secret(target: struct_pb2.Value, inner: Value, wire: Wire) -> None:
    if wire.secrets:
        fields = target.struct_value.fields
        fields[SIGNATURE].string_value = SECRET_SIGNATURE
        _fill(fields["value"], inner, wire)
    else:
        _fill(target, inner, wire)


def make_secret(value: Value) -> Secret:
    """Mark a value secret; a secret stays as it is."""
    return value if isinstance(value, Secret) else Secret(value)


def strip(value: Value) -> Value:
    """The value under an outermost secret mark."""
    while isinstance(value, Secret):
        value = value.value
    return value


def plain(value: Value) -> Value:
    """The value with every secret mark removed, at any depth."""
    match value:
        case Secret(inner):
            return plain(inner)
        case list():
            return [plain(item) for item in value]
        case dict():
            return {key: plain(item) for key, item in value.items()}
        case _:
            return value


def masked(value: Value) -> Value:
    """The value as it may be shown: secrets as `[secret]`, unknowns as `[unknown]`."""
    match value:
        case Secret():
            return "[secret]"
        case Unknown():
            return "[unknown]"
        case list():
            return [masked(item) for item in value]
        case dict():
            return {key: masked(item) for key, item in value.items()}
        case _:
            return value


def contains_secret(value: Value) -> bool:
    """Whether a secret is anywhere in the value."""
    return any(isinstance(item, Secret) for item in walk(value))


def contains_unknown(value: Value) -> bool:
    """Whether an unknown is anywhere in the value."""
    return any(item is UNKNOWN for item in walk(value))


def walk(value: Value) -> Iterator[Value]:
    """The value and everything in it, secrets' contents included."""
    yield value
    match value:
        case Secret(inner):
            yield from walk(inner)
        case list():
            for item in value:
                yield from walk(item)
        case dict():
            for item in value.values():
                yield from walk(item)


def annotate_secrets(outputs: PropertyMap | None, inputs: PropertyMap | None) -> None:
    """Mark in `outputs` what is secret in `inputs`, for providers that only speak plaintext.

    Objects are descended into, so that one secret leaf does not hide a whole object; a list that
    holds a secret is secret as a whole, since providers may reorder it (provider_plugin.go).
    """
    if outputs is None or inputs is None:
        return
    for key, given in inputs.items():
        if key not in outputs:
            continue
        out = outputs[key]
        if isinstance(out, dict) and isinstance(given, dict):
            annotate_secrets(out, given)
        elif not isinstance(out, Secret) and contains_secret(given):
            outputs[key] = Secret(out)
