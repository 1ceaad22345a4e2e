"""The tables of the emulated types agree with the official SDKs."""

import importlib
import inspect

import pulumi
import pytest
from pulumi import _types

from lab.cloud.aws import RESOURCES
from lab.cloud.cloudflare_record import DnsRecord
from lab.cloud.resource import Resource

# The SDKs warn of their own deprecated classes whenever they are imported.
pytestmark = pytest.mark.filterwarnings("ignore:.* has been deprecated in favor of")

TYPES: list[type[Resource]] = [*RESOURCES, DnsRecord]


def sdk_class(token: str) -> type[pulumi.CustomResource]:
    """`aws:ec2/vpc:Vpc` → pulumi_aws.ec2.Vpc."""
    package, module, name = token.split(":")
    folder = module.split("/")[0]
    path = f"pulumi_{package}" if folder == "index" else f"pulumi_{package}.{folder}"
    found: type[pulumi.CustomResource] = getattr(importlib.import_module(path), name)
    return found


def inputs(token: str) -> dict[str, bool]:
    """Each input's name on the wire, and whether the SDK asks for it."""
    arguments = inspect.getmodule(sdk_class(token)).__dict__[f"{sdk_class(token).__name__}Args"]
    names = _types.input_type_py_to_pulumi_names(arguments)
    parameters = inspect.signature(arguments.__init__).parameters
    return {
        names[name]: parameter.default is inspect.Parameter.empty
        for name, parameter in parameters.items()
        if name in names
    }


@pytest.mark.parametrize("kind", TYPES, ids=[kind.token for kind in TYPES])
def test_names_are_the_sdks(kind: type[Resource]) -> None:
    known = inputs(kind.token)
    assert kind.required | kind.optional <= known.keys()
    assert {name for name, needed in known.items() if needed} <= kind.required
    assert kind.computed <= _types.resource_types(sdk_class(kind.token)).keys()


@pytest.mark.parametrize("kind", TYPES, ids=[kind.token for kind in TYPES])
def test_tables_are_consistent(kind: type[Resource]) -> None:
    takes = kind.required | kind.optional
    assert not kind.required & kind.optional
    assert {path.split(".")[0] for path in kind.replaces} <= takes
    assert kind.sets <= takes
    assert kind.volatile <= kind.computed
    assert kind.secrets <= kind.computed
    assert not kind.autoname or kind.autoname in kind.optional
