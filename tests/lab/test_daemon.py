import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import dns.message
import dns.query
import pytest
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

from lab import daemon
from lab.daemon.run_info import RunInfo
from lab.world import World
from tests.lab.cloud.client import Client

RECORD = "cloudflare:index/dnsRecord:DnsRecord"


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Path]:
    made = tmp_path / "dev"
    yield made
    daemon.stop(made)


def ask(info: RunInfo, name: str) -> str:
    address, port = info.dns.split(":")
    query = dns.message.make_query(name, "A")
    return str(dns.query.udp(query, address, port=int(port), timeout=5).rcode())


def alive(info: RunInfo) -> bool:
    """A zombie, where process 1 reaps nobody, is not."""
    try:
        return "State:\tZ" not in Path(f"/proc/{info.pid}/status").read_text()
    except FileNotFoundError:
        return False


def kill(info: RunInfo, directory: Path) -> None:
    os.kill(info.pid, signal.SIGKILL)
    with daemon.daemon_lock(directory, timeout=20):
        pass


def test_start_stop_status(directory: Path) -> None:
    assert daemon.status(directory) is None
    assert daemon.stop(directory) is False
    info = daemon.start(directory)
    assert daemon.status(directory) == info
    assert info == RunInfo.from_json((directory / "run.json").read_text())
    assert set(info.providers) == {"aws", "cloudflare", "docker"}
    assert info.docker is not None
    assert Path(info.docker.socket).is_socket()
    assert ask(info, "nowhere.test") == "5"  # REFUSED, so somebody is there
    assert daemon.stop(directory) is True
    assert daemon.status(directory) is None
    assert not (directory / "run.json").exists()
    assert not alive(info)


def test_ends_with_its_folder(directory: Path) -> None:
    info = daemon.start(directory)
    shutil.rmtree(directory)
    ended = retry_if_result(bool)
    Retrying(retry=ended, stop=stop_after_delay(30), wait=wait_fixed(0.1))(alive, info)


def test_start_is_idempotent(directory: Path) -> None:
    assert daemon.start(directory) == daemon.start(directory)


def test_concurrent_starts_make_one(directory: Path) -> None:
    code = "import sys; from pathlib import Path; from lab import daemon;"
    code += "print(daemon.start(Path(sys.argv[1])).pid)"
    command = [sys.executable, "-c", code, str(directory)]
    starts = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    answers = {start.communicate(timeout=60)[0] for start in starts}
    assert len(answers) == 1
    assert answers != {""}


def test_nobody_else_may_look(directory: Path) -> None:
    daemon.start(directory)
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    open_to_others = [
        file.name for file in directory.iterdir() if stat.S_IMODE(file.stat().st_mode) & 0o077
    ]
    assert open_to_others == []


def test_it_is_detached(directory: Path) -> None:
    info = daemon.start(directory)
    process = Path(f"/proc/{info.pid}")
    assert os.getsid(info.pid) != os.getsid(0)
    # Neither our child (it would become a zombie), nor on our terminal or pipes.
    assert f"PPid:\t{os.getpid()}\n" not in (process / "status").read_text()
    assert (process / "fd/0").readlink() == Path("/dev/null")
    assert {(process / f"fd/{number}").readlink() for number in (1, 2)} == {
        directory / "daemon.log"
    }


