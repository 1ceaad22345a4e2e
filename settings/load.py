"""From what Pulumi's config holds to `Settings`, or to all that is wrong with it."""

import json
from collections.abc import Iterator, Mapping

from pydantic import ValidationError

from settings.checks import CHECKS, CHECKS_OF_ALL_ADDRESSES, Check
from settings.errors import Problem, SettingsError
from settings.mend import has_all_addresses, without_faults
from settings.stack import Settings
from settings.translate import problems_of


def sections(config: Mapping[str, str], project: str) -> dict[str, object]:
    """Give what stands below the project's namespace, as `load` takes it.

    config: Pulumi's own map, `namespace:key` → text; maps and lists are JSON, strings stand bare.
    Every key is given, misspelt ones too: `load` refuses what nobody would ask for.
    """
    namespace = f"{project}:"
    return {
        key.removeprefix(namespace): _value(text)
        for key, text in config.items()
        if key.startswith(namespace)
    }


def _value(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text


def load(raw: Mapping[str, object]) -> Settings:
    """Check a stack's configuration.

    raw: `{"host": …, "server": …, "dns": …, "relay": …, "domains": …}` in plain values, secrets in
    plaintext, as `pulumi.Config.require_object` gives them.

    Raises SettingsError with every problem at once.
    """
    try:
        settings = Settings.model_validate(raw, by_alias=True, by_name=False)
    except ValidationError as error:
        # `from None`: the original holds the input, secrets included.
        raise SettingsError(_all_problems(raw, error)) from None
    problems = list(_check(settings, (*CHECKS, *CHECKS_OF_ALL_ADDRESSES)))
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
