import random
import socket
import struct
import subprocess
from collections.abc import Callable

import dns.edns
import dns.flags
import dns.message
import dns.opcode
import dns.query
import dns.rcode
import dns.rdataclass
import pytest

from lab.cloud.cloudflare_record import DNS_RECORD
from lab.cloud.cloudflare_rules import canonical_record
from lab.daemon.run_info import RunInfo
from lab.dns.records import PTR_RECORD
from lab.dns.server import respond
from lab.world import World, zone_id

Dig = Callable[..., str]


@pytest.fixture
def dig(running: RunInfo) -> Dig:
    address, port = running.dns.split(":")

    def ask(*arguments: str) -> str:
        command = ["dig", f"@{address}", "-p", port, "+norecurse", "+tries=1", *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    return ask


def add(world: World, kind: str, name: str, content: object, **more: object) -> None:
    key = "data" if isinstance(content, dict) else "content"
    zone = "example.test"
    inputs = {"zoneId": zone_id(zone), "type": kind, "name": name, "ttl": 300, key: content}
    record = canonical_record(inputs | more, zone)
    world.put(DNS_RECORD, random.randbytes(16).hex(), record, name=record["name"])


@pytest.mark.parametrize("transport", ["+notcp", "+tcp"])
@pytest.mark.parametrize(
    "record",  # type, content or data, other inputs, dig's answer
    [
        ("A", "127.77.3.4", {}, "127.77.3.4"),
        ("AAAA", "2001:0db8::00:1", {}, "2001:db8::1"),
        ("MX", "mail.example.test", {"priority": 10.0}, "10 mail.example.test."),
        ("MX", ".", {"priority": 0.0}, "0 ."),
        ("CNAME", "other.example.net", {}, "other.example.net."),
        ("NS", "ns.example.net", {}, "ns.example.net."),
        ("PTR", "host.example.net", {}, "host.example.net."),
        ("TXT", '"v=spf1 mx -all"', {}, '"v=spf1 mx -all"'),
        ("TXT", f'"{"a" * 255}" "bc"', {}, f'"{"a" * 255}" "bc"'),
        ("TXT", "b" * 300, {}, f'"{"b" * 255}" "{"b" * 45}"'),
        ("TXT", r'"say \"yes\" \\ no; really"', {}, r'"say \"yes\" \\ no; really"'),
        (
            "SRV",
            {"weight": 1.0, "port": 993.0, "target": "mail.example.test"},
            {"priority": 5.0},
            "5 1 993 mail.example.test.",
        ),
        ("CAA", {"flags": 0.0, "tag": "issue", "value": "ca.test"}, {}, '0 issue "ca.test"'),
        (
            "TLSA",
            {"usage": 3.0, "selector": 1.0, "matchingType": 1.0, "certificate": "AB" * 32},
            {},
            f"3 1 1 {'AB' * 28} {'AB' * 4}",
        ),
    ],
)
def test_dig_gives_every_type(
    dig: Dig, lab_world: World, transport: str, record: tuple[str, object, dict[str, object], str]
) -> None:
    kind, content, more, answer = record
    add(lab_world, kind, "x.example.test", content, **more)
    assert dig("+short", transport, "x.example.test", kind) == answer


def test_names_are_told_apart(dig: Dig, lab_world: World) -> None:
    add(lab_world, "A", "a.b.example.test", "127.77.3.4")
    assert "status: NOERROR" in dig("a.b.example.test", "A")
    nodata = dig("a.b.example.test", "MX")
    assert "status: NOERROR" in nodata
    assert "ANSWER: 0, AUTHORITY: 1" in nodata
    assert "status: NOERROR" in dig("b.example.test", "A")  # there, as part of a longer name
    gone = dig("c.example.test", "A")
    assert "status: NXDOMAIN" in gone
    assert "SOA" in gone
    assert "status: REFUSED" in dig("example.com", "A")
    assert "flags: qr aa;" in gone
    assert "status: REFUSED" in dig(r"a\.example.test", "A")  # one label in front of "test"


def test_question_keeps_its_letters(dig: Dig, lab_world: World) -> None:
    add(lab_world, "A", "a.example.test", "127.77.3.4")
    assert "A.eXample.TEST.\t\t300\tIN\tA\t127.77.3.4" in dig("A.eXample.TEST")


def test_apex(dig: Dig) -> None:
    assert sorted(dig("+short", "example.test", "NS").splitlines()) == [
        "ada.ns.cloudflare.com.",
        "bob.ns.cloudflare.com.",
    ]
    assert dig("+short", "example.test", "SOA").startswith("ada.ns.cloudflare.com. dns.")


def test_cname_is_followed_inside(dig: Dig, lab_world: World) -> None:
    add(lab_world, "CNAME", "www.example.test", "web.example.test")
    add(lab_world, "CNAME", "web.example.test", "a.example.test")
    add(lab_world, "A", "a.example.test", "127.77.3.4")
    add(lab_world, "CNAME", "out.example.test", "example.com")
    add(lab_world, "CNAME", "gone.example.test", "nothing.example.test")
    add(lab_world, "CNAME", "loop.example.test", "loop.example.test")
    expected = ["web.example.test.", "a.example.test.", "127.77.3.4"]
    assert dig("+short", "www.example.test", "A").splitlines() == expected
    assert dig("+short", "www.example.test", "CNAME") == "web.example.test."
    assert dig("+short", "out.example.test", "A") == "example.com."
    gone = dig("gone.example.test", "A")
    assert "status: NXDOMAIN" in gone  # of the last name in the chain: RFC 2308 2.1
    assert "nothing.example.test." in gone
    assert "status: NOERROR" in dig("loop.example.test", "A")


def test_wildcard(dig: Dig, lab_world: World) -> None:
    add(lab_world, "A", "*.example.test", "127.77.3.4")
    add(lab_world, "TXT", "there.example.test", '"x"')
    assert dig("+short", "any.thing.example.test", "A") == "127.77.3.4"
    assert "status: NOERROR" in dig("any.example.test", "MX")
    assert dig("+short", "there.example.test", "A") == ""
    assert "status: NXDOMAIN" in dig("below.there.example.test", "A")


def test_proxied_names_lead_to_cloudflare(dig: Dig, lab_world: World) -> None:
    add(lab_world, "A", "p.example.test", "127.77.3.4", proxied=True)
    assert dig("+short", "p.example.test", "A") == "104.16.0.1"


def test_reverse_name(dig: Dig, lab_world: World) -> None:
    reverse = "4.3.77.127.in-addr.arpa"
    lab_world.put(PTR_RECORD, "eipalloc-1", {"domainName": "mail.example.test"}, name=reverse)
    assert dig("+short", "-x", "127.77.3.4") == "mail.example.test."
    assert "status: NXDOMAIN" in dig("-x", "127.77.3.5")
    assert "status: NOERROR" in dig("3.77.127.in-addr.arpa", "A")
    assert "status: REFUSED" in dig("-x", "127.78.3.4")


def test_amazon_ses(dig: Dig) -> None:
    assert dig("+short", "amazonses.com", "TXT") == '"v=spf1 ip4:127.78.0.0/16 -all"'
    assert dig("+short", "feedback-smtp.eu-central-1.amazonses.com", "A") == "127.78.0.10"
    assert "status: NXDOMAIN" in dig("nothing.amazonses.com", "A")


def test_large_answers_come_over_tcp(dig: Dig, lab_world: World) -> None:
    for number in range(8):
        add(lab_world, "TXT", "big.example.test", f'"{number}{"x" * 250}"')
    for arguments in (["+noedns"], ["+bufsize=4096"], ["+bufsize=100"]):
        truncated = dig("+ignore", *arguments, "big.example.test", "TXT")
        assert "flags: qr aa tc;" in truncated
        assert "ANSWER: 0" in truncated
        whole = dig("+short", *arguments, "big.example.test", "TXT")
        assert len(whole.splitlines()) == 8


def test_edns_sizes_are_respected(dig: Dig, lab_world: World) -> None:
    add(lab_world, "TXT", "mid.example.test", f'"{"x" * 255}" "{"y" * 255}" "z"')
    assert "tc" in dig("+noedns", "+ignore", "mid.example.test", "TXT").split("flags: ")[1][:12]
    assert "flags: qr aa;" in dig("+ignore", "+bufsize=1232", "mid.example.test", "TXT")


def ask(world: World, query: dns.message.Message) -> dns.message.Message:
    wire = respond(world, query.to_wire(), udp=True)
    assert wire is not None
    return dns.message.from_wire(wire)


def test_odd_questions(lab_world: World) -> None:
    chaos = dns.message.make_query("example.test", "TXT", rdclass=dns.rdataclass.CH)
    assert ask(lab_world, chaos).rcode() == dns.rcode.REFUSED
    for kind in ("AXFR", "IXFR"):
        wire = dns.message.make_query("example.test", "A").to_wire()
        number = {"AXFR": 252, "IXFR": 251}[kind]
        transfer = wire[:-4] + struct.pack("!HH", number, 1)
        reply = respond(lab_world, transfer, udp=False)
        assert reply is not None
        assert reply[3] & 15 == dns.rcode.REFUSED
    notify = dns.message.make_query("example.test", "SOA")
    notify.set_opcode(dns.opcode.NOTIFY)
    assert ask(lab_world, notify).rcode() == dns.rcode.NOTIMP
    newer = dns.message.make_query("example.test", "SOA", use_edns=1)
    assert ask(lab_world, newer).rcode() == dns.rcode.BADVERS
    nothing = dns.message.make_query("example.test", "SOA")
    nothing.question.clear()
    assert ask(lab_world, nothing).rcode() == dns.rcode.FORMERR
    everything = ask(lab_world, dns.message.make_query("example.test", "ANY"))
    assert {rrset.rdtype for rrset in everything.answer} == {2, 6}


def test_replies_get_no_reply(lab_world: World) -> None:
    reply = dns.message.make_response(dns.message.make_query("example.test", "A"))
    assert respond(lab_world, reply.to_wire(), udp=True) is None
    assert respond(lab_world, b"\0" * 11, udp=True) is None


def test_garbage_does_not_end_it(running: RunInfo) -> None:
    address, port = running.dns.split(":")
    chance = random.Random(1)
    good = dns.message.make_query("example.test", "SOA", use_edns=0).to_wire()
    with socket.socket(type=socket.SOCK_DGRAM) as udp:
        udp.connect((address, int(port)))
        for size in (0, 1, 11, 12, 40, 5000):
            udp.send(chance.randbytes(size))
        # No more than the kernel buffers: a dropped question is not the server's doing.
        for _ in range(100):
            spoilt = bytearray(good)
            spoilt[chance.randrange(len(spoilt))] = chance.randrange(256)
            udp.send(bytes(spoilt)[: chance.randrange(1, len(spoilt) + 1)])
    for sent in (b"", b"\0", b"\0\0", b"\xff\xffabc", struct.pack("!H", 12) + b"\0" * 12):
        with socket.create_connection((address, int(port)), timeout=5) as tcp:
            tcp.sendall(sent)
    query = dns.message.make_query("example.test", "SOA")
    assert dns.query.udp(query, address, port=int(port), timeout=5).answer
    assert dns.query.tcp(query, address, port=int(port), timeout=5).answer


def test_one_connection_takes_many_questions(running: RunInfo) -> None:
    address, port = running.dns.split(":")
    with socket.create_connection((address, int(port)), timeout=5) as tcp:
        for _ in range(3):
            query = dns.message.make_query("example.test", "SOA")
            dns.query.send_tcp(tcp, query)
            reply, _received = dns.query.receive_tcp(tcp)
            assert reply.id == query.id
            assert reply.answer
