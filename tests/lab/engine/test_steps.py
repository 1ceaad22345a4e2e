"""The steps that programs lead to, and what they do to the world."""


def test_first_up_creates_and_second_does_nothing(world):
    program = 'thing = Thing("a", value="1")\npulumi.export("stamp", thing.stamp)\n'
    assert world.up(program) == [("create", "a")]
    assert world.objects == {"a-1": {"value": "1", "stamp": "stamp-1"}}
    assert world.engine().outputs() == {"stamp": "stamp-1"}
    assert world.up() == []
    assert list(world.objects) == ["a-1"]
