"""What every part of the file form shares."""

from pydantic import AliasChoices, AliasGenerator, BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


def _spellings(name: str) -> AliasChoices:
    name = name.rstrip("_")  # `all_` and its like are Python's words for keys that are Python's own
    return AliasChoices(to_camel(name), name)


class StrictForm(BaseModel):
    """Keys in camelCase or snake_case, no others; no value is coerced into the type that a key wants."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        frozen=True,
        alias_generator=AliasGenerator(validation_alias=_spellings),
    )
