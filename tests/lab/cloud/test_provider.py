"""What every emulated provider does, shown on a Cloudflare record and an IAM user."""

import re
from collections.abc import Callable

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2 as pb

from lab.cloud.cloudflare_record import DNS_RECORD
from lab.cloud.values import UNKNOWN
from lab.daemon.run_info import RunInfo
from lab.world import World, zone_id
from tests.lab.cloud.client import Client, Made, kinds, plain, struct, urn

USER = "aws:iam/user:User"
KEY = "aws:iam/accessKey:AccessKey"
INPUTS = {
    "zoneId": zone_id("example.test"),
    "name": "a.example.test",
    "type": "A",
    "content": "127.77.0.1",
    "ttl": 300.0,
}


def message(error: pytest.ExceptionInfo[grpc.RpcError]) -> str:
    return str(error.value.details())


def test_life_of_an_object(cloudflare: Client, lab_world: World) -> None:
    inputs = cloudflare.check(DNS_RECORD, "a", INPUTS)
    assert inputs == INPUTS
    made = cloudflare.create(DNS_RECORD, "a", inputs)
    assert lab_world.find(DNS_RECORD).keys() == {made.id}
    (entry,) = lab_world.ledger(urn(DNS_RECORD, "a"))
    assert (entry.type, entry.id) == (DNS_RECORD, made.id)
    assert entry.outputs == made.outputs

    changed = inputs | {"content": "127.77.0.2"}
    assert kinds(cloudflare.diff(DNS_RECORD, "a", made.outputs, inputs, changed)) == {
        "content": "UPDATE"
    }
    outputs = cloudflare.update(DNS_RECORD, "a", made, changed)
    assert outputs["content"] == "127.77.0.2"
    (entry,) = lab_world.ledger(urn(DNS_RECORD, "a"))
    assert entry.outputs == outputs

    cloudflare.delete(DNS_RECORD, "a", made)
    assert lab_world.find(DNS_RECORD) == {}
    assert lab_world.ledger(urn(DNS_RECORD, "a")) == []
    cloudflare.delete(DNS_RECORD, "a", made)  # gone already


def test_check_names_all_problems(cloudflare: Client) -> None:
    found = cloudflare.refusals(DNS_RECORD, "a", {"type": "A", "colour": "red"})
    assert set(found) == {"zoneId", "name", "ttl", "colour"}
    assert "the lab does not have" in found["colour"]


def test_check_drops_nulls_and_keeps_secrets_and_unknowns(cloudflare: Client) -> None:
    given = struct(INPUTS | {"content": UNKNOWN, "comment": "x"}, ["comment"])
    given.fields["priority"].null_value = 0  # type: ignore[assignment]
    reply = cloudflare.stub.Check(pb.CheckRequest(urn=urn(DNS_RECORD, "a"), news=given))
    del given.fields["priority"]
    assert reply.inputs == given


def test_generated_names_stay(aws: Client) -> None:
    first = aws.check(USER, "relay", {})
    assert re.fullmatch("relay-[0-9a-f]{7}", first["name"])
    assert aws.check(USER, "relay", {}, old=first) == first
    assert aws.check(USER, "relay", {"name": "mine"}, old=first) == {"name": "mine"}


def test_replacing_a_named_object_deletes_it_first(aws: Client) -> None:
    kind, key = "aws:ec2/keyPair:KeyPair", "keyName"
    for name, first in (("mine", True), ("k-0123abc", False)):
        old = {key: name, "publicKey": "ssh-ed25519 A"}
        reply = aws.diff(kind, "k", old, old, old | {"publicKey": "ssh-ed25519 B"})
        assert list(reply.replaces) == ["publicKey"]
        assert reply.deleteBeforeReplace is first


def test_preview_makes_nothing(cloudflare: Client, lab_world: World) -> None:
    planned = cloudflare.create(DNS_RECORD, "a", INPUTS, preview=True)
    assert planned.id == ""
    assert planned.outputs["content"] == "127.77.0.1"
    assert planned.outputs["createdOn"] == UNKNOWN
    assert lab_world.find(DNS_RECORD) == {}

    made = cloudflare.create(DNS_RECORD, "a", INPUTS)
    changed = INPUTS | {"content": UNKNOWN}
    outputs = cloudflare.update(DNS_RECORD, "a", made, changed, preview=True)
    assert outputs["content"] == UNKNOWN
    assert outputs["createdOn"] == made.outputs["createdOn"]
    assert outputs["modifiedOn"] == UNKNOWN
    stored = lab_world.get(DNS_RECORD, made.id)
    assert stored is not None
    assert stored["content"] == "127.77.0.1"


