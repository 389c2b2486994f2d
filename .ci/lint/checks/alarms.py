"""Alarms that can fire: names that CloudWatch knows for the kind of thing that is watched."""

import re
from typing import Iterator

from model import Finding, Model, target

# A REST API's metrics; an HTTP API's `4xx` and `5xx` are never written for it.
REST_METRICS = {"4XXError", "5XXError", "Count", "Latency", "IntegrationLatency", "CacheHitCount", "CacheMissCount"}


def check(model: Model) -> Iterator[Finding]:
    watched: set[tuple[str, str]] = set()
    for name, body in model.resources("AWS::CloudWatch::Alarm"):
        properties = body.get("Properties", {})
        for fault in _faults(properties):
            yield model.at(name, fault)
        for dimension in properties.get("Dimensions", []):
            watched.add((str(properties.get("MetricName")), str(target(dimension.get("Value")))))
    for function, _, _ in model.functions():
        if ("Errors", function) not in watched:
            yield model.at(function, "has no alarm on its Errors")
    for _, _, properties in model.events("SQS"):
        queue = str(target(properties.get("Queue")))
        if ("ApproximateAgeOfOldestMessage", queue) not in watched:
            yield model.at(queue, "has no alarm on the age of its oldest message")
    metrics = {metric for metric, _ in watched}
    for metric in ("5XXError", "Latency"):
        if metric not in metrics:
            yield model.at("Api", f"has no alarm on {metric}")


def _faults(properties: dict) -> Iterator[str]:
    extended = properties.get("ExtendedStatistic")
    if extended is not None and not re.fullmatch(r"p(\d{1,2}(\.\d+)?|100)", str(extended)):
        yield f"ExtendedStatistic {extended} must be written like p95"
    if extended is not None and "Statistic" in properties:
        yield "has both Statistic and ExtendedStatistic"
    if "Metrics" in properties:
        yield "uses metric math, which the local AWS does not deploy"
    if properties.get("TreatMissingData") != "notBreaching":
        yield "needs TreatMissingData: notBreaching"
    if "AlarmActions" not in properties:
        yield "tells nobody: needs AlarmActions"
    if properties.get("Namespace") == "AWS/ApiGateway":
        if properties.get("MetricName") not in REST_METRICS:
            yield f"{properties.get('MetricName')} is not a metric of a REST API"
        if "ApiName" not in [d.get("Name") for d in properties.get("Dimensions", [])]:
            yield "a REST API's metrics have the dimension ApiName"
