"""The steps that programs lead to, and what they do to the world."""

from tests.lab.engine.conftest import steps


def test_first_up_creates_and_second_does_nothing(world):
    program = 'thing = Thing("a", value="1")\npulumi.export("stamp", thing.stamp)\n'
    assert world.up(program) == [("create", "a")]
    assert world.objects == {"a-1": {"value": "1", "stamp": "stamp-1"}}
    assert world.engine().outputs() == {"stamp": "stamp-1"}
    assert world.up() == []
    assert list(world.objects) == ["a-1"]


def test_changed_value_is_updated_in_place(world):
    world.up('Thing("a", value="1")')
    assert world.up('Thing("a", value="2")') == [("update", "a")]
    assert world.objects == {"a-1": {"value": "2", "stamp": "stamp-1"}}
    assert world.state()["a"]["outputs"]["value"] == "2"


def test_replacement_creates_before_it_deletes(world):
    world.up('Thing("a", kind="x")')
    assert world.up('Thing("a", kind="y")') == [
        ("create-replacement", "a"),
        ("replace", "a"),
        ("delete-replaced", "a"),
    ]
    assert list(world.objects) == ["a-2"]
    assert world.up() == []


def test_removed_resource_is_deleted_after_its_dependents(world):
    world.up('a = Thing("a", value="1")\nThing("b", value=a.stamp)\n')
    assert world.up("") == [("delete", "b"), ("delete", "a")]
    assert world.objects == {}


def test_delete_before_replace_takes_dependents_along(world):
    program = """
a = Thing("a", kind="{kind}", first=True)
b = Thing("b", kind=a.stamp)
c = Thing("c", value=a.stamp)
d = Thing("d", value="1", opts=Options(depends_on=[b]))
"""
    world.up(program.format(kind="x"))
    # b's kind depends on a and replaces, c's value only changes, d depends on b in name only.
    done = world.up(program.format(kind="y"))
    assert done[:4] == [
        ("delete-replaced", "b"),
        ("delete-replaced", "a"),
        ("replace", "a"),
        ("create-replacement", "a"),
    ]
    # These two do not wait for each other.
    assert [step for step in done[4:] if step[1] == "b"] == [
        ("replace", "b"),
        ("create-replacement", "b"),
    ]
    assert [step for step in done[4:] if step[1] != "b"] == [("update", "c")]
    assert sorted(world.objects) == ["a-2", "b-2", "c-1", "d-1"]
    assert world.up() == []


def test_delete_before_replace_option(world):
    program = 'Thing("a", kind="{}", opts=Options(delete_before_replace=True))'
    world.up(program.format("x"))
    assert world.up(program.format("y")) == [
        ("delete-replaced", "a"),
        ("replace", "a"),
        ("create-replacement", "a"),
    ]


def test_replace_on_changes(world):
    program = 'Thing("a", value="{}", opts=Options(replace_on_changes=["value"]))'
    world.up(program.format("1"))
    assert ("create-replacement", "a") in world.up(program.format("2"))
    assert list(world.objects) == ["a-2"]


def test_ignore_changes(world):
    program = 'Thing("a", value="{}", kind="x", opts=Options(ignore_changes=["value"]))'
    world.up(program.format("1"))
    assert world.up(program.format("2")) == []
    assert world.objects["a-1"]["value"] == "1"


def test_ignore_changes_does_not_bind_a_new_object(world):
    program = 'Thing("a", value="{}", kind="{}", opts=Options(ignore_changes=["value"]))'
    world.up(program.format("1", "x"))
    world.up(program.format("2", "y"))
    assert world.objects == {"a-2": {"value": "2", "kind": "y", "stamp": "stamp-2"}}


def test_replacement_trigger(world):
    program = 'Thing("a", value="1", opts=Options(replacement_trigger={!r}))'
    world.up(program.format("one"))
    assert world.up(program.format("one")) == []
    assert ("create-replacement", "a") in world.up(program.format("two"))


def test_secret_replacement_trigger_is_refused(world):
    error = world.fails(
        'Thing("a", value="1", opts=Options(replacement_trigger=pulumi.Output.secret("one")))'
    )
    assert "is a secret" in str(error)


def test_retain_on_delete_forgets_without_deleting(world):
    world.up('Thing("a", value="1", opts=Options(retain_on_delete=True))')
    assert world.up("") == [("delete", "a")]
    assert list(world.objects) == ["a-1"]
    assert "a" not in world.state()


