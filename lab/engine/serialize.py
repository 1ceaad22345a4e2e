"""Resources to and from the JSON of the real CLI's checkpoint (apitype.ResourceV3)."""

import json
from collections.abc import Callable
from typing import Any, Final, cast

from lab.engine.errors import StateError
from lab.engine.properties import (
    SECRET_SIGNATURE,
    SIGNATURE,
    UNKNOWN_STRING,
    Secret,
    Unknown,
    Value,
    plain,
)
from lab.engine.resources import Resource
from lab.engine.secrets import PassphraseSecrets

Json = dict[str, Any]

# attribute of Resource → key in the checkpoint, for what is copied as it is
_PLAIN: Final = {
    "urn": "urn",
    "custom": "custom",
    "delete": "delete",
    "id": "id",
    "type": "type",
    "parent": "parent",
    "protect": "protect",
    "external": "external",
    "dependencies": "dependencies",
    "init_errors": "initErrors",
    "provider": "provider",
    "property_dependencies": "propertyDependencies",
    "pending_replacement": "pendingReplacement",
    "additional_secret_outputs": "additionalSecretOutputs",
    "aliases": "aliases",
    "custom_timeouts": "customTimeouts",
    "retain_on_delete": "retainOnDelete",
    "deleted_with": "deletedWith",
    "created": "created",
    "modified": "modified",
    "ignore_changes": "ignoreChanges",
    "hide_diff": "hideDiff",
    "replace_on_changes": "replaceOnChanges",
}
_SEALED: Final = {
    "inputs": "inputs",
    "outputs": "outputs",
    "replacement_trigger": "replacementTrigger",
}
_ALWAYS: Final = frozenset({"urn", "custom", "type"})
_KNOWN_KEYS: Final = frozenset({*_PLAIN.values(), *_SEALED.values()})


class Serializer:
    """Writes and reads resources, sealing what is secret.

    A secret whose plaintext did not change keeps its ciphertext, place by place, so that an
    unchanged state stays byte for byte the same; equal secrets in two places still look different.
    `learn` is told every secret that is read.
    """

    def __init__(
        self, secrets: PassphraseSecrets, learn: Callable[[Value], None] = lambda _secret: None
    ) -> None:
        self._secrets = secrets
        self._learn = learn
        self._sealed: dict[tuple[str, str], tuple[str, str]] = {}

    def dump(self, resource: Resource) -> Json:
        """The JSON form of a resource; empty fields are left out, as the real CLI does."""
        data: Json = dict(resource.extra)
        for attribute, key in _PLAIN.items():
            value = getattr(resource, attribute)
            if value or key in _ALWAYS:
                data[key] = value
        place = resource.urn + ("#old" if resource.delete else "")
        for attribute, key in _SEALED.items():
            value = getattr(resource, attribute)
            if value is not None and value != {}:
                data[key] = self._dump(value, (place, key))
        return data

    def load(self, data: Json, opener: PassphraseSecrets) -> Resource:
        """Read a resource, opening its secrets.

        Raises:
            StateError: fields are missing, or a secret cannot be opened.
            WrongPassphraseError: the passphrase is not the state's.
        """
        try:
            fields = {name: data[key] for name, key in _PLAIN.items() if key in data}
            place = data["urn"] + ("#old" if data.get("delete") else "")
            for name, key in _SEALED.items():
                if key in data:
                    fields[name] = self._load(data[key], (place, key), opener)
            extra = {key: value for key, value in data.items() if key not in _KNOWN_KEYS}
            return Resource(**fields, extra=extra)
        except (KeyError, TypeError) as error:
            raise StateError(f"a resource in the state is not of a known form ({error})") from error

    def _dump(self, value: Value, place: tuple[str, str]) -> object:
        urn, path = place
        match value:
            case Secret(inner):
                # Marks inside a secret are not kept: the whole of it is sealed anyway.
                return self._seal(_compact(self._dump(plain(inner), place)), place)
            case Unknown():
                return UNKNOWN_STRING
            case list():
                return [
                    self._dump(item, (urn, f"{path}[{index}]")) for index, item in enumerate(value)
                ]
            case dict():
                return {
                    key: self._dump(value[key], (urn, f"{path}.{key}")) for key in sorted(value)
                }
            case float() if value.is_integer():
                return int(value)
            case _:
                return value

    def _seal(self, plaintext: str, place: tuple[str, str]) -> Json:
        before = self._sealed.get(place)
        if before is None or before[0] != plaintext:
            before = self._sealed[place] = (plaintext, self._secrets.encrypt(plaintext))
        return {SIGNATURE: SECRET_SIGNATURE, "ciphertext": before[1]}

    def _load(
        self, data: object, place: tuple[str, str], opener: PassphraseSecrets | None
    ) -> Value:
        urn, path = place
        if isinstance(data, list):
            return [
                self._load(item, (urn, f"{path}[{index}]"), opener)
                for index, item in enumerate(data)
            ]
        if not isinstance(data, dict):
            return cast(Value, data)
        if data.get(SIGNATURE) != SECRET_SIGNATURE:
            return {
                key: self._load(item, (urn, f"{path}.{key}"), opener) for key, item in data.items()
            }
        text = str(data.get("ciphertext", data.get("plaintext", "null")))
        if opener is not None and "ciphertext" in data:
            ciphertext, text = text, opener.decrypt(text)
            if opener is self._secrets:
                self._sealed[place] = (text, ciphertext)
        # What a sealed value holds inside is plain, marks of inner secrets included.
        secret = Secret(self._load(json.loads(text), place, None))
        self._learn(secret)
        return secret


def _compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
