import json
import re
from typing import Any

import pytest

from lab.cloud.aws_iam import smtp_password
from lab.daemon.run_info import RunInfo
from lab.world import World
from tests.lab.cloud.aws_objects import Objects, refusal
from tests.lab.cloud.client import Client, kinds

USER = "aws:iam/user:User"
POLICY = "aws:iam/userPolicy:UserPolicy"
KEY = "aws:iam/accessKey:AccessKey"


def policy(*resources: str) -> str:
    statement = {"Effect": "Allow", "Action": "ses:SendRawEmail", "Resource": list(resources)}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_users(objects: Objects) -> None:
    made = objects.make(USER, name="relay", path="/mail/", tags={"a": "b"})
    assert made.id == "relay"
    assert made.outputs["arn"] == "arn:aws:iam::123456789012:user/mail/relay"
    assert re.fullmatch("AIDA[A-Z2-7]{17}", made.outputs["uniqueId"])
    assert "region" not in made.outputs
    assert refusal(objects.make, USER, name="relay") == "EntityAlreadyExists"


@pytest.mark.parametrize("name", ["with space", "x" * 65, "ü"])
def test_user_names(aws: Client, name: str) -> None:
    assert set(aws.refusals(USER, "u", {"name": name})) == {"name"}


def test_users_go_last(objects: Objects) -> None:
    user = objects.make(USER, name="relay")
    key = objects.make(KEY, user="relay")
    rules = objects.make(POLICY, user="relay", policy=policy("*"), name="send")
    assert refusal(objects.delete, USER, user) == "DeleteConflict"
    objects.delete(KEY, key)
    assert refusal(objects.delete, USER, user) == "DeleteConflict"
    objects.delete(POLICY, rules)
    objects.delete(USER, user)


def test_forced_destruction(objects: Objects, lab_world: World) -> None:
    user = objects.make(USER, name="relay", forceDestroy=True)
    objects.make(KEY, user="relay")
    objects.make(POLICY, user="relay", policy=policy("*"))
    objects.delete(USER, user)
    assert lab_world.find(KEY) == lab_world.find(POLICY) == {}


def test_policies(objects: Objects) -> None:
    objects.make(USER, name="relay")
    made = objects.make(POLICY, user="relay", policy=policy("a"), name="send")
    assert made.id == "relay:send"
    for wrong in ("{", "[]", "{}", json.dumps({"Version": "2012-10-17"})):
        assert (
            refusal(objects.make, POLICY, user="relay", policy=wrong) == "MalformedPolicyDocument"
        )
    assert refusal(objects.make, POLICY, user="no", policy=policy("a")) == "NoSuchEntity"


def test_policies_of_a_user_have_a_limit(objects: Objects) -> None:
    objects.make(USER, name="relay")

    def sized(size: int) -> str:
        return policy("x" * (size - len(policy("").replace(" ", ""))))

    objects.make(POLICY, user="relay", policy=sized(1000), name="a")
    made = objects.make(POLICY, user="relay", policy=sized(1048) + " " * 50, name="b")
    assert refusal(objects.make, POLICY, user="relay", policy=sized(100)) == "LimitExceeded"
    inputs = {"user": "relay", "name": "b"}
    assert (
        refusal(objects.client.update, POLICY, "p", made, inputs | {"policy": sized(1049)})
        == "LimitExceeded"
    )


def test_access_keys(objects: Objects) -> None:
    objects.make(USER, name="relay")
    made = objects.make(KEY, user="relay")
    assert re.fullmatch("AKIA[A-Z2-7]{16}", made.id)
    assert len(made.outputs["secret"]) == 40
    assert made.outputs["status"] == "Active"
    objects.make(KEY, user="relay")
    assert refusal(objects.make, KEY, user="relay") == "LimitExceeded"
    assert refusal(objects.make, KEY, user="no") == "NoSuchEntity"
    outputs = objects.client.update(KEY, "k", made, {"user": "relay", "status": "Inactive"})
    assert outputs == made.outputs | {"status": "Inactive"}


def test_smtp_password_is_of_the_providers_region(objects: Objects, running: RunInfo) -> None:
    objects.make(USER, name="relay")
    west = Client(running.providers["aws"], region="eu-west-1")
    try:
        for client, region in ((west, "eu-west-1"), (objects.client, "eu-central-1")):
            outputs = client.create(KEY, "k", {"user": "relay"}).outputs
            assert outputs["sesSmtpPasswordV4"] == smtp_password(outputs["secret"], region)
    finally:
        west.close()


def test_smtp_password() -> None:
    """The vector of terraform-provider-aws's own test."""
    expected = "BMXhUYlu5Z3gSXVQORxlVa7XPaz91aGWdfHxvkOZdWZ2"
    assert smtp_password("some+secret+key", "eu-central-1") == expected


@pytest.mark.parametrize(
    ("kind", "change", "expected"),
    [
        (USER, {"name": "b"}, {"name": "ADD_REPLACE"}),
        (USER, {"tags": {"a": "b"}}, {"tags": "ADD"}),
        (POLICY, {"user": "b"}, {"user": "ADD_REPLACE"}),
        (POLICY, {"name": "b"}, {"name": "ADD_REPLACE"}),
        (POLICY, {"policy": "b"}, {"policy": "ADD"}),
        (KEY, {"user": "b"}, {"user": "ADD_REPLACE"}),
        (KEY, {"status": "Inactive"}, {"status": "ADD"}),
    ],
)
def test_what_replaces(
    aws: Client, kind: str, change: dict[str, Any], expected: dict[str, str]
) -> None:
    assert kinds(aws.diff(kind, "x", {}, {}, change)) == expected
