import pytest

from components.dynamic.listening import parse

HEADER = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid"
TAIL = "00000000:00000000 00:00000000 00000000     0        0 4711 1 0000000000000000 100 0 0 10 0"
ANY_6 = "0" * 32
LOOPBACK_6 = "00000000000000000000000001000000"


def line(address: str, port: int, state: str = "0A") -> str:
    return f"   0: {address}:{port:04X} 00000000:0000 {state} {TAIL}"


def test_finds_listening_ports_of_both_families() -> None:
    table = "\r\n".join([HEADER, line("00000000", 25), HEADER, line(ANY_6, 993)])
    assert parse(table) == {25, 993}


@pytest.mark.parametrize("state", ["01", "06", "02"])
def test_other_states_do_not_count(state: str) -> None:
    assert parse(line("00000000", 25, state)) == set()


@pytest.mark.parametrize("address", ["0100007F", LOOPBACK_6, "020012AC"])
def test_any_address_of_the_container_counts(address: str) -> None:
    assert parse(line(address, 11332)) == {11332}


@pytest.mark.parametrize("table", ["", HEADER, "cat: /proc/net/tcp6: No such file or directory"])
def test_nothing_listens(table: str) -> None:
    assert parse(table) == set()
