"""Stack files of any number of domains: one account and a zone each."""

from typing import Any

from tests.lab_project import dev_stack


def many_domains(count: int) -> dict[str, Any]:
    """Give the dev stack with so many domains in place of its own."""
    stack = dev_stack()
    stack["config"]["mailstack:domains"] = {
        f"domain{number}.example": {"accounts": {"alice": {}}} for number in range(count)
    }
    return stack
