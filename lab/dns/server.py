"""The lab's authoritative DNS server: UDP and TCP on loopback.

On dnspython and asyncio rather than dnslib's server: the latter lets two processes bind one UDP
port, drops EDNS from its answers, and lets an idle TCP client keep a thread for ever.
"""

import asyncio
import logging
import struct
from contextlib import suppress
from typing import Any

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset

from lab.dns.records import Record, exists, records_at, soa, zone_of
from lab.world import World

_LOG = logging.getLogger(__name__)
_HEADER = struct.Struct("!HHHHHH")
_PLAIN_UDP, _EDNS_UDP = 512, 1232  # bytes: RFC 1035 4.2.1, and the DNS flag day of 2020
_MAX_CHASE = 8
_TCP_IDLE = 10  # seconds


def respond(world: World, wire: bytes, *, udp: bool) -> bytes | None:
    """The reply to one message, or None for what deserves none (too short, or itself a reply)."""
    if len(wire) < _HEADER.size:
        return None
    ident, flags, *_ = _HEADER.unpack_from(wire)
    if flags & dns.flags.QR:
        return None
    try:
        query = dns.message.from_wire(wire)
    except (dns.exception.DNSException, ValueError):
        # Header only: nothing in the rest can be trusted to be echoed.
        return _HEADER.pack(ident, dns.flags.QR | dns.rcode.FORMERR, 0, 0, 0, 0)
    reply = dns.message.make_response(query, our_payload=_EDNS_UDP)
    _fill(world, query, reply)
    if not udp:
        return reply.to_wire(max_size=65535)
    limit = min(max(query.payload, _PLAIN_UDP), _EDNS_UDP) if query.edns >= 0 else _PLAIN_UDP
    try:
        return reply.to_wire(max_size=limit)
    except dns.exception.TooBig:
        short = dns.message.make_response(query, our_payload=_EDNS_UDP)
        short.flags |= dns.flags.TC | dns.flags.AA
        return short.to_wire()


def _fill(world: World, query: dns.message.Message, reply: dns.message.Message) -> None:
    if query.opcode() != dns.opcode.QUERY:
        reply.set_rcode(dns.rcode.NOTIMP)
        return
    if len(query.question) != 1:
        reply.set_rcode(dns.rcode.FORMERR)
        return
    if query.edns > 0:
        reply.set_rcode(dns.rcode.BADVERS)
        return
    question = query.question[0]
    owner = question.name
    zone = zone_of(world, _text(owner))
    if zone is None or question.rdclass != dns.rdataclass.IN or _is_transfer(question.rdtype):
        reply.set_rcode(dns.rcode.REFUSED)
        return
    reply.flags |= dns.flags.AA
    for _ in range(_MAX_CHASE):
        records = _records(world, zone, _text(owner))
        wanted = _matching(records, question.rdtype)
        alias = [record for record in records if record.type == "CNAME"]
        _add(reply.answer, owner, wanted or alias)
        if wanted or not alias:
            break
        owner = dns.name.from_text(alias[0].text)
        next_zone = zone_of(world, _text(owner))
        if next_zone is None:
            return  # the resolver has to ask elsewhere
        zone = next_zone
    if not wanted:
        if not exists(world, zone, _text(owner)) and not records:
            reply.set_rcode(dns.rcode.NXDOMAIN)
        _add(reply.authority, dns.name.from_text(zone), [soa()])


def _records(world: World, zone: str, name: str) -> list[Record]:
    records = records_at(world, zone, name)
    while not records and name != zone and not exists(world, zone, name):
        # A wildcard stands for names that are not there, below a name that is (RFC 4592).
        name = name.partition(".")[2]
        records = records_at(world, zone, f"*.{name}")
        if exists(world, zone, name):
            break
    return records


def _matching(records: list[Record], rdtype: dns.rdatatype.RdataType) -> list[Record]:
    if rdtype == dns.rdatatype.ANY:
        return records
    return [record for record in records if record.type == dns.rdatatype.to_text(rdtype)]


def _is_transfer(rdtype: dns.rdatatype.RdataType) -> bool:
    return rdtype in {dns.rdatatype.AXFR, dns.rdatatype.IXFR}


def _add(section: list[dns.rrset.RRset], owner: dns.name.Name, records: list[Record]) -> None:
    for kind in dict.fromkeys(record.type for record in records):
        same = [record for record in records if record.type == kind]
        ttl = min(record.ttl for record in same)
        section.append(dns.rrset.from_text(owner, ttl, "IN", kind, *(one.text for one in same)))


def _text(name: dns.name.Name) -> str:
    # A dot within a label must not look like one between labels.
    return name.to_text(omit_final_dot=True).lower().replace("\\.", "\\046")


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, world: World) -> None:
        self._world = world
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: Any) -> None:  # noqa: ANN401 - as in asyncio
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        reply = _safely(self._world, data, udp=True)
        if reply and self._transport:
            self._transport.sendto(reply, addr)


def _safely(world: World, wire: bytes, *, udp: bool) -> bytes | None:
    try:
        return respond(world, wire, udp=udp)
    except Exception:  # noqa: BLE001 - see below
        # One question that trips us must not end the service for all others.
        _LOG.exception("no answer to %s", wire.hex())
        ident = _HEADER.unpack_from(wire)[0]
        return _HEADER.pack(ident, dns.flags.QR | dns.rcode.SERVFAIL, 0, 0, 0, 0)


async def serve(world: World, port: int) -> int:
    """Answer on 127.0.0.1 over UDP and TCP; 0 asks for any free port; give the port.

    Raises OSError when the port is taken.
    """

    async def session(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, TimeoutError, ConnectionError):
            while True:
                async with asyncio.timeout(_TCP_IDLE):
                    size = int.from_bytes(await reader.readexactly(2))
                    wire = await reader.readexactly(size)
                reply = _safely(world, wire, udp=False)
                if reply is None:
                    break
                writer.write(len(reply).to_bytes(2) + reply)
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(session, "127.0.0.1", port, reuse_port=False)
    bound = int(server.sockets[0].getsockname()[1])
    loop = asyncio.get_running_loop()
    try:
        await loop.create_datagram_endpoint(
            lambda: _Datagrams(world), local_addr=("127.0.0.1", bound)
        )
    except OSError:
        server.close()
        raise
    return bound
