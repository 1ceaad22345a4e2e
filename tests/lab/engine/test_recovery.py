"""kill -9 at any moment, then `up`: it finishes, and nothing is doubled or lost."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from lab.engine import Orphan, StateError, state
from lab.engine.journal import Journal
from tests.lab.engine.conftest import HERE, steps

PROGRAM = """
a = Thing("a", kind="{0}", value="1")
b = Thing("b", kind=a.stamp, value="{0}")
c = Thing("c", kind="{0}", first=True)
d = Thing("d", kind=c.stamp)
group = Group("g")
Thing("e", value="{0}", password=pulumi.Output.secret("hunter22"), opts=Options(parent=group))
group.register_outputs({{"size": "{0}"}})
pulumi.export("stamp", d.stamp)
"""
FINAL = PROGRAM.replace('Thing("e"', 'Thing("f"')

# Runs an `up` and dies by its own hand just before it writes the Nth line of the journal (so
# after the provider call that the line tells of) or, for -N, just after (so before the call).
CHILD = """
import os, signal, sys
sys.path[:0] = {path!r}
from pathlib import Path
from lab.engine import Engine, PassphraseSecrets
from lab.engine import journal

line = int(sys.argv[1])
append = journal.Journal._append
count = 0

def dying(self, entry, *, durable):
    global count
    count += 1
    mine = count
    if mine == line:
        os.kill(os.getpid(), signal.SIGKILL)
    append(self, entry, durable=durable)
    if mine == -line:
        os.kill(os.getpid(), signal.SIGKILL)

