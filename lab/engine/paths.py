"""Property paths: the strings of ignoreChanges, replaceOnChanges and detailed diffs.

Grammar and matching follow sdk/go/common/resource/properties_path.go: names joined by dots,
indexes in brackets, `*` for any name or index, `["a.b"]` for a name with odd characters.
"""

import copy
import re
from collections.abc import Iterable

from lab.engine.properties import PropertyMap, Secret, Value, make_secret, strip

Path = tuple[str | int, ...]

_ELEMENT = re.compile(
    r'\.?(?P<name>[^.\[]+)|\.?\[(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<star>\*)|(?P<index>\d+))\]'
)


def parse(text: str) -> Path:
    """Split a path into names and indexes.

    Raises:
        ValueError: when the text is no property path.
    """
    elements: list[str | int] = []
    position = 0
    while position < len(text):
        match = _ELEMENT.match(text, position)
        if match is None or (position == 0 and text.startswith(".")):
            raise ValueError(f"not a property path: {text!r}")
        if match["index"] is not None:
            elements.append(int(match["index"]))
        elif match["quoted"] is not None:
            elements.append(match["quoted"].replace('\\"', '"'))
        else:
            elements.append(match["name"] or "*")
        position = match.end()
    return tuple(elements)


def contains(outer: Path, inner: Path) -> bool:
    """Whether `inner` is `outer` or lies below it, `*` in `outer` matching anything."""
    if len(inner) < len(outer):
        return False
    return all(a in ("*", b) for a, b in zip(outer, inner, strict=False))


def ignore_changes(new: PropertyMap, old: PropertyMap, paths: Iterable[str]) -> PropertyMap:
    """Give `new` with the old values at `paths`, so that no change shows there."""
    parsed = [parse(path) for path in paths]
    if not parsed:
        return new
    result = copy.deepcopy(new)
    for path in parsed:
        _reset(path, old, result, hide=False)
    return result


def _reset(path: Path, old: Value, new: Value, *, hide: bool) -> None:
    """Write old values into the containers of `new`; `hide` when old is secret and new is not."""
    hide = hide or (isinstance(old, Secret) and not isinstance(new, Secret))
    old, new = strip(old), strip(new)
    for key in _keys(path[0], old, new):
        if len(path) == 1:
            _put(key, old, new, hide=hide)
        else:
            below_old, below_new = _get(key, old), _get(key, new)
            if below_new is not None and (below_old is not None or isinstance(new, dict)):
                _reset(path[1:], below_old, below_new, hide=hide)


def _keys(key: str | int, old: Value, new: Value) -> list[str | int]:
    if key != "*":
        return [key]
    if isinstance(new, dict):
        return sorted({*new, *(old if isinstance(old, dict) else ())})
    return list(range(len(new))) if isinstance(new, list) else []


def _get(key: str | int, container: Value) -> Value:
    if isinstance(container, dict) and isinstance(key, str):
        return container.get(key)
    if isinstance(container, list) and isinstance(key, int) and key < len(container):
        return container[key]
    return None


def _put(key: str | int, old: Value, new: Value, *, hide: bool) -> None:
    if isinstance(new, dict) and isinstance(key, str):
        if isinstance(old, dict) and key in old:
            new[key] = make_secret(old[key]) if hide else old[key]
        else:
            new.pop(key, None)
    elif (
        isinstance(new, list)
        and isinstance(old, list)
        and isinstance(key, int)
        and key < min(len(old), len(new))
    ):
        new[key] = make_secret(old[key]) if hide else old[key]
