"""Nothing is lost: every queue has a dead-letter queue, every consumer says which records failed."""

from typing import Any, Iterator

from model import Finding, Model, as_list, target

FOURTEEN_DAYS = 1_209_600


def check(model: Model) -> Iterator[Finding]:
    queues = dict(model.resources("AWS::SQS::Queue"))
    dead = set(_dead_letter_queues(model))
    for name, body in queues.items():
        properties = body.get("Properties", {})
        if not (properties.get("SqsManagedSseEnabled") or properties.get("KmsMasterKeyId")):
            yield model.at(name, "must be encrypted at rest")
        if name not in _tls_only(model):
            yield model.at(name, "needs a queue policy that denies calls without TLS")
        yield from _dead_letter(model, name, properties) if name in dead else _redrive(model, name, properties, queues)
    for function, event_id, properties in model.events("SQS"):
        yield from _consumer(model, function, event_id, properties, queues)
    for function, event_id, properties in model.events("DynamoDB"):
        yield from _stream(model, function, event_id, properties)


def _dead_letter_queues(model: Model) -> Iterator[str]:
    """Whatever a redrive, a schedule, a stream or a function's failures point at."""
    for _, body in model.resources("AWS::SQS::Queue"):
        yield str(target(body.get("Properties", {}).get("RedrivePolicy", {}).get("deadLetterTargetArn")))
    for _, _, properties in model.functions():
        yield str(target(_on_failure(properties.get("EventInvokeConfig", {}))))
        for event in properties.get("Events", {}).values():
            yield str(target(_on_failure(event.get("Properties", {}))))
            yield str(target(event.get("Properties", {}).get("DeadLetterConfig", {}).get("Arn")))


def _on_failure(holder: dict[str, Any]) -> Any:
    return holder.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")


def _tls_only(model: Model) -> set[str]:
    covered: set[str] = set()
    for _, body in model.resources("AWS::SQS::QueuePolicy"):
        properties = body.get("Properties", {})
        for statement in as_list(properties.get("PolicyDocument", {}).get("Statement")):
            transport = statement.get("Condition", {}).get("Bool", {}).get("aws:SecureTransport")
            if statement.get("Effect") == "Deny" and str(transport).lower() == "false":
                covered |= {str(target(queue)) for queue in properties.get("Queues", [])}
    return covered


def _dead_letter(model: Model, name: str, properties: dict) -> Iterator[Finding]:
    if properties.get("MessageRetentionPeriod") != FOURTEEN_DAYS:
        yield model.at(name, f"is a dead-letter queue: keep its messages {FOURTEEN_DAYS} s (14 days)")
    if "RedriveAllowPolicy" not in properties:
        yield model.at(name, "is a dead-letter queue: RedriveAllowPolicy must say whose")
    for _, alarm in model.resources("AWS::CloudWatch::Alarm"):
        watched = alarm.get("Properties", {})
        queues = [target(d.get("Value")) for d in watched.get("Dimensions", [])]
        if watched.get("MetricName") == "ApproximateNumberOfMessagesVisible" and name in queues:
            return
    yield model.at(name, "is a dead-letter queue without an alarm")


def _redrive(model: Model, name: str, properties: dict, queues: dict) -> Iterator[Finding]:
    redrive = properties.get("RedrivePolicy", {})
    letters = target(redrive.get("deadLetterTargetArn"))
    if letters not in queues:
        yield model.at(name, "has no dead-letter queue")
        return
    if int(redrive.get("maxReceiveCount", 0)) < 5:
        yield model.at(name, "maxReceiveCount must be 5 at least: a throttled poll counts too")
    kept = int(properties.get("MessageRetentionPeriod", 345_600))
    if kept >= int(queues[letters].get("Properties", {}).get("MessageRetentionPeriod", 345_600)):
        yield model.at(name, f"keeps messages as long as {letters}: a dead letter keeps its age, so it would be gone at once")


def _consumer(model: Model, function: str, event_id: str, properties: dict, queues: dict) -> Iterator[Finding]:
    queue = str(target(properties.get("Queue")))
    timeout = next(p.get("Timeout", 3) for n, _, p in model.functions() if n == function)
    visible = int(queues.get(queue, {}).get("Properties", {}).get("VisibilityTimeout", 30))
    if visible < 6 * timeout:
        yield model.at(queue, f"VisibilityTimeout {visible} s must be 6 times the {timeout} s of {function} at least")
    if "ReportBatchItemFailures" not in properties.get("FunctionResponseTypes", []):
        yield model.at(function, f"event {event_id} needs FunctionResponseTypes: [ReportBatchItemFailures]")
    if "MaximumConcurrency" not in properties.get("ScalingConfig", {}):
        yield model.at(function, f"event {event_id} needs ScalingConfig MaximumConcurrency")


def _stream(model: Model, function: str, event_id: str, properties: dict) -> Iterator[Finding]:
    if "ReportBatchItemFailures" not in properties.get("FunctionResponseTypes", []):
        yield model.at(function, f"event {event_id} needs FunctionResponseTypes: [ReportBatchItemFailures]")
    if properties.get("StartingPosition") != "TRIM_HORIZON":
        yield model.at(function, f"event {event_id} must start at TRIM_HORIZON: LATEST misses what is written while it is made")
    for limit in ("MaximumRetryAttempts", "MaximumRecordAgeInSeconds"):
        if int(properties.get(limit, -1)) < 0:
            yield model.at(function, f"event {event_id} needs {limit}: without a limit one record blocks its shard for a day")
    if not properties.get("BisectBatchOnFunctionError"):
        yield model.at(function, f"event {event_id} needs BisectBatchOnFunctionError")
    if not _on_failure(properties):
        yield model.at(function, f"event {event_id} needs an on-failure destination")
    if not properties.get("FilterCriteria", {}).get("Filters"):
        yield model.at(function, f"event {event_id} needs a filter: it would see every change of the table")
