"""JSON schemas of the settings: one for ourselves, one for editors."""

from copy import deepcopy
from functools import cache
from typing import Any

from settings.stack import Settings

Schema = dict[str, Any]

SECURE: Schema = {
    "type": "object",
    "description": "An encrypted value, written by `pulumi config set --secret`.",
    "properties": {"secure": {"type": "string"}},
    "required": ["secure"],
    "additionalProperties": False,
}


@cache
def settings_schema() -> Schema:
    """Return the JSON schema of `Settings`, with the keys as the stack file has them."""
    return Settings.model_json_schema(by_alias=True)


def stack_schema() -> Schema:
    """Return the JSON schema of a whole `Pulumi.<stack>.yaml`, for editors.

    Keys of the CLI (encryptionsalt, …) and of providers (`aws:region`) pass; an unknown
    `mailstack:` key does not. A secret may stand in plain or as `{secure: …}`.
    """
    source = deepcopy(settings_schema())
    definitions = {name: _allow_secure(node) for name, node in source["$defs"].items()}
    definitions["secure"] = SECURE
    properties = {
        f"mailstack:{key}": _allow_secure(node) for key, node in source["properties"].items()
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "mailstack stack file",
        "type": "object",
        "properties": {
            "config": {
                "type": "object",
                "properties": properties,
                "required": [f"mailstack:{key}" for key in source["required"]],
                "patternProperties": {"^(?!mailstack:)[^:]+:": True},
                "additionalProperties": False,
            }
        },
        "required": ["config"],
        "$defs": definitions,
    }


def _allow_secure(node: object) -> object:
    """Rewrite a schema so that secret leaves take `{secure: …}` and empty maps take null."""
    if isinstance(node, list):
        return [_allow_secure(item) for item in node]
    if not isinstance(node, dict):
        return node
    if node.get("writeOnly"):
        plain = {key: value for key, value in node.items() if key != "writeOnly"}
        return {"anyOf": [plain, {"$ref": "#/$defs/secure"}]}
    changed = {key: _allow_secure(value) for key, value in node.items()}
    values = changed.get("additionalProperties")
    if isinstance(values, dict) and "$ref" in values:
        changed["additionalProperties"] = {"anyOf": [values, {"type": "null"}]}
    return changed


def resolve(node: Schema) -> Schema:
    """Follow `$ref`, and take the first real type of `X | None`, keeping the field's own texts."""
    merged = dict(node)
    while "$ref" in merged or "anyOf" in merged:
        options = [part for part in merged.get("anyOf", []) if part.get("type") != "null"]
        if "$ref" in merged:
            base = settings_schema()["$defs"][merged["$ref"].rsplit("/", 1)[1]]
        elif len(options) == 1:
            base = options[0]
        else:
            break
        texts = {key: value for key, value in merged.items() if key not in {"$ref", "anyOf"}}
        merged = {**base, **texts}
    return merged
