from settings.reference import reference
from settings.schema import settings_schema


def test_every_key_has_a_row() -> None:
    text = reference()
    for name, model in settings_schema()["$defs"].items():
        for key in model["properties"]:
            if model["properties"].keys() != {"kind"}:
                assert f"\n| `{key}` |" in text, f"{name}.{key}"


def test_rows_tell_value_default_example_and_meaning() -> None:
    rows = reference().splitlines()
    quota = next(row for row in rows if row.startswith("| `quota`"))
    assert quota.startswith("| `quota` | text |  | `2G` | How much it may hold")
    policy = next(row for row in rows if row.startswith("| `policy`"))
    assert "| `none`, `quarantine`, `reject` | `quarantine` | `reject` |" in policy
    hostname = next(row for row in rows if row.startswith("| `hostname`"))
    assert "| **required** |" in hostname


def test_tables_are_whole() -> None:
    # A bar inside a cell would tear its row.
    rows = [row for row in reference().splitlines() if row.startswith("|")]
    assert {row.replace("\\|", "").count("|") for row in rows} == {6}
