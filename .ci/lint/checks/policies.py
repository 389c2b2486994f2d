"""Least privilege: no wildcard action, `*` as a resource only where nothing can be named, one role a function."""

from typing import Any, Iterator

from model import Finding, Model, as_list, target

# (resource, statement): why nothing narrower can be said.
WILDCARD_RESOURCES = {
    ("DataKey", "Administration"): "in a key's own policy * is that key",
    ("DataKey", "ThroughTheTableAndTheSecrets"): "in a key's own policy * is that key",
}

# (role, policy): why a policy of AWS is attached.
MANAGED_POLICIES = {
    ("ApiGatewayLogsRole", "AmazonAPIGatewayPushToCloudWatchLogs"): "API Gateway refuses a role that grants less",
}


def check(model: Model) -> Iterator[Finding]:
    for name, body in model.cfn["Resources"].items():
        for statement in _statements(body):
            yield from _statement(model, name, statement)
        for managed in as_list(body.get("Properties", {}).get("ManagedPolicyArns")):
            policy = str(managed.get("Fn::Sub") if isinstance(managed, dict) else managed).rsplit("/", 1)[-1]
            if (name, policy) not in MANAGED_POLICIES:
                yield model.at(name, f"attaches the managed policy {policy}: write out what is needed")
    yield from _own_roles(model)


def _statements(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The statements of every policy document of a resource, trust policies left out."""
    properties = body.get("Properties", {})
    documents = [properties.get("PolicyDocument"), properties.get("KeyPolicy"), properties.get("ResourcePolicy")]
    documents += [policy.get("PolicyDocument") for policy in properties.get("Policies", []) if isinstance(policy, dict)]
    for document in documents:
        if isinstance(document, dict):
            yield from as_list(document.get("Statement"))


def _statement(model: Model, name: str, statement: dict[str, Any]) -> Iterator[Finding]:
    if statement.get("Effect") != "Allow":
        return
    sid = statement.get("Sid", "a statement without Sid")
    for action in as_list(statement.get("Action")):
        if "*" in str(action):
            yield model.at(name, f"{sid}: wildcard action {action}")
    if "NotAction" in statement or "NotResource" in statement:
        yield model.at(name, f"{sid}: NotAction and NotResource allow what nobody has listed")
    if "*" in as_list(statement.get("Resource")) and (name, sid) not in WILDCARD_RESOURCES:
        yield model.at(name, f"{sid}: resource * where one can be named")
    if "*" in [*as_list(statement.get("Principal")), *as_list(_aws(statement))] and "Condition" not in statement:
        yield model.at(name, f"{sid}: anybody, without a condition")


def _aws(statement: dict[str, Any]) -> Any:
    principal = statement.get("Principal")
    return principal.get("AWS") if isinstance(principal, dict) else None


def _own_roles(model: Model) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for name, _, properties in model.functions():
        role = str(target(properties.get("Role")))
        if "Policies" in properties:
            yield model.at(name, "has Policies besides its Role, which the translator ignores")
        if role in seen:
            yield model.at(name, f"shares {role} with {seen[role]}")
        seen[role] = name
