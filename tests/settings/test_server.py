from typing import get_args

from mail.dms.files import MERGED
from mail.services import DEFAULT_SERVICES, PORTS
from settings.server import Server, Service


def test_services_are_those_that_mail_knows() -> None:
    assert set(get_args(Service)) == PORTS.keys()
    assert Server(hostname="mail.example.test").services == DEFAULT_SERVICES


def test_the_reference_names_the_files_that_one_may_add_to() -> None:
    described = Server.model_fields["files"].description or ""
    assert all(f"`{name}`" in described for name in MERGED)
