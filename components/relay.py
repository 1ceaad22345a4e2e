"""The way out: Amazon SES, any SMTP smarthost, or directly.

What it gives is the same for all: where outbound mail goes and with which login. The
credentials go into the config volume only, never into the container's environment.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.dkim import Dkim
from components.mail_records import mail_from
from components.naming import prefix, tags
from mail.dkim import private_key_for_ses
from mail.records import MailFrom
from settings import Settings
from settings.relay import SmtpRelay

INLINE_POLICY_LIMIT = 2048  # characters, all of a user's inline policies (IAM quotas)
SES_PORT = 587  # STARTTLS; EC2 limits port 25 only


@dataclass(frozen=True, kw_only=True)
class Smarthost:
    """Where outbound mail goes, and the login there."""

    kind: str
    host: str
    port: int
    user: pulumi.Output[str]
    password: pulumi.Output[str]

    @property
    def nexthop(self) -> str:
        """Postfix's name for it; the brackets keep Postfix from looking up an MX."""
        return f"[{self.host}]:{self.port}"


def make_relay(
    name: str,
    settings: Settings,
    *,
    dkim: Mapping[str, Dkim],
) -> Smarthost | None:
    """Make or describe the relay; None where the server delivers by itself."""
    relay = settings.relay
    if isinstance(relay, SmtpRelay):
        return _smtp(relay)
    region = settings.ses_region
    if region is None:
        return None
    return SesRelay(name, region=region, dkim=dkim, mail_from=mail_from(settings)).smarthost


def _smtp(settings: SmtpRelay) -> Smarthost:
    return Smarthost(
        kind="smtp",
        host=settings.host,
        port=settings.port,
        user=pulumi.Output.from_input(settings.user),
        password=pulumi.Output.secret(settings.password.get_secret_value()),
    )


class SesRelay(pulumi.ComponentResource):
    """Amazon SES for all domains of the stack, signing with our own DKIM keys.

    It deliberately does not ask AWS to leave the sandbox: that is a conversation with AWS.
    """

    smarthost: Smarthost
    """SES's SMTP endpoint with a login that may send for our domains and nothing else."""

    def __init__(
        self,
        name: str,
        *,
        region: str,
        dkim: Mapping[str, Dkim],
        mail_from: Mapping[str, MailFrom],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("mailstack:relay:Ses", name, None, opts)
        # The SMTP password is derived for the region of the provider: one for the relay's.
        provider = aws.Provider(
            f"{name}-aws", region=region, opts=pulumi.ResourceOptions(parent=self)
        )
        self._opts = pulumi.ResourceOptions(parent=self, provider=provider)
        identities = [
            self._identity(domain, pairs, mail_from[domain]) for domain, pairs in dkim.items()
        ]
        user = aws.iam.User(
            f"{name}-user", name=f"{prefix()}-relay", tags=tags("relay"), opts=self._opts
        )
        aws.iam.UserPolicy(
            f"{name}-policy",
            user=user.name,
            policy=pulumi.Output.all(*[identity.arn for identity in identities]).apply(
                _may_send_for
            ),
            opts=self._opts,
        )
        key = aws.iam.AccessKey(f"{name}-key", user=user.name, opts=self._opts)
        self.smarthost = Smarthost(
            kind="ses",
            host=f"email-smtp.{region}.amazonaws.com",
            port=SES_PORT,
            user=key.id,
            password=pulumi.Output.secret(key.ses_smtp_password_v4),
        )
        self.register_outputs({"host": self.smarthost.host})

    def _identity(self, domain: str, dkim: Dkim, mail_from: MailFrom) -> aws.sesv2.EmailIdentity:
        rsa = dkim.pairs[0]  # SES takes RSA alone
        identity = aws.sesv2.EmailIdentity(
            f"{domain}/ses",
            email_identity=domain,
            dkim_signing_attributes=aws.sesv2.EmailIdentityDkimSigningAttributesArgs(
                domain_signing_private_key=rsa.private_key.apply(private_key_for_ses),
                domain_signing_selector=rsa.name.selector,
            ),
            tags=tags(domain),
            opts=self._opts,
        )
        aws.sesv2.EmailIdentityMailFromAttributes(
            f"{domain}/ses-mail-from",
            email_identity=identity.email_identity,
            mail_from_domain=mail_from.domain,
            # Until its MX is seen, SES uses its own name: mail flows all the same.
            behavior_on_mx_failure="USE_DEFAULT_VALUE",
            opts=self._opts,
        )
        return identity


def _may_send_for(arns: list[str]) -> str:
    """Allow sending for these identities, or for the account's in this region if they are many."""
    policy = _policy(sorted(arns))
    if len(policy) <= INLINE_POLICY_LIMIT:
        return policy
    return _policy(sorted({f"{arn.rpartition('/')[0]}/*" for arn in arns}))


def _policy(resources: list[str]) -> str:
    statement = {"Effect": "Allow", "Action": "ses:SendRawEmail", "Resource": resources}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, separators=(",", ":"))
