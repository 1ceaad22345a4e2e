"""Default providers: made for each package and version that is used without a provider.

The counterpart of pkg/resource/deploy/default_providers.go.
"""

import re
import threading
from collections.abc import Callable, Mapping
from typing import Final

from lab.engine import dynamic, urns
from lab.engine.goals import Goal
from lab.engine.properties import PropertyMap, Secret, Value
from lab.engine.provider import INTERNAL_KEY
from lab.engine.resources import Resource

_NO_NAME: Final = re.compile(r"[^A-Za-z0-9_]")


class DefaultProviders:
    """Registers default providers when they are first needed."""

    def __init__(
        self,
        config: Mapping[str, str],
        secret_keys: frozenset[str],
        register: Callable[[Goal], Resource],
    ) -> None:
        self._config = config
        self._secret_keys = secret_keys
        self._register = register
        self._references: dict[tuple[str, str, str], str] = {}
        self._lock = threading.Lock()

    def reference(self, package: str, version: str, url: str = "") -> str:
        """The reference of a package's default provider.

        Raises:
            EngineError, ProviderError, StoppedError: it cannot be registered.
        """
        key = (package, version, url)
        with self._lock:
            if key not in self._references:
                inputs = self._package_config(package)
                self.complete(inputs, version, url)
                name = "_".join(["default", *filter(None, (version, url))])
                goal = Goal(
                    type=f"{urns.PROVIDER_PREFIX}{package}",
                    name=_NO_NAME.sub("_", name),
                    custom=True,
                    inputs=inputs,
                )
                resource = self._register(goal)
                self._references[key] = f"{resource.urn}::{resource.id}"
            return self._references[key]

    @staticmethod
    def complete(inputs: PropertyMap, version: str, url: str) -> None:
        """Add to a provider's inputs what the engine keeps there about its plugin."""
        internal: PropertyMap = {}
        if version:
            inputs["version"] = version
        if url:
            internal["pluginDownloadURL"] = url
        if version or url:
            inputs[INTERNAL_KEY] = internal

    def _package_config(self, package: str) -> PropertyMap:
        found: PropertyMap = {}
        for key, text in self._config.items():
            namespace, _, name = key.partition(":")
            value: Value = Secret(text) if key in self._secret_keys else text
            # The program's own dynamic providers see the whole configuration.
            if package == dynamic.PACKAGE:
                found[key] = value
            elif namespace == package:
                found[name] = value
        return found
