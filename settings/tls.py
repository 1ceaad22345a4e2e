"""Which certificate the server shows."""

from typing import Annotated, Literal

from pydantic import Field, SecretStr

from settings.base import Model
from settings.types import AbsolutePath, Address, CertificateName, Text, Token, VolumeOrPath

ACME_IMAGE = "docker.io/certbot/dns-cloudflare:v5.1.0"
CADDY_ISSUER = "acme-v02.api.letsencrypt.org-directory"


class SelfSignedTls(Model):
    """A certificate that the stack makes itself. Mail clients warn; other servers do not mind."""

    kind: Literal["selfSigned"] = "selfSigned"


class KeyPair(Model):
    """A certificate and its key."""

    certificate: Text = Field(
        description="The certificate and its chain, PEM. It must cover `server.hostname`.",
        examples=["-----BEGIN CERTIFICATE-----…"],
    )
    key: SecretStr = Field(description="Its private key, PEM without a passphrase. A secret.")


class ManualTls(KeyPair):
    """A certificate that you bring, and renew: the doctor warns three weeks before its end."""

    kind: Literal["manual"]
    fallback: KeyPair | None = Field(
        None,
        description="A second pair with a key of another kind, such as RSA beside ECDSA, for "
        "clients that cannot use the first.",
        examples=[{"certificate": "-----BEGIN CERTIFICATE-----…", "key": "…"}],
    )


class LetsEncryptTls(Model):
    """A certificate from Let's Encrypt, by DNS-01: no port 80, no web server.

    It is there before the server first starts, and renewed while it runs. Choosing it means that
    you agree to Let's Encrypt's [terms](https://letsencrypt.org/repository/).
    """

    kind: Literal["letsencrypt"]
    email: Address | None = Field(
        None,
        description="Contact of the account at Let's Encrypt. Without it the account has none.",
        examples=["admin@example.com"],
    )
    staging: bool = Field(
        False,
        description="Take certificates from the staging environment, which nobody trusts: for "
        "trying out, as the real one allows few certificates and few failures.",
    )
    wildcard: bool = Field(
        False,
        description="Ask for `*.example.com` rather than `mail.example.com`: the certificate "
        "covers every name beside `server.hostname`, and public logs do not tell which there are.",
    )
    token: SecretStr | None = Field(
        None,
        description="A Cloudflare API token of your own, with *DNS Write* and *Zone Read* for the "
        "zone of `server.hostname`. A secret. Without it the stack makes one, for which its own "
        "token needs *API Tokens Write*.",
    )
    image: Token = Field(
        ACME_IMAGE,
        description="Image of the ACME client: Certbot with its plugin for the DNS provider.",
    )


class TraefikTls(Model):
    """The certificate that a Traefik on the same host obtains; its renewal is noticed.

    Traefik only obtains it once a router asks for the name.
    """

    kind: Literal["traefik"]
    acme_path: AbsolutePath = Field(
        description="Where Traefik's `acme.json` lies on the host; that of a Docker volume is "
        "`/var/lib/docker/volumes/NAME/_data/acme.json`. Mounted read-only.",
        examples=["/srv/traefik/acme.json"],
    )
    domain: CertificateName | None = Field(
        None,
        description="The certificate's name where it is not `server.hostname`.",
        examples=["*.example.com"],
    )


class CaddyTls(Model):
    """The certificate that a Caddy on the same host obtains; its renewal is noticed.

    Caddy only obtains it for names in its Caddyfile.
    """

    kind: Literal["caddy"]
    data: VolumeOrPath = Field(
        description="What Caddy has at `/data`: the name of a Docker volume, or a folder of the "
        "host. Mounted read-only.",
        examples=["caddy_data"],
    )
    domain: CertificateName | None = Field(
        None,
        description="The certificate's name where it is not `server.hostname`.",
        examples=["*.example.com"],
    )
    issuer: Token = Field(
        CADDY_ISSUER,
        description="Caddy's folder for the issuer, below `caddy/certificates`.",
        examples=["acme.zerossl.com-v2-dv90"],
    )


Tls = Annotated[
    SelfSignedTls | ManualTls | LetsEncryptTls | TraefikTls | CaddyTls,
    Field(discriminator="kind"),
]