def test_diff_of_an_unknown_replaces(cloudflare: Client) -> None:
    made = cloudflare.create(DNS_RECORD, "a", INPUTS)
    new = INPUTS | {"zoneId": UNKNOWN}
    reply = cloudflare.diff(DNS_RECORD, "a", made.outputs, INPUTS, new)
    assert kinds(reply) == {"zoneId": "UPDATE_REPLACE"}


def test_secret_inputs_stay_secret(cloudflare: Client) -> None:
    made = cloudflare.create(DNS_RECORD, "a", INPUTS | {"comment": "pst"}, secrets=["comment"])
    assert made.secrets == {"comment"}


def test_secret_outputs(aws: Client, lab_world: World) -> None:
    aws.create(USER, "u", {"name": "u"})
    made = aws.create(KEY, "k", {"user": "u"})
    assert made.secrets == {"secret", "sesSmtpPasswordV4"}
    (entry,) = lab_world.ledger(urn(KEY, "k"))
    assert entry.outputs["secret"]["value"] == made.outputs["secret"]
    request = pb.ReadRequest(id=made.id, urn=urn(KEY, "k"))
    wire = str(aws.stub.Read(request).properties.fields["secret"])
    assert "1b47061264138c4ac30d75fd1eb44270" in wire


def test_refresh_sees_drift(cloudflare: Client, lab_world: World) -> None:
    made = cloudflare.create(DNS_RECORD, "a", INPUTS)
    assert cloudflare.read(DNS_RECORD, "a", made, INPUTS) == (
        made.id,
        made.outputs | {"id": made.id},
        INPUTS,
    )
    drifted = made.outputs | {"content": "127.77.9.9"}
    lab_world.put(DNS_RECORD, made.id, drifted, name=INPUTS["name"])  # type: ignore[arg-type]
    found, outputs, inputs = cloudflare.read(DNS_RECORD, "a", made, INPUTS)
    assert found == made.id
    assert outputs["content"] == inputs["content"] == "127.77.9.9"
    reply = cloudflare.diff(DNS_RECORD, "a", outputs, inputs, INPUTS)
    assert kinds(reply) == {"content": "UPDATE"}


def test_refresh_of_what_is_gone(cloudflare: Client, lab_world: World) -> None:
    made = cloudflare.create(DNS_RECORD, "a", INPUTS)
    lab_world.remove(DNS_RECORD, made.id)
    assert cloudflare.read(DNS_RECORD, "a", made, INPUTS) == ("", {}, {})


def test_import_fills_the_inputs(cloudflare: Client) -> None:
    made = cloudflare.create(DNS_RECORD, "a", INPUTS)
    given = Made(f"{INPUTS['zoneId']}/{made.id}", {}, set())
    found, outputs, inputs = cloudflare.read(DNS_RECORD, "a", given, {})
    assert found == made.id
    assert outputs["content"] == "127.77.0.1"
    assert inputs.items() <= INPUTS.items()


def test_adopted_from_the_ledger(aws: Client, lab_world: World) -> None:
    """What a killed engine left behind is read back as if its answer had arrived."""
    aws.create(USER, "u", {"name": "u"})
    made = aws.create(KEY, "k", {"user": "u"})
    (entry,) = lab_world.ledger(urn(KEY, "k"))
    found, outputs, inputs = aws.read(KEY, "k", Made(entry.id, {}, set()), {"user": "u"})
    assert found == made.id
    assert outputs == made.outputs
    assert inputs == {"user": "u"}


@pytest.mark.parametrize("operation", ["create", "update", "read", "delete"])
def test_injected_faults_fail_once(cloudflare: Client, lab_world: World, operation: str) -> None:
    made = cloudflare.create(DNS_RECORD, "a", INPUTS)
    calls: dict[str, Callable[[], object]] = {
        "create": lambda: cloudflare.create(DNS_RECORD, "a", INPUTS | {"content": "127.77.0.2"}),
        "update": lambda: cloudflare.update(DNS_RECORD, "a", made, INPUTS),
        "read": lambda: cloudflare.read(DNS_RECORD, "a", made, INPUTS),
        "delete": lambda: cloudflare.delete(DNS_RECORD, "a", made),
    }
    before = lab_world.find(DNS_RECORD)
    lab_world.fail_next("a", operation, "the cloud is having a day off")
    with pytest.raises(grpc.RpcError) as error:
        calls[operation]()
    assert message(error) == "the cloud is having a day off (injected)"
    assert lab_world.find(DNS_RECORD) == before
    calls[operation]()


