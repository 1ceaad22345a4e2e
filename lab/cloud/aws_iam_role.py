"""aws:iam roles that AWS's own services take on, and the policies attached to them."""

import json

from lab.cloud.aws_base import ACCOUNT, AwsResource, timestamp
from lab.cloud.aws_iam import letters, name_faults
from lab.cloud.errors import CloudError
from lab.cloud.resource import Call
from lab.cloud.values import Plain

ROLE = "aws:iam/role:Role"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
_MANAGED = "arn:aws:iam::aws:policy/"
_AWS_POLICIES = frozenset({"service-role/AWSDataLifecycleManagerServiceRole"})


class Role(AwsResource):
    """aws:iam/role:Role; its id is its name."""

    token = ROLE
    arn, autoname, regional = "role", "name", False
    required = frozenset({"assumeRolePolicy"})
    takes = frozenset({"description", "forceDetachPolicies", "maxSessionDuration", "name", "path"})
    gives = frozenset({"createDate", "maxSessionDuration", "path", "uniqueId"})
    replaces = frozenset({"name", "path"})

    def check(self, inputs: Plain) -> list[tuple[str, str]]:
        """A name of IAM's alphabet."""
        return name_faults(inputs)

    def create(self, call: Call, inputs: Plain) -> tuple[str, Plain]:
        """Refused for a taken name, or a trust policy that trusts nobody."""
        name, path = inputs["name"], inputs.get("path", "/")
        if call.world.get(self.token, name) is not None:
            raise CloudError("EntityAlreadyExists", f"Role with name {name} already exists.")
        self.changed(call, name, {}, inputs)
        body = {
            "arn": f"arn:aws:iam::{ACCOUNT}:role{path}{name}",
            "createDate": timestamp(),
            "maxSessionDuration": 3600,
            "path": path,
            "uniqueId": "AROA" + letters(17),
        }
        return name, self.store(call, name, body | inputs)

    def changed(self, call: Call, id: str, current: Plain, inputs: Plain) -> None:  # noqa: A002, ARG002
        """Refused as `create` does."""
        if not trusted_services(inputs["assumeRolePolicy"]):
            raise CloudError("MalformedPolicyDocument", "This policy trusts no principal.")

    def delete(self, call: Call, id: str, outputs: Plain) -> None:  # noqa: A002
        """Refused while policies are attached."""
        if any(body["role"] == id for body in call.world.find(ATTACHMENT).values()):
            message = "Cannot delete entity, must detach all policies first."
            raise CloudError("DeleteConflict", message)
        super().delete(call, id, outputs)


class RolePolicyAttachment(AwsResource):
    """aws:iam/rolePolicyAttachment:RolePolicyAttachment; its id is "<role>/<policy ARN>"."""

    token = ATTACHMENT
    regional = False
    required = frozenset({"policyArn", "role"})
    replaces = frozenset({"policyArn", "role"})
    refers = (("role", Role, "NoSuchEntity"),)

    def create(self, call: Call, inputs: Plain) -> tuple[str, Plain]:
        """Refused for a policy that AWS does not have."""
        self.check_references(call, inputs)
        policy = inputs["policyArn"]
        if policy.removeprefix(_MANAGED) not in _AWS_POLICIES:
            raise CloudError("NoSuchEntity", f"Policy {policy} does not exist or is not attachable")
        made = f"{inputs['role']}/{policy}"
        return made, self.store(call, made, dict(inputs))


def trusted_services(policy: str) -> set[str]:
    """The services (such as dlm.amazonaws.com) that a trust policy lets take on its role."""
    try:
        document = json.loads(policy)
        statements = document["Statement"]
        named = [
            statement["Principal"]["Service"]
            for statement in statements
            if statement["Effect"] == "Allow" and statement["Action"] == "sts:AssumeRole"
        ]
    except (ValueError, KeyError, TypeError):
        return set()
    return {one for names in named for one in ([names] if isinstance(names, str) else names)}
