"""A tiny image to stand for docker-mailserver's: none can be pulled where the tests run."""

import io
import json
import shutil
import tarfile
from pathlib import Path

import docker

APPLETS = (
    *("cat", "chmod", "chown", "cp", "echo", "find", "id", "ls", "mkdir", "mv", "nc", "printf"),
    *("rm", "rmdir", "sh", "sleep", "stat", "sync", "touch", "true"),
)
PORTS = (25, 110, 143, 465, 587, 993, 995, 4190, 11332)
PASSWD = "root:x:0:0::/:/bin/sh\n_rspamd:x:112:115::/:/bin/sh\n"

# With PANIC set it does what docker-mailserver does on a panic: a log line and exit code 0.
SERVER = f"""#!/bin/sh
trap 'exit 0' TERM
error() {{
  printf '2026-01-01 00:00:00+00:00 \\033[1;31mERROR\\033[0m start-mailserver.sh: %s\\n' "$1" >&2
}}
if [ -n "$PANIC" ]; then
  error "$PANIC"
  error 'Shutting down'
  exit 0
fi
echo 'mail server is up and running'
for port in ${{PORTS:-{" ".join(map(str, PORTS))}}}; do
  nc -ll -p "$port" -e cat &
done
wait
"""


def busybox() -> Path | None:
    """Debian's busybox-static, the whole of the image; None where there is none."""
    found = shutil.which("busybox")
    if found is None or b"/ld-" in Path(found).read_bytes()[:4096]:
        return None
    return Path(found)


def import_image(
    client: docker.DockerClient, program: Path, tag: str, *, panic: str | None = None
) -> str:
    """Make the image ``mailstack.test/server:<tag>``; each tag is another image.

    panic: the error with which its server gives up at each start.
    """
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for directory in ("bin", "etc", "proc", "tmp", "var"):
            entry = tarfile.TarInfo(directory)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o755
            archive.addfile(entry)
        archive.add(program.resolve(), "bin/busybox")
        for applet in APPLETS:
            link = tarfile.TarInfo(f"bin/{applet}")
            link.type, link.linkname = tarfile.SYMTYPE, "busybox"
            archive.addfile(link)
        _add(archive, "etc/passwd", PASSWD, 0o644)
        _add(archive, "etc/group", "root:x:0:\n_rspamd:x:115:\n", 0o644)
        _add(archive, "etc/release", tag, 0o644)
        _add(archive, "bin/server", SERVER, 0o755)
    name = f"mailstack.test/server:{tag}"
    said = client.api.import_image_from_data(
        buffer.getvalue(),
        repository="mailstack.test/server",
        tag=tag,
        changes=[
            *("CMD /bin/server", "ENV PATH=/bin", "VOLUME /var/declared"),
            *([f'ENV PANIC="{panic}"'] if panic else []),
        ],
    )
    # Podman 4.3 drops the tag and calls every image `latest`.
    client.api.tag(json.loads(said)["status"], "mailstack.test/server", tag)
    return name


def _add(archive: tarfile.TarFile, name: str, content: str, mode: int) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content.encode()), mode
    archive.addfile(entry, io.BytesIO(content.encode()))
