"""Adopting objects that exist: into the state as they are, then to what the program says."""

import pytest

from lab.engine import EngineError
from tests.lab.engine.conftest import World

ADOPTING = """
group = Group("g")
Thing("b", value="2", opts=Options(
    parent=group, aliases=[pulumi.Alias(parent=pulumi.ROOT_STACK_RESOURCE)]
))
"""
THING = "tiny:index:Thing"


def test_it_is_taken_as_it_is(world: World) -> None:
    world.put("x-1", value="theirs")
    result = world.engine().adopt(THING, "b", "x-1")
    assert [(step.op, step.name) for step in result.steps if step.type == THING] == [
        ("import", "b")
    ]
    assert world.objects == {"x-1": {"value": "theirs"}}
    assert world.state()["b"]["id"] == "x-1"
    assert world.state()["b"]["inputs"] == {"value": "theirs"}


def test_the_next_up_makes_it_ours_and_destroy_deletes_it(world: World) -> None:
    world.put("x-1", value="theirs")
    world.engine().adopt(THING, "b", "x-1")
    assert world.up(ADOPTING) == [("create", "g"), ("update", "b")]
    assert list(world.objects) == ["x-1"]
    assert world.objects["x-1"]["value"] == "2"
    assert world.up() == []
    world.engine().destroy()
    assert world.objects == {}


def test_beside_what_is_there(world: World) -> None:
    world.up('group = Group("g")\nThing("a", value="1")')
    world.put("x-1", value="theirs")
    world.engine().adopt(THING, "b", "x-1", "g")
    assert world.state()["b"]["parent"] == world.state()["g"]["urn"]
    assert world.up(ADOPTING + 'Thing("a", value="1")') == [("update", "b")]


def test_what_is_not_there(world: World) -> None:
    world.put("x-1", value="theirs")
    with pytest.raises(EngineError, match="'none' does not exist"):
        world.engine().adopt(THING, "b", "none")
    assert "b" not in world.state()
    with pytest.raises(EngineError, match=r"parent g has to be one resource.*it has nothing"):
        world.engine().adopt(THING, "b", "x-1", "g")


def test_what_is_ours_already(world: World) -> None:
    world.up('Thing("a", value="1")')
    world.put("x-1", value="theirs")
    with pytest.raises(EngineError, match="the state has it already, as a-1"):
        world.engine().adopt(THING, "a", "x-1")
    assert not world.engine().adopt(THING, "a", "a-1").changed
    assert world.state()["a"]["id"] == "a-1"
