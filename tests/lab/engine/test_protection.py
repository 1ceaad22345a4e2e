"""Protected resources survive whatever a program or a person asks for."""

import pytest

from lab.engine import OperationFailedError
from tests.lab.engine.conftest import steps

PROTECTED = 'Thing("a", kind="{}", opts=Options(protect=True))\n'


def test_replacement_is_refused_before_anything_is_made(world):
    world.up(PROTECTED.format("x"))
    error = world.fails(PROTECTED.format("y"), OperationFailedError)
    assert "protected" in str(error)
    assert "kind" in str(error)
    assert list(world.objects) == ["a-1"]


def test_deletion_is_refused_but_others_go(world):
    world.up(PROTECTED.format("x") + 'Thing("b", value="1")')
    error = world.fails("", OperationFailedError)
    assert [problem.urn.split("::")[-1] for problem in error.problems] == ["a"]
    assert list(world.objects) == ["a-1"]


def test_what_a_protected_resource_needs_stays(world):
    world.up("""
b = Thing("b", value="1")
Thing("a", value=b.stamp, opts=Options(protect=True))
""")
    world.fails("", OperationFailedError)
    assert sorted(world.objects) == ["a-1", "b-1"]


def test_destroy_names_all_protected_resources_and_deletes_nothing(world):
    world.up("""
Thing("a", value="1", opts=Options(protect=True))
Thing("b", value="1", opts=Options(protect=True))
Thing("c", value="1")
""")
    with pytest.raises(OperationFailedError) as caught:
        world.engine().destroy()
    assert {problem.urn.split("::")[-1] for problem in caught.value.problems} == {"a", "b"}
    assert len(world.objects) == 3


def test_unprotected_stack_can_be_destroyed(world):
    world.up(PROTECTED.format("x"))
    world.engine().unprotect()
    assert steps(world.engine().destroy()) == [("delete", "a")]


def test_protection_can_be_lifted_and_used_in_one_go(world):
    world.up(PROTECTED.format("x"))
    assert ("create-replacement", "a") in world.up('Thing("a", kind="y")')


def test_preview_shows_everything_that_is_refused(world):
    program = PROTECTED + 'Thing("b", kind="{}", opts=Options(protect=True))'
    world.up(program.format("x", "x"))
    world.program(program.format("y", "y"))
    with pytest.raises(OperationFailedError) as caught:
        world.engine().preview()
    assert len(caught.value.problems) == 2


def test_dependents_of_a_delete_before_replace_are_asked_too(world):
    program = """
a = Thing("a", kind="{}", first=True)
Thing("b", kind=a.stamp, opts=Options(protect=True))
"""
    world.up(program.format("x"))
    error = world.fails(program.format("y"), OperationFailedError)
    assert error.problems[0].message.count("protected") == 1
    assert sorted(world.objects) == ["a-1", "b-1"]
