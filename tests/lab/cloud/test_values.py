import pytest
from pulumi.provider.experimental.property_value import PropertyValue

from lab.cloud.values import UNKNOWN, is_unknown, prune, secret_keys, to_plain, to_wire, wrap

SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}


def test_round_trip() -> None:
    values = {"s": "x", "b": True, "n": 1.5, "l": ["a", {"k": "v"}], "m": {"in": [1.0]}}
    assert to_plain(wrap(values)) == values


def test_ints_become_floats_and_nulls_go() -> None:
    wrapped = wrap({"n": 3, "none": None, "m": {"none": None, "n": 1}})
    assert wrapped["n"].value == 3.0
    assert isinstance(wrapped["n"].value, float)
    assert to_plain(wrapped) == {"n": 3.0, "m": {"n": 1.0}}


def test_booleans_stay_booleans() -> None:
    assert wrap({"b": True})["b"].value is True


def test_secrets_are_marked_and_taken_off() -> None:
    wrapped = wrap({"open": "x", "hidden": {"key": "y"}}, ["hidden"])
    assert secret_keys(wrapped) == {"hidden"}
    assert to_plain(wrapped) == {"open": "x", "hidden": {"key": "y"}}
    assert to_wire(wrapped) == {"open": "x", "hidden": SECRET | {"value": {"key": "y"}}}


def test_a_secret_inside_makes_all_of_it_one() -> None:
    inner = PropertyValue({"key": PropertyValue("y", is_secret=True)})
    assert secret_keys({"a": inner, "b": PropertyValue("x")}) == {"a"}


def test_unknowns_are_found_anywhere() -> None:
    assert is_unknown(UNKNOWN)
    assert is_unknown({"a": [1.0, {"b": UNKNOWN}]})
    assert not is_unknown({"a": [1.0, {"b": "x"}]})


def test_prune_keeps_secrets() -> None:
    kept = prune({"a": PropertyValue(None), "b": PropertyValue("x", is_secret=True)})
    assert kept == {"b": PropertyValue("x", is_secret=True)}


def test_what_no_cloud_takes() -> None:
    import pulumi

    with pytest.raises(TypeError, match="StringAsset"):
        to_plain({"a": PropertyValue(pulumi.StringAsset("x"))})
