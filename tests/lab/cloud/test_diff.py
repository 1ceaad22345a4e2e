from collections.abc import Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lab.cloud.diff import diff, drifted
from lab.cloud.values import UNKNOWN

JSON = st.recursive(
    st.booleans() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=10,
)
PROPERTIES = st.dictionaries(st.text(min_size=1, max_size=5), JSON, max_size=4)


def changes(
    outputs: Mapping[str, Any],
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    **more: Any,
) -> dict[str, str]:
    more.setdefault("replaces", ())
    reply = diff(outputs=dict(outputs), old_inputs=dict(old), inputs=dict(new), **more)
    found = {path: one.kind.name for path, one in reply.detailed_diff.items()}
    assert reply.changes is bool(found)
    return found


def test_nothing_changed() -> None:
    inputs = {"a": 1.0, "tags": {"x": "y"}, "l": ["p", "q"]}
    assert changes(inputs | {"arn": "computed"}, inputs, inputs) == {}


def test_every_kind() -> None:
    old = {"kept": "1", "changed": "1", "gone": "1"}
    new = {"kept": "1", "changed": "2", "come": "1"}
    plain = {"changed": "UPDATE", "gone": "DELETE", "come": "ADD"}
    assert changes(old, old, new) == plain
    replacing = {path: f"{kind}_REPLACE" for path, kind in plain.items()}
    assert changes(old, old, new, replaces=("changed", "gone", "come", "kept")) == replacing


def test_replaces_and_diffs_name_top_level_properties() -> None:
    old = {"a": {"b": "1", "c": "1"}, "d": "1"}
    new = {"a": {"b": "2", "c": "2"}, "d": "2"}
    reply = diff(outputs=old, old_inputs=old, inputs=new, replaces=["a.b"])
    assert reply.replaces == ["a"]
    assert reply.diffs == ["a", "d"]
    kinds = {path: one.kind.name for path, one in reply.detailed_diff.items()}
    assert kinds == {"a.b": "UPDATE_REPLACE", "a.c": "UPDATE", "d": "UPDATE"}


def test_what_the_cloud_filled_in_does_not_count() -> None:
    old = {"options": {"tokens": "required"}}
    seen = {"options": {"tokens": "required", "hops": 2}, "arn": "x"}
    assert changes(seen, old, old) == {}
    assert changes(seen, old, {}) == {"options": "DELETE"}
    assert changes(seen, {}, {}) == {}
    assert changes({}, old, {}) == {}  # gone already


def test_drift_counts() -> None:
    asked = {"content": "127.77.0.1"}
    assert changes({"content": "127.77.0.9"}, asked, asked) == {"content": "UPDATE"}


def test_inputs_follow_drift() -> None:
    given = {"content": "A", "kept": "B", "gone": "x", "tags": {"a": "1", "b": "1"}}
    old = {"content": "a", "kept": "b", "gone": "x", "tags": {"a": "1", "b": "1"}, "arn": "1"}
    new = {"content": "c", "kept": "b", "tags": {"a": "2", "c": "1"}, "arn": "2"}
    expected = {"content": "c", "kept": "B", "tags": {"a": "2", "c": "1"}}
    assert drifted(given=given, old=old, new=new) == expected


def test_what_the_cloud_adds_inside_is_no_input() -> None:
    given = {"signing": {"key": "K"}}
    old = {"signing": {"key": "K", "status": "PENDING"}}
    new = {"signing": {"key": "K", "status": "SUCCESS"}}
    assert drifted(given=given, old=old, new=new) == given


def test_paths_of_odd_keys_and_lists() -> None:
    old = {"tags": {"a.b": "1"}, "l": ["p", "q"]}
    new = {"tags": {"a.b": "2"}, "l": ["p", "x", "y"]}
    assert changes(old, old, new) == {'tags["a.b"]': "UPDATE", "l[1]": "UPDATE", "l[2]": "ADD"}
    assert changes(old, old, {"tags": {}, "l": ["p"]}) == {
        'tags["a.b"]': "DELETE",
        "l[1]": "DELETE",
    }


def test_sets_have_no_order() -> None:
    old, new = {"groups": ["a", "b"]}, {"groups": ["b", "a"]}
    assert changes(old, old, new, sets=("groups",)) == {}
    assert changes(old, old, new) == {"groups[0]": "UPDATE", "groups[1]": "UPDATE"}


def test_unknown_counts_as_changed() -> None:
    old = {"id": "1", "groups": ["a"], "o": {"p": "1"}}
    new = {"id": UNKNOWN, "groups": [UNKNOWN], "o": {"p": UNKNOWN}}
    assert changes(old, old, new, replaces=("id",)) == {
        "id": "UPDATE_REPLACE",
        "groups": "UPDATE",
        "o.p": "UPDATE",
    }


def test_ignored_paths() -> None:
    old = {"ami": "1", "tags": {"a": "1", "b": "1"}, "l": ["1"]}
    new = {"ami": "2", "tags": {"a": "2", "b": "2"}, "l": ["2"]}
    found = changes(old, old, new, ignore=["ami", "tags.a", "l"], replaces=["ami"])
    assert found == {"tags.b": "UPDATE"}


def test_empty_collections_are_no_addition() -> None:
    assert changes({}, {}, {"tags": {}, "l": []}) == {}


def test_delete_before_replace_only_with_a_replacement() -> None:
    old, new = {"a": "1", "b": "1"}, {"a": "2", "b": "1"}
    for replaces, expected in ((["a"], True), (["b"], False)):
        reply = diff(
            outputs=old,
            old_inputs=old,
            inputs=new,
            replaces=replaces,
            delete_before_replace=True,
        )
        assert reply.delete_before_replace is expected


@given(PROPERTIES, PROPERTIES)
def test_any_two_differ_exactly_when_they_do(old: dict[str, Any], new: dict[str, Any]) -> None:
    assert changes(old, old, old) == {}
    empty: list[object] = [{}, []]
    if {key: value for key, value in new.items() if key in old or value not in empty} != old:
        assert changes(old, old, new) != {}
