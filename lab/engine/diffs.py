"""What a provider says has changed, and the engine's own comparison when it does not say."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from pulumi.runtime.proto import provider_pb2

from lab.engine import paths
from lab.engine.properties import UNKNOWN, PropertyMap, Value, plain

_REPLACING = frozenset(
    {
        provider_pb2.PropertyDiff.ADD_REPLACE,
        provider_pb2.PropertyDiff.DELETE_REPLACE,
        provider_pb2.PropertyDiff.UPDATE_REPLACE,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Diff:
    """The outcome of a diff.

    Attributes:
        changes: whether anything differs; None when the provider cannot tell.
        changed: paths of the properties that differ, for display and replaceOnChanges.
        replaces: those that force a replacement.
        delete_before_replace: the provider cannot have old and new side by side.
    """

    changes: bool | None
    changed: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()
    delete_before_replace: bool = False


NO_DIFF = Diff(changes=False)


def from_response(response: provider_pb2.DiffResponse) -> Diff:
    """Read a provider's answer; the detailed diff, when there is one, wins for display."""
    detailed = response.detailedDiff if response.hasDetailedDiff else {}
    replaces = [path for path, change in detailed.items() if change.kind in _REPLACING]
    changes = {
        provider_pb2.DiffResponse.DIFF_NONE: False,
        provider_pb2.DiffResponse.DIFF_SOME: True,
    }.get(response.changes)
    return Diff(
        changes=changes,
        changed=tuple(sorted({*detailed, *response.diffs})),
        replaces=tuple(dict.fromkeys([*response.replaces, *replaces])),
        delete_before_replace=response.deleteBeforeReplace,
    )


def compare(old: PropertyMap, new: PropertyMap) -> Diff:
    """Compare inputs ourselves, blind to secret marks (diffResource in step_generator.go)."""
    changed = tuple(_changed(plain(old), plain(new), ""))
    return Diff(changes=bool(changed), changed=changed)


def _changed(old: Value, new: Value, path: str) -> Iterator[str]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted({*old, *new}):
            below = f"{path}.{key}" if path else key
            yield from _changed(old.get(key), new.get(key), below)
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, (before, after) in enumerate(zip(old, new, strict=True)):
            yield from _changed(before, after, f"{path}[{index}]")
    elif new is UNKNOWN or old != new:
        yield path


def with_replace_on_changes(diff: Diff, replace_on_changes: Iterable[str]) -> Diff:
    """Turn the changes below the given paths into replacements (applyReplaceOnChanges)."""
    outer = [paths.parse(path) for path in replace_on_changes]
    if not diff.changes or not outer:
        return diff
    forced = [
        changed
        for changed in diff.changed
        if any(paths.contains(path, paths.parse(changed)) for path in outer)
    ]
    return replace(diff, replaces=tuple(dict.fromkeys([*diff.replaces, *forced])))