def test_it_keeps_no_credentials(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("PULUMI_CONFIG_PASSPHRASE", "AWS_SECRET_ACCESS_KEY", "CLOUDFLARE_API_TOKEN")
    for name in names:
        monkeypatch.setenv(name, "hush")
    info = daemon.start(directory)
    environment = Path(f"/proc/{info.pid}/environ").read_text()
    assert "PATH=" in environment
    assert "hush" not in environment


def test_listens_on_loopback_only(directory: Path) -> None:
    info = daemon.start(directory)
    inodes = {
        link.name
        for fd in Path(f"/proc/{info.pid}/fd").iterdir()
        if (link := fd.readlink()).name.startswith("socket:")
    }
    addresses = {
        row.split()[1].rpartition(":")[0]
        for table in ("tcp", "tcp6", "udp", "udp6")
        for row in Path(f"/proc/{info.pid}/net/{table}").read_text().splitlines()[1:]
        if f"socket:[{row.split()[9]}]" in inodes
    }
    # 127.0.0.1, and the same seen through an IPv6 socket.
    assert addresses == {"0100007F", "0000000000000000FFFF00000100007F"}


def test_a_kill_loses_no_record_and_ports_stay(directory: Path) -> None:
    info = daemon.start(directory)
    with World(directory / "world.db") as world:
        world.seed_zones(["example.test"])
    client = Client(info.providers["cloudflare"])
    zone = client.invoke("cloudflare:index/getZone:getZone", {"filter": {"name": "example.test"}})
    for number in range(20):
        inputs = {"zoneId": zone["id"], "type": "A", "ttl": 60, "content": f"127.77.0.{number}"}
        client.create(RECORD, f"r{number}", inputs | {"name": f"r{number}.example.test"})
    client.close()
    kill(info, directory)
    assert (directory / "run.json").exists()
    assert daemon.status(directory) is None

    again = daemon.start(directory)
    assert again.pid != info.pid
    assert (again.dns, again.providers) == (info.dns, info.providers)
    assert [ask(again, f"r{number}.example.test") for number in range(20)] == ["0"] * 20
    assert ask(again, "r20.example.test") == "3"  # NXDOMAIN


def test_stop_leaves_others_alone(directory: Path) -> None:
    """A stale run.json may name a process that is somebody else's by now."""
    info = daemon.start(directory)
    kill(info, directory)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        stale = json.loads((directory / "run.json").read_text()) | {"pid": other.pid}
        (directory / "run.json").write_text(json.dumps(stale))
        assert daemon.stop(directory) is False
        assert other.poll() is None
        other.kill()


def test_stops_even_what_hangs(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(daemon, "_STOP_TIMEOUT", 1)
    info = daemon.start(directory)
    os.kill(info.pid, signal.SIGSTOP)
    assert daemon.stop(directory) is True
    assert daemon.status(directory) is None


def test_port_of_another_lab_is_named(directory: Path) -> None:
    neighbour = directory.parent / "other"
    try:
        port = int(daemon.start(neighbour).dns.rpartition(":")[2])
        with pytest.raises(daemon.DaemonError, match=r"stack other.*destroy --stack other"):
            daemon.start(directory, dns_port=port)
        assert daemon.status(directory) is None
    finally:
        daemon.stop(neighbour)


def test_port_of_another_program(directory: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(daemon.DaemonError, match=f"port {port}.*another program"):
            daemon.start(directory, dns_port=port)


def test_udp_port_of_another_program(directory: Path) -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(daemon.DaemonError, match="another program"):
            daemon.start(directory, dns_port=taken.getsockname()[1])


def test_another_port_while_running(directory: Path) -> None:
    daemon.start(directory)
    with pytest.raises(daemon.DaemonError, match="up already"):
        daemon.start(directory, dns_port=1)


def test_ports_of_the_last_time_that_are_taken(directory: Path) -> None:
    last = daemon.start(directory)
    daemon.stop(directory)
    with socket.socket() as dns_taken, socket.socket() as aws_taken:
        dns_taken.bind(("127.0.0.1", int(last.dns.rpartition(":")[2])))
        aws_taken.bind(("127.0.0.1", last.providers["aws"]))
        dns_taken.listen()
        aws_taken.listen()
        now = daemon.start(directory)
    assert now.dns != last.dns
    assert now.providers["aws"] != last.providers["aws"]
    assert ask(now, "nowhere.test") == "5"


def test_a_crash_at_start_is_told(directory: Path) -> None:
    (directory / "world.db").mkdir(parents=True)
    with pytest.raises(daemon.DaemonError, match=r"ended while starting:(.|\n)*IsADirectoryError"):
        daemon.start(directory)
    assert daemon.status(directory) is None


def test_a_ruined_world_is_told(directory: Path) -> None:
    directory.mkdir()
    (directory / "world.db").write_text("this is no database, and never was one" * 100)
    with pytest.raises(
        daemon.DaemonError, match=r"^the lab cannot use world\.db of stack dev: file is not"
    ):
        daemon.start(directory)
    assert daemon.status(directory) is None


def test_foreground(directory: Path) -> None:
    directory.mkdir()
    command = [sys.executable, "-m", "lab.daemon", str(directory)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        info = RunInfo.from_json(process.stdout.readline())
        assert info.pid == process.pid
        second = subprocess.run(command, capture_output=True, text=True, check=False)
        assert second.returncode == 1
        assert "runs already" in second.stdout
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 0


def test_a_long_log_starts_anew(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(daemon, "_LOG_LIMIT", 10)
    directory.mkdir(mode=0o700)
    (directory / "daemon.log").write_text("old line\n" * 5)
    daemon.start(directory)
    text = (directory / "daemon.log").read_text()
    assert "serving" in text
    assert "old line" not in text
