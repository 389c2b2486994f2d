"""Schedules that can be deployed twice, lose no run, and name a time that exists."""

import re
from typing import Iterator
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from model import Finding, Model

# EventBridge Scheduler: minutes, hours, day of month, month, day of week, year.
FIELDS = [("minutes", 0, 59), ("hours", 0, 23), ("day of month", 1, 31), ("month", 1, 12), ("day of week", 1, 7), ("year", 1970, 2199)]
NAMES = {3: "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split(), 4: "SUN MON TUE WED THU FRI SAT".split()}
RATE = re.compile(r"rate\((1 (minute|hour|day)|([2-9]|[1-9]\d+) (minutes|hours|days))\)")


def check(model: Model) -> Iterator[Finding]:
    for function, event_id, properties in model.events("ScheduleV2"):
        for fault in _faults(model, function, properties):
            yield model.at(function, f"schedule {event_id} {fault}")
    for function, event_id, _ in model.events("Schedule"):
        yield model.at(function, f"schedule {event_id} must be a ScheduleV2")


def _faults(model: Model, function: str, properties: dict) -> Iterator[str]:
    if properties.get("OmitName") is not True:
        yield "needs OmitName: true: its name would hold no stack, and a second stack would fail"
    if "Arn" not in properties.get("DeadLetterConfig", {}):
        yield "needs DeadLetterConfig with an Arn"
    if "<aws.scheduler.scheduled-time>" not in str(properties.get("Input", "")):
        yield "must hand over its time: Input with <aws.scheduler.scheduled-time>"
    if not isinstance(properties.get("FlexibleTimeWindow", {}).get("Mode"), str):
        yield "needs FlexibleTimeWindow with a quoted Mode: OFF without quotes is false"
    fault = expression_fault(str(properties.get("ScheduleExpression", "")))
    if fault:
        yield fault
    zone = properties.get("ScheduleExpressionTimezone", "UTC")
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, TypeError, OSError):
        yield f"names a time zone that does not exist: {zone}"
    own = next(p for n, _, p in model.functions() if n == function)
    if not own.get("EventInvokeConfig", {}).get("DestinationConfig", {}).get("OnFailure"):
        yield "starts its function asynchronously: EventInvokeConfig needs an OnFailure destination"


def expression_fault(expression: str) -> str | None:
    """What is wrong with a schedule expression, if anything."""
    if RATE.fullmatch(expression):
        return None
    found = re.fullmatch(r"cron\((.+)\)", expression)
    if not found:
        return f"has an expression that is neither rate(…) nor cron(…): {expression}"
    fields = found.group(1).split()
    if len(fields) != 6:
        return f"has a cron expression of {len(fields)} fields instead of 6: {expression}"
    if (fields[2] == "?") == (fields[4] == "?"):
        return f"must leave either the day of month or the day of week open with ?: {expression}"
    for place, (text, (name, low, high)) in enumerate(zip(fields, FIELDS)):
        if not all(_fits(part, place, low, high) for part in text.split(",")):
            return f"has {name} that do not exist: {text}"
    return None


def _fits(part: str, place: int, low: int, high: int) -> bool:
    if part == "?":
        return place in (2, 4)
    if place in (2, 4) and re.fullmatch(r"L|LW|\d+W|\d+L|\d+#[1-5]", part):
        return True
    span, _, step = part.partition("/")
    if step and not (step.isdigit() and int(step) > 0):
        return False
    if span == "*":
        return True
    return all(_value(value, place, low, high) for value in span.split("-", 1))


def _value(value: str, place: int, low: int, high: int) -> bool:
    return value in NAMES.get(place, []) or (value.isdigit() and low <= int(value) <= high)
