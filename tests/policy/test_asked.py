"""What the rules take from a stack file."""

from pathlib import Path

import pytest

from mail.services import DEFAULT_SERVICES
from policy.resource import Asked, read_asked


def asked(folder: Path, text: str) -> Asked:
    (folder / "Pulumi.prod.yaml").write_text(text)
    return read_asked(folder, "prod")


def test_services_and_protection(tmp_path: Path) -> None:
    found = asked(
        tmp_path,
        "config:\n  mailstack:server: {services: [smtp, imap]}\n  mailstack:protect: false\n",
    )
    assert found == Asked(stack="prod", services=("smtp", "imap"), protect=False)


@pytest.mark.parametrize("written", ["true", '"true"', ""])
def test_protected_unless_said_otherwise(tmp_path: Path, written: str) -> None:
    assert asked(tmp_path, f"config:\n  mailstack:protect: {written}\n").protect


def test_the_command_line_writes_text(tmp_path: Path) -> None:
    assert not asked(tmp_path, 'config:\n  mailstack:protect: "false"\n').protect


@pytest.mark.parametrize("text", ["", "- a", "config: 1", "\t", "config: {mailstack:server: 1}"])
def test_a_broken_file_asks_for_nothing_special(tmp_path: Path, text: str) -> None:
    assert asked(tmp_path, text) == Asked(stack="prod", services=DEFAULT_SERVICES)


def test_no_file(tmp_path: Path) -> None:
    assert read_asked(tmp_path, "prod") == Asked(stack="prod")


@pytest.mark.parametrize(
    ("stack", "real"), [("prod", True), ("production", True), ("prod-eu", True), ("staging", False)]
)
def test_what_production_is(stack: str, real: bool) -> None:
    assert Asked(stack=stack).production is real
