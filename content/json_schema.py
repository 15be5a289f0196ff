"""The JSON Schema of a pydantic model, for the editors in which people write YAML.

Draft-07, because that is what the YAML language server reads whole; of later drafts it knows only parts. Other than
pydantic's own it has no titles (they would repeat the keys), no defaults in the terms of a program, and no references:
draft-07 ignores what stands beside one, and that would be the hint.
"""

import re
from typing import Any

from pydantic import BaseModel, GetJsonSchemaHandler
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from content.patterns import any_case, any_of

DRAFT = "http://json-schema.org/draft-07/schema#"

#: What pydantic reads as a truth value beside true and false.
_TRUTHS = any_of(map(any_case, ("true", "t", "yes", "y", "on", "1", "false", "f", "no", "n", "off", "0")))


class OneOrMore:
    """An annotation of a tuple's type: one value may stand without the brackets of a list."""

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        array = handler(schema)
        return {"anyOf": [array["items"], array]}


def schema_of(model: type[BaseModel], *, blank: bool) -> dict[str, Any]:
    """The schema of a mapping. blank: a key that may be left out may also stand without a value."""
    schema = model.model_json_schema(schema_generator=_Lenient if blank else _Strict)
    found: dict[str, Any] = _resolved(schema, schema.pop("$defs", {}))
    return found


class _Lenient(GenerateJsonSchema):
    """Pydantic's, without what only programs want."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - pydantic's signature
        return False

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        made = super().model_schema(schema)
        return {key: value for key, value in made.items() if key not in ("title", "description")}

    def enum_schema(self, schema: core_schema.EnumSchema) -> JsonSchemaValue:
        return {"enum": [member.value for member in schema["members"]]}

    def bool_schema(self, schema: core_schema.BoolSchema) -> JsonSchemaValue:
        if schema.get("strict"):
            return super().bool_schema(schema)
        return {"anyOf": [{"type": "boolean"}, {"enum": [0, 1]}, {"type": "string", "pattern": f"^{_TRUTHS}$(?!\\n)"}]}


class _Strict(_Lenient):
    """For mappings in which a key without a value is a mistake."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])


def _resolved(schema: Any, definitions: dict[str, Any]) -> Any:
    """The schema with each reference replaced by what it leads to, and each description in one line."""
    if isinstance(schema, list):
        return [_resolved(part, definitions) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        target = definitions[schema["$ref"].rpartition("/")[2]]
        schema = {**target, **{key: part for key, part in schema.items() if key != "$ref"}}
    made = {key: _resolved(part, definitions) for key, part in schema.items()}
    if isinstance(made.get("description"), str):
        made["description"] = re.sub(r"\s+", " ", made["description"])
    return made
