"""The contract and the template say the same, and the contract can be read by MuleSoft, Workato and n8n."""

import re
from typing import Any, Iterator

from model import Finding, Model, as_list
from openapi_schema_validator import OAS30Validator
from openapi_spec_validator import OpenAPIV30SpecValidator

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
RESERVED = {"friendlyName", "name", "operationName", "target", "targetValue", "class", "default", "import", "new", "package", "return", "switch"}
TOO_LARGE = 1_000_000

# Purchases: without a key a repeat would buy again.
KEYED = {("post", "/orders"), ("post", "/esims/{esim_id}/topup")}


# Answered with the same report whatever the status: a health report that turned into a problem when it matters would help nobody.
REPORTS = {("get", "/health", "503")}


# For people, not programs: forms come in and HTML goes out, refusals too.
PAGES = "/pages/"


def check(model: Model) -> Iterator[Finding]:
    broken = list(OpenAPIV30SpecValidator(model.contract).iter_errors())
    for error in broken:
        yield model.in_contract(".".join(map(str, error.absolute_path)) or "openapi", error.message)
    if broken:
        return
    yield from _document(model)
    yield from _routes(model)
    yield from _scopes(model)
    seen: set[str] = set()
    for method, path, operation in operations(model):
        for fault in _operation_faults(model, method, path, operation, seen):
            yield model.in_contract(path, f"{method.upper()}: {fault}")


