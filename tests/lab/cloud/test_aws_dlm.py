import json
from typing import Any

import pytest

from tests.lab.cloud.aws_objects import Objects, refusal
from tests.lab.cloud.client import Client, Made, kinds

ROLE = "aws:iam/role:Role"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
POLICY = "aws:dlm/lifecyclePolicy:LifecyclePolicy"
MANAGED = "arn:aws:iam::aws:policy/service-role/AWSDataLifecycleManagerServiceRole"


def trust(service: str = "dlm.amazonaws.com") -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sts:AssumeRole",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def details(**more: Any) -> dict[str, Any]:
    schedule = {
        "name": "daily",
        "createRule": {"interval": 24.0, "intervalUnit": "HOURS", "times": "03:00"},
        "retainRule": {"count": 7.0},
    }
    return {
        "resourceTypes": ["VOLUME"],
        "targetTags": {"Name": "data"},
        "schedules": [schedule | more],
    }


def role(objects: Objects, name: str = "copier", service: str = "dlm.amazonaws.com") -> Made:
    return objects.make(ROLE, name=name, assumeRolePolicy=trust(service))


def test_roles(objects: Objects) -> None:
    made = role(objects)
    assert made.id == "copier"
    assert made.outputs["arn"] == "arn:aws:iam::123456789012:role/copier"
    assert refusal(role, objects) == "EntityAlreadyExists"
    for nobody in ("{}", "no JSON", '{"Statement": [7]}'):
        found = refusal(objects.make, ROLE, name="x", assumeRolePolicy=nobody)
        assert found == "MalformedPolicyDocument"


def test_role_names(aws: Client) -> None:
    assert set(aws.refusals(ROLE, "r", {"name": "a b", "assumeRolePolicy": trust()})) == {"name"}


def test_roles_go_last(objects: Objects) -> None:
    made = role(objects)
    attached = objects.make(ATTACHMENT, role="copier", policyArn=MANAGED)
    assert attached.id == f"copier/{MANAGED}"
    assert refusal(objects.delete, ROLE, made) == "DeleteConflict"
    objects.delete(ATTACHMENT, attached)
    objects.delete(ROLE, made)


def test_attachments_name_what_exists(objects: Objects) -> None:
    assert refusal(objects.make, ATTACHMENT, role="x", policyArn=MANAGED) == "NoSuchEntity"
    role(objects)
    wrong = "arn:aws:iam::aws:policy/Nothing"
    assert refusal(objects.make, ATTACHMENT, role="copier", policyArn=wrong) == "NoSuchEntity"


def test_a_policy_needs_a_role_that_it_may_use(objects: Objects) -> None:
    def make(arn: str) -> Made:
        return objects.make(
            POLICY, description="daily", executionRoleArn=arn, policyDetails=details()
        )

    stranger = role(objects, "stranger", "ec2.amazonaws.com")
    objects.make(ATTACHMENT, role="stranger", policyArn=MANAGED)
    own = role(objects)
    assert refusal(make, stranger.outputs["arn"]) == "InvalidRequestException"
    assert refusal(make, own.outputs["arn"]) == "InvalidRequestException"
    objects.make(ATTACHMENT, role="copier", policyArn=MANAGED)
    made = make(own.outputs["arn"])
    assert made.outputs["state"] == "ENABLED"
    assert made.outputs["arn"] == f"arn:aws:dlm:eu-central-1:123456789012:policy/{made.id}"


@pytest.mark.parametrize(
    ("change", "refused"),
    [
        ({"description": "daily: 7"}, "description"),
        ({"policyDetails": details() | {"targetTags": {}}}, "policyDetails"),
        ({"policyDetails": details() | {"schedules": []}}, "policyDetails"),
        ({"policyDetails": details() | {"resourceTypes": ["INSTANCE"]}}, "policyDetails"),
        ({"policyDetails": details(retainRule={"count": 0.0})}, "policyDetails"),
        (
            {
                "policyDetails": details(
                    createRule={"interval": 5.0, "intervalUnit": "HOURS", "times": "03:00"}
                )
            },
            "policyDetails",
        ),
        (
            {
                "policyDetails": details(
                    createRule={"interval": 24.0, "intervalUnit": "HOURS", "times": "3 am"}
                )
            },
            "policyDetails",
        ),
    ],
)
def test_refusals(aws: Client, change: dict[str, Any], refused: str) -> None:
    base = {"description": "daily", "executionRoleArn": "arn:x", "policyDetails": details()}
    assert aws.refusals(POLICY, "p", base) == {}
    assert set(aws.refusals(POLICY, "p", base | change)) == {refused}


def test_a_schedule_changes_in_place(aws: Client) -> None:
    old = {"description": "daily", "executionRoleArn": "arn:x", "policyDetails": details()}
    new = old | {"policyDetails": details(retainRule={"count": 30.0})}
    assert set(kinds(aws.diff(POLICY, "p", old, old, new)).values()) == {"UPDATE"}
