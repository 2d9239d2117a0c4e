"""JSON Schemas of arguments, compiled once: no fetching, linear-time patterns, and a bounded amount of work."""

import json
from collections.abc import Callable, Mapping

import jsonschema_rs

from gatehold.digest import canonical_value
from gatehold.redaction import printable
from pdp.catalog.unfolding import unfolded_size
from pdp.documents import field_text

# Subschemas visited on one path through the arguments. Twenty definitions, each of which offers the next one twice,
# keep a validator busy for minutes.
MAX_UNFOLDED = 10_000
MAX_CHARACTERS = 256 * 1024  # as JSON
_MAX_SENTENCE = 300

SchemaCheck = Callable[[Mapping[str, object]], str | None]


def compile_schema(schema: Mapping[str, object]) -> SchemaCheck:
    """A function that tells what is wrong with some arguments, or None when nothing is.

    Patterns run on a linear-time engine, which has no lookaround and no backreferences. A schema without `$schema` is
    read as JSON Schema 2020-12. It sees the arguments as `canonical_value` has them: to draft 4, 1.0 is no integer, but
    1.0 has the digest of 1, by which decisions are reused.

    Raises:
        ValueError: `schema` is not a JSON Schema, refers outside itself, or could cost too much to evaluate.
    """
    if len(json.dumps(schema, default=str)) > MAX_CHARACTERS:
        raise ValueError(f"it is longer than {MAX_CHARACTERS} characters")
    if unfolded_size(schema, MAX_UNFOLDED) > MAX_UNFOLDED:
        raise ValueError(f"its alternatives unfold to more than {MAX_UNFOLDED} steps")
    try:
        validator = jsonschema_rs.validator_for(
            dict(schema), retriever=_refuse_retrieval, pattern_options=jsonschema_rs.RegexOptions(), mask="the value"
        )
    except Exception as error:
        raise ValueError(_sentence(str(error))) from error

    def check(args: Mapping[str, object]) -> str | None:
        try:
            instance = canonical_value(args)
            # Building the error costs far more than the answer, and nearly every call is valid.
            return None if validator.is_valid(instance) else _first_error(validator, instance)
        except Exception as error:
            return f"the arguments could not be checked ({type(error).__name__})"

    return check


def _refuse_retrieval(uri: str) -> bool:
    raise ValueError(f"references outside the schema are not followed: {uri}")


def _first_error(validator: jsonschema_rs.Validator, instance: object) -> str:
    try:
        validator.validate(instance)
    except jsonschema_rs.ValidationError as error:
        return f"{field_text(('args', *error.instance_path))}: {_sentence(error.message)}"
    return "the arguments do not match the schema"


def _sentence(message: str) -> str:
    line = printable(message.strip().partition("\n")[0])
    return line if len(line) <= _MAX_SENTENCE else line[:_MAX_SENTENCE] + "…"