def operations(model: Model) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Method, path and operation of everything in the contract."""
    for path, item in model.contract.get("paths", {}).items():
        for method in METHODS:
            if method in item:
                yield method, path, item[method]


def _document(model: Model) -> Iterator[Finding]:
    contract = model.contract
    if contract.get("openapi") != "3.0.3":
        yield model.in_contract("openapi", "must be 3.0.3: MuleSoft and Workato read no newer")
    if len(model.contract_text) > TOO_LARGE:
        yield model.in_contract("openapi", "is larger than importers take (1 MB)")
    servers = contract.get("servers", [])
    if not servers or not all(str(s.get("url", "")).startswith("https://") for s in servers):
        yield model.in_contract("servers", "needs an absolute https URL")
    schemes = list(contract.get("components", {}).get("securitySchemes", {}).values())
    if len(schemes) != 1 or list(schemes[0].get("flows", {})) != ["clientCredentials"]:
        yield model.in_contract("securitySchemes", "must be OAuth 2.0 client credentials and nothing else")
    for keyword in sorted(_keywords(contract) & {"oneOf", "anyOf", "not", "callbacks", "discriminator", "const"}):
        yield model.in_contract(keyword, "importers cannot read it")
    for reference in _references(contract):
        if not reference.startswith("#/"):
            yield model.in_contract(reference, "references must stay inside the document")
    for name, schema in contract.get("components", {}).get("schemas", {}).items():
        if schema.get("type") == "object" and not schema.get("properties"):
            yield model.in_contract(name, "an object without properties tells importers nothing")
        if not schema.get("description"):
            yield model.in_contract(name, "needs a description")


def _routes(model: Model) -> Iterator[Finding]:
    deployed = {}
    for function, _, properties in model.events("Api"):
        auth = properties.get("Auth", {})
        scopes = set() if auth.get("Authorizer") == "NONE" else set(auth.get("AuthorizationScopes", []))
        deployed[(str(properties.get("Method")).lower(), properties.get("Path"))] = (function, scopes)
    described = {}
    for method, path, operation in operations(model):
        security = operation.get("security", model.contract.get("security", []))
        described[(method, path)] = {scope for need in security for granted in need.values() for scope in granted}
    for route in sorted(deployed.keys() - described.keys()):
        yield model.at(deployed[route][0], f"{route[0].upper()} {route[1]} is not in openapi.yaml")
    for route in sorted(described.keys() - deployed.keys()):
        yield model.in_contract(route[1], f"{route[0].upper()} is not in template.yaml")
    for route in sorted(deployed.keys() & described.keys()):
        function, scopes = deployed[route]
        if scopes != described[route]:
            yield model.at(function, f"{route[0].upper()} {route[1]} asks for {sorted(scopes)}, openapi.yaml for {sorted(described[route])}")


def _scopes(model: Model) -> Iterator[Finding]:
    flows = model.contract.get("components", {}).get("securitySchemes", {}).get("oauth", {}).get("flows", {})
    described = set(flows.get("clientCredentials", {}).get("scopes", {}))
    known = set()
    for _, body in model.resources("AWS::Cognito::UserPoolResourceServer"):
        properties = body["Properties"]
        known |= {f"{properties['Identifier']}/{scope['ScopeName']}" for scope in properties["Scopes"]}
    if described != known:
        yield model.in_contract("scopes", f"differ from the resource server's: {sorted(described ^ known)}")
    for name, body in model.resources("AWS::Cognito::UserPoolClient"):
        extra = set(body["Properties"].get("AllowedOAuthScopes", [])) - known
        if extra:
            yield model.at(name, f"asks for scopes that do not exist: {sorted(extra)}")
        if body["Properties"].get("AllowedOAuthFlows") != ["client_credentials"]:
            yield model.at(name, "must use client_credentials only")


def _operation_faults(model: Model, method: str, path: str, operation: dict, seen: set[str]) -> Iterator[str]:
    name = operation.get("operationId", "")
    if not re.fullmatch(r"[a-z][a-zA-Z0-9]+", name) or name in RESERVED or name in seen:
        yield f"operationId {name!r} must be lowerCamelCase, unique and no reserved word"
    seen.add(name)
    if not operation.get("summary"):
        yield "needs a summary"
    if (method, path) in KEYED and not any(p.get("name") == "X-Idempotency-Key" and p.get("required") for p in _parameters(model, operation)):
        yield "needs the required header X-Idempotency-Key"
    body = operation.get("requestBody", {}).get("content", {})
    taken = "application/x-www-form-urlencoded" if path.startswith(PAGES) else "application/json"
    if body and list(body) != [taken]:
        yield f"must take {taken} only"
    declared = set(re.findall(r"\{(\w+)\}", path))
    if declared != {p["name"] for p in _parameters(model, operation) if p["in"] == "path"}:
        yield "its path parameters are not the ones of the path"
    yield from _answer_faults(model, method, path, operation)
    for media in _media(model, operation):
        yield from _example_faults(model, media)


def _answer_faults(model: Model, method: str, path: str, operation: dict) -> Iterator[str]:
    for status, answer in operation.get("responses", {}).items():
        resolved = _resolve(model.contract, answer)
        wanted = "application/json" if (method, path, status) in REPORTS else "application/problem+json"
        # What API Gateway answers by itself is a problem document here as well.
        if path.startswith(PAGES) and "text/html" in resolved.get("content", {}):
            wanted = "text/html"
        if status.startswith(("4", "5")) and list(resolved.get("content", {})) != [wanted]:
            yield f"{status} must be an {wanted}"
        if status in ("429", "503") and "Retry-After" not in resolved.get("headers", {}):
            yield f"{status} needs the header Retry-After"
        if "X-Request-Id" not in resolved.get("headers", {}):
            yield f"{status} needs the header X-Request-Id"


def _media(model: Model, operation: dict) -> Iterator[dict]:
    yield from operation.get("requestBody", {}).get("content", {}).values()
    for answer in operation.get("responses", {}).values():
        yield from _resolve(model.contract, answer).get("content", {}).values()


def _example_faults(model: Model, media: dict) -> Iterator[str]:
    schema = _inline(model.contract, media.get("schema", {}))
    if schema.get("format") == "binary":
        return
    if "example" not in media:
        yield "a body without an example"
        return
    for error in OAS30Validator(schema).iter_errors(media["example"]):
        yield f"an example breaks its schema at {'.'.join(map(str, error.absolute_path)) or 'the top'}: {error.message}"


def _parameters(model: Model, operation: dict) -> list[dict]:
    return [_resolve(model.contract, parameter) for parameter in operation.get("parameters", [])]


def _resolve(contract: dict, value: dict) -> dict:
    while "$ref" in value:
        found: Any = contract
        for part in value["$ref"].removeprefix("#/").split("/"):
            found = found[part.replace("~1", "/").replace("~0", "~")]
        value = found
    return value


def _inline(contract: dict, value: Any) -> Any:
    """A schema with its references written out. The contract has no recursive ones, which importers cannot read anyway."""
    if isinstance(value, dict):
        return {key: _inline(contract, inner) for key, inner in _resolve(contract, value).items()}
    return [_inline(contract, inner) for inner in value] if isinstance(value, list) else value


def _keywords(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set(value) | set().union(*map(_keywords, value.values()), set())
    return set().union(*map(_keywords, value), set()) if isinstance(value, list) else set()


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from as_list(inner) if key == "$ref" else _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)
