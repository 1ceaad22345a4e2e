"""The kinds of value that a stack file holds, each checked by what `mail` knows of it."""

import ipaddress
import re
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Annotated

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_ssh_public_key
from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, WithJsonSchema
from pydantic_core import PydanticCustomError

from mail import names, password, spf, txt
from mail.dms import quota
from settings.paths import DomainName

_SCHEME = re.compile(r"\{[A-Z][A-Z0-9.-]*\}")


def refuse(reason: str, *, example: str = "", at: tuple[str | int, ...] = ()) -> Exception:
    """Make the error of a validator.

    example: a good value, for the remedy. at: where below the validated value the fault lies.
    """
    return PydanticCustomError(
        "refused", "{reason}", {"reason": reason, "example": example, "at": at}
    )


def checked(check: Callable[[str], str], example: str) -> AfterValidator:
    """Turn a check of `mail`, which raises ValueError with a reason, into a validator."""

    def validate(value: str) -> str:
        try:
            return check(value)
        except ValueError as error:
            raise refuse(str(error), example=example) from None

    return AfterValidator(validate)


def _domain_key(written: str) -> DomainName:
    return DomainName(names.check_domain(written), written)


def _ipv4(value: str) -> str:
    return str(ipaddress.IPv4Address(value))


def _ipv6(value: str) -> str:
    return str(ipaddress.IPv6Address(value))


def _cidr(value: str) -> str:
    return str(ipaddress.ip_network(value))


def _ipv4_or_hostname(value: str) -> str:
    if ":" in value:
        # Neither ssh:// addresses nor Postfix's relayhost would take one as it is.
        raise ValueError(f"{value!r} must be a name or an IPv4 address; give an IPv6 one a name")
    try:
        return _ipv4(value)
    except ValueError:
        return names.check_hostname(value)


def _region(value: str) -> str:
    if not re.fullmatch(r"[a-z]{2}(-[a-z]+)+-[0-9]", value):
        raise ValueError(f"{value!r} is not an AWS region; write one such as eu-central-1")
    return value


def _ami_id(value: str) -> str:
    if not re.fullmatch(r"ami-([0-9a-f]{8}|[0-9a-f]{17})", value):
        raise ValueError(f"{value!r} is not the id of a machine image (AMI)")
    return value


def _vps_type(value: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9-]*\.[a-z0-9-]+", value):
        raise ValueError(f"{value!r} is not an EC2 instance type; write one such as t4g.small")
    if re.match(r"(t[12]|m[1-4]|c[1-4]|r[34]|x1e?|i[23]|d2|g[23]|p[23]|h1|f1)\.", value):
        raise ValueError(
            f"{value!r} is of a generation before Nitro, which shows the data volume under no "
            "stable name; take a newer one"
        )
    return value


def _time_of_day(value: str) -> str:
    if not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", value):
        raise ValueError(f"{value!r} is not a time of day from 00:00 to 23:59")
    return value


def _user(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.-]*", value):
        raise ValueError(f"{value!r} is not a user's name on a server")
    return value


def _socket_path(value: str) -> str:
    if not re.fullmatch(r"/[A-Za-z0-9_./-]+", value):
        raise ValueError(f"{value!r} is not the path of a socket, such as /run/docker.sock")
    return value


def _ssh_key(value: str) -> str:
    try:
        load_ssh_public_key(value.encode())
    except (ValueError, UnsupportedAlgorithm):
        raise ValueError(
            "is not an OpenSSH public key: `ssh-ed25519 AAAA…`, without a host's name in front"
        ) from None
    if len(value.strip().splitlines()) != 1:
        raise ValueError("must be one key on one line")
    return value.strip()


def _path_on_host(value: str) -> str:
    path = PurePosixPath(value)
    plain = value.isprintable() and value == str(path) and ".." not in path.parts
    if not plain or not path.is_absolute():
        raise ValueError(f"{value!r} is not a plain absolute path on the host, such as /srv/data")
    return value


def _volume_or_path(value: str) -> str:
    if value.startswith("/"):
        return _path_on_host(value)
    if not re.fullmatch(r"[a-zA-Z0-9][a-zA-Z0-9_.-]+", value):
        raise ValueError(f"{value!r} is neither the name of a Docker volume nor an absolute path")
    return value


def _certificate_name(value: str) -> str:
    star = "*." if value.startswith("*.") else ""
    return star + names.check_hostname(value.removeprefix("*."))


def _local_or_address(value: str) -> str:
    return names.check_address(value) if "@" in value else names.check_local_part(value)


def _target(value: str) -> str:
    return names.check_target(value) if "@" in value else names.check_local_part(value)


