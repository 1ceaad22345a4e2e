"""docs/configuration.md, written from the models."""

import json
from collections.abc import Iterator

from settings.schema import Schema, resolve, settings_schema

INTRODUCTION = """\
# Configuration

<!-- Written by `python -m settings` from the models in settings/. Change those instead. -->

Everything stands in the stack file, `Pulumi.<stack>.yaml`, as one map per concern. Names (domains,
accounts, aliases) are keys, so that a command reaches any value:

```sh
pulumi config set --path 'mailstack:domains["example.com"].accounts.alice.quota' 2G
pulumi config set --secret --path 'mailstack:domains["example.com"].accounts.alice.password'
```

- A **secret** is written by `--secret` and stands in the file as `secure: …`, encrypted. Passwords,
  keys and tokens in plain text are refused.
- A key without a value means its default: `bob:` is a mailbox like `bob: {}`.
- Domains may be written in Unicode (`exämple.com`) or as A-labels (`xn--exmple-cua.com`).
- A wrong stack file is refused before anything is created, with all problems at once, each with
  its path and what mends it.
- An editor that knows `docs/schema/mailstack.schema.json` completes and checks keys: put
  `# yaml-language-server: $schema=docs/schema/mailstack.schema.json` on the file's first line.

A stack file with a bit of everything:

"""

EXAMPLE = """\
# yaml-language-server: $schema=docs/schema/mailstack.schema.json
config:
  mailstack:host:
    kind: aws
    region: eu-central-1
    sshFrom: [198.51.100.0/24]
  mailstack:server:
    hostname: mail.example.com
    environment: { LOG_LEVEL: info }
    files: { postfix-main.cf: "message_size_limit = 52428800\\n" }
  mailstack:dns:
    provider: cloudflare
  mailstack:relay:
    kind: ses
  mailstack:domains:
    example.com:
      accounts:
        alice: { quota: 2G, aliases: [postmaster, hello] }
        bob: {}                 # no password: one is generated, a secret output
      aliases: { team: [alice, bob@example.net] }
      catchAll: alice
      dmarc: { policy: reject, reports: postmaster@example.com }
    example.org: { accounts: { carol: { aliases: [postmaster] } } }
"""


def reference() -> str:
    """Return docs/configuration.md."""
    root = resolve(settings_schema())
    parts = [f"{INTRODUCTION}```yaml\n{EXAMPLE}```\n"]
    required = root["required"]
    for key, node in root["properties"].items():
        default = _default(node, key, root)
        absent = f"May be left out: then {default}." if default else "May be left out."
        need = "Required." if key in required else absent
        parts.append(f"## mailstack:{key}\n\n{_description(resolve(node))} {need}\n")
        parts += _sections(key, resolve(node))
    return "\n".join(parts)


def _sections(path: str, node: Schema) -> Iterator[str]:
    """Yield the table of a map, then those of the maps inside it."""
    for kind, ref in node.get("discriminator", {}).get("mapping", {}).items():
        variant = resolve({"$ref": ref})
        yield f"### {path}, kind {kind}\n\n{_description(variant)}\n"
        yield from _sections(path, variant)
    properties = node.get("properties", {})
    if properties.keys() - {"kind"}:
        yield _table(node)
    for key, child in properties.items():
        yield from _inner(f"{path}.{key}", resolve(child))
    if "properties" not in node and "discriminator" not in node:
        yield from _inner(path, node)


def _inner(path: str, node: Schema) -> Iterator[str]:
    values = node.get("additionalProperties")
    if isinstance(values, dict):
        path, node = f"{path}.NAME", resolve(values)
    if "discriminator" in node:
        same = _told_already(path, node)
        yield from _sections(path, node) if same is None else _pointer(path, same)
    elif node.get("properties"):
        yield f"### {path}\n\n{_description(node)}\n"
        yield from _sections(path, node)


def _told_already(path: str, node: Schema) -> str | None:
    """Name the top-level key that takes the same kinds, if there is one."""
    for key, top in resolve(settings_schema())["properties"].items():
        if key != path and resolve(top).get("discriminator") == node["discriminator"]:
            return str(key)
    return None


def _pointer(path: str, same: str) -> Iterator[str]:
    yield f"### {path}\n\nOne of the kinds of [mailstack:{same}](#mailstack{same}).\n"


def _table(node: Schema) -> str:
    rows = ["| Key | Value | Default | Example | Meaning |", "|---|---|---|---|---|"]
    for key, raw in node["properties"].items():
        field = resolve(raw)
        if "const" in field and key == "kind":
            rows.append(f"| `kind` | `{field['const']}` | | | |")
            continue
        cells = [f"`{key}`", _type(field), _default(field, key, node), _example(field)]
        cells.append(_description(field).replace("|", "\\|"))
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows) + "\n"


def _description(node: Schema) -> str:
    return str(node.get("description", "")).replace("\n", " ")


def _type(field: Schema) -> str:
    if "enum" in field:
        return ", ".join(f"`{choice}`" for choice in field["enum"])
    if field.get("writeOnly"):
        return "secret text"
    if field.get("type") == "array":
        return f"list of {_type(resolve(field['items']))}"
    if isinstance(field.get("additionalProperties"), dict):
        return f"map: name → {_type(resolve(field['additionalProperties']))}"
    return _plain_type(field)


def _plain_type(field: Schema) -> str:
    kind = field.get("type")
    if kind == "integer" and "minimum" in field and "maximum" in field:
        return f"{field['minimum']} to {field['maximum']}"
    if kind == ["string", "number"]:
        return "text or number"
    if "anyOf" in field:
        return "text or list of text"
    words = {"string": "text", "boolean": "true or false", "integer": "whole number"}
    return words.get(str(kind), "map")


def _default(field: Schema, key: str, node: Schema) -> str:
    if key in node.get("required", []):
        return "**required**"
    default = field.get("default")
    return "" if default in (None, [], {}) or isinstance(default, dict) else _code(default)


def _example(field: Schema) -> str:
    examples = field.get("examples")
    return _code(examples[0]) if examples else ""


def _code(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"`{text}`".replace("|", "\\|")
