"""Each rule against resources that break it, and innocent ones beside them."""

import base64
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.dsa import generate_private_key as new_dsa
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as new_rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from policy.resource import Asked, Resource
from policy.rules import RULES

PROD = Asked(stack="prod")
STAGING = Asked(stack="staging")
UNPROTECTED = Asked(stack="staging", protect=False)
DNS = "cloudflare:index/dnsRecord:DnsRecord"
ROUTE53 = "aws:route53/record:Record"
VOLUME = "docker:index/volume:Volume"
CONTAINER = "docker:index/container:Container"
EBS = "aws:ebs/volume:Volume"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
OLD_INGRESS = "aws:ec2/securityGroupRule:SecurityGroupRule"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
KEY_PAIR = "aws:ec2/keyPair:KeyPair"
IDENTITY = "aws:sesv2/emailIdentity:EmailIdentity"
FILES = "pulumi-python:dynamic/mailstack:ConfigFiles"

WEAK, STRONG = new_rsa(65537, 1024), new_rsa(65537, 2048)
DSA = new_dsa(1024)


def der(key: Any) -> str:
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(public).decode()


def private(key: Any, encoding: Encoding = Encoding.PEM) -> str:
    data = key.private_bytes(encoding, PrivateFormat.PKCS8, NoEncryption())
    return data.decode() if encoding is Encoding.PEM else base64.b64encode(data).decode()


def ssh(key: Any) -> str:
    return str(key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH), "ascii")


def quoted(text: str) -> str:
    return " ".join(f'"{text[at : at + 255]}"' for at in range(0, len(text), 255))


def broken(
    kind: str, props: dict[str, Any], asked: Asked = PROD, *, protected: bool = False
) -> dict[str, str]:
    """Rule → message, of the rules that this resource breaks."""
    resource = Resource(type=kind, name="thing", props=props, protected=protected)
    return {rule.name: message for rule in RULES for message in rule.check(resource, asked)}


def port(number: int, cidr: str = "0.0.0.0/0", **more: Any) -> dict[str, Any]:
    family = "cidrIpv6" if ":" in cidr else "cidrIpv4"
    return {"ipProtocol": "tcp", "fromPort": number, "toPort": number, family: cidr} | more


@pytest.mark.parametrize(
    ("rule", "kind", "props", "asked"),
    [
        ("mail-is-protected", VOLUME, {"name": "mailstack-prod-mail"}, PROD),
        ("mail-is-protected", VOLUME, {"name": "mailstack-prod-state"}, STAGING),
        ("mail-is-protected", EBS, {"size": 20.0}, STAGING),
        # A production stack cannot waive it.
        ("mail-is-protected", EBS, {"size": 20.0}, Asked(stack="prod", protect=False)),
        ("only-asked-ports", INGRESS, port(8080), STAGING),
        ("only-asked-ports", INGRESS, port(143), STAGING),  # not among the services
        ("only-asked-ports", INGRESS, port(25, toPort=26), STAGING),
        ("only-asked-ports", INGRESS, port(25, ipProtocol="udp"), STAGING),
        ("only-asked-ports", INGRESS, {"ipProtocol": "-1", "cidrIpv4": "10.0.0.0/8"}, STAGING),
        (
            "only-asked-ports",
            OLD_INGRESS,
            {"type": "ingress", "protocol": "tcp", "fromPort": 80, "toPort": 80},
            STAGING,
        ),
        (
            "only-asked-ports",
            GROUP,
            {"ingress": [{"protocol": "tcp", "fromPort": 80, "toPort": 80}]},
            STAGING,
        ),
        ("only-asked-ports", CONTAINER, {"ports": [{"internal": 11334.0}]}, STAGING),
        ("no-public-ssh", INGRESS, port(22), STAGING),
        ("no-public-ssh", INGRESS, port(22, "::/0"), STAGING),
        ("no-public-ssh", INGRESS, port(22, "128.0.0.0/1"), STAGING),
        (
            "no-public-ssh",
            OLD_INGRESS,
            {
                "type": "ingress",
                "protocol": "tcp",
                "fromPort": 20,
                "toPort": 30,
                "cidrBlocks": ["192.0.2.0/24", "0.0.0.0/0"],
            },
            STAGING,
        ),
        (
            "no-public-ssh",
            GROUP,
            {"ingress": [{"protocol": "-1", "ipv6CidrBlocks": ["::/0"]}]},
            STAGING,
        ),
        (
            "dmarc-in-production",
            DNS,
            {"name": "_dmarc.a.test", "content": '"v=DMARC1; p=none"'},
            PROD,
        ),
        (
            "dmarc-in-production",
            DNS,
            {"name": "_dmarc.a.test", "content": '"v=DMARC1;p=None;"'},
            PROD,
        ),
        (
            "dmarc-in-production",
            ROUTE53,
            {"name": "_dmarc.a.test", "records": ["v=DMARC1; p=none"]},
            PROD,
        ),
        ("no-weak-keys", DNS, {"content": quoted(f"v=DKIM1; k=rsa; p={der(WEAK)}")}, STAGING),
        ("no-weak-keys", DNS, {"content": f"v=DKIM1;p={der(WEAK)}"}, STAGING),
        ("no-weak-keys", ROUTE53, {"records": [f"v=DKIM1; p={der(WEAK)}"]}, STAGING),
        ("no-weak-keys", KEY_PAIR, {"publicKey": ssh(WEAK)}, STAGING),
        ("no-weak-keys", KEY_PAIR, {"publicKey": "ssh-dss AAAAB3NzaC1kc3MAAACB me"}, STAGING),
        (
            "no-weak-keys",
            IDENTITY,
            {"dkimSigningAttributes": {"domainSigningPrivateKey": private(WEAK, Encoding.DER)}},
            STAGING,
        ),
        (
            "no-weak-keys",
            IDENTITY,
            {"dkimSigningAttributes": {"nextSigningKeyLength": "RSA_1024_BIT"}},
            STAGING,
        ),
        ("no-weak-keys", FILES, {"files": {"ssl/key": {"content": private(WEAK)}}}, STAGING),
        ("no-weak-keys", FILES, {"files": {"ssl/key": {"content": private(DSA)}}}, STAGING),
        ("no-plaintext-credentials", CONTAINER, {"envs": ["A=1", "RELAY_PASSWORD=x"]}, STAGING),
        ("no-plaintext-credentials", CONTAINER, {"envs": ["DOVECOT_DNPASS=x"]}, STAGING),
        ("no-plaintext-credentials", CONTAINER, {"envs": ["CF_DNS_API_TOKEN=x"]}, STAGING),
        ("no-plaintext-credentials", CONTAINER, {"envs": ["U=https://u:pw@host/"]}, STAGING),
    ],
)
def test_stopped(rule: str, kind: str, props: dict[str, Any], asked: Asked) -> None:
    assert rule in broken(kind, props, asked)


