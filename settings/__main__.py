"""`python -m settings`: write what is generated from the models, or check that it is fresh."""

import json
from pathlib import Path
from typing import Annotated

import typer

from settings.reference import reference
from settings.schema import stack_schema

REPOSITORY = Path(__file__).resolve().parent.parent


def generated() -> dict[Path, str]:
    """Return every generated file (relative to the repository) and what should stand in it."""
    schema = json.dumps(stack_schema(), indent=2, ensure_ascii=False) + "\n"
    return {
        Path("docs/schema/mailstack.schema.json"): schema,
        Path("docs/configuration.md"): reference(),
    }


def stale(root: Path) -> list[Path]:
    """Return the generated files that are missing or do not say what the models say."""
    return [
        path
        for path, text in generated().items()
        if not (root / path).is_file() or (root / path).read_text(encoding="utf-8") != text
    ]


def main(
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 if something is stale.")
    ] = False,
) -> None:
    """Write docs/configuration.md and the JSON schema from the settings models."""
    if not check:
        for path, text in generated().items():
            (REPOSITORY / path).parent.mkdir(parents=True, exist_ok=True)
            (REPOSITORY / path).write_text(text, encoding="utf-8")
    left = stale(REPOSITORY)
    for path in left:
        typer.echo(f"{path} is stale; run: python -m settings", err=True)
    if left:
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
