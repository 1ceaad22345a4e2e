"""A faulty stack file without its faults, so that the rest can be checked in the same run."""

from copy import deepcopy

from pydantic import ValidationError

from settings.outline import locate
from settings.paths import Loc
from settings.stack import Settings

_ROUNDS = 3  # taking one thing away may leave a map empty, which is then the next fault
_NOT_ADDRESSES = {"password", "quota", "dmarc", "spf", "dkim", "relay", "tlsReports"}


def without_faults(raw: object, error: ValidationError) -> Settings | None:
    """Return the settings that remain when everything faulty is left out, or None."""
    rest = deepcopy(raw)
    for _ in range(_ROUNDS):
        faults = _faults(error, rest)
        if () in faults:
            return None
        for loc in faults:
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
        for loc in _faults(error, raw)
    )


def _faults(error: ValidationError, raw: object) -> set[Loc]:
    """Return what is to be left out; of a list the whole, lest an index come to mean another."""
    faults: set[Loc] = set()
    for details in error.errors(include_url=False, include_input=False):
        loc = locate((*details["loc"], *details.get("ctx", {}).get("at", ())), raw).loc
        if details["type"] == "missing":
            loc = loc[:-1]  # what lacks something goes as a whole
        index = next((i for i, part in enumerate(loc) if isinstance(part, int)), len(loc))
        faults.add(loc[:index])
    return faults


def _take_away(tree: object, loc: Loc) -> None:
    for part in loc[:-1]:
        tree = tree.get(part) if isinstance(tree, dict) else None
    if isinstance(tree, dict):
        tree.pop(loc[-1], None)
