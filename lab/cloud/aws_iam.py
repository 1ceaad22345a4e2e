"""aws:iam users, their policies and access keys, with SES's SMTP password."""

import base64
import hashlib
import hmac
import json
import re
import secrets
import string

from lab.cloud.aws_base import ACCOUNT, AwsResource, known, region_of, timestamp
from lab.cloud.errors import CloudError
from lab.cloud.resource import Call
from lab.cloud.values import Plain

_POLICY = "aws:iam/userPolicy:UserPolicy"
_ACCESS_KEY = "aws:iam/accessKey:AccessKey"
_NAME = re.compile(r"[\w+=,.@-]{1,64}", re.ASCII)
_ID_LETTERS = string.ascii_uppercase + "234567"
_POLICY_LIMIT = 2048  # characters of all inline policies of a user, without white space
_KEY_LIMIT = 2  # access keys of a user


class User(AwsResource):
    """aws:iam/user:User; its id is its name."""

    token = "aws:iam/user:User"  # noqa: S105 - a type token
    arn, autoname, regional = "user", "name", False
    takes = frozenset({"forceDestroy", "name", "path", "permissionsBoundary"})
    gives = frozenset({"path", "uniqueId"})
    replaces = frozenset({"name"})

    def check(self, inputs: Plain) -> list[tuple[str, str]]:
        """A name of IAM's alphabet."""
        return name_faults(inputs)

    def create(self, call: Call, inputs: Plain) -> tuple[str, Plain]:
        """Refused for a taken name."""
        name, path = inputs["name"], inputs.get("path", "/")
        if call.world.get(self.token, name) is not None:
            raise CloudError("EntityAlreadyExists", f"User with name {name} already exists.")
        body = inputs | {
            "arn": f"arn:aws:iam::{ACCOUNT}:user{path}{name}",
            "path": path,
            "uniqueId": "AIDA" + letters(17),
        }
        return name, self.store(call, name, body)

    def delete(self, call: Call, id: str, outputs: Plain) -> None:  # noqa: A002
        """Refused while the user has keys or policies, unless `forceDestroy` is set."""
        for token, what in ((_ACCESS_KEY, "access keys"), (_POLICY, "policies")):
            for held, body in call.world.find(token).items():
                if body["user"] == id and not outputs.get("forceDestroy"):
                    message = f"Cannot delete entity, must delete {what} first."
                    raise CloudError("DeleteConflict", message)
                if body["user"] == id:
                    call.world.remove(token, held)
        super().delete(call, id, outputs)


class UserPolicy(AwsResource):
    """aws:iam/userPolicy:UserPolicy; its id is "<user>:<name>"."""

    token = _POLICY
    autoname, regional = "name", False
    required = frozenset({"policy", "user"})
    takes = frozenset({"name"})
    replaces = frozenset({"name", "user"})
    refers = (("user", User, "NoSuchEntity"),)

    def create(self, call: Call, inputs: Plain) -> tuple[str, Plain]:
        """Refused for what isn't a policy, or makes the user's policies too long."""
        self.check_references(call, inputs)
        made = f"{inputs['user']}:{inputs['name']}"
        self.changed(call, made, {}, inputs)
        return made, self.store(call, made, dict(inputs))

    def changed(self, call: Call, id: str, current: Plain, inputs: Plain) -> None:  # noqa: A002, ARG002
        """Refused as `create` does."""
        try:
            policy = json.loads(inputs["policy"])
        except ValueError:
            policy = None
        if not isinstance(policy, dict) or not policy.get("Statement"):
            raise CloudError("MalformedPolicyDocument", "Syntax errors in policy.")
        others = [
            body["policy"]
            for other, body in call.world.find(self.token).items()
            if body["user"] == inputs["user"] and other != id
        ]
        if (
            sum(len(re.sub(r"\s", "", text)) for text in [*others, inputs["policy"]])
            > _POLICY_LIMIT
        ):
            message = (
                f"Maximum policy size of {_POLICY_LIMIT} bytes exceeded for user {inputs['user']}"
            )
            raise CloudError("LimitExceeded", message)


class AccessKey(AwsResource):
    """aws:iam/accessKey:AccessKey; its id is the key's public half."""

    token = _ACCESS_KEY
    regional = False
    required = frozenset({"user"})
    takes = frozenset({"status"})
    gives = frozenset({"createDate", "secret", "sesSmtpPasswordV4", "status"})
    secrets = frozenset({"secret", "sesSmtpPasswordV4"})
    replaces = frozenset({"user"})
    refers = (("user", User, "NoSuchEntity"),)

    def create(self, call: Call, inputs: Plain) -> tuple[str, Plain]:
        """Refused when the user has two keys."""
        self.check_references(call, inputs)
        held = [
            one for one in call.world.find(self.token).values() if one["user"] == inputs["user"]
        ]
        if len(held) >= _KEY_LIMIT:
            message = f"Cannot exceed quota for AccessKeysPerUser: {_KEY_LIMIT}"
            raise CloudError("LimitExceeded", message)
        made = "AKIA" + letters(16)
        secret = secrets.token_urlsafe(30)
        body = {
            "createDate": timestamp(),
            "secret": secret,
            "sesSmtpPasswordV4": smtp_password(secret, region_of(call, inputs)),
            "status": "Active",
        }
        return made, self.store(call, made, body | inputs)


def smtp_password(secret: str, region: str) -> str:
    """SES's SMTP password of a secret access key, good in one region only.

    Algorithm: docs.aws.amazon.com/ses/latest/dg/smtp-credentials.html (version 4).
    """
    signature = f"AWS4{secret}".encode()
    for part in ("11111111", region, "ses", "aws4_request", "SendRawEmail"):
        signature = hmac.new(signature, part.encode(), hashlib.sha256).digest()
    return base64.b64encode(b"\x04" + signature).decode()


def name_faults(inputs: Plain) -> list[tuple[str, str]]:
    """What IAM has against the name of a user or a role."""
    name = known(inputs, "name")
    if name is not None and not _NAME.fullmatch(name):
        return [("name", f'"{name}": up to 64 of letters, digits and +=,.@-_')]
    return []


def letters(count: int) -> str:
    """Random letters and digits, as IAM's ids have them."""
    return "".join(secrets.choice(_ID_LETTERS) for _ in range(count))
