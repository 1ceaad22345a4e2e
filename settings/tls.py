"""Which certificate the server shows."""

from typing import Annotated, Literal

from pydantic import Field, SecretStr

from settings.base import Model
from settings.types import Text


class SelfSignedTls(Model):
    """A certificate that the stack makes itself. Mail clients warn; other servers do not mind."""

    kind: Literal["selfSigned"] = "selfSigned"


class ManualTls(Model):
    """A certificate that you bring."""

    kind: Literal["manual"]
    certificate: Text = Field(
        description="The certificate and its chain, PEM. It must cover `server.hostname`.",
        examples=["-----BEGIN CERTIFICATE-----…"],
    )
    key: SecretStr = Field(description="Its private key, PEM without a passphrase. A secret.")


Tls = Annotated[SelfSignedTls | ManualTls, Field(discriminator="kind")]
