"""Sample events: valid JSON, in a folder named after a function, and of the kind that this function is fed with."""

import json
import re
from pathlib import Path
from typing import Any, Iterator

from model import Finding, Model

QUEUE_SOURCES = {"SQS": "aws:sqs", "DynamoDB": "aws:dynamodb"}


def check(model: Model) -> Iterator[Finding]:
    fed = {word: properties.get("Events", {}) for _, word, properties in model.functions()}
    found: dict[str, int] = {}
    for path in sorted((model.root / "events").glob("**/*.json")):
        name = str(path.relative_to(model.root))
        word = path.parent.name
        if path.parent.parent != model.root / "events" or word not in fed:
            yield Finding(name, 1, "must stand in events/<function>/")
            continue
        found[word] = found.get(word, 0) + 1
        yield from _file(name, path, fed[word])
    for word in sorted(fed.keys() - found.keys()):
        yield Finding(f"events/{word}", 1, "has no sample event")


def _file(name: str, path: Path, sources: dict[str, Any]) -> Iterator[Finding]:
    try:
        event = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        yield Finding(name, getattr(error, "lineno", 1), f"is not JSON: {error}")
        return
    fault = event_fault(event, sources)
    if fault:
        yield Finding(name, 1, fault)


def event_fault(event: Any, sources: dict[str, Any]) -> str | None:
    """What is wrong with an event for a function that has these event sources."""
    if not isinstance(event, dict):
        return "must be a JSON object"
    kinds = {source.get("Type") for source in sources.values()}
    if "Api" in kinds:
        return _call_fault(event, sources)
    if kinds & QUEUE_SOURCES.keys():
        wanted = {QUEUE_SOURCES[kind] for kind in kinds & QUEUE_SOURCES.keys()}
        records = event.get("Records") or [{}]
        return None if all(record.get("eventSource") in wanted for record in records) else f"must hold Records of {sorted(wanted)}"
    if "ScheduleV2" in kinds:
        valid = set(event) == {"time"} and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", str(event["time"]))
        return None if valid else "must be what the schedule hands over: a time in UTC and nothing else"
    return None


def _call_fault(event: dict[str, Any], sources: dict[str, Any]) -> str | None:
    for source in sources.values():
        properties = source.get("Properties", {})
        if (str(properties.get("Method")).upper(), properties.get("Path")) == (event.get("httpMethod"), event.get("resource")):
            break
    else:
        return f"{event.get('httpMethod')} {event.get('resource')} is no route of this function"
    is_open = properties.get("Auth", {}).get("Authorizer") == "NONE"
    claims = event.get("requestContext", {}).get("authorizer", {}).get("claims", {})
    if not is_open and not set(properties["Auth"]["AuthorizationScopes"]) <= set(str(claims.get("scope", "")).split()):
        return "its token would not get past the authorizer: the scope is missing"
    if is_open and claims:
        return "is of an open route and cannot have claims"
    path = str(event.get("resource"))
    for parameter, value in (event.get("pathParameters") or {}).items():
        path = path.replace("{" + parameter + "}", value)
    return None if path == event.get("path") else f"its path is {event.get('path')}, its parameters make {path}"
