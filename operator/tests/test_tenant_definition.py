"""The structs of a Tenant's spec, held against the Tenant definition: fields, types and which of them may be missing."""

from __future__ import annotations

from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
import yaml  # type: ignore[import-untyped]

from tenantry_operator.tenant import Spec

DEFINITION = Path(__file__).parent.parent / "deploy" / "crd.yaml"
SCALARS = {str: "string", int: "integer", bool: "boolean"}


def spec_schema() -> dict[str, Any]:
    """What the definition says of a spec."""
    definition = yaml.safe_load(DEFINITION.read_text())
    schema: dict[str, Any] = definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
    return schema


def of_definition(schema: dict[str, Any]) -> Any:
    """A schema, as far as a struct can say the same."""
    if schema["type"] == "object":
        required = schema.get("required", [])
        return {name: (of_definition(inner), name in required) for name, inner in schema["properties"].items()}
    if schema["type"] == "array":
        return [of_definition(schema["items"])]
    return set(schema["enum"]) if "enum" in schema else schema["type"]


def of_struct(hint: Any) -> Any:
    """The same of a type."""
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        hints = get_type_hints(hint)
        return {field.encode_name: (of_struct(hints[field.name]), field.required) for field in msgspec.structs.fields(hint)}
    if get_origin(hint) is tuple:
        return [of_struct(get_args(hint)[0])]
    if get_origin(hint) is Literal:
        return set(get_args(hint))
    if get_origin(hint) in (Union, UnionType):
        [one] = [part for part in get_args(hint) if part is not NoneType]
        return of_struct(one)
    return SCALARS[hint]


def test_the_structs_say_what_the_definition_says() -> None:
    assert of_struct(Spec) == of_definition(spec_schema())
