"""The state while it changes: order, names, and what a journal brings back."""

from lab.engine import journal
from lab.engine.checkpoint import StackPaths
from lab.engine.graph import Dependents, delete_waves
from lab.engine.journal import Journal
from lab.engine.resources import Resource
from lab.engine.serialize import Serializer
from lab.engine.state import State, normalized

PREFIX = "urn:pulumi:dev::small::"


def thing(name: str, *needs: str, parent: str = "", type_: str = "t:i:Thing", **fields) -> Resource:
    chain = f"{parent.split('::')[2]}$" if parent else ""
    return Resource(
        urn=f"{PREFIX}{chain}{type_}::{name}",
        type=type_,
        custom=True,
        parent=parent,
        dependencies=[f"{PREFIX}t:i:Thing::{need}" for need in needs],
        **fields,
    )


def names(resources) -> list[str]:
    return [resource.name for resource in resources]


def test_what_was_met_comes_before_what_was_not(secrets):
    olds = [thing("a"), thing("b"), thing("c", "b")]
    state = State(olds, Serializer(secrets))
    new_b = thing("b")
    state.keep(olds[1], new_b, changed=False)
    state.commit(put=[thing("z", "b")])
    assert names(state.resources()) == ["b", "z", "a", "c"]
    state.commit(drop=[olds[0]])
    assert names(state.resources()) == ["b", "z", "c"]
    assert new_b in state.resources()


def test_journal_brings_back_the_same_state(secrets, tmp_path):
    serializer = Serializer(secrets)
    paths = StackPaths(tmp_path, "small", "dev")
    olds = [thing("a"), thing("b"), thing("c", "b"), thing("d")]
    written = Journal(paths.journal, "base")
    state = State(olds, serializer, written)
    state.keep(olds[1], thing("b"), changed=False)
    number = state.begin("creating", thing("z", "b"))
    state.commit(end=number, put=[thing("z", "b", id="1")])
    state.begin("creating", thing("y"))
    olds[2].delete = True
    state.commit(put=[thing("c", "z")], mark=[olds[2]])
    state.keep(olds[0], thing("a", protect=True), changed=True)
    state.commit(drop=[olds[3]])
    written.close()

    base = [thing("a"), thing("b"), thing("c", "b"), thing("d")]
    again = State(base, serializer)
    again.replay(journal.read(paths.journal, "base"), secrets)

    def described(state: State) -> list:
        return [serializer.dump(resource) for resource in state.resources()]

    assert described(again) == described(state)
    assert names(again.resources()) == ["b", "z", "c", "a", "c"]
    assert [item.resource.name for item in again.pending()] == ["y"]
    assert journal.read(paths.journal, "another base") == []


def test_references_follow_a_rename():
    parent = thing("new", type_="t:i:Group", aliases=[f"{PREFIX}t:i:Group::old"])
    child = thing("child", parent=f"{PREFIX}t:i:Group::old")
    user = thing("user", property_dependencies={"x": [child.urn]}, deleted_with=child.urn)
    found = normalized([parent, child, user])
    moved = f"{PREFIX}t:i:Group$t:i:Thing::child"
    assert found[0].aliases == []
    assert found[1].parent == parent.urn
    assert found[1].urn == moved
    assert found[2].deleted_with == moved
    assert found[2].property_dependencies == {"x": [moved]}


def test_deletions_wait_for_dependents_and_children():
    group = thing("g", type_="t:i:Group")
    leaf = thing("leaf", parent=group.urn)
    user = thing("user")
    user.dependencies = [group.urn]  # needs the component, and so what it holds
    other = thing("other")
    waves = delete_waves([group, leaf, user, other])
    assert [sorted(names(wave)) for wave in waves] == [["user"], ["leaf"], ["g", "other"]]


def test_dependents_are_found_in_the_order_of_the_state():
    olds = [thing("a"), thing("b", "a"), thing("x"), thing("c", "b"), thing("d", "c", "x")]
    graph = Dependents(olds)
    assert names(graph.of(olds[0], lambda _urn: False)) == ["b", "c", "d"]
    # What was registered already cannot depend on it any more, nor what needs only that.
    assert names(graph.of(olds[0], lambda urn: urn.endswith("::b"))) == []
