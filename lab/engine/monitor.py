"""The resource monitor: what the program's SDK calls while the program runs.

An object with the methods of the gRPC service `ResourceMonitor`, called from many threads. Plans
are made one at a time; providers are asked outside of that, so independent resources are made
side by side.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import grpc
from google.protobuf import empty_pb2
from pulumi import RunError
from pulumi.runtime.proto import provider_pb2, resource_pb2

from lab.engine import urns
from lab.engine.connections import ProviderError
from lab.engine.defaults import DefaultProviders
from lab.engine.errors import EngineError, UnsupportedError
from lab.engine.executor import Executor, StoppedError
from lab.engine.goals import Goal, read_goal
from lab.engine.masking import without_traceback
from lab.engine.planner import Planner
from lab.engine.properties import PropertyMap, Wire, from_struct, to_struct
from lab.engine.registry import Registry
from lab.engine.reporting import Reporter
from lab.engine.resources import Resource
from lab.engine.state import State
from lab.engine.steps import Planned

FEATURES: Final = (
    resource_pb2.RESOURCE_MONITOR_FEATURE_SECRETS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_RESOURCE_REFERENCES,
    resource_pb2.RESOURCE_MONITOR_FEATURE_ALIAS_SPECS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_REPLACEMENT_TRIGGER,
    resource_pb2.RESOURCE_MONITOR_FEATURE_DELETED_WITH,
)
_PROGRAM_WIRE: Final = Wire(unknowns=True, secrets=True, resources=True)


class InvokeError(grpc.RpcError):
    """A function failed; a program can catch what the SDK makes of this."""

    def code(self) -> grpc.StatusCode:
        """Part of what the SDK expects of an RpcError."""
        return grpc.StatusCode.UNKNOWN

    def details(self) -> str:
        """The message."""
        return str(self)


@dataclass(slots=True)
class Monitor:
    """Serves one run of the program.

    Attributes:
        completed: the program came to its end; only then may anything be deleted.
        stopped: something failed or was cancelled; nothing new is begun.
    """

    planner: Planner
    executor: Executor
    registry: Registry
    reporter: Reporter
    state: State
    config: dict[str, str]
    secret_keys: frozenset[str]
    preview: bool
    cancelled: Callable[[], bool]
    completed: bool = False
    stopped: bool = False
    stack_outputs: PropertyMap | None = None
    _goals: dict[str, Goal] = field(default_factory=dict)
    _component_providers: dict[str, dict[str, str]] = field(default_factory=dict)
    _registered: dict[str, Resource] = field(default_factory=dict)
    _planning: threading.Lock = field(default_factory=threading.Lock)
    _defaults: DefaultProviders = field(init=False)

    def __post_init__(self) -> None:
        self._defaults = DefaultProviders(self.config, self.secret_keys, self._take)

    # The names below are those of the gRPC service.

    def GetDeploymentInfo(  # noqa: N802
        self, _request: empty_pb2.Empty
    ) -> resource_pb2.DeploymentInfo:
        """Tell the SDK what it may ask for."""
        return resource_pb2.DeploymentInfo(dryRun=self.preview, supportedFeatures=FEATURES)

    def RegisterResource(  # noqa: N802
        self, request: resource_pb2.RegisterResourceRequest
    ) -> resource_pb2.RegisterResourceResponse:
        """Bring a resource to what the program wants."""
        label = f"{request.type} {request.name!r}"
        try:
            self._refuse_when_stopped()
            goal = read_goal(request)
            self._inherit(goal, dict(request.providers))
            if goal.custom:
                self._settle_provider(goal, request)
            resource = self._take(goal)
        except (EngineError, ProviderError) as error:
            raise self._stop(label, error) from None
        except StoppedError:
            raise self._stop(label, None) from None
        if not goal.custom:
            inherited = self._component_providers.get(goal.parent, {})
            self._component_providers[resource.urn] = inherited | dict(request.providers)
        outputs = resource.outputs if goal.custom else {}
        return resource_pb2.RegisterResourceResponse(
            urn=resource.urn,
            id=resource.id,
            object=to_struct(outputs, _PROGRAM_WIRE),
            result=resource_pb2.SUCCESS,
        )

    def RegisterResourceOutputs(  # noqa: N802
        self, request: resource_pb2.RegisterResourceOutputsRequest
    ) -> empty_pb2.Empty:
        """Take a component's outputs; the stack's are kept for the end of the operation."""
        outputs = from_struct(request.outputs)
        self.reporter.masker.learn(outputs)
        resource = self._registered.get(request.urn)
        if urns.type_of(request.urn) == urns.STACK_TYPE:
            self.stack_outputs = outputs
        elif resource is not None and resource.outputs != outputs:
            resource.outputs = outputs
            try:
                self.state.commit(put=[resource])
            except EngineError as error:
                raise self._stop(request.urn, error) from None
        return empty_pb2.Empty()

    def ReadResource(  # noqa: N802
        self, request: resource_pb2.ReadResourceRequest
    ) -> resource_pb2.ReadResourceResponse:
        """Look up an object that the stack does not manage."""
        try:
            self._refuse_when_stopped()
            goal = Goal(
                type=request.type,
                name=request.name,
                custom=True,
                parent=request.parent,
                inputs=from_struct(request.properties),
                provider=request.provider,
                dependencies=sorted(request.dependencies),
                additional_secret_outputs=list(request.additionalSecretOutputs),
            )
            if not goal.provider:
                package = urns.package_of(goal.type)
                goal.provider = self._defaults.reference(package, request.version)
            with self._planning:
                planned = self.planner.plan_read(goal, request.id)
            self.executor.take(planned)
        except (EngineError, ProviderError) as error:
            raise self._stop(f"{request.type} {request.name!r}", error) from None
        except StoppedError:
            raise self._stop(request.name, None) from None
        resource = planned.resource
        return resource_pb2.ReadResourceResponse(
            urn=resource.urn, properties=to_struct(resource.outputs, _PROGRAM_WIRE), id=resource.id
        )

    def Invoke(  # noqa: N802
        self, request: resource_pb2.ResourceInvokeRequest
    ) -> resource_pb2.ResourceInvokeResponse:
        """Call a provider's function."""
        try:
            self._refuse_when_stopped()
            package = urns.package_of(request.tok)
            reference = request.provider or self._defaults.reference(package, request.version)
            arguments = from_struct(request.args)
            self.reporter.masker.learn(arguments)
            provider = self.registry.find(reference)
            reply = provider.invoke(request.tok, arguments, preview=self.preview)
        except UnsupportedError as error:
            raise self._stop(f"function {request.tok}", error) from None
        except StoppedError:
            raise self._stop(request.tok, None) from None
        except (EngineError, ProviderError) as error:
            # Not the end yet: a program may try a function and go on without it.
            raise InvokeError(without_traceback(str(error))) from None
        self.reporter.masker.learn(reply.inputs)
        response = resource_pb2.ResourceInvokeResponse(
            failures=[provider_pb2.CheckFailure(reason=reason) for reason in reply.failures]
        )
        getattr(response, "return").CopyFrom(to_struct(reply.inputs, _PROGRAM_WIRE))
        return response

    def SignalAndWaitForShutdown(  # noqa: N802
        self, _request: empty_pb2.Empty
    ) -> empty_pb2.Empty:
        """The program is done."""
        self.completed = True
        return empty_pb2.Empty()

    def __getattr__(self, name: str) -> object:
        if name.startswith("_"):
            raise AttributeError(name)
        raise UnsupportedError(
            f"the program uses {name}, which the lab's small engine does not have: deploy it "
            "with the real Pulumi CLI"
        )

    def finish_stack_outputs(self) -> None:
        """Record the stack's outputs; after a failure, the old ones stay beside the new."""
        stack = next((r for r in self._registered.values() if r.type == urns.STACK_TYPE), None)
        if stack is None or self.stack_outputs is None:
            return
        kept = dict(stack.outputs) if self.reporter.failed else {}
        outputs = kept | self.stack_outputs
        if stack.outputs != outputs:
            stack.outputs = outputs
            self.state.commit(put=[stack])

    def _take(self, goal: Goal) -> Resource:
        for properties in (goal.inputs, {"": goal.replacement_trigger}):
            self.reporter.masker.learn(properties)
        with self._planning:
            planned = self.planner.plan(goal)
            self._refuse_when_stopped()
            # Dependents that go first must be gone before they are registered again.
            first = sum(step.pending_replacement for step in planned)
            for step in planned[:first] if first > 1 else []:
                self.executor.take(step)
                planned.remove(step)
        for step in planned:
            self.executor.take(step)
        resource = _new(planned)
        self._registered[resource.urn] = resource
        self._goals[resource.urn] = goal
        return resource

    def _inherit(self, goal: Goal, providers: dict[str, str]) -> None:
        parent = self._goals.get(goal.parent)
        if parent is not None:
            goal.inherit(parent)
        if not goal.custom or goal.provider or urns.is_provider(goal.type):
            return
        package = urns.package_of(goal.type)
        inherited = self._component_providers.get(goal.parent, {})
        goal.provider = providers.get(package) or inherited.get(package, "")
        if not goal.provider and parent is not None and parent.provider:
            of = urns.package_of(urns.type_of(urns.split_reference(parent.provider)[0]))
            goal.provider = parent.provider if of == package else ""

    def _settle_provider(self, goal: Goal, request: resource_pb2.RegisterResourceRequest) -> None:
        if urns.is_provider(goal.type):
            self._defaults.complete(goal.inputs, request.version, request.pluginDownloadURL)
        elif not goal.provider:
            goal.provider = self._defaults.reference(
                urns.package_of(goal.type), request.version, request.pluginDownloadURL
            )

    def _refuse_when_stopped(self) -> None:
        if self.stopped or self.cancelled():
            raise StoppedError

    def _stop(self, label: str, error: Exception | None) -> RunError:
        """Let the program end; its own error about this is of no use to anyone."""
        if error is not None:
            self.reporter.fail(f"{label}: {error}")
        self.stopped = True
        return RunError("the engine has stopped")


def _new(planned: list[Planned]) -> Resource:
    for step in planned:
        if step.op != "replace" and step.new is not None:
            return step.new
    raise AssertionError("a registration ends with a new state")