def test_what_the_lab_does_not_have(aws: Client) -> None:
    bucket = "aws:s3/bucket:Bucket"
    calls: list[Callable[[], object]] = [
        lambda: aws.check(bucket, "b", {}),
        lambda: aws.create(bucket, "b", {}),
        lambda: aws.invoke("aws:s3/getBucket:getBucket", {}),
    ]
    for call in calls:
        with pytest.raises(grpc.RpcError) as error:
            call()
        assert message(error).startswith("the lab does not have aws:s3/")


def test_errors_have_no_traceback(cloudflare: Client) -> None:
    with pytest.raises(grpc.RpcError) as error:
        cloudflare.create(DNS_RECORD, "a", INPUTS | {"content": "nonsense"})
    assert error.value.code() == grpc.StatusCode.UNKNOWN
    assert "\n" not in message(error)
    assert message(error).endswith("(9005)")


def test_a_bug_is_told_without_values(cloudflare: Client) -> None:
    with pytest.raises(grpc.RpcError) as error:
        cloudflare.create(DNS_RECORD, "a", {"type": "TXT", "content": "hush"})  # zoneId is missing
    assert error.value.code() == grpc.StatusCode.INTERNAL
    assert message(error).startswith("bug in the lab: cloudflare Create: KeyError")
    assert "hush" not in message(error)


def test_each_connection_has_its_own_configuration(running: RunInfo, aws: Client) -> None:
    west = Client(running.providers["aws"], region="eu-west-1")
    try:
        image = "aws:ec2/getAmi:getAmi"
        arguments = {"mostRecent": True}
        assert west.invoke(image, arguments)["region"] == "eu-west-1"
        assert aws.invoke(image, arguments)["region"] == "eu-central-1"
    finally:
        west.close()


def test_calls_of_an_attaching_engine(aws: Client) -> None:
    assert aws.stub.Attach(pb.ConfigureRequest()) == empty_pb2.Empty()
    assert aws.stub.Handshake(pb.ProviderHandshakeRequest()).accept_secrets
    assert aws.stub.GetPluginInfo(empty_pb2.Empty()).version.count(".") == 2
    assert aws.stub.Cancel(empty_pb2.Empty()) == empty_pb2.Empty()
    configured = aws.stub.Configure(pb.ConfigureRequest(args=struct({"region": "eu-central-1"})))
    assert configured.acceptSecrets
    assert configured.supportsPreview
    assert not configured.acceptOutputs
    with pytest.raises(grpc.RpcError) as error:
        aws.stub.Construct(pb.ConstructRequest(type="aws:x:Y"))
    assert error.value.code() == grpc.StatusCode.UNKNOWN


def test_configurations_are_compared(aws: Client) -> None:
    def compared(old: str, new: str) -> int:
        request = pb.DiffRequest(olds=struct({"region": old}), news=struct({"region": new}))
        return int(aws.stub.DiffConfig(request).changes)

    assert compared("a", "a") == pb.DiffResponse.DIFF_NONE
    assert compared("a", "b") == pb.DiffResponse.DIFF_SOME


def test_bad_configurations(aws: Client, cloudflare: Client) -> None:
    def problems(client: Client, **config: str) -> list[str]:
        reply = client.stub.CheckConfig(pb.CheckRequest(news=struct(config)))
        assert plain(reply.inputs) == config
        return [one.property for one in reply.failures]

    assert problems(aws, region="eu-central-1") == []
    assert problems(aws, region="europe") == ["region"]
    assert problems(aws, region=UNKNOWN) == []
    assert problems(cloudflare) == []
    assert problems(cloudflare, apiToken="x" * 40) == []
    assert problems(cloudflare, apiToken="x" * 39) == ["apiToken"]
    assert problems(cloudflare, apiToken="x" * 40 + "!") == ["apiToken"]
