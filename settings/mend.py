"""A faulty stack file without its faults, so that the rest can be checked in the same run."""

from copy import deepcopy

from pydantic import ValidationError

from settings.outline import locate
from settings.paths import Loc
from settings.stack import Settings

_ROUNDS = 3  # taking one thing away may leave a list empty, which is then the next fault
_NOT_ADDRESSES = {"password", "quota", "dmarc", "spf", "dkim", "tlsReports"}


def without_faults(raw: object, error: ValidationError) -> Settings | None:
    """Return the settings that remain when everything faulty is left out, or None."""
    rest = deepcopy(raw)
    for _ in range(_ROUNDS):
        locations = _locations(error, rest)
        if () in locations:
            return None
        for loc in sorted(locations, key=_last_first, reverse=True):
            _take_away(rest, loc)
        try:
            return Settings.model_validate(rest, by_alias=True, by_name=False)
        except ValidationError as again:
            error = again
    return None


def has_all_addresses(raw: object, error: ValidationError) -> bool:
    """Whether no account or alias is among what `without_faults` leaves out."""
    return not any(
        loc[:1] == ("domains",) and not _NOT_ADDRESSES.intersection(loc[2:])
        for loc in _locations(error, raw)
    )


def _locations(error: ValidationError, raw: object) -> set[Loc]:
    details = error.errors(include_url=False, include_input=False)
    return {locate((*one["loc"], *one.get("ctx", {}).get("at", ())), raw).loc for one in details}


def _last_first(loc: Loc) -> tuple[str, ...]:
    # Later items of a list go first, so that the earlier ones keep their index.
    return tuple(f"{part:09d}" if isinstance(part, int) else str(part) for part in loc)


def _take_away(tree: object, loc: Loc) -> None:
    for part in loc[:-1]:
        tree = tree.get(part) if isinstance(tree, dict) else _item(tree, part)
    if isinstance(tree, dict):
        tree.pop(loc[-1], None)
    elif isinstance(tree, list) and isinstance(loc[-1], int) and loc[-1] < len(tree):
        tree.pop(loc[-1])


def _item(tree: object, part: object) -> object:
    fits = isinstance(tree, list) and isinstance(part, int) and part < len(tree)
    return tree[part] if fits and isinstance(tree, list) and isinstance(part, int) else None
