"""The files that OpenSSH reads: pinned, private, and at the same path everywhere."""

from pathlib import Path

import pulumi
import pytest

from components.hosts import ssh_files

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ"


@pytest.fixture(autouse=True)
def in_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def _options(port: int = 22, private_key: str | None = None) -> list[str]:
    found: list[str] = []

    @pulumi.runtime.test
    def run() -> pulumi.Output[None]:
        options = ssh_files.ssh_options(
            address="192.0.2.10", port=port, host_key=KEY, private_key=private_key
        )
        return options.apply(found.extend)

    run()
    return found


def test_host_key_is_pinned_without_trust_on_first_use() -> None:
    options = _options()
    assert "StrictHostKeyChecking=yes" in options
    assert "GlobalKnownHostsFile=/dev/null" in options
    known_hosts = next(o for o in options if o.startswith("UserKnownHostsFile="))
    path = Path(known_hosts.removeprefix("UserKnownHostsFile="))
    assert not path.is_absolute()
    assert path.read_text() == f"192.0.2.10 {KEY}\n"


def test_another_port_is_named_as_openssh_does() -> None:
    _options(port=2222)
    (known_hosts,) = Path(".mailstack").rglob("known_hosts")
    assert known_hosts.read_text().startswith("[192.0.2.10]:2222 ")


def test_private_key_is_readable_by_its_owner_alone() -> None:
    options = _options(private_key="PRIVATE")
    assert "IdentitiesOnly=yes" in options
    identity = Path(options[options.index("-i") + 1])
    assert identity.read_text() == "PRIVATE"
    assert identity.stat().st_mode & 0o777 == 0o600
    assert identity.parent.stat().st_mode & 0o777 == 0o700


def test_without_a_key_the_users_own_agent_logs_in() -> None:
    options = _options()
    assert "-i" not in options
    assert "IdentitiesOnly=yes" not in options
