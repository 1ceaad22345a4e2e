"""aws:dlm lifecycle policies: who takes snapshots of which volumes, and when.

The lab has no passing days, so no policy ever runs: what counts is that AWS would take it.
"""

import re

from lab.cloud.aws_base import ACCOUNT, AwsResource, known
from lab.cloud.aws_iam_role import ATTACHMENT, ROLE, trusted_services
from lab.cloud.errors import CloudError
from lab.cloud.resource import Call
from lab.cloud.values import Plain, is_unknown

_DESCRIPTION = re.compile(r"[0-9A-Za-z _-]{1,500}")
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_INTERVALS = frozenset({1, 2, 3, 4, 6, 8, 12, 24})  # hours
_MOST = 1000  # snapshots kept by one schedule
_MOST_POLICIES = 100  # of an account in a region


class LifecyclePolicy(AwsResource):
    """aws:dlm/lifecyclePolicy:LifecyclePolicy, of custom snapshots of volumes by their tags."""

    token = "aws:dlm/lifecyclePolicy:LifecyclePolicy"  # noqa: S105 - a type token
    prefix, arn = "policy", "policy"
    required = frozenset({"description", "executionRoleArn", "policyDetails"})
    takes = frozenset({"state"})
    gives = frozenset({"state"})

    def check(self, inputs: Plain) -> list[tuple[str, str]]:
        """What the API refuses before it looks at anything else."""
        problems = []
        description = known(inputs, "description")
        if description is not None and not _DESCRIPTION.fullmatch(description):
            reason = "up to 500 of letters, digits, spaces, - and _"
            problems.append(("description", reason))
        details = inputs.get("policyDetails", {})
        if not is_unknown(details):
            problems += [("policyDetails", reason) for reason in _wrong(details)]
        return problems

    def made(self, call: Call, id: str, inputs: Plain) -> Plain:  # noqa: A002, ARG002
        """Refused without a role that the service may take on, and that may do something."""
        if len(call.world.find(self.token)) >= _MOST_POLICIES:
            raise CloudError("LimitExceededException", "too many lifecycle policies")
        self._check_role(call, inputs)
        return {"state": "ENABLED"}

    def changed(self, call: Call, id: str, current: Plain, inputs: Plain) -> None:  # noqa: A002, ARG002
        """Refused as `made` does."""
        self._check_role(call, inputs)

    def store(self, call: Call, id: str, body: Plain) -> Plain:  # noqa: A002
        """Its ARN names the service, as EC2's do not."""
        body["arn"] = f"arn:aws:dlm:{body['region']}:{ACCOUNT}:policy/{id}"
        return super().store(call, id, body)

    def _check_role(self, call: Call, inputs: Plain) -> None:
        arn = inputs["executionRoleArn"]
        for name, role in call.world.find(ROLE).items():
            attached = [one["role"] for one in call.world.find(ATTACHMENT).values()]
            trusted = trusted_services(role["assumeRolePolicy"])
            if role["arn"] == arn and "dlm.amazonaws.com" in trusted and name in attached:
                return
        message = f"The role {arn} cannot be used by Data Lifecycle Manager"
        raise CloudError("InvalidRequestException", message)


def _wrong(details: Plain) -> list[str]:
    reasons = []
    if details.get("resourceTypes") != ["VOLUME"]:
        reasons.append("the lab's policies copy volumes: resourceTypes must be VOLUME")
    if not details.get("targetTags"):
        reasons.append("targetTags must say which volumes")
    schedules = details.get("schedules") or []
    if not schedules:
        reasons.append("there must be a schedule")
    for schedule in schedules:
        rule, kept = schedule.get("createRule", {}), schedule.get("retainRule", {})
        if rule.get("interval") not in _INTERVALS or rule.get("intervalUnit") != "HOURS":
            reasons.append(f"interval must be one of {sorted(_INTERVALS)} HOURS")
        if not _TIME.fullmatch(str(rule.get("times", ""))):
            reasons.append("times must be a time of day, hh:mm")
        if not 1 <= kept.get("count", 0) <= _MOST:
            reasons.append(f"count must be 1 to {_MOST}")
    return reasons