journal.Journal._append = dying
folder = Path({folder!r})
Engine(
    project="small", stack="dev", program=folder / "__main__.py", work_dir=folder,
    backend=folder / "backend", secrets=PassphraseSecrets("correct horse", {salt!r}),
    providers={{"tiny": {port}}},
).up()
"""


def killed_up(world, line: int) -> bool:
    """Run an `up` that is killed at a line of the journal; whether it was."""
    child = CHILD.format(
        path=sys.path, folder=str(world.folder), salt=world.secrets.salt, port=world.port
    )
    done = subprocess.run(
        [sys.executable, "-c", child, str(line)], cwd=HERE, capture_output=True, check=False
    )
    if done.returncode == 0:
        return False
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    return True


def settled(world, program: str) -> None:
    """Check that another `up` finishes, and that the world is then as the program says."""
    world.up(program)
    assert world.up() == []
    names = [id_.rsplit("-", 1)[0] for id_ in world.objects]
    assert sorted(names) == sorted(set(names)), "something is doubled"
    managed = {
        item["id"]
        for item in world.state().values()
        if item["type"].startswith("tiny:") and "id" in item
    }
    assert managed == set(world.objects), "something is left over or lost"
    assert not list((world.folder / "backend/engine").rglob("*.journal"))


@pytest.mark.parametrize("line", [2, -3, 4, 9, -12, 16])
def test_killed_first_up(world, line):
    world.program(PROGRAM.format("x"))
    assert killed_up(world, line)
    settled(world, PROGRAM.format("x"))


@pytest.mark.parametrize("line", [2, -5, 7, -10, 13, 16, -19, 22, 26])
def test_killed_replacement(world, line):
    world.up(PROGRAM.format("x"))
    world.program(FINAL.format("y"))
    assert killed_up(world, line)
    settled(world, FINAL.format("y"))


def crashed(world, program: str) -> None:
    """An `up` that came to its end but for the checkpoint, as if killed just there."""
    world.program(program)
    patched = pytest.MonkeyPatch()
    with patched.context() as patch:
        patch.setattr("lab.engine.session.Session.save", lambda *_arguments: None)
        world.engine().up()


def test_finished_steps_of_a_killed_up_are_known(world):
    crashed(world, 'Thing("a", value="1")')
    assert not world.checkpoint.exists()
    assert world.up() == []
    assert list(world.objects) == ["a-1"]


def test_journal_holds_no_secret(world):
    crashed(world, 'Thing("a", password=pulumi.Output.secret("hunter22"))')
    journal = world.folder / "backend/engine/small/dev.journal"
    assert "hunter22" not in journal.read_text()
    assert journal.stat().st_mode & 0o777 == 0o600


def test_cut_line_is_left_out(world):
    crashed(world, 'Thing("a", value="1")\nThing("b", value="1")')
    journal = world.folder / "backend/engine/small/dev.journal"
    journal.write_bytes(journal.read_bytes() + b'{"put":[["n9",{"urn":"half')
    assert world.up() == []


def test_damaged_journal_is_refused(world):
    crashed(world, 'Thing("a", value="1")')
    journal = world.folder / "backend/engine/small/dev.journal"
    journal.write_bytes(b"rubbish\n" + journal.read_bytes())
    with pytest.raises(StateError, match="damaged"):
        world.engine().up()


def test_old_journal_is_not_applied_twice(world):
    world.up('Thing("a", value="1")')
    crashed(world, 'Thing("a", value="1")\nThing("b", value="1")')
    path = world.folder / "backend/engine/small/dev.journal"
    kept = path.read_bytes()
    world.up()
    path.write_bytes(kept)  # as if the crash had come between the checkpoint and the removal
    assert world.up() == []


def test_object_of_a_lost_create_is_adopted_with_its_secrets(world, monkeypatch):
    program = 'Thing("a", value="1", password=pulumi.Output.secret("hunter22"))'
    world.program(program)
    with monkeypatch.context() as patch:
        # The provider made it, but the engine died before it heard so.
        patch.setattr("lab.engine.session.Session.save", lambda *_arguments: None)
        patch.setattr(state.State, "commit", _lose_creates(state.State.commit))
        world.engine().up()
    assert list(world.objects) == ["a-1"]
    result = world.engine().up()
    assert [urn.split("::")[-1] for urn in result.adopted] == ["a"]
    assert steps(result) == []
    assert list(world.objects) == ["a-1"]
    assert "ciphertext" in world.state()["a"]["outputs"]["password"]


def test_replacement_whose_create_was_lost_adopts_the_new_object_only(world, monkeypatch):
    world.up('Thing("a", kind="x")')
    world.program('Thing("a", kind="y")')
    with monkeypatch.context() as patch:
        patch.setattr("lab.engine.session.Session.save", lambda *_arguments: None)
        patch.setattr("lab.engine.deletions.take_all", lambda *_arguments: None)
        patch.setattr(state.State, "commit", _lose_creates(state.State.commit))
        world.engine().up()
    assert sorted(world.objects) == ["a-1", "a-2"]
    result = world.engine(orphans=lambda urn: world.orphans(urn)[::-1]).up()
    assert [urn.split("::")[-1] for urn in result.adopted] == ["a"]
    assert steps(result) == [("delete-replaced", "a")]
    assert list(world.objects) == ["a-2"]


def _lose_creates(commit):
    def losing(self, *, end=None, **changes):
        if end is None:
            commit(self, **changes)

    return losing


def test_preview_after_a_crash_writes_nothing(world):
    crashed(world, 'Thing("a", value="1")')
    assert steps(world.engine().preview()) == []
    assert not world.checkpoint.exists()


def test_recover_alone_makes_the_checkpoint_whole(world):
    crashed(world, 'Thing("a", value="1")')
    world.engine().recover()
    assert world.state()["a"]["id"] == "a-1"
    assert not list((world.folder / "backend/engine").rglob("*.journal"))


def test_orphans_of_other_types_or_known_ids_are_left_alone(world):
    crashed(world, 'Thing("a", value="1")')

    def orphans(_urn):
        return [Orphan(type="tiny:index:Other", id="x"), Orphan(type="tiny:index:Thing", id="a-1")]

    assert world.engine(orphans=orphans).up().adopted == []


def test_lost_connection_keeps_the_create_pending(world, monkeypatch):
    from lab.engine.connections import ProviderError
    from lab.engine.provider import Provider

    create = Provider.create

    def lost(self, resource, *, preview):
        create(self, resource, preview=preview)
        raise ProviderError("connection reset", lost=True)

    with monkeypatch.context() as patch:
        patch.setattr(Provider, "create", lost)
        world.fails('Thing("a", value="1")')
    latest = json.loads(world.checkpoint.read_text())["checkpoint"]["latest"]
    assert [item["type"] for item in latest["pending_operations"]] == ["creating"]
    assert world.up() == []  # adopted
    assert list(world.objects) == ["a-1"]


def test_dynamic_host_dies_with_a_killed_engine():
    child = f"""
import os, signal, sys
sys.path[:0] = {sys.path!r}
from pathlib import Path
from lab.engine.dynamic import DynamicHost
host = DynamicHost(Path("."), "small")
host.port()
print(host._process.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", child], cwd=HERE, capture_output=True, check=False)
    pid = int(done.stdout)
    descriptor = None
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    import select

    try:
        assert select.select([descriptor], [], [], 20)[0], "it outlives the engine"
    finally:
        os.close(descriptor)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_journal_on_a_full_disk():
    with pytest.raises(StateError, match="No space left on device; make room"):
        Journal(Path("/dev/full"), "")
