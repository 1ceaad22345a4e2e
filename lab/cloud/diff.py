"""What changed between an object and its new inputs, property by property."""

import json
import re
from collections.abc import Collection, Mapping
from typing import Any

from pulumi.provider.experimental.provider import (
    DiffResponse,
    PropertyDiff,
    PropertyDiffKind,
)

from lab.cloud.values import Plain, is_unknown

_ABSENT = object()
_NAME = re.compile(r"[A-Za-z_$][\w$]*\Z")
_REPLACING = {
    PropertyDiffKind.ADD: PropertyDiffKind.ADD_REPLACE,
    PropertyDiffKind.DELETE: PropertyDiffKind.DELETE_REPLACE,
    PropertyDiffKind.UPDATE: PropertyDiffKind.UPDATE_REPLACE,
}


def diff(
    *,
    outputs: Plain,
    old_inputs: Plain,
    inputs: Plain,
    replaces: Collection[str],
    ignore: Collection[str] = (),
    sets: Collection[str] = (),
    delete_before_replace: bool = False,
) -> DiffResponse:
    """Compare as the bridged providers do: the object as it is, against the inputs wanted.

    Properties that only the cloud sets do not count. A property counts as deleted when it was an
    input and is none now. `replaces` names the property paths whose change needs a new object,
    `ignore` those that never count (each stands for all below it); `sets` the lists whose order
    means nothing.
    """
    outputs, old_inputs, inputs = (
        {key: _sorted(value) if key in sets else value for key, value in side.items()}
        for side in (outputs, old_inputs, inputs)
    )
    changes: dict[str, PropertyDiffKind] = {}
    for key in sorted(inputs.keys() | old_inputs.keys()):
        _walk(
            key,
            outputs.get(key, _ABSENT),
            old_inputs.get(key, _ABSENT),
            inputs.get(key, _ABSENT),
            changes,
        )
    kept = {path: kind for path, kind in changes.items() if not _covered(path, ignore)}
    detailed = {
        path: PropertyDiff(_REPLACING[kind] if _covered(path, replaces) else kind, input_diff=False)
        for path, kind in kept.items()
    }
    replacing = sorted({_top(path) for path in kept if _covered(path, replaces)})
    return DiffResponse(
        changes=bool(kept),
        replaces=replacing,
        diffs=sorted({_top(path) for path in kept}),
        delete_before_replace=bool(replacing) and delete_before_replace,
        detailed_diff=detailed,
    )


def drifted(*, given: Plain, old: Plain, new: Plain) -> Plain:
    """The inputs as they would have to be to give what the object is now.

    `given` are the inputs that made it, `old` and `new` its outputs then and now. Only what has
    changed meanwhile follows: an input that the cloud writes in its own way stays as it was given.
    """
    result: Plain = {}
    for key, value in given.items():
        before, now = old.get(key), new.get(key)
        if before == now:
            result[key] = value
        elif isinstance(value, dict) and isinstance(before, dict) and isinstance(now, dict):
            # Inside, the cloud may have added parts of its own; what came later is no such part.
            added = {name: now[name] for name in now if name not in before}
            result[key] = added | drifted(given=value, old=before, new=now)
        elif key in new:
            result[key] = now
    return result


def _walk(
    path: str,
    output: Any,  # noqa: ANN401 - any JSON value, here and below
    old: Any,  # noqa: ANN401
    new: Any,  # noqa: ANN401
    changes: dict[str, PropertyDiffKind],
) -> None:
    if new is _ABSENT:
        # Set by the cloud itself and never asked for: not ours to remove.
        if old is not _ABSENT and output is not _ABSENT:
            changes[path] = PropertyDiffKind.DELETE
    elif output is _ABSENT:
        if new not in ({}, []):
            changes[path] = PropertyDiffKind.ADD
    elif isinstance(new, Mapping) and isinstance(output, Mapping):
        previous = old if isinstance(old, Mapping) else {}
        for key in sorted(new.keys() | previous.keys()):
            _walk(
                f"{path}.{key}" if _NAME.match(key) else f'{path}["{key}"]',
                output.get(key, _ABSENT),
                previous.get(key, _ABSENT),
                new.get(key, _ABSENT),
                changes,
            )
    elif isinstance(new, list) and isinstance(output, list) and not is_unknown(new):
        before = old if isinstance(old, list) else output
        for index in range(max(len(new), len(output))):
            parts = (
                part[index] if index < len(part) else _ABSENT for part in (output, before, new)
            )
            shown, asked, wanted = parts
            _walk(f"{path}[{index}]", shown, shown if asked is _ABSENT else asked, wanted, changes)
    elif is_unknown(new) or new != output:
        changes[path] = PropertyDiffKind.UPDATE


def _sorted(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    return sorted(value, key=json.dumps) if isinstance(value, list) else value


def _top(path: str) -> str:
    return re.split(r"[.\[]", path, maxsplit=1)[0]


def _covered(path: str, ignore: Collection[str]) -> bool:
    return any(path == one or path.startswith((f"{one}.", f"{one}[")) for one in ignore)
