"""A provider for tests: objects in a JSON file, so that a test sees what really exists.

Run as a process: `python tiny_provider.py WORLD`; prints its port. Type `tiny:index:Thing`:
`value` changes in place, `kind` replaces, `kind` with `first: true` deletes before it creates.
A `value` that starts with "fail" is refused by create and update, "bad" by check.
"""

# ruff: noqa: N802, ARG002 (gRPC gives the names and the arguments)
import json
import sys
import threading
from concurrent import futures
from pathlib import Path

import grpc
from google.protobuf import any_pb2, empty_pb2, json_format, struct_pb2
from pulumi.runtime.proto import (
    ResourceProviderServicer,
    plugin_pb2,
    provider_pb2,
    provider_pb2_grpc,
    status_pb2,
)

WATCHED = ("value", "kind", "parts", "password")


class Tiny(ResourceProviderServicer):
    def __init__(self, world: Path) -> None:
        self._world = world
        self._lock = threading.Lock()

    def Attach(self, request, context):
        return empty_pb2.Empty()

    def GetPluginInfo(self, request, context):
        return plugin_pb2.PluginInfo(version="1.0.0")

    def CheckConfig(self, request, context):
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request, context):
        before, after = _plain(request.old_inputs), _plain(request.news)
        changed = [key for key in {*before, *after} if before.get(key) != after.get(key)]
        return provider_pb2.DiffResponse(
            changes=_changes(changed),
            diffs=changed,
            replaces=[key for key in changed if key == "region"],
        )

    def Configure(self, request, context):
        if _plain(request.args).get("region") == "nowhere":
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "no such region: nowhere")
        return provider_pb2.ConfigureResponse(acceptSecrets=False, supportsPreview=True)

    def Check(self, request, context):
        news = _plain(request.news)
        failures = []
        if news.get("value") == "bad":
            failures.append(provider_pb2.CheckFailure(property="value", reason="it is bad"))
        return provider_pb2.CheckResponse(inputs=request.news, failures=failures)

    def Diff(self, request, context):
        before, after = _plain(request.olds), _plain(request.news)
        changed = [key for key in WATCHED if before.get(key) != after.get(key)]
        changed = [key for key in changed if key not in request.ignoreChanges]
        return provider_pb2.DiffResponse(
            changes=_changes(changed),
            diffs=changed,
            replaces=[key for key in changed if key == "kind"],
            deleteBeforeReplace=bool(after.get("first")),
        )

    def Create(self, request, context):
        properties = _plain(request.properties)
        self._refuse_failing(properties, context)
        if request.preview:
            return provider_pb2.CreateResponse(id="", properties=request.properties)
        with self._lock:
            world = self._load()
            number = world["counts"][request.name] = world["counts"].get(request.name, 0) + 1
            id_ = f"{request.name}-{number}"
            outputs = {**properties, "stamp": f"stamp-{number}"}
            world["objects"][id_] = {"urn": request.urn, "outputs": outputs}
            self._save(world)
        if str(properties.get("value", "")).startswith("half"):
            _abort_half_made(context, id_, outputs)
        return provider_pb2.CreateResponse(id=id_, properties=_struct(outputs))

    def Update(self, request, context):
        properties = _plain(request.news)
        self._refuse_failing(properties, context)
        stamp = _plain(request.olds).get("stamp")
        outputs = {**properties, "stamp": stamp}
        if not request.preview:
            with self._lock:
                world = self._load()
                world["objects"][request.id]["outputs"] = outputs
                world["updates"] += 1
                self._save(world)
        return provider_pb2.UpdateResponse(properties=_struct(outputs))

    def Delete(self, request, context):
        with self._lock:
            world = self._load()
            if "stuck" in str(world["objects"].get(request.id, {}).get("outputs", {}).get("value")):
                context.abort(grpc.StatusCode.UNKNOWN, "it is stuck")
            world["objects"].pop(request.id, None)
            self._save(world)
        return empty_pb2.Empty()

    def Read(self, request, context):
        found = self._load()["objects"].get(request.id)
        if found is None:
            return provider_pb2.ReadResponse(id="")
        outputs = found["outputs"]
        inputs = {key: value for key, value in outputs.items() if key != "stamp"}
        return provider_pb2.ReadResponse(
            id=request.id, properties=_struct(outputs), inputs=_struct(inputs)
        )

    def Invoke(self, request, context):
        arguments = _plain(request.args)
        if arguments.get("question") == "none":
            context.abort(grpc.StatusCode.UNKNOWN, "there is no answer")
        reply = provider_pb2.InvokeResponse()
        answer = _struct({"answer": f"answer to {arguments.get('question')}"})
        getattr(reply, "return").CopyFrom(answer)
        return reply

    def Cancel(self, request, context):
        return empty_pb2.Empty()

    def _refuse_failing(self, properties, context):
        if str(properties.get("value", "")).startswith("fail"):
            trace = 'Traceback (most recent call last):\n  File "x.py", line 1, in f\n'
            secret = properties.get("password", "")
            message = f"{trace}ValueError: refused {properties['value']} {secret}\n"
            context.abort(grpc.StatusCode.UNKNOWN, message)

    def _load(self):
        if not self._world.exists():
            return {"counts": {}, "updates": 0, "objects": {}}
        return json.loads(self._world.read_text())

    def _save(self, world):
        new = self._world.with_suffix(".new")
        new.write_text(json.dumps(world))
        new.replace(self._world)


def _abort_half_made(context, id_, outputs):
    detail = any_pb2.Any()
    detail.Pack(
        provider_pb2.ErrorResourceInitFailed(
            id=id_, properties=_struct(outputs), reasons=["it does not start"]
        )
    )
    status = status_pb2.Status(
        code=grpc.StatusCode.UNKNOWN.value[0], message="half", details=[detail]
    )
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    context.abort(grpc.StatusCode.UNKNOWN, "half")


def _changes(changed):
    some, none = provider_pb2.DiffResponse.DIFF_SOME, provider_pb2.DiffResponse.DIFF_NONE
    return some if changed else none


def _plain(struct):
    return json_format.MessageToDict(struct)


def _struct(values):
    return json_format.ParseDict(values, struct_pb2.Struct())


def main():
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=16))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Tiny(Path(sys.argv[1])), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    sys.stdin.read()  # until the test is over


if __name__ == "__main__":
    main()
