"""The policy pack: each rule as a policy that stops the deployment before it begins.

Run by the Pulumi CLI in this folder's own environment (`make policy`), for the project in
the current folder.
"""

import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from pulumi_policy import (
    EnforcementLevel,
    PolicyPack,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
)
from pulumi_policy.proxy import UnknownValueError

# The CLI starts this file alone; the rules and what we know of mail stand beside it.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from policy.resource import Asked, Resource, read_asked
from policy.rules import RULES, Rule

asked_for = cache(read_asked)


def known(value: Any) -> Any:  # noqa: ANN401 - any JSON value, behind the library's proxies
    """Copy a value without what a preview cannot know: asking for that would end the policy."""
    if isinstance(value, Mapping):
        return {key: item for key in value if (item := _item(value, key)) is not None}
    if isinstance(value, Sequence) and not isinstance(value, str):
        items = (_item(value, index) for index in range(len(value)))
        return [item for item in items if item is not None]
    return value


def _item(holder: Any, key: Any) -> Any:  # noqa: ANN401
    try:
        return known(holder[key])
    except UnknownValueError:
        return None


def policy(rule: Rule) -> ResourceValidationPolicy:
    """Make a rule a policy of the CLI."""

    def validate(args: ResourceValidationArgs, report_violation: ReportViolation) -> None:
        stack = args.urn.split(":")[2]
        resource = Resource(
            type=args.resource_type,
            name=args.name,
            props=known(args.props),
            protected=bool(args.opts.protect),
        )
        asked: Asked = asked_for(Path.cwd(), stack)
        for message in rule.check(resource, asked):
            report_violation(message, None)

    return ResourceValidationPolicy(
        name=rule.name,
        description=rule.why,
        enforcement_level=EnforcementLevel.MANDATORY,
        validate=validate,
    )


PolicyPack(name="mailstack", policies=[policy(rule) for rule in RULES])
