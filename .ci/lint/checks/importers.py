"""What MuleSoft's REST Connect and Workato's importer make connectors of, beyond what `contract` asks: they name things after the
contract, build forms from its schemas, and know nothing of OpenAPI 3.1."""

import re
from typing import Any, Iterator

from model import Finding, Model

from .contract import operations

# Names that a generated Java class or a Mule operation cannot have.
TAKEN = {
    "abstract", "assert", "boolean", "break", "byte", "case", "catch", "char", "class", "const", "continue", "default", "do", "double", "else",
    "enum", "extends", "false", "final", "finally", "float", "for", "friendlyName", "goto", "if", "implements", "import", "instanceof", "int",
    "interface", "long", "name", "native", "new", "null", "operationName", "package", "private", "protected", "public", "return", "short",
    "static", "strictfp", "super", "switch", "synchronized", "target", "targetValue", "this", "throw", "throws", "transient", "true", "try",
    "void", "volatile", "while",
}

# Of JSON Schema 2020-12 and OpenAPI 3.1: ignored or refused.
NEWER = {"$defs", "if", "then", "else", "dependentSchemas", "prefixItems", "patternProperties", "unevaluatedProperties", "contentEncoding", "contentMediaType", "jsonSchemaDialect"}


def check(model: Model) -> Iterator[Finding]:
    contract = model.contract
    if "webhooks" in contract:
        yield model.in_contract("webhooks", "is of OpenAPI 3.1, which importers do not read")
    yield from _names(model)
    yield from _parameters(model)
    schemas = contract.get("components", {}).get("schemas", {})
    for name, schema in schemas.items():
        for fault in _faults(schema, name):
            yield model.in_contract(name, fault)
        if name in _reached(schemas, name):
            yield model.in_contract(name, "contains itself: a form without end")
    for method, path, operation in _offered(model):
        for place, schema in _bodies(operation):
            if not _is_named(schema):
                yield model.in_contract(path, f"{method.upper()}: the schema of {place} has no name in components")


def _offered(model: Model) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """The operations that an agency calls with its token. Pages for browsers and doors for providers are in the contract, too, and
    nobody makes an action of a connector of them."""
    return ((method, path, operation) for method, path, operation in operations(model) if operation.get("security"))


def _names(model: Model) -> Iterator[Finding]:
    """Generated classes and pick-lists know no case; operations become methods."""
    seen: dict[str, str] = {}
    for name in model.contract.get("components", {}).get("schemas", {}):
        if name.lower() in seen:
            yield model.in_contract(name, f"differs from {seen[name.lower()]} in case only")
        seen[name.lower()] = name
    for method, path, operation in operations(model):
        if operation.get("operationId") in TAKEN:
            yield model.in_contract(path, f"{method.upper()}: the operationId is a word that a connector cannot use")


def _parameters(model: Model) -> Iterator[Finding]:
    declared = model.contract.get("components", {}).get("parameters", {})
    for method, path, operation in _offered(model):
        for parameter in operation.get("parameters", []):
            found = declared.get(parameter.get("$ref", "").rsplit("/", 1)[-1], parameter)
            name = found.get("name", "")
            if name in TAKEN:
                yield model.in_contract(path, f"{method.upper()}: the parameter {name} has a name that a connector cannot use")
            if found.get("schema", {}).get("type") not in ("string", "integer", "number", "boolean"):
                yield model.in_contract(path, f"{method.upper()}: the parameter {name} is not one plain value")
            if not found.get("description"):
                yield model.in_contract(path, f"{method.upper()}: the parameter {name} has no description, which is its help in a form")


def _faults(schema: Any, at: str) -> Iterator[str]:
    """Whatever a form cannot be built from."""
    if not isinstance(schema, dict) or "$ref" in schema:
        return
    for keyword in sorted(NEWER & schema.keys()):
        yield f"{at}: {keyword} is of a newer JSON Schema"
    kind = schema.get("type")
    if not isinstance(kind, str):
        yield f"{at}: needs one type"
    if kind == "object" and not schema.get("properties"):
        yield f"{at}: an object without properties"
    if kind == "array" and "items" not in schema:
        yield f"{at}: a list of nobody knows what"
    for name, inner in schema.get("properties", {}).items():
        if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
            yield f"{at}.{name}: is no plain name"
        yield from _faults(inner, f"{at}.{name}")
    yield from _faults(schema.get("items"), f"{at}[]")


def _reached(schemas: dict[str, Any], start: str) -> set[str]:
    """The schemas that one is made of, near and far."""
    reached: set[str] = set()
    ahead = _direct(schemas.get(start, {}))
    while ahead:
        name = ahead.pop()
        if name not in reached:
            reached.add(name)
            ahead |= _direct(schemas.get(name, {}))
    return reached


def _direct(value: Any) -> set[str]:
    if isinstance(value, dict):
        named = {str(value["$ref"]).rsplit("/", 1)[-1]} if "$ref" in value else set()
        return named.union(*map(_direct, value.values()))
    return set().union(*map(_direct, value)) if isinstance(value, list) else set()


def _bodies(operation: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for media in operation.get("requestBody", {}).get("content", {}).values():
        yield "the body", media.get("schema", {})
    for status, answer in operation.get("responses", {}).items():
        for media in answer.get("content", {}).values():
            yield f"the answer {status}", media.get("schema", {})


def _is_named(schema: dict[str, Any]) -> bool:
    return "$ref" in schema or schema.get("format") == "binary"
