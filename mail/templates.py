"""The one place that reads templates/."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

# autoescape is for HTML; these are configuration files, where "&amp;" would be wrong.
_ENVIRONMENT = Environment(  # noqa: S701
    loader=FileSystemLoader(Path(__file__).parent.parent / "templates"),
    undefined=StrictUndefined,
    keep_trailing_newline=True,
    trim_blocks=True,
    lstrip_blocks=True,
)


def render(template: str, **values: object) -> str:
    """Render a file of templates/. Raises jinja2.UndefinedError when a value is missing."""
    return _ENVIRONMENT.get_template(template).render(**values)
