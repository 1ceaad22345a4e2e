"""Property paths: those of ignoreChanges, replaceOnChanges and detailed diffs."""

import pytest

from lab.engine import diffs
from lab.engine.diffs import Diff
from lab.engine.paths import contains, ignore_changes, parse
from lab.engine.properties import UNKNOWN, Secret


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("root", ("root",)),
        ("root.nested", ("root", "nested")),
        ('root["nested"]', ("root", "nested")),
        ("root.double.nest", ("root", "double", "nest")),
        ("root.array[0]", ("root", "array", 0)),
        ("root.array[100].x", ("root", "array", 100, "x")),
        (
            '["root key with \\"escaped\\" quotes"].nested',
            ('root key with "escaped" quotes', "nested"),
        ),
        ('["root.key"][100]', ("root.key", 100)),
        ("root.array[*].field", ("root", "array", "*", "field")),
        ("*", ("*",)),
    ],
)
def test_parse(text, path):
    assert parse(text) == path


@pytest.mark.parametrize("text", [".root", "root[", "root[x]", "root.", 'root["x', "a[0"])
def test_parse_refuses(text):
    with pytest.raises(ValueError, match="not a property path"):
        parse(text)


@pytest.mark.parametrize(
    ("outer", "inner", "expected"),
    [
        ("a", "a.b", True),
        ("a.b", "a", False),
        ("a[*].c", "a[3].c.d", True),
        ("a[0]", "a[1]", False),
        ("*", "anything", True),
    ],
)
def test_contains(outer, inner, expected):
    assert contains(parse(outer), parse(inner)) is expected


@pytest.mark.parametrize(
    ("path", "old", "new", "expected"),
    [
        ("a", {"a": 1}, {"a": 2, "b": 3}, {"a": 1, "b": 3}),
        ("a", {}, {"a": 2}, {}),
        ("a", {"a": 1}, {}, {"a": 1}),
        ("a.b", {"a": {"b": 1}}, {"a": {"b": 2, "c": 3}}, {"a": {"b": 1, "c": 3}}),
        ("a.b", {}, {"a": {"b": 2}}, {"a": {}}),
        ("a[0]", {"a": [1, 2]}, {"a": [9, 2]}, {"a": [1, 2]}),
        ("a[5]", {"a": [1]}, {"a": [9]}, {"a": [9]}),
        ("a[*].x", {"a": [{"x": 1}]}, {"a": [{"x": 2}, {"x": 3}]}, {"a": [{"x": 1}, {"x": 3}]}),
        ("*", {"a": 1}, {"a": 2, "b": 3}, {"a": 1}),
        ("a.b", {"a": Secret({"b": 1})}, {"a": {"b": 2}}, {"a": {"b": Secret(1)}}),
        ("a.b", {"a": {"b": 1}}, {"a": Secret({"b": 2})}, {"a": Secret({"b": 1})}),
    ],
)
def test_ignore_changes(path, old, new, expected):
    assert ignore_changes(new, old, [path]) == expected


def test_ignore_changes_leaves_its_input_alone():
    new = {"a": {"b": 2}}
    ignore_changes(new, {"a": {"b": 1}}, ["a.b"])
    assert new == {"a": {"b": 2}}


def test_compare_finds_the_deepest_paths_and_is_blind_to_secret_marks():
    old = {"a": {"b": [1, 2]}, "c": Secret("x"), "d": [1]}
    new = {"a": {"b": [1, 3]}, "c": "x", "d": [1, 2], "e": UNKNOWN}
    assert diffs.compare(old, new).changed == ("a.b[1]", "d", "e")
    assert diffs.compare(old, old).changes is False


@pytest.mark.parametrize(
    ("changed", "wanted", "replaces"),
    [
        ("a.b", "a", ("a.b",)),
        ("a.b", "a.c", ()),
        ("a[2].b", "a[*].b", ("a[2].b",)),
    ],
)
def test_replace_on_changes(changed, wanted, replaces):
    diff = Diff(changes=True, changed=(changed,))
    assert diffs.with_replace_on_changes(diff, [wanted]).replaces == replaces


def test_replace_on_changes_without_a_change():
    diff = Diff(changes=False, changed=("a",))
    assert diffs.with_replace_on_changes(diff, ["a"]).replaces == ()
