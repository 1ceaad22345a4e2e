"""Which images the mail server came from: it knows the way back, and what deserves a snapshot.

Everything is worked out in `check`, so that a preview already shows the snapshot that an `up`
would take and the command that would go back.
"""

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi.dynamic import CheckResult, CreateResult, DiffResult, Resource, ResourceProvider
from pulumi.dynamic import UpdateResult as Updated

_REMEMBERED = 10  # images: nobody goes back further


class ImageHistoryProvider(ResourceProvider):
    """Keeps the list. The module's path is frozen: state refers to this class by it."""

    serialize_as_secret_always = False  # the class is stateless: its reference hides nothing

    def check(self, olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Note a changed image."""
        return CheckResult({**news, **_moved(olds, news)}, [])

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Begin: there is nothing to go back to, and no mail to lose."""
        return CreateResult("images", props)

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Compare what `check` worked out."""
        return DiffResult(changes=any(olds.get(name) != value for name, value in news.items()))

    def update(self, _id: str, _olds: dict[str, Any], news: dict[str, Any]) -> Updated:
        """Take over what `check` worked out."""
        return Updated(news)


def _moved(olds: Mapping[str, Any], news: Mapping[str, Any]) -> dict[str, Any]:
    before, now = olds.get("image"), news["image"]
    came_from = list(olds.get("came_from") or [])
    snapshots = list(olds.get("snapshots") or [])
    count = int(olds.get("count") or 0)
    if before and before != now:
        if came_from[-1:] == [now]:
            # Going back. The server may be down: nobody should wait for another snapshot.
            came_from.pop()
        else:
            came_from = [*came_from, before][-_REMEMBERED:]
            count += 1
            snapshots.append({"number": count, "image": before})
    kept = int(news["keep"])
    return {
        "came_from": came_from,
        "count": count,
        "snapshots": snapshots[-kept:] if kept else [],
    }


class ImageHistory(Resource, module="mailstack", name="ImageHistory"):
    """The images that this one replaced."""

    came_from: pulumi.Output[list[str]]
    """The images to go back to, the latest last. Going back takes one away."""
    snapshots: pulumi.Output[list[dict[str, Any]]]
    """The snapshots that should exist: `number` (for good) and the `image` before which."""

    def __init__(
        self,
        resource_name: str,
        *,
        image: str,
        keep: int,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Register the history.

        Args:
            resource_name: the resource's name in the stack.
            image: the reference of the settings, a tag or a digest: known in every preview.
            keep: how many snapshots to keep.
            opts: the usual resource options.
        """
        worked_out = {"came_from": None, "count": None, "snapshots": None}
        props = {"image": image, "keep": keep, **worked_out}
        super().__init__(ImageHistoryProvider(), resource_name, props, opts)