def _no_space(value: str) -> str:
    if not value or any(char.isspace() or not char.isprintable() for char in value):
        raise ValueError("must not be empty nor hold spaces or control characters")
    return value


def _no_nothing(value: str) -> str:
    if not value.strip():
        raise ValueError("must not be empty")
    return value


def _txt_string(value: str) -> str:
    if not value:
        raise ValueError("must not be empty")
    if value.lower().startswith("v=spf1"):
        raise ValueError("is a second SPF record, which makes both void: use spf.include")
    txt.check_txt(value)
    return value


def _password(value: SecretStr) -> SecretStr:
    plain = value.get_secret_value()
    try:
        # Whoever writes a scheme in front means a hash; taken for a password, it would let nobody
        # in, and tell nobody why.
        if _SCHEME.match(plain):
            password.check_hash(plain)
        else:
            password.check_password(plain)
    except ValueError as error:
        raise refuse(str(error)) from None
    return value


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _nothing_is_empty(value: object) -> object:
    return {} if value is None else value


def _once(value: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value))


def _number_as_text(value: object) -> object:
    """Take `ENABLE_CLAMAV: 1`: `pulumi config set --path` stores 1 as a number too."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _no_flag(value: object) -> object:
    if isinstance(value, bool):
        flag = "1" if value else "0"
        raise refuse("true and false mean nothing to docker-mailserver", example=flag)
    return value


DomainKey = Annotated[str, checked(_domain_key, "example.com")]
Domain = Annotated[str, checked(names.check_domain, "example.com")]
Hostname = Annotated[str, checked(names.check_hostname, "mail.example.com")]
CertificateName = Annotated[str, checked(_certificate_name, "*.example.com")]
AbsolutePath = Annotated[str, checked(_path_on_host, "/srv/traefik/acme.json")]
VolumeOrPath = Annotated[str, checked(_volume_or_path, "caddy_data")]
Ipv4OrHostname = Annotated[str, checked(_ipv4_or_hostname, "192.0.2.10")]
SpfDomain = Annotated[str, checked(spf.check_include, "_spf.example.com")]
TxtString = Annotated[str, checked(_txt_string, "site-verification=abc123")]
LocalPart = Annotated[str, checked(names.check_local_part, "alice")]
Address = Annotated[str, checked(names.check_address, "alice@example.com")]
LocalOrAddress = Annotated[str, checked(_local_or_address, "alice")]
Target = Annotated[str, checked(_target, "alice")]
FullTarget = Annotated[str, checked(names.check_target, "alice@example.com")]
Selector = Annotated[str, checked(names.check_selector, "mail")]
Quota = Annotated[str, BeforeValidator(_number_as_text), checked(quota.check_quota, "2G")]
Ipv4 = Annotated[str, checked(_ipv4, "192.0.2.10")]
Ipv6 = Annotated[str, checked(_ipv6, "2001:db8::10")]
Cidr = Annotated[str, checked(_cidr, "198.51.100.0/24")]
SshPublicKey = Annotated[str, checked(_ssh_key, "ssh-ed25519 AAAA…")]
AmiId = Annotated[str, checked(_ami_id, "ami-0123456789abcdef0")]
VpsType = Annotated[str, checked(_vps_type, "t4g.small")]
TimeOfDay = Annotated[str, checked(_time_of_day, "03:00")]
Region = Annotated[str, checked(_region, "eu-central-1")]
User = Annotated[str, checked(_user, "root")]
SocketPath = Annotated[str, checked(_socket_path, "/run/docker.sock")]
Token = Annotated[str, checked(_no_space, "value")]
Text = Annotated[str, checked(_no_nothing, "value")]
Password = Annotated[SecretStr, AfterValidator(_password)]
Port = Annotated[int, Field(ge=1, le=65535, examples=[587])]
EnvironmentValue = Annotated[
    str,
    BeforeValidator(_number_as_text),
    BeforeValidator(_no_flag),
    WithJsonSchema({"type": ["string", "number"]}),
]


def _one_or_more(example: str) -> WithJsonSchema:
    text = {"type": "string"}
    return WithJsonSchema(
        {"anyOf": [text, {"type": "array", "items": text, "minItems": 1}], "examples": [example]}
    )


Targets = Annotated[
    tuple[Target, ...], BeforeValidator(_as_list), Field(min_length=1), _one_or_more("alice")
]
FullTargets = Annotated[
    tuple[FullTarget, ...],
    BeforeValidator(_as_list),
    Field(min_length=1),
    _one_or_more("alice@example.com"),
]
# Resources are named by these values, and a name can only be given once.
Once = AfterValidator(_once)
# For maps below a model: an empty section reads as null in YAML.
EmptyMap = BeforeValidator(_nothing_is_empty)
