"""Secrets: sealed on disk, marked on every way, equal in form to the real CLI's."""

import json

import pytest
from pulumi.runtime.proto import provider_pb2

from lab.engine import PassphraseSecrets, StateError, WrongPassphraseError
from lab.engine.connections import Connection
from lab.engine.properties import Secret
from lab.engine.provider import Provider
from lab.engine.resources import Resource

# Made by the real CLI (`pulumi stack init`, `pulumi config set --secret`), passphrase "x".
CLI_SALT = "v1:/BclJIldVzc=:v1:bWqXwTG8Xdaokkem:Hpe1zIOqMFRLfp61iolUvVklW8z25Q=="
CLI_SEALED = "v1:wyXF4kGDqT4QMXZT:hMR6iCuSzVoShiP4OnKFDTOx10odnQ=="

PROGRAM = """
secret = pulumi.Output.secret
a = Thing("a", value="1", password=secret("hunter22"), parts=[secret("part-one"), "open"])
b = Thing("b", value=a.stamp, opts=Options(additional_secret_outputs=["stamp"]))
pulumi.export("password", a.password)
pulumi.export("stamp", b.stamp)
pulumi.export("plain", a.stamp)
"""


def test_what_is_secret_never_reaches_the_disk_in_plain(world):
    world.up(PROGRAM)
    for text in ("hunter22", "part-one", '"stamp-1"'):
        for path in (world.folder / "backend").rglob("*"):
            if path.is_file() and text in path.read_text():
                # Only b's stamp is secret: a's is the same text, and open.
                assert text == '"stamp-1"', path
    outputs = world.state()["b"]["outputs"]
    assert "ciphertext" in outputs["stamp"]
    assert "ciphertext" in world.state()["a"]["outputs"]["parts"]


def test_providers_without_secrets_get_plain_values_and_answers_are_marked_again(world):
    world.up(PROGRAM)
    assert world.objects["a-1"]["password"] == "hunter22"
    assert world.objects["a-1"]["parts"] == ["part-one", "open"]
    outputs = world.state()["a"]["outputs"]
    assert "ciphertext" in outputs["password"]
    assert outputs["stamp"] == "stamp-1"


def test_outputs_are_shown_only_when_asked_for(world):
    world.up(PROGRAM)
    assert world.engine().outputs() == {
        "password": "[secret]",
        "stamp": "[secret]",
        "plain": "stamp-1",
    }
    assert world.engine().outputs(show_secrets=True)["password"] == "hunter22"


def test_unchanged_secrets_keep_their_ciphertext(world):
    world.up(PROGRAM)
    before = world.state()
    world.up()
    after = world.state()
    assert {n: r.get("inputs") for n, r in before.items()} == {
        n: r.get("inputs") for n, r in after.items()
    }
    assert before["a"]["outputs"] == after["a"]["outputs"]


def test_equal_secrets_look_different(world):
    world.up("""
Thing("a", password=pulumi.Output.secret("same"))
Thing("b", password=pulumi.Output.secret("same"))
""")
    state = world.state()
    sealed = {json.dumps(state[n][m]["password"]) for n in "ab" for m in ("inputs", "outputs")}
    assert len(sealed) == 4


def test_wrong_passphrase_changes_nothing(world):
    world.up(PROGRAM)
    before = world.checkpoint.read_bytes()
    with pytest.raises(WrongPassphraseError, match="PULUMI_CONFIG_PASSPHRASE"):
        world.engine(secrets=PassphraseSecrets("wrong")).up()
    assert world.checkpoint.read_bytes() == before


def test_state_with_another_salt_is_sealed_anew(world):
    world.up(PROGRAM)
    other = PassphraseSecrets("correct horse")
    assert other.salt != world.secrets.salt
    engine = world.engine(secrets=other)
    engine.up()
    latest = json.loads(world.checkpoint.read_text())["checkpoint"]["latest"]
    assert latest["secrets_providers"]["state"]["salt"] == other.salt
    assert engine.outputs(show_secrets=True)["password"] == "hunter22"


def test_config_reaches_the_program_with_its_secrets_marked(world):
    world.config = {"small:plain": "open", "small:deep": '{"key": "hidden-value"}'}
    world.config_secret_keys = ["small:deep"]
    world.up("""
config = pulumi.Config()
Thing("a", value=config.require("plain"), password=config.require_secret("deep"))
""")
    assert world.objects["a-1"]["value"] == "open"
    assert "ciphertext" in world.state()["a"]["inputs"]["password"]


def test_values_sealed_by_the_real_cli_open():
    assert PassphraseSecrets("x", CLI_SALT).decrypt(CLI_SEALED) == "s3cret"


def test_wrong_passphrase_for_the_real_clis_salt():
    with pytest.raises(WrongPassphraseError):
        PassphraseSecrets("y", CLI_SALT).decrypt(CLI_SEALED)


@pytest.mark.parametrize("sealed", ["", "v1:AAAA:AAAA", "v2:a:b", "v1:!:?"])
def test_damaged_value(secrets, sealed):
    with pytest.raises(StateError):
        secrets.decrypt(sealed)


def test_no_repr_shows_a_secret(secrets):
    from lab.engine.properties import Secret

    assert "hunter22" not in repr(Secret("hunter22"))
    assert "correct horse" not in repr(secrets)


def test_the_very_first_call_keeps_the_marks_of_a_provider_that_takes_secrets():
    class Echo:
        def Configure(self, _):  # noqa: N802 (gRPC names it)
            return provider_pb2.ConfigureResponse(acceptSecrets=True)

        def Read(self, request):  # noqa: N802
            return provider_pb2.ReadResponse(
                id=request.id, properties=request.properties, inputs=request.inputs
            )

    connection = Connection(stub=Echo(), package="tiny", shook_hands=False)
    urn = "urn:pulumi:dev::small::pulumi:providers:tiny::default"
    properties = {"parts": {"password": Secret("hunter22")}}
    thing = Resource(
        urn="urn:pulumi:dev::small::tiny:index:Thing::a",
        type="tiny:index:Thing",
        custom=True,
        inputs=properties,
        id="a-1",
    )
    answer = Provider(lambda: connection, urn, "1", {}).read(thing, properties)
    assert answer.inputs == properties
    assert answer.outputs == properties
