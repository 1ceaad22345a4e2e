"""Fixtures of these tests."""

from tests.lab.docker.engine import client, engine_socket, volume, world

__all__ = ["client", "engine_socket", "volume", "world"]
