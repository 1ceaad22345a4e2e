"""Property values on their way over gRPC and into the checkpoint."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.engine import UnsupportedError
from lab.engine.properties import (
    RESOURCE_SIGNATURE,
    SIGNATURE,
    UNKNOWN,
    UNKNOWN_STRING,
    Secret,
    Wire,
    annotate_secrets,
    from_struct,
    masked,
    plain,
    to_struct,
)
from lab.engine.resources import Resource
from lab.engine.serialize import Serializer

EVERYTHING = Wire(unknowns=True, secrets=True, resources=True)

numbers = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
scalars = st.none() | st.booleans() | numbers | st.text(max_size=20)
keys = st.text(max_size=10).filter(lambda key: key != SIGNATURE)


def containers(inner):
    return st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4)


open_values = st.recursive(scalars, containers, max_leaves=12)
values = st.recursive(
    scalars | st.just(UNKNOWN) | open_values.map(Secret), containers, max_leaves=12
)
maps = st.dictionaries(keys, values, max_size=5)


@given(maps)
def test_wire_keeps_everything_that_the_receiver_understands(properties):
    assert from_struct(to_struct(properties, EVERYTHING)) == properties


@given(st.dictionaries(keys, open_values.map(Secret) | open_values, max_size=5))
@settings(max_examples=50)
def test_checkpoint_keeps_everything_but_shows_no_secret(secrets, properties):
    resource = Resource(urn="u", type="t", custom=True, inputs=properties)
    serializer = Serializer(secrets)
    data = serializer.dump(resource)
    assert serializer.load(data, secrets).inputs == properties
    assert serializer.dump(serializer.load(data, secrets)) == data


def test_receiver_without_secrets_and_unknowns():
    properties = {"a": Secret("s"), "b": UNKNOWN, "c": [1.0, UNKNOWN, Secret({"d": "e"})]}
    assert from_struct(to_struct(properties, Wire())) == {"a": "s", "c": [1.0, {"d": "e"}]}


def test_resource_reference_becomes_an_id_for_those_who_do_not_know_it():
    reference = {SIGNATURE: RESOURCE_SIGNATURE, "urn": "urn:x", "id": "i-1"}
    assert from_struct(to_struct({"r": reference}, EVERYTHING)) == {"r": reference}
    assert from_struct(to_struct({"r": reference}, Wire())) == {"r": "i-1"}


def test_unknown_travels_as_its_sentinel():
    assert to_struct({"a": UNKNOWN}, EVERYTHING).fields["a"].string_value == UNKNOWN_STRING


def test_assets_are_refused():
    asset = to_struct({"a": {SIGNATURE: "c44067f5952c0a294b673a41bacd8c17"}}, EVERYTHING)
    with pytest.raises(UnsupportedError, match="assets"):
        from_struct(asset)


def test_secret_marks_go_to_leaves_of_objects_and_to_whole_lists():
    outputs = {"map": {"a": "1", "b": "2"}, "list": ["1", "2"], "open": "3", "new": "4"}
    inputs = {"map": {"a": Secret("1"), "b": "2"}, "list": [Secret("1"), "2"], "open": "3"}
    annotate_secrets(outputs, inputs)
    assert outputs == {
        "map": {"a": Secret("1"), "b": "2"},
        "list": Secret(["1", "2"]),
        "open": "3",
        "new": "4",
    }


def test_plain_and_masked():
    value = {"a": [Secret("s"), UNKNOWN], "b": 1}
    assert plain(value) == {"a": ["s", UNKNOWN], "b": 1}
    assert masked(value) == {"a": ["[secret]", "[unknown]"], "b": 1}


def test_fields_of_newer_checkpoints_are_kept(secrets):
    serializer = Serializer(secrets)
    data = {"urn": "u", "custom": True, "type": "t", "stackTrace": [{"sourcePosition": "x"}]}
    assert serializer.dump(serializer.load(data, secrets)) == data
