"""Where the mail server runs."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, model_validator

from settings.base import Model
from settings.types import (
    AmiId,
    Cidr,
    Ipv4,
    Ipv4OrHostname,
    Ipv6,
    Once,
    Port,
    Region,
    SocketPath,
    SshPublicKey,
    TimeOfDay,
    User,
    VpsType,
    refuse,
)


class Snapshots(Model):
    """The daily copies of the data volume."""

    keep: int = Field(
        7,
        ge=0,
        le=1000,
        description="How many daily snapshots are kept; 0 makes none. The volume's last snapshot, "
        "taken when it is destroyed, stays in any case.",
        examples=[30],
    )
    time: TimeOfDay = Field(
        "03:00",
        description="When the snapshot is taken, in UTC; AWS starts it within the hour after.",
        examples=["01:30"],
    )


class AwsHost(Model):
    """A virtual machine that the stack creates at AWS, with its own address and data volume."""

    kind: Literal["aws"]
    region: Region = Field(description="AWS region.", examples=["eu-central-1"])
    instance_type: VpsType = Field(
        "t4g.small",
        description="EC2 instance type. docker-mailserver with Rspamd needs about 1 GiB of memory; "
        "ClamAV needs 2 GiB more.",
        examples=["t4g.medium"],
    )
    image: AmiId | None = Field(
        None,
        description="Machine image (AMI) of a Debian 12 for the processor of `instanceType`. "
        "Without it the first `up` takes Debian's newest, and the stack keeps that one: a newer "
        "image never replaces a running server. Another value here does.",
        examples=["ami-0123456789abcdef0"],
    )
    ipv6: bool = Field(
        False,
        description="Give the machine an IPv6 address too, with AAAA and SPF to match. Mind that "
        "many receivers are stricter about mail that comes over IPv6.",
        examples=[True],
    )
    data_volume_size: int = Field(
        20,
        ge=1,
        le=16384,
        description="Size in GiB of the volume that holds mail and state. It can grow later, "
        "never shrink.",
        examples=[40],
    )
    snapshots: Snapshots = Field(
        Snapshots(),
        description="Daily snapshots of the data volume, by Amazon Data Lifecycle Manager.",
        examples=[{"keep": 30}],
    )
    swap_size: int = Field(
        2,
        ge=0,
        le=64,
        description="Size in GiB of the swap file, which the root volume is made larger by; 0 is "
        "none. Without swap a moment of need (Rspamd compiling its patterns) ends a process.",
        examples=[4],
    )
    ssh_public_key: SshPublicKey | None = Field(
        None,
        description="Your SSH public key, allowed to log in as `admin`. Without it the stack makes "
        "a key pair of its own.",
        examples=["ssh-ed25519 AAAA…"],
    )
    deploy_keys: Annotated[tuple[SshPublicKey, ...], Once] = Field(
        (),
        description="SSH public keys that may log in as `admin` and do nothing but reach Docker: "
        "for CI. Whoever reaches Docker can become root all the same, so keep them as you keep "
        "your own. A change makes a new machine, as a change of any key does.",
        examples=[["ssh-ed25519 AAAA…"]],
    )
    ssh_from: Annotated[tuple[Cidr, ...], Once] = Field(
        min_length=1,
        description="Networks (CIDR, IPv4 and with `ipv6` also IPv6) that may reach port 22. The "
        "machine that runs `pulumi up` must be among them, for it reaches Docker over SSH at the "
        "IPv4 address.",
        examples=[["198.51.100.0/24"]],
    )

    @model_validator(mode="after")
    def _ssh_can_work(self) -> "AwsHost":
        for index, cidr in enumerate(self.ssh_from):
            if ":" in cidr and not self.ipv6:
                raise refuse(
                    f"{cidr} cannot reach a machine without IPv6: set host.ipv6, or take it out",
                    example="198.51.100.0/24",
                    at=("sshFrom", index),
                )
        if all(":" in cidr for cidr in self.ssh_from):
            raise refuse(
                "`pulumi up` reaches Docker at the IPv4 address: one IPv4 network is needed",
                example="198.51.100.0/24",
                at=("sshFrom",),
            )
        return self

    @model_validator(mode="after")
    def _deploy_keys_stay_restricted(self) -> "AwsHost":
        own = (self.ssh_public_key or "").split()[:2]
        for index, key in enumerate(self.deploy_keys):
            # sshd goes by the first line that has the key: this one would be without restriction.
            if key.split()[:2] == own:
                raise refuse(
                    "is `sshPublicKey` too, which may do anything: make another key for CI",
                    example="ssh-ed25519 AAAA…",
                    at=("deployKeys", index),
                )
        return self


Engine = Literal["docker", "podman"]
ROOTLESS = "/run/user/"


class SshHost(Model):
    """Any machine with Docker or Podman that you can log in to."""

    kind: Literal["ssh"]
    address: Ipv4OrHostname = Field(
        description="IPv4 address or name to log in at.", examples=["192.0.2.10"]
    )
    user: User = Field("root", description="User to log in as; must be allowed to use Docker.")
    port: Port = Field(22, description="Port of the SSH server.", examples=[2222])
    host_key: SshPublicKey = Field(
        description="The machine's SSH host key, pinned. Read it on the machine's own console: "
        "`cat /etc/ssh/ssh_host_ed25519_key.pub`; `ssh-keyscan` shows whatever answers.",
        examples=["ssh-ed25519 AAAA…"],
    )
    ipv4: Ipv4 | None = Field(
        None,
        description="The public IPv4 address of the server's name. Needed when `address` is not "
        "an IPv4 address itself.",
        examples=["192.0.2.10"],
    )
    ipv6: Ipv6 | None = Field(
        None,
        description="The public IPv6 address, when mail is to flow over it.",
        examples=["2001:db8::10"],
    )
    engine: Engine = Field(
        "docker",
        description="What runs the containers there: Docker, or Podman 4 or later as root "
        "(packages `podman` and `podman-docker`, unit `podman.socket`).",
        examples=["podman"],
    )
    socket: SocketPath | None = Field(
        None,
        description="Path of the engine's socket on that machine, where it is not the usual one.",
        examples=["/run/docker.sock"],
    )

    @model_validator(mode="after")
    def _needs_root(self) -> "SshHost":
        if self.socket is not None and self.socket.startswith(ROOTLESS):
            own = "podman/podman" if self.engine == "podman" else "docker"
            raise refuse(
                "an engine without root hides the clients' addresses from the mail server: SPF "
                "would refuse everybody's mail, and Fail2Ban would ban everybody at once; root's "
                f"own is usually /run/{own}.sock",
                at=("socket",),
            )
        return self

    @model_validator(mode="after")
    def _needs_ipv4(self) -> "SshHost":
        if self.public_ipv4 is None:
            raise refuse(
                "the A record needs the machine's IPv4 address, and `address` is not one",
                example="192.0.2.10",
                at=("ipv4",),
            )
        return self

    @property
    def public_ipv4(self) -> str | None:
        """`ipv4`, or `address` where that is an IPv4 address."""
        if self.ipv4 is not None:
            return self.ipv4
        is_ipv4 = self.address.replace(".", "").isdigit()
        return self.address if is_ipv4 else None


class LocalHost(Model):
    """The Docker or Podman of the machine that runs `pulumi up`."""

    kind: Literal["local"]
    ipv4: Ipv4 = Field(
        "127.0.0.1",
        description="Address that the ports are published on and that the A record names.",
        examples=["192.0.2.10"],
    )
    port_offset: int = Field(
        0,
        ge=0,
        le=60000,
        description="Added to every published port, so that two stacks fit on one machine and no "
        "port needs root.",
        examples=[20000],
    )
    engine: Engine = Field(
        "docker", description="What runs the containers: Docker or Podman.", examples=["podman"]
    )
    socket: SocketPath | None = Field(
        None,
        description="Path of the engine's socket. Without it: what DOCKER_HOST says, else "
        "/var/run/docker.sock; for Podman /run/podman/podman.sock, or your own in "
        "$XDG_RUNTIME_DIR when you are not root.",
        examples=["/run/podman/podman.sock"],
    )

    def endpoint(self, environment: Mapping[str, str], *, root: bool) -> str:
        """Find the engine as its own client does in ``environment``, unless ``socket`` names it."""
        if self.socket is not None:
            return f"unix://{self.socket}"
        if named := environment.get("DOCKER_HOST"):
            return named
        if self.engine == "docker":
            return "unix:///var/run/docker.sock"
        own = environment.get("XDG_RUNTIME_DIR")
        return f"unix://{'/run' if root or not own else own}/podman/podman.sock"


Host = Annotated[AwsHost | SshHost | LocalHost, Field(discriminator="kind")]
