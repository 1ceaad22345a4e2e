"""Which change replaces, and in which order: section 2 of what the real plugin was seen to do."""

import asyncio
from typing import Any

import pytest
from pulumi.provider.experimental import provider as sdk

from lab.cloud.values import wrap
from lab.docker import serve
from lab.docker.container import Container
from lab.docker.provider import DockerProvider
from lab.docker.resources import Network, RemoteImage, Volume
from lab.world import World

CONTAINER: dict[str, Any] = {
    "name": "server",
    "image": "sha256:1",
    "envs": ["A=1"],
    "ports": [{"internal": 25, "external": 25}],
    "mounts": [{"type": "volume", "source": "mail", "target": "/var/mail"}],
    "restart": "unless-stopped",
    "destroyGraceSeconds": 60,
    "healthcheck": {"tests": ["CMD", "true"]},
    "mustRun": True,
}


@pytest.fixture
def provider(world: World, engine_socket: str) -> DockerProvider:
    return DockerProvider(world, engine_socket, "lab")


def urn(token: str) -> str:
    return f"urn:pulumi:dev::mailstack::mailstack:mail:MailServer${token}::name"


def diff(
    provider: DockerProvider, token: str, old: dict[str, Any], new: dict[str, Any]
) -> sdk.DiffResponse:
    request = sdk.DiffRequest(urn(token), "id", wrap(old), wrap(new), [])
    return asyncio.run(provider.diff(request))


def check(provider: DockerProvider, token: str, inputs: dict[str, Any]) -> sdk.CheckResponse:
    request = sdk.CheckRequest(urn(token), {}, wrap(inputs), b"seed")
    return asyncio.run(provider.check(request))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("image", "sha256:2"),
        ("envs", ["A=2"]),
        ("ports", [{"internal": 25, "external": 2525}]),
        ("mounts", [{"type": "volume", "source": "other", "target": "/var/mail"}]),
        ("hostname", "mail.example.test"),
        ("capabilities", {"adds": ["CAP_CHOWN"]}),
        ("networksAdvanced", [{"name": "net"}]),
        ("stopTimeout", 60),
        ("labels", [{"label": "a", "value": "b"}]),
    ],
)
def test_a_container_is_replaced_the_old_one_first(
    provider: DockerProvider, name: str, value: object
) -> None:
    response = diff(provider, Container.token, CONTAINER, CONTAINER | {name: value})
    assert response.changes
    assert response.replaces == [name]
    assert response.delete_before_replace


def test_a_container_of_another_name_comes_first(provider: DockerProvider) -> None:
    response = diff(provider, Container.token, CONTAINER, CONTAINER | {"name": "other"})
    assert response.replaces == ["name"]
    assert not response.delete_before_replace


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("restart", "always"),
        ("memory", 512),
        ("destroyGraceSeconds", 30),
        ("healthcheck", {"tests": ["CMD", "false"]}),
        ("wait", True),
    ],
)
def test_a_container_changes_in_place(provider: DockerProvider, name: str, value: object) -> None:
    response = diff(provider, Container.token, CONTAINER, CONTAINER | {name: value})
    assert (response.changes, response.replaces) == (True, [])


def test_no_change(provider: DockerProvider) -> None:
    facts = {"exitCode": 0, "networkDatas": [], "hostname": "abc"}
    assert not diff(provider, Container.token, CONTAINER | facts, CONTAINER).changes


@pytest.mark.parametrize(
    ("token", "old", "new"),
    [
        (Volume.token, {"name": "v"}, {"name": "v", "driverOpts": {"type": "tmpfs"}}),
        (Network.token, {"name": "n"}, {"name": "n", "internal": True}),
    ],
)
def test_any_change_of_a_volume_or_network_replaces_it(
    provider: DockerProvider, token: str, old: dict[str, Any], new: dict[str, Any]
) -> None:
    response = diff(provider, token, old, new)
    assert response.replaces
    assert response.delete_before_replace


def test_another_image_is_there_before_the_old_one_goes(provider: DockerProvider) -> None:
    old = {"name": "server:1", "imageId": "sha256:1"}
    response = diff(provider, RemoteImage.token, old, {"name": "server:2"})
    assert response.replaces == ["name"]
    assert not response.delete_before_replace
    assert not diff(provider, RemoteImage.token, old, {"name": "server:1"}).changes


def test_a_container_must_run_unless_it_is_said_otherwise(provider: DockerProvider) -> None:
    asked = {"name": "c", "image": "i"}
    filled = check(provider, Container.token, asked).inputs or {}
    assert filled["mustRun"].value is True
    filled = check(provider, Container.token, asked | {"mustRun": False}).inputs or {}
    assert filled["mustRun"].value is False
    assert "mustRun" not in (check(provider, Volume.token, {}).inputs or {})


def test_what_has_no_name_gets_one(provider: DockerProvider) -> None:
    inputs = check(provider, Volume.token, {}).inputs or {}
    assert str(inputs["name"].value).startswith("name-")


def test_what_the_lab_would_ignore_is_refused(provider: DockerProvider) -> None:
    failures = check(provider, Container.token, {"image": "i", "gpus": "all"}).failures or []
    assert [failure.property for failure in failures] == ["gpus"]


def test_serve_starts_the_chosen_engine(world: World, tmp_path: Any) -> None:
    provider, info = serve(tmp_path, world)
    assert info.simulated
    assert info.socket == str(tmp_path / "docker.sock")
    assert info.reason
    request = sdk.CreateRequest(urn(Volume.token), wrap({"name": "mail"}), 0, preview=False)
    created = asyncio.run(provider.create(request))
    assert created.resource_id == "mail"
    assert [entry.id for entry in world.ledger(urn(Volume.token))] == ["mail"]
