"""The door: TLS 1.3, tokens everywhere but for providers, limits, and an access log without personal data."""

from typing import Iterator

from model import Finding, Model

TLS13 = "SecurityPolicy_TLS13_1_3_2025_09"

# The only paths that answer without a token: providers sign instead, and pages are opened by signed links.
OPEN = ("/api/webhooks/esim", "/api/webhooks/esim/{account}", "/api/webhooks/mail/{account}", "/pages/{token}/{page}", "/assets/{name}")

# Personal data, or paths that hold ids.
NOT_LOGGED = ("sourceIp", "$context.path", "userAgent", "authorizer.claims.sub", "$context.identity")


def check(model: Model) -> Iterator[Finding]:
    apis = list(model.resources("AWS::Serverless::Api"))
    if len(apis) != 1:
        yield Finding("template.yaml", 1, f"must hold one AWS::Serverless::Api, holds {len(apis)}")
    for name, body in apis:
        properties = body.get("Properties", {})
        yield from _door(model, name, properties)
        yield from _log(model, name, properties)
    for name, _ in model.resources("AWS::Serverless::HttpApi"):
        yield model.at(name, "HTTP APIs cannot refuse TLS 1.2")
    for function, event_id, properties in model.events("HttpApi"):
        yield model.at(function, f"event {event_id} is of an HTTP API, which cannot refuse TLS 1.2")
    for function, event_id, properties in model.events("Api"):
        yield from _route(model, function, event_id, properties)


def _door(model: Model, name: str, properties: dict) -> Iterator[Finding]:
    if properties.get("SecurityPolicy") != TLS13:
        yield model.at(name, f"SecurityPolicy must be {TLS13}: the others accept TLS 1.2")
    if properties.get("EndpointConfiguration", {}).get("Type") != "REGIONAL":
        yield model.at(name, "EndpointConfiguration must be REGIONAL: the TLS 1.3 policy is for Regional APIs")
    if not properties.get("Auth", {}).get("DefaultAuthorizer"):
        yield model.at(name, "needs a DefaultAuthorizer: a new route must not be open by accident")
    everywhere = [s for s in properties.get("MethodSettings", []) if s.get("ResourcePath") == "/*" and s.get("HttpMethod") == "*"]
    if not any("ThrottlingRateLimit" in s and "ThrottlingBurstLimit" in s for s in everywhere):
        yield model.at(name, "needs throttling for every method (MethodSettings on /*)")


def _log(model: Model, name: str, properties: dict) -> Iterator[Finding]:
    log = properties.get("AccessLogSetting", {})
    if "DestinationArn" not in log or "Format" not in log:
        yield model.at(name, "needs an access log")
    for variable in NOT_LOGGED:
        if variable in str(log.get("Format", "")):
            yield model.at(name, f"the access log must not hold {variable}")


def _route(model: Model, function: str, event_id: str, properties: dict) -> Iterator[Finding]:
    method, path, auth = str(properties.get("Method", "")), properties.get("Path", ""), properties.get("Auth", {})
    if method.lower() in ("any", "x-amazon-apigateway-any-method", "*"):
        yield model.at(function, f"event {event_id}: list the methods one by one")
    if "RestApiId" not in properties:
        yield model.at(function, f"event {event_id}: without RestApiId a second, unprotected API is made")
    is_open = auth.get("Authorizer") == "NONE"
    if is_open and path not in OPEN:
        yield model.at(function, f"event {event_id}: {method.upper()} {path} must not be open")
    if not is_open and not auth.get("AuthorizationScopes"):
        yield model.at(function, f"event {event_id}: {method.upper()} {path} needs AuthorizationScopes")
