"""A program of the server that ends at each start, as Dovecot does with a wrong dovecot.cf.

docker-mailserver takes it for started and logs no error: supervisord starts it anew for ever
(``startsecs=0``, ``autorestart=true`` in target/supervisor/conf.d/dms-services.conf).
"""

import io
import re
import tarfile
from collections import Counter
from collections.abc import Iterable

from docker.errors import NotFound
from docker.models.containers import Container

_ENDED = re.compile(r"WARN exited: (\S+) \(.*; not expected\)")
# Not every program: some (fetchmail without accounts) end again and again beside a good server.
_NEEDED = frozenset({"dovecot", "postfix", "rspamd"})
_OFTEN = 3
_FATAL = re.compile(r"fatal", re.IGNORECASE)


def crash_loop(log: Iterable[str]) -> str | None:
    """Find in the container's log the name of a needed program that ended three times."""
    ended = Counter(match[1] for line in log if (match := _ENDED.search(line)))
    return next(
        (name for name, times in ended.items() if times >= _OFTEN and name in _NEEDED), None
    )


def last_words(container: Container, program: str) -> str | None:
    """Give the last fatal error that the program told supervisord, or its last line at all."""
    try:
        chunks, _ = container.get_archive(f"/var/log/supervisor/{program}.log")
    except NotFound:
        return None
    with tarfile.open(fileobj=io.BytesIO(b"".join(chunks))) as archive:
        member = archive.next()
        file = archive.extractfile(member) if member is not None else None
        lines = file.read().decode(errors="replace").splitlines() if file is not None else []
    said = [line.strip() for line in lines if line.strip()]
    told = [line for line in said if _FATAL.search(line)] or said
    return told[-1] if told else None
