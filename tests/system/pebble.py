"""Pebble, the ACME test server of Let's Encrypt, on loopback."""

import json
import os
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import tenacity
import trustme

from tests.system.daemons import free_port

_VALIDITY = 1  # second: at its end when a client looks again, so it renews


@dataclass(frozen=True, kw_only=True)
class Pebble:
    """Where it serves, the CA bundle that trusts its HTTPS, and the root that it issues from."""

    directory: str
    https_ca: Path
    root: str


@contextmanager
def pebble(program: str, folder: Path, *, dns: str) -> Iterator[Pebble]:
    """Run pebble, which looks for challenges at the DNS server ``dns`` ("address:port")."""
    folder.mkdir(parents=True)
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    served = authority.issue_cert("localhost", "127.0.0.1")
    served.cert_chain_pems[0].write_to_path(folder / "cert.pem")
    served.private_key_pem.write_to_path(folder / "key.pem")
    listen, manage = free_port(), free_port()
    config = {
        "listenAddress": f"127.0.0.1:{listen}",
        "managementListenAddress": f"127.0.0.1:{manage}",
        "certificate": str(folder / "cert.pem"),
        "privateKey": str(folder / "key.pem"),
        "httpPort": 5002,
        "tlsPort": 5001,
        "certificateValidityPeriod": _VALIDITY,
    }
    (folder / "pebble.json").write_text(json.dumps({"pebble": config}))
    environment = {**os.environ, "PEBBLE_VA_NOSLEEP": "1", "PEBBLE_WFE_NONCEREJECT": "0"}
    process = subprocess.Popen(
        [program, "-config", str(folder / "pebble.json"), "-dnsserver", dns], env=environment
    )
    try:
        _wait_for(manage)
        trust = ssl.create_default_context(cafile=str(folder / "ca.pem"))
        with urlopen(f"https://127.0.0.1:{manage}/roots/0", context=trust) as answer:
            root = answer.read().decode()
        yield Pebble(
            directory=f"https://127.0.0.1:{listen}/dir", https_ca=folder / "ca.pem", root=root
        )
    finally:
        process.terminate()
        process.wait(timeout=20)


@tenacity.retry(stop=tenacity.stop_after_delay(30), wait=tenacity.wait_fixed(0.1), reraise=True)
def _wait_for(port: int) -> None:
    socket.create_connection(("127.0.0.1", port), timeout=1).close()
