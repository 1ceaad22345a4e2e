"""No plaintext of any secret in the state, the logs, the output, the container or an open file."""

import json
import os
import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import docker
import pytest

from lab import daemon
from lab.engine import PassphraseSecrets
from lab.world import World
from tests.lab_project import LabProject, dev_stack
from tests.reliability.conftest import SIMULATED, WarmEngine
from tests.reliability.deployment import Deployment
from tests.reliability.secret_texts import Needles, secret_texts

# One worker: its deployments serve every test here.
pytestmark = pytest.mark.xdist_group("secrets")

PASSPHRASE = "only this test's own passphrase"
ALICE = 'alice\'s päss & "word" +/'
RELAY = 'the relay\'s päss & "word" +/'


def make(folder: Path, relay: dict[str, object]) -> Deployment:
    """A project with a passphrase of its own, passwords given and generated."""
    sealed = PassphraseSecrets(PASSPHRASE)
    stack = dev_stack()
    alice = stack["config"]["mailstack:domains"]["example.test"]["accounts"]["alice"]
    alice["password"] = {"secure": sealed.encrypt(ALICE)}
    if relay["kind"] == "smtp":
        relay = {**relay, "password": {"secure": sealed.encrypt(RELAY)}}
    stack["config"]["mailstack:relay"] = relay
    stack["encryptionsalt"] = sealed.salt
    project = LabProject.make(folder, stack)
    project.extra = SIMULATED | {"PULUMI_CONFIG_PASSPHRASE": PASSPHRASE}
    return Deployment(project, PASSPHRASE)


RELAYS: dict[str, dict[str, object]] = {
    "ses": {"kind": "ses"},
    "smtp": {"kind": "smtp", "host": "smtp.relay.example", "user": "me@relay.example"},
}


@pytest.fixture(scope="module", params=list(RELAYS))
def spoken(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Deployment, Needles, str]]:
    """A deployment, its secrets, and all that the commands said while it was made and looked at."""
    made = make(tmp_path_factory.mktemp(request.param) / "project", RELAYS[request.param])
    said = ""
    for command in (["up"], ["up", "--json"], ["preview", "--json"], ["refresh"]):
        done = made.project.run(*command, "--engine", "small")
        said += done.stdout + done.stderr
    said += made.project.run("output").stdout
    yield made, Needles(secret_texts(made)), said
    made.project.destroy()


def test_there_are_secrets(spoken: tuple[Deployment, Needles, str]) -> None:
    """The search itself finds them where they have to be."""
    made, needles, _ = spoken
    shown = made.project.run("output", "--show-secrets").stdout
    assert needles.found_in(shown)
    sources = {source.rsplit(" ", 1)[0] for source in secret_texts(made)}
    wanted = {
        *("the passphrase", "stack file"),
        *("bob@example.test password", "bob@example.test hash"),
        *("example.test/dkim/mail private_key", "host-login-key private_key"),
        *("host-host-key private_key", "certificate private_key", "certificate ca_key"),
        *("mail-config files", "host-instance userData"),
    }
    if "relay-key" in shown or "relay-key secret" in sources:
        wanted |= {"relay-key secret", "relay-key sesSmtpPasswordV4"}
    assert {source.removesuffix(" the") for source in wanted} - {"the passphrase"} <= sources
    for volume in (made.project.lab / "volumes").glob("*-config"):
        for path in ("postfix-accounts.cf", "rspamd/dkim/example.test.mail.key"):
            assert needles.found_in((volume / "_data" / path).read_bytes())


def test_commands_say_none(spoken: tuple[Deployment, Needles, str]) -> None:
    _, needles, said = spoken
    assert "example.test" in said
    assert needles.found_in(said) == set()


def test_state_and_logs(spoken: tuple[Deployment, Needles, str]) -> None:
    made, needles, _ = spoken
    lab = made.project.lab
    files = [path for path in (lab / "backend").rglob("*") if path.is_file()]
    assert {"dev.json", "dev.json.bak"} <= {path.name for path in files}
    files += [lab / "daemon.log", lab / "run.json", *lab.glob("engine.log")]
    for path in files:
        assert needles.found_in(path.read_bytes()) == set(), path


def test_container(spoken: tuple[Deployment, Needles, str]) -> None:
    made, needles, _ = spoken
    running = daemon.status(made.project.lab)
    assert running is not None
    assert running.docker is not None
    with closing(docker.DockerClient(f"unix://{running.docker.socket}")) as client:
        records = [
            *client.containers.list(all=True),
            *client.volumes.list(),
            *client.networks.list(),
        ]
        shown = json.dumps([record.attrs for record in records])
    assert "OVERRIDE_HOSTNAME" in shown or "ENABLE_RSPAMD" in shown
    assert needles.found_in(shown) == set()


def test_files_of_others(spoken: tuple[Deployment, Needles, str]) -> None:
    """Nobody else gets at any secret: what is open to others holds none."""
    made, needles, _ = spoken
    visited = list(_open_to_others(made.project.folder))
    assert made.project.folder / "Pulumi.dev.yaml" in visited
    for path in visited:
        assert needles.found_in(path.read_bytes()) == set(), path
    # Within the lab even a wrong mode of the folder would open nothing but the mail server's files.
    for path in made.project.lab.rglob("*"):
        if (made.project.lab / "volumes") not in path.parents:
            assert path.lstat().st_mode & 0o077 == 0, path


def _open_to_others(folder: Path) -> Iterator[Path]:
    for entry in os.scandir(folder):
        if entry.is_symlink() or not entry.stat().st_mode & 0o077:
            continue
        if entry.is_dir():
            yield from _open_to_others(Path(entry))
        elif entry.is_file():
            yield Path(entry)


def test_failure_with_secrets(spoken: tuple[Deployment, Needles, str]) -> None:
    """A provider that repeats secrets in its error is not repeated."""
    made, needles, _ = spoken
    texts = secret_texts(made)
    chosen = [
        next(text for source, text in texts.items() if source.startswith(start))
        for start in ("stack file", "bob@example.test password", "example.test/dkim/mail private")
    ]
    with World(made.project.lab / "world.db") as world:
        world.fail_next("example.test/spf", "update", "it said " + " and ".join(chosen))
    stack = made.project.folder / "Pulumi.dev.yaml"
    before = stack.read_text()
    stack.write_text(before.replace("catchAll: alice", "catchAll: alice\n      spf: {all: ~all}"))
    assert "~all" in stack.read_text()
    done = made.project.run("up", "--engine", "small", check=False)
    stack.write_text(before)
    assert done.returncode == 1
    assert "it said [secret] and [secret] and [secret]" in done.stdout + done.stderr
    assert needles.found_in(done.stdout + done.stderr) == set()
    for log in made.project.lab.glob("*.log"):
        assert needles.found_in(log.read_bytes()) == set(), log


def test_journal_of_a_killed_engine(engine: WarmEngine, deployment: Deployment) -> None:
    for at in ("made creating relay-key", "begun creating mail-ready"):
        pid = engine.start(deployment, "up", at=at)
        engine.next("held")
        os.kill(pid, signal.SIGKILL)
        assert engine.wait().killed
        needles = Needles(secret_texts(deployment))
        assert needles.found_in(deployment.paths.journal.read_bytes()) == set()
    assert needles.found_in(deployment.paths.checkpoint.read_bytes()) == set()
