"""Pydantic's errors in the words of the stack file."""

import json
from collections.abc import Mapping
from difflib import get_close_matches

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from settings.errors import Problem
from settings.outline import Spot, locate
from settings.paths import config_path, remove_command, set_command

# pydantic's error type → what should have stood there.
_WANTED = {
    "string_type": "text",
    "string_sub_type": "text",
    "string_unicode": "text in valid Unicode",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing_size": "a smaller number",
    "finite_number": "a whole number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "dict_type": "a map",
    "mapping_type": "a map",
    "model_type": "a map",
    "model_attributes_type": "a map",
    "list_type": "a list",
    "tuple_type": "a list",
}
_MAPS = {"dict_type", "mapping_type", "model_type", "model_attributes_type"}


def problems_of(error: ValidationError, raw: object) -> list[Problem]:
    """Translate every error of a validation. No input value enters the texts."""
    return [_problem(details, raw) for details in error.errors(include_url=False)]


def _problem(details: ErrorDetails, raw: object) -> Problem:
    at = details.get("ctx", {}).get("at", ())
    spot = locate((*details["loc"], *at), raw)
    kind = details["type"]
    if kind in {"extra_forbidden", "invalid_key"}:
        return _unknown_key(spot)
    if kind in {"union_tag_invalid", "union_tag_not_found"}:
        return _unknown_kind(spot, missing=kind == "union_tag_not_found")
    if details["loc"][-1:] == ("[key]",):
        reason = details.get("ctx", {}).get("reason", "a key must be text")
        return Problem(
            path=config_path(spot.loc),
            message=reason,
            remedy=f"write it right, or: {remove_command(spot.loc)}",
        )
    return Problem(
        path=config_path(spot.loc), message=_message(details), remedy=_remedy(details, spot)
    )


def _message(details: ErrorDetails) -> str:
    kind, context = details["type"], details.get("ctx", {})
    if kind == "refused":
        return str(context["reason"])
    if kind == "missing":
        return "is required"
    if kind == "literal_error":
        return f"must be {context['expected']}"
    if kind == "too_short":
        return "must not be empty"
    if kind in _WANTED:
        return f"must be {_WANTED[kind]}, not {_word_for(details['input'])}"
    # What is left are pydantic's bounds ("Input should be less than …"); they hold no input.
    return details["msg"].replace("Input should", "must")


def _remedy(details: ErrorDetails, spot: Spot) -> str:
    if details["type"] in _MAPS or (
        details["type"] in {"missing", "too_short"} and _is_container(spot)
    ):
        example = json.dumps(_example(spot.schema), ensure_ascii=False)
        return f"write it as in `{spot.loc[-1] if spot.loc else 'config'}: {example}`"
    value = details.get("ctx", {}).get("example") or _example(spot.schema)
    text = value if isinstance(value, str) else json.dumps(value)
    return set_command(spot.loc, text, secret=bool(spot.schema.get("writeOnly")))


def _is_container(spot: Spot) -> bool:
    return spot.schema.get("type") in {"object", "array"} or "discriminator" in spot.schema


def _example(schema: Mapping[str, object]) -> object:
    """Return a good value: the field's own example, its default, or one made of its type."""
    examples = schema.get("examples")
    if isinstance(examples, list):
        return [examples[0]] if schema.get("type") == "array" else examples[0]
    for key in ("const", "default"):
        if schema.get(key) is not None:
            return schema[key]
    choices = schema.get("enum")
    if isinstance(choices, list):
        return choices[0]
    return {"object": {}, "array": []}.get(str(schema.get("type")), "VALUE")


def _unknown_key(spot: Spot) -> Problem:
    known = [str(key) for key in spot.parent.get("properties", {})]
    key = str(spot.loc[-1]) if spot.loc else ""
    lower = {name.lower(): name for name in known}
    near = get_close_matches(key.lower().replace("_", ""), lower, n=1, cutoff=0.5)
    remove = remove_command(spot.loc)
    if near:
        name = lower[near[0]]
        return Problem(
            path=config_path(spot.loc),
            message=f"unknown key; the nearest right one is `{name}`",
            remedy=f"rename it to `{name}`, or: {remove}",
        )
    return Problem(
        path=config_path(spot.loc),
        message=f"unknown key; known here: {', '.join(known)}",
        remedy=remove,
    )


def _unknown_kind(spot: Spot, *, missing: bool) -> Problem:
    kinds = list(spot.schema.get("discriminator", {}).get("mapping", {}))
    loc = (*spot.loc, "kind")
    return Problem(
        path=config_path(loc),
        message=f"{'is required' if missing else 'unknown kind'}: one of {', '.join(kinds)}",
        remedy=set_command(loc, kinds[0]),
    )


def _word_for(value: object) -> str:
    """Name the type of a value in YAML's words, never the value."""
    words: list[tuple[type | tuple[type, ...], str]] = [
        (bool, "true or false"),
        ((int, float), "a number (put it in quotes, and mind a unit)"),
        (str, "text"),
        (Mapping, "a map"),
        ((list, tuple), "a list"),
        (type(None), "nothing"),
    ]
    return next((word for kind, word in words if isinstance(value, kind)), "something else")
