"""A DNS server on loopback whose records a test sets, and breaks, as it likes."""

from collections.abc import Iterable
from threading import Thread
from typing import Self

from dnslib import QTYPE, RCODE, RR, DNSRecord
from dnslib.server import BaseResolver, DNSHandler, DNSLogger, DNSServer

from doctor.resolver import Resolver
from mail.facts import Record
from mail.txt import quote_and_split


class DnsWorld(BaseResolver):  # type: ignore[misc] # dnslib has no types
    """Serves `records`, a map of (name, type) to contents in zone-file form."""

    def __init__(self) -> None:
        self.records: dict[tuple[str, str], list[str]] = {}
        self.broken: set[str] = set()
        self._server = DNSServer(
            self, port=0, address="127.0.0.1", logger=DNSLogger(logf=lambda _: None)
        ).server
        self._thread = Thread(target=self._server.serve_forever, args=(0.01,))

    def __enter__(self) -> Self:
        # dnslib's own thread looks twice a second whether to stop.
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def address(self) -> str:
        """Where the server listens, as "HOST:PORT"."""
        host, port = self._server.server_address
        return f"{host}:{port}"

    def resolver(self) -> Resolver:
        return Resolver(self.address)

    def put(self, name: str, kind: str, *contents: str) -> None:
        """Let these, in zone-file form, be the records of that name and type."""
        self.records[name, kind] = list(contents)

    def put_text(self, name: str, *values: str) -> None:
        self.put(name, "TXT", *map(quote_and_split, values))

    def remove(self, name: str, kind: str) -> None:
        del self.records[name, kind]

    def publish(self, records: Iterable[Record]) -> None:
        """Publish as mailstack's program does."""
        for record in records:
            text = quote_and_split(record.content) if record.type == "TXT" else record.content
            if record.type in {"MX", "SRV", "PTR"}:
                text = f"{text}."
            if record.priority is not None:
                text = f"{record.priority} {text}"
            self.records.setdefault((record.name, record.type), []).append(text)

    def resolve(self, request: DNSRecord, handler: DNSHandler) -> DNSRecord:
        del handler
        reply = request.reply()
        name = str(request.q.qname).rstrip(".").lower()
        if name in self.broken:
            reply.header.rcode = RCODE.SERVFAIL
            return reply
        wanted = QTYPE[request.q.qtype]
        kind = wanted if (name, wanted) in self.records else "CNAME"
        for text in self.records.get((name, kind), []):
            reply.add_answer(*RR.fromZone(f"{name}. 300 IN {kind} {text}"))
        if not any(owner == name or owner.endswith(f".{name}") for owner, _ in self.records):
            reply.header.rcode = RCODE.NXDOMAIN
        return reply
