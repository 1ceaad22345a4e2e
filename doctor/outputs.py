"""The stack's outputs as the doctor reads them: the contract of docs/outputs.md."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    IPvAnyAddress,
    SecretStr,
    ValidationError,
)
from pydantic.alias_generators import to_camel

from doctor.errors import DoctorError
from mail.instructions import Instruction
from mail.names import zone_of


class _Output(BaseModel):
    # hide_input_in_errors: a validation error would print passwords otherwise. Keys that a newer
    # program adds are no concern of these checks, so they are ignored.
    model_config = ConfigDict(
        frozen=True, hide_input_in_errors=True, alias_generator=to_camel, populate_by_name=True
    )


class PlannedRecord(_Output):
    """One DNS record that the stack published; fields as in `mail.records.Record`."""

    zone: str
    name: str
    type: str
    content: str
    priority: int | None = None
    ttl: int
    why: str


class PlannedPtr(_Output):
    """The PTR that belongs to the IPv4 address; its zone is the address owner's."""

    name: str
    content: str
    why: str


class Endpoint(_Output):
    """Where a service listens, by its public name."""

    host: str
    port: Annotated[int, Field(ge=1, le=65535)]


class MailboxOutput(_Output):
    """A mailbox; the password is None when it is not known."""

    password: SecretStr | None = None
    quota: str | None = None


class RelayOutput(_Output):
    """Where a domain's mail leaves: a smarthost, or with kind "none" directly."""

    kind: str
    host: str | None = None
    port: int | None = None


class TlsOutput(_Output):
    """Where the server's certificate comes from."""

    kind: Literal["selfSigned", "manual", "letsencrypt", "traefik", "caddy"]


class DkimOutput(_Output):
    """A DKIM key's public half; `record` is the TXT value, unquoted and unsplit."""

    domain: str
    selector: str
    algorithm: Literal["rsa", "ed25519"]
    record: str

    @property
    def name(self) -> str:
        """Where the key is published (RFC 6376 3.6.2.1)."""
        return f"{self.selector}._domainkey.{self.domain}"


class InstructionOutput(_Output):
    """What only a person can do; fields as in `mail.instructions.Instruction`."""

    what: str
    why: str
    how: str


def _hidden_mailboxes(value: object) -> object:
    # `pulumi stack output --json` without --show-secrets writes this word for the whole map.
    return {} if value == "[secret]" else value


class Outputs(_Output):
    """Everything that the doctor needs of a stack."""

    hostname: str
    ipv4: IPvAnyAddress
    ipv6: IPvAnyAddress | None = None
    ptr: PlannedPtr
    records: list[PlannedRecord]
    endpoints: dict[str, Endpoint]
    mailboxes: Annotated[dict[str, MailboxOutput], BeforeValidator(_hidden_mailboxes)]
    dkim: list[DkimOutput]
    relay: RelayOutput
    relays: dict[str, RelayOutput] = {}
    tls: TlsOutput
    ca_certificate: str | None = None
    instructions: list[InstructionOutput] = []

    def asked_for(self, instruction: Instruction) -> bool:
        """Whether the stack has asked a person to do just this, rather than do it itself."""
        return any(each.what == instruction.what for each in self.instructions)

    @property
    def address(self) -> str:
        """The IPv4 address that connections go to."""
        return str(self.ipv4)

    @property
    def addresses(self) -> list[str]:
        """Every address of the server: IPv4, and IPv6 where it has one."""
        return [str(address) for address in (self.ipv4, self.ipv6) if address is not None]

    @property
    def domains(self) -> list[str]:
        """The mail domains, sorted: each has a DKIM key, whether or not it has mailboxes."""
        of_mailboxes = {address.rpartition("@")[2] for address in self.mailboxes}
        return sorted({key.domain for key in self.dkim} | of_mailboxes)

    def zone_for(self, name: str) -> str:
        """Name the DNS zone that a record of this name belongs to."""
        return zone_of(name, {record.zone for record in self.records})


def parse_outputs(raw: Mapping[str, object]) -> Outputs:
    """Read the outputs of a stack.

    Raises DoctorError naming every output that is missing or of another shape, without its value.
    """
    try:
        return Outputs.model_validate(raw)
    except ValidationError as error:
        problems = "\n".join(
            f"  {'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"
            for problem in error.errors(include_input=False, include_url=False)
        )
        raise DoctorError(f"these are not the outputs of a mailstack stack:\n{problems}") from None
