"""Stand-ins for docker:index RemoteImage, Volume and Network.

What replaces, what is kept and what an id looks like: internal/provider of
kreuzwerker/terraform-provider-docker, which the official plugin wraps.
"""

from docker import DockerClient
from docker.errors import ImageNotFound, NotFound
from docker.types import IPAMConfig, IPAMPool

from lab.cloud.provider import Call, CloudError
from lab.cloud.values import Plain
from lab.docker import acme
from lab.docker.resource import LAB_LABEL, DockerResource, engine


class RemoteImage(DockerResource):
    """An image on the Engine. A tag that is present is never pulled again."""

    token = "docker:index/remoteImage:RemoteImage"  # noqa: S105 - a type token
    required = frozenset({"name"})
    optional = frozenset({"keepLocally", "forceRemove", "pullTriggers", "triggers", "platform"})
    replaces = frozenset({"name", "pullTriggers", "triggers", "platform"})
    computed = frozenset({"imageId", "repoDigest"})

    def create(self, call: Call, inputs: Plain) -> tuple[str, Plain]:
        """Pull the image unless it is there."""
        name = _stand_in(call, inputs["name"])
        with engine(self.socket) as client:
            try:
                client.images.get(name)
            except ImageNotFound:
                client.images.pull(name, platform=inputs.get("platform"))
            outputs = inputs | _image_facts(client, name)
        return f"{outputs['imageId']}{inputs['name']}", outputs

    def read(self, call: Call, id: str, outputs: Plain) -> Plain | None:  # noqa: A002
        """What the name means on the Engine now."""
        name = outputs.get("name") or id.removeprefix("sha256:")[64:]
        with engine(self.socket) as client:
            try:
                return {**outputs, "name": name, **_image_facts(client, _stand_in(call, name))}
            except ImageNotFound:
                return None

    def update(self, call: Call, id: str, outputs: Plain, inputs: Plain) -> Plain:  # noqa: A002, ARG002
        """Only what matters at the end may change in place."""
        return self.kept(outputs) | inputs

    def delete(self, call: Call, id: str, outputs: Plain) -> None:  # noqa: A002, ARG002
        """Remove the image, unless it is to be kept."""
        if not outputs.get("keepLocally"):
            with engine(self.socket) as client:
                try:
                    client.images.remove(outputs["name"], force=bool(outputs.get("forceRemove")))
                except ImageNotFound:
                    return


class Volume(DockerResource):
    """A named volume; every change replaces it."""

    token = "docker:index/volume:Volume"  # noqa: S105 - a type token
    optional = frozenset({"name", "labels", "driver", "driverOpts"})
    replaces = optional
    computed = frozenset({"driver", "mountpoint"})
    autoname = "name"

    def create(self, call: Call, inputs: Plain) -> tuple[str, Plain]:
        """Make the volume; one that this lab had before (retained, say) is taken up again.

        The Engine would silently hand out any volume with that name: another lab's mail.
        """
        name = inputs["name"]
        with engine(self.socket) as client:
            try:
                owner = (client.volumes.get(name).attrs["Labels"] or {}).get(LAB_LABEL)
                if owner != self.lab:
                    raise CloudError("conflict", _taken("volume", name))
            except NotFound:
                client.volumes.create(
                    name,
                    driver=inputs.get("driver", "local"),
                    driver_opts=inputs.get("driverOpts"),
                    labels=self.labels(call, inputs),
                )
            return name, inputs | _volume_facts(client, name)

    def read(self, call: Call, id: str, outputs: Plain) -> Plain | None:  # noqa: A002, ARG002
        """The volume as it is."""
        with engine(self.socket) as client:
            try:
                return {**outputs, "name": id, **_volume_facts(client, id)}
            except NotFound:
                return None

    def delete(self, call: Call, id: str, outputs: Plain) -> None:  # noqa: A002, ARG002
        """Remove the volume with all that is in it; refused while a container uses it."""
        with engine(self.socket) as client:
            try:
                client.volumes.get(id).remove()
            except NotFound:
                return


class Network(DockerResource):
    """A network of containers; every change replaces it."""

    token = "docker:index/network:Network"  # noqa: S105 - a type token
    optional = frozenset(
        {
            "attachable",
            "driver",
            "internal",
            "ipamConfigs",
            "ipv6",
            "labels",
            "name",
            "options",
        }
    )
    replaces = optional
    computed = frozenset({"driver", "internal", "ipamConfigs", "options", "scope"})
    autoname = "name"

    def create(self, call: Call, inputs: Plain) -> tuple[str, Plain]:
        """Make the network; its name must be free."""
        name = inputs["name"]
        with self.machine(call) as client:
            for network in client.networks.list(names=[name]):  # also finds names that contain it
                if network.name == name:
                    if not self.is_leftover(call, str(network.id), network.attrs["Labels"] or {}):
                        raise CloudError("conflict", _taken("network", name))
                    network.remove()
            network = client.networks.create(
                name,
                driver=inputs.get("driver", "bridge"),
                options=inputs.get("options"),
                internal=bool(inputs.get("internal")),
                attachable=inputs.get("attachable"),
                enable_ipv6=bool(inputs.get("ipv6")),
                ipam=_ipam(inputs.get("ipamConfigs", [])),
                labels=self.labels(call, inputs) | self.on_machine(call),
            )
            identity = str(network.id)
            return identity, inputs | _network_facts(client, identity)

    def read(self, call: Call, id: str, outputs: Plain) -> Plain | None:  # noqa: A002
        """The network as it is."""
        with self.machine(call) as client:
            try:
                return outputs | _network_facts(client, id)
            except NotFound:
                return None

    def delete(self, call: Call, id: str, outputs: Plain) -> None:  # noqa: A002, ARG002
        """Remove the network; refused while a container is in it."""
        with self.machine(call) as client:
            try:
                client.networks.get(id).remove()
            except NotFound:
                return


def _image_facts(client: DockerClient, name: str) -> Plain:
    image = client.images.get(name)
    digests = image.attrs.get("RepoDigests") or []
    return {"imageId": image.id, "repoDigest": digests[0] if digests else ""}


def _volume_facts(client: DockerClient, name: str) -> Plain:
    attrs = client.volumes.get(name).attrs
    return {"driver": attrs["Driver"], "mountpoint": attrs["Mountpoint"]}


def _network_facts(client: DockerClient, id: str) -> Plain:  # noqa: A002
    attrs = client.networks.get(id).attrs
    configs = attrs["IPAM"].get("Config") or []
    return {
        "name": attrs["Name"],
        "driver": attrs["Driver"],
        "internal": attrs["Internal"],
        "options": attrs["Options"] or {},
        "scope": attrs["Scope"],
        "ipamConfigs": [{"subnet": config.get("Subnet", "")} for config in configs],
    }


def _ipam(configs: list[Plain]) -> IPAMConfig | None:
    if not configs:
        return None
    pools = [
        IPAMPool(subnet=config.get("subnet"), gateway=config.get("gateway")) for config in configs
    ]
    return IPAMConfig(pool_configs=pools)


def _taken(kind: str, name: str) -> str:
    return (
        f"the {kind} {name} exists on this Docker Engine and is not of this lab: "
        "remove it, or use a stack of another name"
    )


def _stand_in(call: Call, name: str) -> str:
    """The image that is used for this one: the ACME client never starts in a lab."""
    return str(call.world.setting(acme.IMAGES, {}).get(name, name))
