"""What every settings model has in common."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic.alias_generators import to_camel


class Model(BaseModel):
    """Frozen, camelCase in the stack file, unknown keys refused, inputs kept out of errors."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
    )

    @model_validator(mode="before")
    @classmethod
    def _nothing_means_default(cls, data: object) -> object:
        """Let `bob:` mean `bob: {}`, and a key without a value mean the key's default."""
        if data is None:
            return {}
        if not isinstance(data, Mapping):
            return data
        known = {field.alias for field in cls.model_fields.values()} | set(cls.model_fields)
        return {key: value for key, value in data.items() if value is not None or key not in known}
