"""The machine image that a VPS was first made from, kept in the state.

Pulumi's own ``ignoreChanges`` would not do: it holds while the instance stays, but an instance
that is replaced for another reason would silently get the newest image.
"""

from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider, UpdateResult


class PinnedImageProvider(ResourceProvider):
    """Chooses once. The module's path is frozen: state refers to this class by it."""

    serialize_as_secret_always = False  # the class is stateless: its reference hides nothing

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Take the image that was asked for, else the newest."""
        return CreateResult(f"{props['region']}/{props['architecture']}", _chosen(props))

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Only what the stack file says counts: a newer image in the world is no change."""
        elsewhere = any(olds[name] != news[name] for name in ("region", "architecture"))
        asked = news.get("asked")
        return DiffResult(changes=elsewhere or (asked is not None and asked != olds["image"]))

    def update(self, _id: str, _olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Choose anew: another image is asked for, or the old one does not run there."""
        return UpdateResult(_chosen(news))


def _chosen(props: dict[str, Any]) -> dict[str, Any]:
    return {
        "region": props["region"],
        "architecture": props["architecture"],
        "asked": props.get("asked"),
        "image": props.get("asked") or props["newest"],
    }


class PinnedImage(Resource, module="mailstack", name="PinnedImage"):
    """A machine image that stays what it was at the first ``up``."""

    image: pulumi.Output[str]
    """Its id (AMI)."""

    def __init__(
        self,
        name: str,
        *,
        region: str,
        architecture: str,
        asked: str | None,
        newest: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Keep ``asked``, else ``newest`` as it is at the first ``up``.

        ``architecture`` is as AWS names it: arm64 or x86_64.
        """
        props = {
            "region": region,
            "architecture": architecture,
            "asked": asked,
            "newest": newest,
            "image": None,
        }
        super().__init__(PinnedImageProvider(), name, props, opts)
