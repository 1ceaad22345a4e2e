"""The VPS's machine image: taken once, and another only for a reason that somebody wrote down."""

from typing import Any

import pytest

from components.dynamic.pinned_image import PinnedImageProvider

PROPS = {"region": "eu-central-1", "architecture": "arm64", "asked": None, "newest": "ami-1"}


def _made(**props: Any) -> dict[str, Any]:
    return dict(PinnedImageProvider().create(PROPS | props).outs)


def test_the_first_is_the_newest_unless_another_is_asked_for() -> None:
    assert _made()["image"] == "ami-1"
    assert _made(asked="ami-9")["image"] == "ami-9"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, {"newest": "ami-2"}),
        ({}, {"asked": "ami-1", "newest": "ami-2"}),
        # Asking no more for what is there is no wish for something else.
        ({"asked": "ami-9"}, {"newest": "ami-2"}),
    ],
    ids=["newer", "asked for what it is", "asked for no more"],
)
def test_what_changes_nothing(before: dict[str, Any], after: dict[str, Any]) -> None:
    diff = PinnedImageProvider().diff("id", _made(**before), PROPS | after)
    assert diff.changes is False


@pytest.mark.parametrize(
    ("changed", "image"),
    [
        ({"asked": "ami-9"}, "ami-9"),
        ({"architecture": "x86_64", "newest": "ami-x86"}, "ami-x86"),
        ({"region": "eu-west-1", "newest": "ami-west"}, "ami-west"),
    ],
    ids=["asked for", "processor", "region"],
)
def test_what_makes_another(changed: dict[str, Any], image: str) -> None:
    provider, outs = PinnedImageProvider(), _made()
    assert provider.diff("id", outs, PROPS | changed).changes is True
    assert provider.update("id", outs, PROPS | changed).outs["image"] == image
