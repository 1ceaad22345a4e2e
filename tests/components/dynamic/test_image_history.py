"""What each change of the image means: a snapshot, a way back, or neither."""

from typing import Any

import pytest

from components.dynamic.image_history import ImageHistoryProvider

PROVIDER = ImageHistoryProvider()


def after(*images: str, keep: float = 2.0) -> dict[str, Any]:
    """Give the state after an `up` with each of these images; numbers come as the engine's."""
    state: dict[str, Any] = {}
    for image in images:
        news = {"image": image, "keep": keep, "came_from": None, "count": None, "snapshots": None}
        inputs = PROVIDER.check(state, news).inputs
        if not state:
            state = PROVIDER.create(inputs).outs or {}
        elif PROVIDER.diff("images", state, inputs).changes:
            state = PROVIDER.update("images", state, inputs).outs or {}
        state["count"] = float(state["count"])
    return state


def numbers(state: dict[str, Any]) -> list[int]:
    return [snapshot["number"] for snapshot in state["snapshots"]]


@pytest.mark.parametrize("images", [["a"], ["a", "a"]])
def test_without_a_change_there_is_nothing_to_keep(images: list[str]) -> None:
    state = after(*images)
    assert (state["came_from"], state["snapshots"]) == ([], [])


def test_nothing_changes_when_the_image_does_not() -> None:
    state = after("a", "b")
    news = {"image": "b", "keep": 2.0, "came_from": None, "count": None, "snapshots": None}
    inputs = PROVIDER.check(state, news).inputs
    assert PROVIDER.diff("images", state, inputs).changes is False


def test_a_new_image_deserves_a_snapshot_of_what_the_old_one_left() -> None:
    state = after("a", "b")
    assert state["came_from"] == ["a"]
    assert state["snapshots"] == [{"number": 1, "image": "a"}]


def test_going_back_takes_no_snapshot_and_keeps_the_one_before() -> None:
    state = after("a", "b", "a")
    assert state["came_from"] == []
    assert numbers(state) == [1]


def test_going_back_twice() -> None:
    assert after("a", "b", "c")["came_from"] == ["a", "b"]
    assert after("a", "b", "c", "b")["came_from"] == ["a"]
    assert after("a", "b", "c", "b", "a")["came_from"] == []


def test_the_same_upgrade_again_has_a_snapshot_of_its_own() -> None:
    state = after("a", "b", "a", "b")
    assert state["came_from"] == ["a"]
    assert numbers(state) == [1, 2]


def test_the_oldest_snapshot_goes_and_no_number_comes_twice() -> None:
    assert numbers(after("a", "b", "c", "d")) == [2, 3]
    assert numbers(after("a", "b", "c", "d", keep=1.0)) == [3]


def test_without_snapshots_the_way_back_is_still_known() -> None:
    state = after("a", "b", keep=0.0)
    assert (state["came_from"], state["snapshots"]) == (["a"], [])
