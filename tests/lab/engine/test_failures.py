"""What goes wrong is said clearly, what went right is kept, and the next up goes on."""

import signal
import sys
import threading

import pytest

from lab.engine import (
    InterruptedOperationError,
    OperationFailedError,
    StateError,
    StepFailed,
    UnsupportedError,
)
from lab.engine.lock import stack_lock
from tests.lab.engine.conftest import HERE


def test_failed_create_keeps_what_was_made_and_next_up_goes_on(world):
    program = 'a = Thing("a", value="1")\nThing("b", value="{}", opts=Options(depends_on=[a]))'
    error = world.fails(program.format("fail"), OperationFailedError)
    assert [problem.message for problem in error.problems] == ["refused fail"]
    assert "Traceback" not in str(error)
    assert list(world.objects) == ["a-1"]
    assert world.up(program.format("2")) == [("create", "b")]


def test_failure_deletes_nothing(world):
    world.up('Thing("old", value="1")')
    world.fails('Thing("b", value="fail")')
    assert list(world.objects) == ["old-1"]


def test_failure_keeps_the_outputs_from_before_beside_the_new_ones(world):
    world.up('pulumi.export("old", 1)\nThing("a", value="1")')
    world.fails("""
pulumi.export("new", 2)
first = Thing("a", value="2")
# The stack's outputs are on their way when the failure comes.
Thing("b", value=first.stamp.apply(lambda _stamp: "fail"), opts=Options(depends_on=[first]))
""")
    outputs = world.engine().outputs()
    assert outputs["old"] == 1
    assert outputs.get("new", 2) == 2


def test_failed_update_keeps_the_old_state(world):
    world.up('Thing("a", value="1")')
    world.fails('Thing("a", value="fail")')
    assert world.state()["a"]["outputs"]["value"] == "1"


def test_failed_delete_is_tried_again(world):
    world.up('Thing("a", value="stuck")')
    error = world.fails("")
    assert "it is stuck" in str(error)
    world.change("a-1", value="free")
    assert world.up("") == [("delete", "a")]


def test_half_made_object_is_recorded_and_updated_next_time(world):
    error = world.fails('Thing("a", value="half")')
    assert "it does not start" in str(error)
    assert world.state()["a"]["id"] == "a-1"
    assert world.state()["a"]["initErrors"] == ["it does not start"]
    assert world.up('Thing("a", value="half")') == [("update", "a")]
    assert world.up() == []


def test_check_failure_names_the_property(world):
    error = world.fails('Thing("a", value="bad")')
    assert "value: it is bad" in str(error)
    assert world.objects == {}


def test_secrets_are_hidden_in_messages_events_and_log(world):
    program = 'Thing("a", value="fail", password=pulumi.Output.secret("hunter22"))'
    error = world.fails(program)
    assert str(error).endswith("refused fail [secret]")
    failed = next(event for event in world.events if isinstance(event, StepFailed))
    assert failed.message == "refused fail [secret]"
    log = (world.folder / "engine.log").read_text()
    assert "Traceback" in log
    assert "hunter22" not in log
    assert (world.folder / "engine.log").stat().st_mode & 0o777 == 0o600


def test_program_error_is_told_with_its_place(world):
    error = world.fails('Thing("a", value="1")\nraise ValueError("no idea")')
    assert "ValueError: no idea" in str(error)
    assert "__main__.py:" in str(error)
    # The real engine keeps what was made, too.
    assert list(world.objects) == ["a-1"]


def test_run_error_is_told_as_it_is(world):
    error = world.fails('raise pulumi.RunError("mend your stack file")')
    assert str(error) == "mend your stack file"


def test_error_in_an_apply_fails_the_operation(world):
    error = world.fails("""
def burst(value):
    raise ValueError("burst")

pulumi.export("x", Thing("a", value="1").stamp.apply(burst))
""")
    assert "ValueError" in str(error)
    assert "burst" in str(error)


def test_duplicate_name_is_refused(world):
    error = world.fails('Thing("a", value="1")\nThing("a", value="2")')
    assert "Duplicate resource URN" in str(error)


