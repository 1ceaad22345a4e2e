"""From what Pulumi's config holds to `Settings`, or to all that is wrong with it."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping

from pydantic import ValidationError

from settings.checks import CHECKS, CHECKS_OF_ALL_ADDRESSES, Check
from settings.checks.sealed import sealed_problems
from settings.errors import Problem, SettingsError
from settings.mend import has_all_addresses, without_faults
from settings.stack import Settings
from settings.translate import problems_of


def sections(config: Mapping[str, str], project: str) -> dict[str, object]:
    """Give what stands below the project's namespace, as `load` takes it.

    config: Pulumi's own map, `namespace:key` → text; maps and lists are JSON, strings stand bare.
    Every key is given, misspelt ones too: `load` refuses what nobody would ask for.
    """
    names = section_names(config, project)
    return {name: _value(config[f"{project}:{name}"]) for name in names}


def section_names(keys: Iterable[str], project: str) -> list[str]:
    """Give those of `keys` (`namespace:key`) that are the project's, without their namespace."""
    namespace = f"{project}:"
    return [key.removeprefix(namespace) for key in keys if key.startswith(namespace)]


def _value(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text


def load(raw: Mapping[str, object], *, sealed: Collection[str] | None = None) -> Settings:
    """Check a stack's configuration.

    raw: `{"host": …, "server": …, "dns": …, "relay": …, "domains": …}` in plain values, secrets in
    plaintext, as `pulumi.Config.require_object` gives them.
    sealed: those of its names whose values Pulumi's config keeps as secrets; None: all.

    Raises SettingsError with every problem at once.
    """
    try:
        settings = Settings.model_validate(raw, by_alias=True, by_name=False)
    except ValidationError as error:
        # `from None`: the original holds the input, secrets included.
        raise SettingsError(_all_problems(raw, error)) from None
    problems = list(_check(settings, (*CHECKS, *CHECKS_OF_ALL_ADDRESSES)))
    if sealed is not None:
        problems += sealed_problems(settings, sealed)
    if problems:
        raise SettingsError(problems)
    return settings


def _all_problems(raw: object, error: ValidationError) -> list[Problem]:
    """Add to the faults of single values what the cross checks say of the rest."""
    problems = problems_of(error, raw)
    rest = without_faults(raw, error)
    if rest is not None:
        all_there = has_all_addresses(raw, error)
        problems += _check(rest, (*CHECKS, *CHECKS_OF_ALL_ADDRESSES) if all_there else CHECKS)
    return problems


def _check(settings: Settings, checks: tuple[Check, ...]) -> Iterator[Problem]:
    for check in checks:
        yield from check(settings)
