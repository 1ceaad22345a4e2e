"""Amazon SES: an identity for each domain, in its region, and one user that may send for them."""

import json
from collections.abc import Mapping

import pulumi
import pulumi_aws as aws

from components.dkim import Dkim
from components.dns.mail_records import mail_from
from components.naming import prefix, tags
from components.relay.smarthost import Smarthost
from mail.dkim import private_key_for_ses
from mail.records import MailFrom
from mail.ses import PORT, smtp_host, smtp_password
from settings import Settings

INLINE_POLICY_LIMIT = 2048  # characters, all of a user's inline policies (IAM quotas)


class Ses(pulumi.ComponentResource):
    """Amazon SES for the domains that send through it, signing with our own DKIM keys.

    It deliberately does not ask AWS to leave the sandbox: that is a conversation with AWS.
    """

    smarthosts: Mapping[str, Smarthost]
    """Region → its SMTP endpoint with a login that may send for our domains and nothing else."""

    def __init__(
        self,
        name: str,
        *,
        settings: Settings,
        dkim: Mapping[str, Dkim],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("mailstack:relay:Ses", name, None, opts)
        bounces = mail_from(settings)
        regions = sorted({bounce.region for bounce in bounces.values()})
        # Each identity names its own region; IAM, which has none, works through any.
        provider = aws.Provider(
            f"{name}-aws", region=regions[0], opts=pulumi.ResourceOptions(parent=self)
        )
        self._opts = pulumi.ResourceOptions(parent=self, provider=provider)
        identities = [
            self._identity(domain, dkim[domain], bounce) for domain, bounce in bounces.items()
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
        self.smarthosts = {region: _smarthost(region, key) for region in regions}
        self.register_outputs({"hosts": [smtp_host(region) for region in regions]})

    def _identity(self, domain: str, dkim: Dkim, bounce: MailFrom) -> aws.sesv2.EmailIdentity:
        rsa = dkim.pairs[0]  # SES takes RSA alone
        identity = aws.sesv2.EmailIdentity(
            f"{domain}/ses",
            region=bounce.region,
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
            region=bounce.region,
            email_identity=identity.email_identity,
            mail_from_domain=bounce.domain,
            # Until its MX is seen, SES uses its own name: mail flows all the same.
            behavior_on_mx_failure="USE_DEFAULT_VALUE",
            opts=self._opts,
        )
        return identity


def _smarthost(region: str, key: aws.iam.AccessKey) -> Smarthost:
    return Smarthost(
        kind="ses",
        host=smtp_host(region),
        port=PORT,
        user=key.id,
        password=pulumi.Output.secret(key.secret.apply(lambda it: smtp_password(it, region))),
    )


def _may_send_for(arns: list[str]) -> str:
    """Allow sending for these identities, or for all in their regions if they are many."""
    policy = _policy(sorted(arns))
    if len(policy) <= INLINE_POLICY_LIMIT:
        return policy
    return _policy(sorted({f"{arn.rpartition('/')[0]}/*" for arn in arns}))


def _policy(resources: list[str]) -> str:
    statement = {"Effect": "Allow", "Action": "ses:SendRawEmail", "Resource": resources}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, separators=(",", ":"))
