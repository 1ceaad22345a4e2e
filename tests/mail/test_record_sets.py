"""Records of a name and type belong together at Route 53."""

from mail.facts import Record
from mail.record_sets import record_sets


def record(key: str, name: str, kind: str, *, ttl: int = 300) -> Record:
    return Record(
        key=key, zone="example.test", name=name, type=kind, content="x", ttl=ttl, why="because"
    )


def test_one_set_for_a_name_and_type() -> None:
    spf = record("example.test/spf", "example.test", "TXT", ttl=3600)
    mx = record("example.test/mx", "example.test", "MX")
    txt = record("example.test/txt/1", "example.test", "TXT", ttl=60)
    host = record("mail.example.test/spf", "mail.example.test", "TXT")
    found = {one.key: one for one in record_sets([spf, mx, txt, host])}
    assert list(found) == ["example.test/txt", "example.test/mx", "mail.example.test/txt"]
    assert found["example.test/txt"].records == (spf, txt)
    assert found["example.test/txt"].ttl == 60


def test_the_key_does_not_depend_on_the_members() -> None:
    spf = record("example.test/spf", "example.test", "TXT")
    txt = record("example.test/txt/1", "example.test", "TXT")
    assert record_sets([spf])[0].key == record_sets([txt, spf])[0].key