@pytest.mark.parametrize(
    ("kind", "props", "asked"),
    [
        (VOLUME, {"name": "mailstack-prod-logs"}, PROD),
        (VOLUME, {"name": "mailstack-staging-mail"}, UNPROTECTED),
        (EBS, {"size": 20.0}, UNPROTECTED),
        (INGRESS, port(25), PROD),
        (INGRESS, port(993, "::/0", fromPort=993.0), PROD),
        (INGRESS, port(22, "198.51.100.0/24"), PROD),
        (INGRESS, port(22, "2001:db8::/32"), PROD),
        (INGRESS, port(143), Asked(stack="prod", services=("imap",))),
        (OLD_INGRESS, {"type": "egress", "protocol": "-1", "cidrBlocks": ["0.0.0.0/0"]}, PROD),
        (GROUP, {"ingress": [], "egress": [{"protocol": "-1"}]}, PROD),
        (GROUP, {}, PROD),
        (CONTAINER, {"ports": [{"internal": 25.0, "external": 10025.0}]}, PROD),
        (DNS, {"name": "_dmarc.a.test", "content": '"v=DMARC1; p=none"'}, STAGING),
        (DNS, {"name": "_dmarc.a.test", "content": '"v=DMARC1; p=reject; sp=none"'}, PROD),
        (DNS, {"name": "_dmarc.a.test"}, PROD),  # not known yet
        (DNS, {"name": "a._report._dmarc.b.test", "content": '"v=DMARC1"'}, PROD),
        (DNS, {"name": "a.test", "content": '"v=spf1 -all"'}, PROD),
        (DNS, {"content": quoted(f"v=DKIM1; k=rsa; p={der(STRONG)}")}, PROD),
        (DNS, {"content": '"v=DKIM1; k=ed25519; p=AAAA"'}, PROD),
        (DNS, {"content": '"v=DKIM1; p="'}, PROD),  # revoked
        (KEY_PAIR, {"publicKey": ssh(STRONG)}, PROD),
        (
            FILES,
            {"files": {"ssl/key": {"content": private(STRONG)}, "a.cf": {"content": "x"}}},
            PROD,
        ),
        (CONTAINER, {"envs": ["RELAY_PASSWORD=", "RELAY_PASSWORD__FILE=/a/b"]}, PROD),
        (CONTAINER, {"envs": ["SASLAUTHD_LDAP_PASSWORD_ATTR=pw", "SSL_KEY_PATH=/a"]}, PROD),
        (CONTAINER, {"envs": ["DOVECOT_PASS_FILTER=(uid=%u)", "LDAP_SERVER_HOST=ldap://h"]}, PROD),
    ],
)
def test_let_through(kind: str, props: dict[str, Any], asked: Asked) -> None:
    assert broken(kind, props, asked) == {}


def test_protection_is_enough() -> None:
    assert broken(EBS, {}, protected=True) == {}
    assert broken(VOLUME, {"name": "mailstack-prod-mail"}, protected=True) == {}


def test_messages_keep_secrets() -> None:
    secret = "correct horse battery staple"
    said = broken(CONTAINER, {"envs": [f"RELAY_PASSWORD={secret}"]})
    said |= broken(FILES, {"files": {"ssl/key": {"content": private(WEAK)}}})
    assert len(said) == 2
    assert not any(secret in text or "BEGIN" in text for text in said.values())
    assert secret not in repr(Resource(type=CONTAINER, name="c", props={"envs": [secret]}))
