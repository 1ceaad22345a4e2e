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

_SAID = {
    "missing": "is required",
    "too_short": "must not be empty",
    "string_unicode": "holds text that is not valid Unicode",
}


def problems_of(error: ValidationError, raw: object) -> list[Problem]:
    """Translate every error of a validation. No input value enters the texts."""
    found = error.errors(include_url=False)
    return [_problem(details, raw) for details in found if not _follows(details, found)]


def _follows(details: ErrorDetails, found: list[ErrorDetails]) -> bool:
    """Whether a list is only called empty because none of its items was good."""
    loc = details["loc"]
    return details["type"] == "too_short" and any(
        other["loc"][: len(loc)] == loc and len(other["loc"]) > len(loc) for other in found
    )


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
    if kind == "literal_error":
        return f"must be {context['expected']}"
    if kind in _SAID:
        return _SAID[kind]
    if kind in _WANTED:
        return f"must be {_WANTED[kind]}, not {_word_for(details['input'])}"
    # What is left are pydantic's bounds ("Input should be less than …"); they hold no input.
    return details["msg"].replace("Input should", "must")


def _remedy(details: ErrorDetails, spot: Spot) -> str:
    if _is_container(spot):
        if details["type"] == "refused":
            return remove_command(spot.loc)
        example = json.dumps(_example(spot.schema), ensure_ascii=False)
        return f"write it as in `{spot.loc[-1] if spot.loc else 'config'}: {example}`"
    value = _good_value(details, spot)
    text = value if isinstance(value, str) else json.dumps(value)
    return set_command(spot.loc, text, secret=bool(spot.schema.get("writeOnly")))


def _good_value(details: ErrorDetails, spot: Spot) -> object:
    """Return what could stand there: the nearest choice, or the field's or the type's example."""
    choices, wrong = spot.schema.get("enum"), details["input"]
    if choices and isinstance(wrong, str):
        return (get_close_matches(wrong, choices, n=1) or choices)[0]
    if spot.schema.get("examples"):
        return _example(spot.schema)
    if spot.parent.get("type") == "array" and spot.parent.get("examples"):
        return spot.parent["examples"][0][0]
    return details.get("ctx", {}).get("example") or _example(spot.schema)


def _is_container(spot: Spot) -> bool:
    return spot.schema.get("type") in ("object", "array") or "discriminator" in spot.schema


def _example(schema: Mapping[str, object]) -> object:
    """Return a good value: the field's own example, its default, or one made of its type."""
    examples = schema.get("examples")
    if isinstance(examples, list):
        return examples[0]
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
        ((int, float), "a number (quote it, or set it with --type string)"),
        (str, "text"),
        (Mapping, "a map"),
        ((list, tuple), "a list"),
        (type(None), "nothing"),
    ]
    return next((word for kind, word in words if isinstance(value, kind)), "something else")
