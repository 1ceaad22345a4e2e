"""What OpenSSH and the far Docker say, as they say it, and what is made of it."""

import pytest

from components.dynamic.link_errors import understand

CHANGED = """\
@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@
@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @
@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@
The fingerprint for the ED25519 key sent by the remote host is
SHA256:uNiVztksCsDhcc0u9e8BrJQXVUpKZIDTMczCvj3tD2s.
Please contact your system administrator.
Host key verification failed.
"""


def test_another_host_key_is_the_one_thing_that_waiting_does_not_mend() -> None:
    said = understand(CHANGED)
    assert said.lasting
    assert "(it shows SHA256:uNiVztksCsDhcc0u9e8BrJQXVUpKZIDTMczCvj3tD2s)" in said.remedy
    assert said.last_line == "Host key verification failed."


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("me@192.0.2.1: Permission denied (publickey).", "~/.ssh/authorized_keys"),
        ("Received disconnect: Too many authentication failures", "IdentitiesOnly"),
        ('Please login as the user "admin" rather than the user "root".', "mailstack:host.user"),
        ("bash: line 1: docker: command not found", "podman-docker"),
        ("sh: 1: docker: not found", "podman-docker"),
        ("zsh:1: command not found: docker", "podman-docker"),
        ("fish: Unknown command: docker", "podman-docker"),
        (
            "permission denied while trying to connect to the Docker daemon socket at "
            "unix:///var/run/docker.sock",
            "usermod -aG docker",
        ),
        (
            "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker "
            "daemon running?",
            "systemctl enable --now docker",
        ),
        (
            "Error: failed to open connection to podman: unable to connect to Podman socket: Get "
            '"http://d/v4.3.1/libpod/_ping": dial unix ///run/podman/podman.sock: connect: no such '
            "file or directory",
            "podman.socket",
        ),
        ("ssh: Could not resolve hostname mail.test: Name or service not known", "host.address"),
        ("ssh: connect to host 192.0.2.1 port 22: Connection timed out", "sshFrom"),
        ("ssh: connect to host 192.0.2.1 port 22: No route to host", "firewall"),
        ("Connection closed by 192.0.2.1 port 22", "firewall"),
    ],
)
def test_what_may_pass_is_told_with_its_remedy(text: str, remedy: str) -> None:
    said = understand(f"Some banner\n{text}\n")
    assert remedy in said.remedy
    assert said.last_line == text
    assert not said.lasting


def test_the_unheard_of_stands_as_it_was_said() -> None:
    said = understand("the machine is on fire\n")
    assert (said.last_line, said.remedy, said.lasting) == ("the machine is on fire", "", False)
    assert understand("").last_line == ""
