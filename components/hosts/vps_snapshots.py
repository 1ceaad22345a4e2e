"""Daily snapshots of the data volume, by Amazon Data Lifecycle Manager.

They are copies for the day when a mistake deleted mail, or a zone of AWS is lost. The policy
knows its volume by the volume's name tag, which holds the stack's name: a second stack's
volume is not its business.
"""

import json
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.naming import prefix, tags
from settings.host import Snapshots

# What AWS itself gives the service's default role:
# docs.aws.amazon.com/ebs/latest/userguide/dlm-access-control.html
SERVICE_POLICY = "arn:aws:iam::aws:policy/service-role/AWSDataLifecycleManagerServiceRole"
DAY = 24  # hours


@dataclass(frozen=True, kw_only=True)
class DailySnapshotsArgs:
    """What is copied, and when."""

    volume_role: str
    """The role in the volume's tags (``components.naming.tags``)."""
    schedule: Snapshots


class DailySnapshots(pulumi.ComponentResource):
    """The lifecycle policy, and the role in which AWS carries it out."""

    def __init__(
        self, name: str, args: DailySnapshotsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("mailstack:aws:DailySnapshots", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        role = aws.iam.Role(
            f"{name}-role",
            name=f"{prefix()}-snapshots",
            assume_role_policy=json.dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Principal": {"Service": "dlm.amazonaws.com"},
                            "Action": "sts:AssumeRole",
                        }
                    ],
                }
            ),
            tags=tags("snapshots"),
            opts=child,
        )
        may = aws.iam.RolePolicyAttachment(
            f"{name}-may", role=role.name, policy_arn=SERVICE_POLICY, opts=child
        )
        aws.dlm.LifecyclePolicy(
            f"{name}-policy",
            # Letters, digits, spaces, "-" and "_" are all that AWS takes here.
            description=f"{prefix()} daily snapshots of the mail",
            execution_role_arn=role.arn,
            state="ENABLED",
            policy_details=aws.dlm.LifecyclePolicyPolicyDetailsArgs(
                resource_types=["VOLUME"],
                # Several tags would mean any of them, not all: one that is the volume's alone.
                target_tags={"Name": tags(args.volume_role)["Name"]},
                schedules=[
                    aws.dlm.LifecyclePolicyPolicyDetailsScheduleArgs(
                        name="daily",
                        create_rule=aws.dlm.LifecyclePolicyPolicyDetailsScheduleCreateRuleArgs(
                            interval=DAY, interval_unit="HOURS", times=args.schedule.time
                        ),
                        # By count, not by age: a policy that failed for a week deletes nothing.
                        retain_rule=aws.dlm.LifecyclePolicyPolicyDetailsScheduleRetainRuleArgs(
                            count=args.schedule.keep
                        ),
                        copy_tags=True,
                    )
                ],
            ),
            tags=tags("snapshots"),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[may]),
        )
        self.register_outputs({})
