"""The description of one emulated resource type: a small table, and what it does to the world."""

import dataclasses
from typing import ClassVar

from lab.cloud.values import Plain
from lab.world import World


@dataclasses.dataclass(frozen=True, kw_only=True)
class Call:
    """Who asks: the world to act on, the resource's URN and name, the provider's configuration."""

    world: World
    urn: str
    name: str
    config: Plain


class Resource:
    """One resource type. A subclass fills the table and at least `create`.

    Inputs and outputs are plain values under their camelCase names. `check` may meet UNKNOWN in
    previews; the other methods never do. Errors that a user should see are `CloudError`s.
    By default the object's body in the world is its outputs, under the type token as its kind.
    """

    token: ClassVar[str]
    """Pulumi's type token."""
    required: ClassVar[frozenset[str]] = frozenset()
    optional: ClassVar[frozenset[str]] = frozenset()
    """The other inputs; one in neither set is refused: the lab would silently ignore it."""
    replaces: ClassVar[frozenset[str]] = frozenset()
    """Property paths whose change needs a new object."""
    computed: ClassVar[frozenset[str]] = frozenset()
    """Outputs the cloud sets (when no input of that name is given): unknown before creation."""
    volatile: ClassVar[frozenset[str]] = frozenset()
    """Computed outputs that an update may change: unknown in its preview."""
    secrets: ClassVar[frozenset[str]] = frozenset()
    """Outputs that are secrets whatever the inputs were."""
    sets: ClassVar[frozenset[str]] = frozenset()
    """List properties whose order means nothing."""
    autoname: ClassVar[str] = ""
    """The input that gets "<resource name>-<7 hex digits>" when it is not given."""
    atomic: ClassVar[bool] = True
    """Run in one transaction with the ledger. False for what acts outside of the world's file."""

    def check(self, inputs: Plain) -> list[tuple[str, str]]:  # noqa: ARG002 - for subclasses
        """What is wrong with the inputs: (property, reason)."""
        return []

    def replaced_by(self, inputs: Plain) -> frozenset[str]:  # noqa: ARG002 - for subclasses
        """`replaces`, where it depends on the inputs themselves."""
        return self.replaces

    def create(self, call: Call, inputs: Plain) -> tuple[str, Plain]:
        """Make the object; give its id and outputs."""
        raise NotImplementedError

    def read(self, call: Call, id: str, outputs: Plain) -> Plain | None:  # noqa: A002, ARG002
        """The object as it is now, or None when it is gone."""
        return call.world.get(self.token, id)

    def update(self, call: Call, id: str, outputs: Plain, inputs: Plain) -> Plain:  # noqa: A002
        """Change the object to the new inputs; give its new outputs."""
        body = self.kept(outputs) | inputs
        call.world.put(self.token, id, body, name=self.index(body))
        return body

    def delete(self, call: Call, id: str, outputs: Plain) -> None:  # noqa: A002, ARG002
        """Remove the object; one that is gone already is no error."""
        call.world.remove(self.token, id)

    def index(self, body: Plain) -> str:  # noqa: ARG002 - for subclasses
        """The name under which `World.find` finds the object."""
        return ""

    def kept(self, outputs: Plain) -> Plain:
        """The outputs that the cloud set: an update with new inputs leaves them as they are."""
        return {key: value for key, value in outputs.items() if key in self.computed}