def test_deleted_with_spares_the_call(world):
    world.up("""
a = Thing("a", value="1")
Thing("b", value="stuck", opts=Options(deleted_with=a))
""")
    assert world.up("") == [("delete", "b"), ("delete", "a")]
    assert list(world.objects) == ["b-1"]


def test_alias_renames_without_touching_the_object(world):
    world.up('Thing("a", value="1")')
    assert world.up('Thing("b", value="1", opts=Options(aliases=[pulumi.Alias(name="a")]))') == []
    assert list(world.objects) == ["a-1"]
    assert "a" not in world.state()
    assert world.up('Thing("b", value="1")') == []


def test_child_follows_its_renamed_parent(world):
    world.up('Thing("old-x", value="1", opts=Options(parent=Group("old")))')
    assert (
        world.up("""
group = Group("new", opts=Options(aliases=[pulumi.Alias(name="old")]))
Thing("new-x", value="1", opts=Options(parent=group))
""")
        == []
    )
    assert list(world.objects) == ["old-x-1"]


def test_preview_tells_the_steps_and_changes_nothing(world):
    world.up('Thing("a", kind="x")\nThing("b", value="1")')
    before = world.checkpoint.read_bytes()
    world.program('a = Thing("a", kind="y")\nThing("c", value=a.stamp)')
    told = steps(world.engine().preview())
    assert told[:3] == [("create-replacement", "a"), ("replace", "a"), ("create", "c")]
    assert sorted(told[3:]) == [("delete", "b"), ("delete-replaced", "a")]
    assert sorted(world.objects) == ["a-1", "b-1"]
    assert world.checkpoint.read_bytes() == before


def test_component_and_its_outputs(world):
    program = """
group = Group("g")
Thing("a", value="1", opts=Options(parent=group))
group.register_outputs({{"size": {}}})
"""
    assert world.up(program.format(1)) == [("create", "g"), ("create", "a")]
    assert world.state()["a"]["urn"].endswith("::tiny:index:Group$tiny:index:Thing::a")
    assert world.state()["g"]["outputs"] == {"size": 1}
    assert world.up(program.format(2)) == []
    assert world.state()["g"]["outputs"] == {"size": 2}


def test_explicit_provider_and_invoke(world):
    program = """
class Tiny(pulumi.ProviderResource):
    def __init__(self, name, region):
        super().__init__("tiny", name, {{"region": region}})

provider = Tiny("p", "{region}")
Thing("a", value="1", opts=Options(provider=provider))
found = pulumi.runtime.invoke(
    "tiny:index:lookup", {{"question": "life"}}, pulumi.InvokeOptions(provider=provider)
)
pulumi.export("answer", found.value["answer"])
"""
    world.up(program.format(region="here"))
    assert world.engine().outputs() == {"answer": "answer to life"}
    assert world.state()["a"]["provider"].split("::")[-2] == "p"
    assert world.up(program.format(region="here")) == []
    # Another region is another provider, and so another object.
    assert ("create-replacement", "a") in world.up(program.format(region="there"))


def test_options_are_inherited_from_the_parent(world):
    world.up("""
group = Group("g", opts=Options(protect=True, retain_on_delete=True))
Thing("a", value="1", opts=Options(parent=group))
""")
    assert world.state()["a"]["protect"] is True


def test_refresh_takes_over_drift_and_what_is_gone(world):
    world.up('a = Thing("a", value="1")\nThing("b", value=a.stamp)\nThing("c", value="3")')
    world.change("c-1", value="drifted")
    world.remove("a-1")
    result = world.engine().refresh()
    outcomes = {step.name: step.outcome for step in result.steps if step.outcome != "same"}
    assert outcomes == {"a": "delete", "c": "update"}
    assert world.state()["b"].get("dependencies") is None
    assert sorted(world.up()) == [("create", "a"), ("update", "b"), ("update", "c")]
    assert sorted(steps(result, quiet=())) == [("refresh", n) for n in ("a", "b", "c")]


def test_destroy_deletes_all_in_order(world):
    world.up('a = Thing("a", value="1")\nb = Thing("b", value=a.stamp)\nThing("c", value=b.stamp)')
    assert steps(world.engine().destroy()) == [("delete", n) for n in ("c", "b", "a")]
    assert world.objects == {}
    assert world.state() == {}
