"""The JSON Schema of a pydantic model, for the editors in which people write YAML.

Draft-07, because that is what the YAML language server reads whole; of later drafts it knows only parts. Other than
pydantic's own it has no titles (they would repeat the keys), no defaults in the terms of a program, and no references:
draft-07 ignores what stands beside one, and that would be the hint.

The hint of a key is the docstring below its field. It is read from the source, and only here: nothing else needs it,
and every start of the program would pay for it. What keys demand of one another a model may say by `json_schema_extra`
in its `model_config`.
"""

import ast
import inspect
from itertools import pairwise
from textwrap import dedent
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
        for key, hint in _hints(schema["cls"]).items():
            if key in made["properties"]:
                made["properties"][key]["description"] = hint
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


def _hints(model: type[BaseModel]) -> dict[str, str]:
    """The hints below the fields of a model and of those that it extends, by key."""
    found: dict[str, str] = {}
    for base in reversed(model.__mro__):
        if issubclass(base, BaseModel) and base is not BaseModel:
            (definition,) = ast.parse(dedent(inspect.getsource(base))).body
            for field, below in pairwise(definition.body if isinstance(definition, ast.ClassDef) else ()):
                match field, below:
                    case (
                        ast.AnnAssign(target=ast.Name(name)),
                        ast.Expr(value=ast.Constant(value=str(hint))),
                    ) if name in model.model_fields:
                        found[model.model_fields[name].alias or name] = " ".join(hint.split())
    return found


def _resolved(schema: Any, definitions: dict[str, Any]) -> Any:
    """The schema with each reference replaced by what it leads to."""
    if isinstance(schema, list):
        return [_resolved(part, definitions) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        target = definitions[schema["$ref"].rpartition("/")[2]]
        schema = {**target, **{key: part for key, part in schema.items() if key != "$ref"}}
    return {key: _resolved(part, definitions) for key, part in schema.items()}
