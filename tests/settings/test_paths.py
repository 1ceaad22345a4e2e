import pickle
from copy import deepcopy

import pytest

from settings.paths import DomainName, Loc, config_path, remove_command, set_command


@pytest.mark.parametrize(
    ("loc", "path"),
    [
        (("host",), "mailstack:host"),
        (("dns", "zones", 0), "mailstack:dns.zones[0]"),
        (("domains", "example.test", "catchAll"), 'mailstack:domains["example.test"].catchAll'),
        (("domains", "exämple.test"), 'mailstack:domains["exämple.test"]'),
        (("server", "files", 'a"b'), 'mailstack:server.files["a\\"b"]'),
        (("server", "regexpAliases", r"/^a\."), r'mailstack:server.regexpAliases["/^a\."]'),
        (("server", "files", "a\nb"), 'mailstack:server.files["a\\nb"]'),
        (("server", "files", "\ud800"), 'mailstack:server.files["\\ud800"]'),
        ((), "mailstack:"),
    ],
)
def test_path_as_the_cli_takes_it(loc: Loc, path: str) -> None:
    assert config_path(loc) == path


def test_path_names_the_domain_as_the_stack_file_spells_it() -> None:
    domain = DomainName("xn--exmple-cua.test", "Exämple.test")
    assert domain == "xn--exmple-cua.test"
    assert config_path(("domains", domain)) == 'mailstack:domains["Exämple.test"]'


def test_commands_are_quoted_for_the_shell() -> None:
    loc: Loc = ("domains", "example.test", "spf", "all")
    path = """'mailstack:domains["example.test"].spf.all'"""
    assert set_command(loc, "~all") == f"pulumi config set --path {path} '~all'"
    assert set_command(loc, "-all") == f"pulumi config set --path -- {path} -all"
    assert remove_command(loc) == f"pulumi config rm --path {path}"


def test_a_secret_is_asked_for_instead_of_written_into_the_shell_history() -> None:
    command = set_command(("relay", "password"), "never shown", secret=True)
    assert command == "pulumi config set --secret --path mailstack:relay.password"


def test_a_domain_survives_copies() -> None:
    domain = DomainName("xn--exmple-cua.test", "Exämple.test")
    for copied in (deepcopy(domain), pickle.loads(pickle.dumps(domain))):
        assert (copied, copied.written) == (domain, domain.written)
