"""Amazon SES's SMTP interface: its names and its passwords."""

import base64
import hashlib
import hmac

_VERSION = b"\x04"
# Constants of the algorithm, whatever the day.
_DATE, _SERVICE, _TERMINAL, _MESSAGE = "11111111", "ses", "aws4_request", "SendRawEmail"

PORT = 587  # STARTTLS; EC2 limits port 25 only


def smtp_host(region: str) -> str:
    """Name the SMTP endpoint of an AWS region."""
    return f"email-smtp.{region}.amazonaws.com"


def smtp_password(secret_key: str, region: str) -> str:
    """Give the SMTP password that an IAM secret access key has in a region, and in no other.

    Algorithm: docs.aws.amazon.com/ses/latest/dg/smtp-credentials.html. Computed here because the
    one that `iam.AccessKey` gives is bound to its provider's region, and one key serves all.
    """
    signature = f"AWS4{secret_key}".encode()
    for part in (_DATE, region, _SERVICE, _TERMINAL, _MESSAGE):
        signature = hmac.new(signature, part.encode(), hashlib.sha256).digest()
    return base64.b64encode(_VERSION + signature).decode("ascii")
