"""The schema that editors use agrees with what `load` takes."""

from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from settings import load
from settings.reference import EXAMPLE
from settings.schema import settings_schema, stack_schema
from tests.settings.conftest import GOOD, Raw

ROOT = Path(__file__).parents[2]


def read(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


def faults(stack: object) -> list[str]:
    validator = Draft202012Validator(stack_schema())
    return [error.message for error in validator.iter_errors(stack)]


def stack_of(raw: Raw) -> Raw:
    return {"config": {f"mailstack:{key}": value for key, value in raw.items()}}


def decrypted(node: Any) -> Any:
    """What the engine makes of `{secure: …}`."""
    if isinstance(node, dict):
        if node.keys() == {"secure"}:
            return "decrypted"
        return {key: decrypted(value) for key, value in node.items()}
    return [decrypted(item) for item in node] if isinstance(node, list) else node


def raw_of(stack: Any) -> Raw:
    return {
        key.removeprefix("mailstack:"): decrypted(value)
        for key, value in stack["config"].items()
        if key.startswith("mailstack:")
    }


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(stack_schema())


def test_good_stacks_pass() -> None:
    others = {"aws:region": "eu-central-1", "cloudflare:apiToken": {"secure": "v1:…"}}
    stack = stack_of(GOOD) | {"encryptionsalt": "v1:…", "secretsprovider": "passphrase"}
    stack["config"] |= others
    assert faults(stack) == []


def test_the_reference_shows_a_stack_that_works() -> None:
    stack = read(EXAMPLE)
    assert faults(stack) == []
    assert len(load(raw_of(stack)).domains) == 2


# Not Pulumi.*.yaml: a user's own stacks are no matter of ours.
COMMITTED = [ROOT / "Pulumi.dev.yaml", *ROOT.glob("Pulumi.*.example.yaml")]


@pytest.mark.parametrize("path", COMMITTED, ids=lambda path: path.name)
def test_the_stack_files_of_the_repository_work(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server: $schema=docs/schema/mailstack.schema.json")
    stack = read(text)
    assert faults(stack) == []
    assert load(raw_of(stack)).mailboxes


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("domains", "example.test", "accounts", "alice", "password"), {"secure": "v1:…"}),
        (("server", "files"), {"fetchmail.cf": {"secure": "v1:…"}}),
        (("server", "masters"), {"root": {"password": {"secure": "v1:…"}}}),
        (("domains", "example.test", "accounts", "bob"), None),
        (("domains", "example.test", "aliases", "team"), "alice"),
        (("server", "environment"), {"ENABLE_CLAMAV": 1}),
    ],
)
def test_editors_take_what_load_takes(good: Raw, place: tuple[str, ...], value: object) -> None:
    _put(good, place, value)
    assert faults(stack_of(good)) == []
    assert load(decrypted(good)).mailboxes


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("sever",), {}),
        (("domains", "example.test", "accounts", "alice", "qota"), "2G"),
        (("domains", "example.test", "accounts", "alice", "quota"), 2),
        (("domains",), ["example.test"]),
        (("host", "kind"), "gcp"),
        (("relay",), {"kind": "smtp"}),
        (("server", "services"), ["smpt"]),
    ],
)
def test_editors_refuse_what_load_refuses(good: Raw, place: tuple[str, ...], value: object) -> None:
    _put(good, place, value)
    assert faults(stack_of(good))


def test_every_example_is_right() -> None:
    schema = settings_schema()
    for model in schema["$defs"].values():
        for key, field in model.get("properties", {}).items():
            whole = field | {"$defs": schema["$defs"]}
            for example in field.get("examples", []):
                faults = list(Draft202012Validator(whole).iter_errors(example))
                assert faults == [], f"{key}: {example}"


def test_every_key_is_explained() -> None:
    schema = settings_schema()
    models = [schema, *schema["$defs"].values()]
    silent = [
        key
        for model in models
        for key, field in model.get("properties", {}).items()
        if key != "kind" and not field.get("description") and "$ref" not in field
    ]
    assert silent == []


def test_the_project_file_declares_the_same_keys() -> None:
    declared = read((ROOT / "Pulumi.yaml").read_text(encoding="utf-8"))["config"]
    schema = settings_schema()
    assert {f"mailstack:{key}" for key in schema["properties"]} == declared.keys()
    types = {key: entry["type"] for key, entry in declared.items()}
    assert types.pop("mailstack:protect") == "boolean"
    assert set(types.values()) == {"object"}
    # The CLI asks for every key that has no default, so what may be left out needs one.
    without_default = {key for key, entry in declared.items() if "default" not in entry}
    assert without_default == {f"mailstack:{key}" for key in schema["required"]}


def test_the_project_files_defaults_change_nothing(good: Raw) -> None:
    declared = read((ROOT / "Pulumi.yaml").read_text(encoding="utf-8"))["config"]
    defaults = {
        key.removeprefix("mailstack:"): entry["default"]
        for key, entry in declared.items()
        if "default" in entry
    }
    bare = {key: value for key, value in good.items() if key not in defaults}
    assert load(bare | defaults) == load(bare)


def _put(raw: Raw, place: tuple[str, ...], value: object) -> None:
    for part in place[:-1]:
        raw = raw[part]
    raw[place[-1]] = value
