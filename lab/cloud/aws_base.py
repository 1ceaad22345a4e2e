"""What all emulated AWS resources share: regions, ids, ARNs, tags, references to each other."""

import json
import re
import secrets
from datetime import UTC, datetime
from typing import ClassVar

from lab.cloud.errors import CloudError
from lab.cloud.resource import Call, Resource
from lab.cloud.values import Plain, is_unknown

ACCOUNT = "123456789012"
REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-[0-9]")


class AwsResource(Resource):
    """A resource with a generated id, an ARN and tags, that others may refer to.

    A subclass lists its own inputs in `takes` (beside `required`; region and tags come by
    themselves) and its own outputs in `gives`.
    """

    takes: ClassVar[frozenset[str]] = frozenset()
    gives: ClassVar[frozenset[str]] = frozenset()
    prefix: ClassVar[str] = ""
    """Of the id: "vpc" for "vpc-0123…"."""
    arn: ClassVar[str] = ""
    """The ARN's part after the account, before the id; empty: the type has neither ARN nor tags."""
    regional: ClassVar[bool] = True
    refers: ClassVar[tuple[tuple[str, type["AwsResource"], str], ...]] = ()
    """(input with an id or a list of them, the type it names, the error code without such)."""
    used_by: ClassVar[tuple[tuple[str, str], ...]] = ()
    """(type token, input) of what must be gone before this can be deleted."""

    def __init_subclass__(cls) -> None:
        """Put the full tables together from the subclass's own."""
        regional = {"region"} if cls.regional else set()
        cls.optional = cls.takes | regional | ({"tags"} if cls.arn else set())
        cls.computed = cls.gives | regional | ({"arn", "tagsAll"} if cls.arn else set())
        cls.replaces = cls.replaces | regional

    def create(self, call: Call, inputs: Plain) -> tuple[str, Plain]:
        """Make the object with a new id."""
        self.check_references(call, inputs)
        region = region_of(call, inputs)
        made = new_id(self.prefix)
        body: Plain = {"region": region} | self.made(call, made, inputs | {"region": region})
        if self.arn:
            body["arn"] = f"arn:aws:ec2:{region}:{ACCOUNT}:{self.arn}/{made}"
        if "ownerId" in self.gives:
            body["ownerId"] = ACCOUNT
        return made, self.store(call, made, body | inputs)

    def made(self, call: Call, id: str, inputs: Plain) -> Plain:  # noqa: A002, ARG002
        """The outputs that the cloud sets at creation; raises CloudError to refuse it."""
        return {}

    def update(self, call: Call, id: str, outputs: Plain, inputs: Plain) -> Plain:  # noqa: A002, ARG002
        """Change the object; raises CloudError when it is gone, or refers to what isn't there."""
        current = call.world.get(self.token, id)
        if current is None:
            raise CloudError(f"{self.token.rpartition(':')[2]}.NotFound", f"{id} does not exist")
        self.check_references(call, inputs)
        self.changed(call, id, current, inputs)
        # The object as it is, not as the state remembers it: others may have changed it since.
        return self.store(call, id, self.kept(current) | inputs)

    def changed(self, call: Call, id: str, current: Plain, inputs: Plain) -> None:  # noqa: A002
        """Raise CloudError to refuse this update."""

    def delete(self, call: Call, id: str, outputs: Plain) -> None:  # noqa: A002
        """Remove the object; raises CloudError DependencyViolation while others use it."""
        if call.world.get(self.token, id) is None:
            return
        for token, key in self.used_by:
            for user, body in call.world.find(token).items():
                if body.get(key) == id or (isinstance(body.get(key), list) and id in body[key]):
                    message = f"resource {id} has a dependent object: {user}"
                    raise CloudError("DependencyViolation", message)
        super().delete(call, id, outputs)

    def store(self, call: Call, id: str, body: Plain) -> Plain:  # noqa: A002
        """Put the body into the world, its tags completed by the provider's default tags."""
        if self.arn:
            body["tagsAll"] = default_tags(call) | body.get("tags", {})
        call.world.put(self.token, id, body, name=self.index(body))
        return body

    def check_references(self, call: Call, inputs: Plain) -> None:
        """Raise CloudError when an input names an object that isn't there."""
        for key, kind, code in self.refers:
            value = inputs.get(key)
            for wanted in value if isinstance(value, list) else [value]:
                if wanted is not None and call.world.get(kind.token, wanted) is None:
                    raise CloudError(code, f"The {kind.arn or key} ID '{wanted}' does not exist")


def new_id(prefix: str) -> str:
    """A fresh id of EC2's form: the prefix and 17 hex digits."""
    return f"{prefix}-0{secrets.token_hex(8)}"


def timestamp() -> str:
    """Now, as AWS writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def region_of(call: Call, inputs: Plain) -> str:
    """The resource's own region, or its provider's; raises CloudError when there is neither."""
    region = inputs.get("region") or call.config.get("region")
    if not region:
        raise CloudError("MissingRegion", "no AWS region: set aws:region or give the provider one")
    return str(region)


def default_tags(call: Call) -> dict[str, str]:
    """The tags of the provider's `defaultTags`."""
    value = call.config.get("defaultTags") or {}
    # Nested provider configuration travels as JSON text.
    parsed = json.loads(value) if isinstance(value, str) else value
    return dict(parsed.get("tags") or {})


def known(inputs: Plain, key: str) -> str | None:
    """A text input's value, unless it is absent or not known yet: for `check`."""
    value = inputs.get(key)
    return None if value is None or is_unknown(value) else str(value)
