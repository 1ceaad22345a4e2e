"""The relay's policy: exact while IAM has room for it."""

import json

from components.relay.ses import INLINE_POLICY_LIMIT, _may_send_for

_ARN = "arn:aws:ses:eu-central-1:123456789012:identity/"


def _resources(policy: str) -> list[str]:
    resources: list[str] = json.loads(policy)["Statement"][0]["Resource"]
    return resources


def test_few_identities_are_named_one_by_one() -> None:
    arns = [f"{_ARN}b.test", f"{_ARN}a.test"]
    assert _resources(_may_send_for(arns)) == sorted(arns)


def test_many_identities_stay_within_iams_limit() -> None:
    policy = _may_send_for([f"{_ARN}domain-{number}.test" for number in range(300)])
    assert len(policy) <= INLINE_POLICY_LIMIT
    assert _resources(policy) == [f"{_ARN}*"]