def test_unknown_package_is_refused(world):
    error = world.fails('pulumi.CustomResource("other:index:Thing", "a", {})')
    assert "no provider for package 'other'" in str(error)


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ('import_="x"', "import"),
        ("hooks=pulumi.ResourceHookBinding(before_create=['x'])", "resource hooks"),
    ],
)
def test_left_out_features_are_refused_by_name(world, options, name):
    error = world.fails(f'Thing("a", value="1", opts=Options({options}))')
    assert name in str(error)
    assert world.objects == {}


def test_failed_invoke_can_be_caught_by_the_program(world):
    world.up("""
try:
    pulumi.runtime.invoke("tiny:index:lookup", {"question": "none"})
except Exception as error:
    pulumi.export("caught", str(error))
""")
    assert "there is no answer" in world.engine().outputs()["caught"]


def test_failed_invoke_fails_the_program(world):
    error = world.fails('pulumi.runtime.invoke("tiny:index:lookup", {"question": "none"})')
    assert "there is no answer" in str(error)


def test_failed_configuration_names_the_reason(world):
    world.config = {"tiny:region": "nowhere"}
    assert "no such region" in str(world.fails('Thing("a", value="1")'))


def test_provider_that_is_not_there(world):
    world.program('Thing("a", value="1")')
    with pytest.raises(OperationFailedError, match="does not answer on port 1"):
        world.engine(providers={"tiny": 1}).up()


def test_ctrl_c_finishes_the_running_step_and_saves(world):
    world.program("""
import os, signal

first = Thing("a", value="1")

def interrupt(stamp):
    os.kill(os.getpid(), signal.SIGINT)
    return stamp

Thing("b", value=first.stamp.apply(interrupt))
""")
    with pytest.raises(InterruptedOperationError, match="run it again"):
        world.engine().up()
    assert world.state()["a"]["id"] == "a-1"
    assert list(world.objects) == ["a-1"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_second_engine_is_refused_with_the_pid_of_the_first(world):
    world.up('Thing("a", value="1")')
    engine = world.engine()
    child = f"""
import sys
sys.path[:0] = {sys.path!r}
from pathlib import Path
from lab.engine.lock import stack_lock
with stack_lock(Path({str(world.folder / "backend/engine/small/dev.lock")!r}), Path("none")):
    print("held", flush=True)
    sys.stdin.read()
"""
    import subprocess

    holder = subprocess.Popen(
        [sys.executable, "-c", child], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=HERE
    )
    try:
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(Exception, match=f"process {holder.pid} is working on this stack"):
            engine.up()
        holder.kill()
        holder.wait(timeout=10)
        engine.up()  # a killed engine leaves no lock
    finally:
        holder.stdin.close()
        holder.stdout.close()


def test_lock_of_the_real_cli_is_respected(tmp_path):
    import json
    import os

    locks = tmp_path / "locks"
    locks.mkdir()
    (locks / "x.json").write_text(json.dumps({"pid": os.getpid()}))
    with (
        pytest.raises(Exception, match=f"process {os.getpid()}"),
        stack_lock(tmp_path / "lock", locks),
    ):
        pass


def test_full_disk_at_the_end_keeps_the_old_state_and_the_journal(world, monkeypatch):
    world.up('Thing("a", value="1")')
    before = world.checkpoint.read_bytes()
    from lab.engine import checkpoint

    def full(*_arguments):
        raise StateError("cannot write: No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(checkpoint, "write_atomically", full)
        error = world.fails('Thing("a", value="1")\nThing("b", value="1")', OperationFailedError)
    assert "No space left" in str(error)
    assert world.checkpoint.read_bytes() == before
    # Room was made: nothing is made twice.
    assert world.up() == []
    assert sorted(world.objects) == ["a-1", "b-1"]


def test_listener_is_called_one_event_at_a_time(world):
    busy = threading.Lock()
    seen = []

    def listener(event):
        assert busy.acquire(blocking=False), "two events at once"
        seen.append(event)
        busy.release()

    world.program("\n".join(f'Thing("t{number}", value="1")' for number in range(20)))
    world.engine(listener=listener).up()
    assert len(seen) > 40


def test_remote_component_is_refused(world):
    error = world.fails(
        'pulumi.ComponentResource("tiny:index:Far", "a", {}, remote=True)', OperationFailedError
    )
    assert "remote components" in str(error)
    assert UnsupportedError.__mro__[1].__name__ == "EngineError"
