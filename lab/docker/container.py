"""Stand-in for docker:index Container."""

import re

from docker import DockerClient
from docker.errors import APIError, NotFound
from docker.models.containers import Container as EngineContainer
from tenacity import RetryError, Retrying, retry_if_result, stop_after_delay, wait_fixed

from lab.cloud.provider import Call, CloudError
from lab.cloud.values import Plain
from lab.docker import acme
from lab.docker.container_spec import limits, publish_address, request, upload_archive
from lab.docker.resource import DockerResource

_PORT_TAKEN = re.compile(r"(\d+\.\d+\.\d+\.\d+:\d+).*(?:already allocated|address already in use)")
_LIMITS = ("restart", "maxRetryCount", "memory", "memorySwap", "cpuShares")
_IN_PLACE = frozenset(
    {
        *_LIMITS,
        "attach",
        "destroyGraceSeconds",
        "healthcheck",
        "init",
        "logs",
        "mustRun",
        "removeVolumes",
        "rm",
        "start",
        "tmpfs",
        "wait",
        "waitTimeout",
    }
)


class Container(DockerResource):
    """A container. What does not change in place replaces it, the old one first: downtime."""

    token = "docker:index/container:Container"  # noqa: S105 - a type token
    required = frozenset({"image"})
    replaces = frozenset(
        {
            "capabilities",
            "command",
            "dns",
            "domainname",
            "entrypoints",
            "envs",
            "hostname",
            "image",
            "labels",
            "logDriver",
            "logOpts",
            "mounts",
            "name",
            "networkMode",
            "networksAdvanced",
            "ports",
            "readOnly",
            "securityOpts",
            "stopSignal",
            "stopTimeout",
            "sysctls",
            "tty",
            "uploads",
            "user",
            "volumes",
            "workingDir",
        }
    )
    optional = (replaces | _IN_PLACE) - {"image", "attach", "logs", "rm"}
    computed = frozenset({"bridge", "exitCode", "hostname", "networkDatas"})
    volatile = frozenset({"exitCode", "networkDatas"})
    autoname = "name"

    def create(self, call: Call, inputs: Plain) -> tuple[str, Plain]:
        """Create the container, upload files, start it; what fails to start is removed again."""
        address = publish_address(call.config.get("host", ""), _asked_address(inputs))
        with self.machine(call) as client:
            self._clear_name(call, client, inputs["name"])
            labels = self.labels(call, inputs) | self.on_machine(call)
            spec = request(client.api, inputs, address=address, labels=labels)
            container = client.containers.get(client.api.create_container(**spec)["Id"])
            try:
                for network in inputs.get("networksAdvanced", [])[1:]:
                    client.networks.get(network["name"]).connect(container)
                for upload in inputs.get("uploads", []):
                    container.put_archive("/", upload_archive(upload))
                if order := acme.order_of(inputs):
                    acme.publish(call.world, container, order)
                elif inputs.get("start", True):
                    _start(container)
                    if inputs.get("wait"):
                        _wait_healthy(container, inputs.get("waitTimeout", 60))
            except Exception:
                container.remove(v=True, force=True)
                raise
            return str(container.id), inputs | _facts(client, str(container.id), inputs)

    def read(self, call: Call, id: str, outputs: Plain) -> Plain | None:  # noqa: A002
        """The container as it is; a stopped one that must run has `mustRun` false."""
        with self.machine(call) as client:
            try:
                return outputs | _facts(client, id, outputs)
            except NotFound:
                return None

    def update(self, call: Call, id: str, outputs: Plain, inputs: Plain) -> Plain:  # noqa: A002
        """Start what must run, and set limits and restart policy.

        As with the real provider, a changed health check reaches the state but no container.
        """
        with self.machine(call) as client:
            container = client.containers.get(id)
            if inputs.get("mustRun") and not outputs.get("mustRun"):
                _start(container)
            if any(inputs.get(name) != outputs.get(name) for name in _LIMITS):
                container.update(**limits(inputs))
            return self.kept(outputs) | inputs | _facts(client, id, inputs)

    def delete(self, call: Call, id: str, outputs: Plain) -> None:  # noqa: A002
        """Stop the container, with no time to finish unless `destroyGraceSeconds` gives it."""
        with self.machine(call) as client:
            try:
                container = client.containers.get(id)
                container.stop(timeout=int(outputs.get("destroyGraceSeconds", 0)))
                container.remove(v=outputs.get("removeVolumes", True), force=True)
            except NotFound:
                return

    def _clear_name(self, call: Call, client: DockerClient, name: str) -> None:
        try:
            container = client.containers.get(name)
        except NotFound:
            return
        if self.is_leftover(call, str(container.id), container.labels):
            container.remove(v=True, force=True)


def _asked_address(inputs: Plain) -> str | None:
    addresses = {port.get("ip") for port in inputs.get("ports", [])}
    return addresses.pop() if len(addresses) == 1 else None


def _start(container: EngineContainer) -> None:
    try:
        container.start()
    except APIError as error:
        if taken := _PORT_TAKEN.search(str(error.explanation)):
            message = (
                f"{taken[1]} is in use already on this machine: end what listens there "
                "(another lab, a mail server), or set host.portOffset"
            )
            raise CloudError("port in use", message) from None
        raise


def _wait_healthy(container: EngineContainer, seconds: float) -> None:
    def health() -> str:
        container.reload()
        return str(container.attrs["State"].get("Health", {}).get("Status", "none"))

    try:
        Retrying(
            retry=retry_if_result(lambda status: status != "healthy"),
            stop=stop_after_delay(seconds),
            wait=wait_fixed(0.5),
        )(health)
    except RetryError:
        message = "container failed to be in healthy state"
        raise CloudError("wait", message) from None


def _facts(client: DockerClient, id: str, asked: Plain) -> Plain:  # noqa: A002
    attrs = client.containers.get(id).attrs
    state, settings = attrs["State"], attrs["NetworkSettings"]
    facts: Plain = {
        "name": attrs["Name"].removeprefix("/"),
        "hostname": attrs["Config"].get("Hostname") or id[:12],
        "bridge": settings.get("Bridge", ""),
        "networkDatas": [
            {
                "networkName": name,
                "ipAddress": network["IPAddress"],
                "ipPrefixLength": network["IPPrefixLen"],
                "gateway": network["Gateway"],
                "macAddress": network["MacAddress"],
            }
            for name, network in sorted(settings["Networks"].items())
        ],
    }
    if not state["Running"]:
        facts["exitCode"] = state["ExitCode"]
        if asked.get("mustRun") and not acme.order_of(asked):
            facts["mustRun"] = False
    return facts
