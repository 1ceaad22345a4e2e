"""The VPS on AWS: an EC2 instance with an address and a disk that outlive it.

cloud-init installs Docker and what it stands on (a resolver, a clock, updates), and nothing of
the mail service, which is the container's business. The data volume carries Docker's volumes, so
a new instance finds the mail where the old one left it.
"""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.dynamic.docker_ready import DockerReady
from components.dynamic.ssh_key import SshKey
from components.hosts.host import DataVolume, ElasticIp, Host
from components.hosts.ssh_files import ssh_options
from components.hosts.vps_image import machine_image
from components.hosts.vps_network import VpsNetwork, VpsNetworkArgs
from components.hosts.vps_snapshots import DailySnapshots, DailySnapshotsArgs
from components.naming import prefix, tags
from mail.cloud_init import cloud_config
from settings.host import AwsHost

ADMIN = "admin"  # the login of Debian's cloud images
DATA_DEVICE = "/dev/sdf"
SYSTEM_SIZE = 16  # GiB: Debian, Docker and two of docker-mailserver's images


@dataclass(frozen=True, kw_only=True)
class VpsArgs:
    """What the settings say of the host, the TCP ports to open to the world, and the region."""

    host: AwsHost
    ports: tuple[int, ...]
    provider: aws.Provider
    protect: bool
    """Whether the data volume and the address are protected."""


class Vps(pulumi.ComponentResource):
    """EC2 instance, Elastic IP, security group, data volume, key pair, SSH host key."""

    host: Host
    """What the rest of the stack needs to know of it."""
    ipv4: pulumi.Output[str]
    """The Elastic IP."""

    def __init__(
        self, name: str, args: VpsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        own = pulumi.ResourceOptions(providers={"aws": args.provider})
        super().__init__("mailstack:aws:Vps", name, None, pulumi.ResourceOptions.merge(opts, own))
        child = pulumi.ResourceOptions(parent=self)
        kept = pulumi.ResourceOptions(parent=self, protect=args.protect)
        host_key = SshKey(f"{name}-host-key", purpose="the VPS's SSH host key", opts=child)
        login_key = self._login_key(name, args.host)
        public_key = login_key.public_key if login_key else args.host.ssh_public_key or ""

        network = VpsNetwork(
            f"{name}-network",
            VpsNetworkArgs(ipv6=args.host.ipv6, ports=args.ports, ssh_from=args.host.ssh_from),
            opts=child,
        )
        key_pair = aws.ec2.KeyPair(
            f"{name}-key", key_name=prefix(), public_key=public_key, tags=tags("key"), opts=child
        )
        data = aws.ebs.Volume(
            f"{name}-data",
            availability_zone=network.availability_zone,
            size=args.host.data_volume_size,
            type="gp3",
            encrypted=True,
            final_snapshot=True,
            tags=tags("data"),
            opts=kept,  # the mail is on it
        )
        if args.host.snapshots.keep:
            DailySnapshots(
                f"{name}-snapshots",
                DailySnapshotsArgs(volume_role="data", schedule=args.host.snapshots),
                opts=child,
            )
        instance = aws.ec2.Instance(
            f"{name}-instance",
            ami=machine_image(f"{name}-image", args.host, self),
            instance_type=args.host.instance_type,
            subnet_id=network.subnet_id,
            vpc_security_group_ids=[network.security_group_id],
            key_name=key_pair.key_name,
            ipv6_address_count=1 if args.host.ipv6 else None,
            user_data=pulumi.Output.all(
                data_volume_id=data.id,
                host_private_key=host_key.private_key,
                host_public_key=host_key.public_key,
                authorized_key=public_key,
            ).apply(lambda known: _cloud_config(args.host, known)),
            # cloud-init runs once per instance: changed user data means a new one.
            user_data_replace_on_change=True,
            metadata_options=aws.ec2.InstanceMetadataOptionsArgs(
                http_endpoint="enabled", http_tokens="required", http_put_response_hop_limit=1
            ),
            root_block_device=aws.ec2.InstanceRootBlockDeviceArgs(
                volume_type="gp3",
                volume_size=SYSTEM_SIZE + args.host.swap_size,
                encrypted=True,
            ),
            tags=tags("vps"),
            # A machine asks for IPv6 at its first boot, or never.
            opts=pulumi.ResourceOptions(parent=self, replace_on_changes=["ipv6_address_count"]),
        )
        attachment = aws.ec2.VolumeAttachment(
            f"{name}-data-attachment",
            instance_id=instance.id,
            volume_id=data.id,
            device_name=DATA_DEVICE,
            stop_instance_before_detaching=True,
            # A volume hangs on one instance at a time.
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
        # Other servers know the address: its reputation cannot be made again.
        address = aws.ec2.Eip(f"{name}-address", domain="vpc", tags=tags("address"), opts=kept)
        association = aws.ec2.EipAssociation(
            f"{name}-address-instance",
            allocation_id=address.allocation_id,
            instance_id=instance.id,
            opts=child,
        )

        self.ipv4 = address.public_ip
        options = ssh_options(
            address=self.ipv4,
            port=22,
            host_key=host_key.public_key,
            private_key=login_key.private_key if login_key else None,
        )
        ready = DockerReady(
            f"{name}-docker",
            host=pulumi.Output.format("ssh://{0}@{1}", ADMIN, self.ipv4),
            ssh_opts=options,
            generation=instance.id,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[attachment, association]),
        )
        self.host = Host(
            ipv4=self.ipv4,
            ipv6=instance.ipv6_addresses.apply(lambda found: found[0] if found else None)
            if args.host.ipv6
            else pulumi.Output.from_input(None),
            has_ipv6=args.host.ipv6,
            docker=ready.endpoint,
            ssh_opts=options,
            generation=instance.id,
            elastic_ip=ElasticIp(allocation_id=address.allocation_id, provider=args.provider),
            data_volume=DataVolume(id=data.id, provider=args.provider),
        )
        self.register_outputs({"ipv4": self.ipv4, "ipv6": self.host.ipv6})

    def _login_key(self, name: str, host: AwsHost) -> SshKey | None:
        """Make the key that logs in, unless the user brings one."""
        if host.ssh_public_key is not None:
            return None
        opts = pulumi.ResourceOptions(parent=self)
        return SshKey(f"{name}-login-key", purpose="logs in to the VPS", opts=opts)


def _cloud_config(host: AwsHost, known: dict[str, str]) -> str:
    return cloud_config(
        hostname=f"{prefix()}.internal",  # the machine; the mail server has a name of its own
        data_volume_id=known["data_volume_id"],
        host_private_key=known["host_private_key"],
        host_public_key=known["host_public_key"],
        authorized_keys=[known["authorized_key"]],
        deploy_keys=host.deploy_keys,
        swap_size=host.swap_size,
        admin_user=ADMIN,
    )
