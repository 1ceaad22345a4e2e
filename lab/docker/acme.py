"""The ACME client in the lab: nobody to ask, so the lab's own CA issues the certificate.

The container is made, with its volumes, and never started: Let's Encrypt would refuse names
under .test, and the lab's Cloudflare token is worth nothing outside.
"""

import io
import tarfile

import trustme
from docker.models.containers import Container

from lab.cloud.values import Plain
from lab.world import World

LABEL = "mailstack.acme"
"""The program's mark on the client's container: "<name> <folder to publish in>"."""
IMAGES = "acme images"
"""World's setting: the client's image → the mail server's, which is there and has a shell."""
_AUTHORITY = "certificate authority"


def order_of(inputs: Plain) -> str | None:
    """What an ACME client's container is to obtain; None for any other container."""
    labels = {label["label"]: label["value"] for label in inputs.get("labels", [])}
    return labels.get(LABEL)


def publish(world: World, container: Container, order: str) -> None:
    """Put a certificate by the lab's CA where the client would, with the CA's own at its end."""
    name, folder = order.split()
    issuer = authority(world)
    issued = issuer.issue_cert(name)
    chain = b"".join(pem.bytes() for pem in (*issued.cert_chain_pems, issuer.cert_pem))
    files = {"privkey.pem": issued.private_key_pem.bytes(), "fullchain.pem": chain}
    mount, _, lineage = folder.rpartition("/")
    container.put_archive(mount, _archive(lineage, files))


def authority(world: World) -> trustme.CA:
    """The lab's own CA, made once for its life."""
    kept = world.setting(_AUTHORITY)
    if kept is not None:
        return trustme.CA.from_pem(kept["certificate"].encode(), kept["key"].encode())
    made = trustme.CA(organization_name="mailstack lab")
    pems = {"certificate": made.cert_pem, "key": made.private_key_pem}
    world.set_setting(_AUTHORITY, {role: pem.bytes().decode() for role, pem in pems.items()})
    return made


def _archive(folder: str, files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        directory = tarfile.TarInfo(folder)
        directory.type, directory.mode = tarfile.DIRTYPE, 0o700
        archive.addfile(directory)
        for name, content in files.items():
            entry = tarfile.TarInfo(f"{folder}/{name}")
            entry.size, entry.mode = len(content), 0o600
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()
