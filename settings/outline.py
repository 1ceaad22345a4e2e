"""Finding one's way in the settings by a location, as pydantic's errors name it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from settings.paths import Loc, Part
from settings.schema import Schema, resolve, settings_schema


@dataclass(frozen=True, kw_only=True)
class Spot:
    """A place in the settings.

    loc: the location without pydantic's own additions. schema: what should stand there ({} when
    nothing is known of it). parent: the schema of the map that it stands in.
    """

    loc: Loc
    schema: Schema
    parent: Schema


def locate(error_loc: Loc, raw: object) -> Spot:
    """Translate the location of a pydantic error into one of the stack file.

    Pydantic adds the tag of a tagged union, `[key]` for a fault in a key, and the index 0 where a
    lone value was taken for a list; none of them stands in the file.
    """
    schema = resolve(settings_schema())
    parent: Schema = {}
    loc: list[Part] = []
    for part in error_loc:
        if part == "[key]":
            break
        tagged = schema.get("discriminator", {}).get("mapping", {})
        if part in tagged:
            schema = resolve({"$ref": tagged[part]})
            continue
        if isinstance(part, int) and isinstance(raw, str):
            continue
        parent, schema = schema, _child(schema, part)
        raw = _value(raw, part)
        loc.append(part)
    return Spot(loc=tuple(loc), schema=schema, parent=parent)


def _child(schema: Schema, part: Part) -> Schema:
    node = (
        schema.get("items")
        if isinstance(part, int)
        else schema.get("properties", {}).get(part, schema.get("additionalProperties"))
    )
    return resolve(node) if isinstance(node, dict) else {}


def _value(raw: object, part: Part) -> object:
    if isinstance(raw, Mapping):
        return raw.get(part)
    if isinstance(part, int) and _is_list(raw) and isinstance(raw, Sequence) and part < len(raw):
        return raw[part]
    return None


def _is_list(raw: object) -> bool:
    return isinstance(raw, list | tuple)
