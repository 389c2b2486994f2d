"""Breaks the template in each way that a check looks for, and sees the check fail.

Run from anywhere: python -m unittest discover -s .ci/lint/tests
"""

from __future__ import annotations

import copy
import json
import shutil
import sys
import tempfile
import unittest
from dataclasses import replace
from pathlib import Path
from typing import Any, Callable

LINT = Path(__file__).resolve().parents[1]
ROOT = LINT.parents[1]
sys.path.insert(0, str(LINT))

import checks  # noqa: E402
import lint  # noqa: E402
from checks import alarms, api, contract, events, functions, policies, queues, schedules, secrets, storage  # noqa: E402
from model import CannotTranslate, Model, translate  # noqa: E402

WHOLE = Model.read(ROOT)
# The folders are looked at where the lint itself runs; here they are what the template says.
WHOLE.folders = {word for _, word, _ in WHOLE.functions()}


def broken(change: Callable[[dict[str, Any]], Any], *, translated: bool = False) -> Model:
    """The model after a change to the template."""
    sam = copy.deepcopy(WHOLE.sam)
    change(sam)
    return replace(WHOLE, sam=sam, cfn=translate(sam) if translated else WHOLE.cfn)


def properties(sam: dict[str, Any], name: str) -> dict[str, Any]:
    return sam["Resources"][name]["Properties"]


def event(sam: dict[str, Any], function: str, name: str) -> dict[str, Any]:
    return properties(sam, function)["Events"][name]["Properties"]


class Checks(unittest.TestCase):
    def finds(self, check: Callable, model: Model, *words: str) -> None:
        """The check tells of a fault with all these words."""
        found = [str(finding) for finding in check(model)]
        self.assertTrue(any(all(word in text for word in words) for text in found), f"no fault with {words} in {found}")

    def finds_after(self, check: Callable, change: Callable, *words: str, translated: bool = False) -> None:
        self.finds(check, broken(change, translated=translated), *words)


class TheTreeItself(unittest.TestCase):
    def test_has_no_faults(self) -> None:
        for check in checks.ALL:
            with self.subTest(check.__module__):
                self.assertEqual([], [str(finding) for finding in check(WHOLE)])

    def test_findings_name_the_line(self) -> None:
        finding = WHOLE.at("OrdersFunction", "fault")
        self.assertEqual(WHOLE.text.splitlines()[finding.line - 1], "  OrdersFunction:")


class Functions(Checks):
    def test_build_method(self) -> None:
        self.finds_after(functions.check, lambda sam: sam["Resources"]["OrdersFunction"]["Metadata"].pop("BuildMethod"), "OrdersFunction", "rust-cargolambda")

    def test_binary(self) -> None:
        self.finds_after(functions.check, lambda sam: sam["Resources"]["OrdersFunction"]["Metadata"].pop("BuildProperties"), "needs Metadata BuildProperties Binary")

    def test_folder(self) -> None:
        self.finds(functions.check, replace(WHOLE, folders=WHOLE.folders - {"orders"}), "OrdersFunction", "functions/orders does not exist")

    def test_folder_without_function(self) -> None:
        self.finds(functions.check, replace(WHOLE, folders=WHOLE.folders | {"forgotten"}), "functions/forgotten", "is not in template.yaml")

    def test_name(self) -> None:
        self.finds_after(functions.check, lambda sam: sam["Resources"].update(BuyFunction=sam["Resources"].pop("OrdersFunction")), "must be called OrdersFunction")

    def test_log_group(self) -> None:
        self.finds_after(functions.check, lambda sam: properties(sam, "OrdersFunction").update(LoggingConfig={"LogGroup": {"Ref": "EsimsLogGroup"}}), "must log to OrdersLogGroup")

    def test_log_group_name(self) -> None:
        self.finds_after(functions.check, lambda sam: properties(sam, "OrdersLogGroup").update(LogGroupName={"Fn::Sub": "/aws/lambda/other"}), "OrdersLogGroup", "must end with /orders")

    def test_role(self) -> None:
        self.finds_after(functions.check, lambda sam: properties(sam, "OrdersFunction").update(Role={"Fn::GetAtt": ["EsimsRole", "Arn"]}), "OrdersRole")

    def test_longer_than_the_gateway_waits(self) -> None:
        self.finds_after(functions.check, lambda sam: properties(sam, "OrdersFunction").update(Timeout=30), "API Gateway gives up")


class Api(Checks):
    def test_tls_1_2(self) -> None:
        self.finds_after(api.check, lambda sam: properties(sam, "Api").update(SecurityPolicy="SecurityPolicy_TLS13_1_2_2021_06"), "accept TLS 1.2")

    def test_edge_optimised(self) -> None:
        self.finds_after(api.check, lambda sam: properties(sam, "Api").update(EndpointConfiguration={"Type": "EDGE"}), "REGIONAL")

    def test_no_default_authorizer(self) -> None:
        self.finds_after(api.check, lambda sam: properties(sam, "Api")["Auth"].pop("DefaultAuthorizer"), "DefaultAuthorizer")

    def test_open_route(self) -> None:
        self.finds_after(api.check, lambda sam: event(sam, "OrdersFunction", "Create").update(Auth={"Authorizer": "NONE"}), "POST /orders must not be open")

    def test_no_scope(self) -> None:
        self.finds_after(api.check, lambda sam: event(sam, "OrdersFunction", "Get").update(Auth={"Authorizer": "Cognito"}), "needs AuthorizationScopes")

    def test_any_method(self) -> None:
        self.finds_after(api.check, lambda sam: event(sam, "WebhooksFunction", "Provider").update(Method="any"), "list the methods")

    def test_implicit_api(self) -> None:
        self.finds_after(api.check, lambda sam: event(sam, "OrdersFunction", "Get").pop("RestApiId"), "RestApiId")

    def test_no_throttling(self) -> None:
        self.finds_after(api.check, lambda sam: properties(sam, "Api").pop("MethodSettings"), "throttling")

    def test_source_address_in_the_log(self) -> None:
        self.finds_after(api.check, lambda sam: properties(sam, "Api")["AccessLogSetting"].update(Format='{"ip":"$context.identity.sourceIp"}'), "must not hold sourceIp")

    def test_no_log(self) -> None:
        self.finds_after(api.check, lambda sam: properties(sam, "Api").pop("AccessLogSetting"), "access log")

    def test_http_api(self) -> None:
        self.finds_after(api.check, lambda sam: sam["Resources"].update(Other={"Type": "AWS::Serverless::HttpApi"}), "Other", "TLS 1.2")


class Queues(Checks):
    def test_no_dead_letter_queue(self) -> None:
        self.finds_after(queues.check, lambda sam: properties(sam, "NotifierQueue").pop("RedrivePolicy"), "NotifierQueue", "no dead-letter queue")

    def test_dead_letters_without_alarm(self) -> None:
        for name in ("FulfilmentDlq", "NotifierDlq", "RelayDlq", "ScheduleDlq", "FailureDlq"):
            with self.subTest(name):
                self.finds_after(queues.check, lambda sam: sam["Resources"].pop(f"{name}Alarm"), name, "without an alarm")

    def test_dead_letters_kept_too_short(self) -> None:
        self.finds_after(queues.check, lambda sam: properties(sam, "RelayDlq").update(MessageRetentionPeriod=345600), "RelayDlq", "14 days")

    def test_dead_letters_of_anybody(self) -> None:
        self.finds_after(queues.check, lambda sam: properties(sam, "RelayDlq").pop("RedriveAllowPolicy"), "RedriveAllowPolicy")

    def test_messages_outlive_their_dead_letters(self) -> None:
        self.finds_after(queues.check, lambda sam: properties(sam, "NotifierQueue").update(MessageRetentionPeriod=1209600), "as long as NotifierDlq")

    def test_visibility(self) -> None:
        self.finds_after(queues.check, lambda sam: properties(sam, "FulfilmentQueue").update(VisibilityTimeout=359), "FulfilmentQueue", "359")

    def test_receive_count(self) -> None:
        self.finds_after(queues.check, lambda sam: properties(sam, "FulfilmentQueue")["RedrivePolicy"].update(maxReceiveCount=4), "maxReceiveCount")

    def test_whole_batch_fails(self) -> None:
        self.finds_after(queues.check, lambda sam: event(sam, "NotifierFunction", "Work").pop("FunctionResponseTypes"), "NotifierFunction", "ReportBatchItemFailures")
        self.finds_after(queues.check, lambda sam: event(sam, "RelayFunction", "Outbox").update(FunctionResponseTypes=["ReportBatchItemFailure"]), "RelayFunction", "ReportBatchItemFailures")

    def test_no_concurrency(self) -> None:
        self.finds_after(queues.check, lambda sam: event(sam, "NotifierFunction", "Work").pop("ScalingConfig"), "MaximumConcurrency")

    def test_plain_transport(self) -> None:
        self.finds_after(queues.check, lambda sam: properties(sam, "QueuesTlsOnly")["Queues"].remove({"Ref": "ScheduleDlq"}), "ScheduleDlq", "without TLS")

    def test_not_encrypted(self) -> None:
        self.finds_after(queues.check, lambda sam: properties(sam, "ScheduleDlq").pop("SqsManagedSseEnabled"), "ScheduleDlq", "encrypted")

    def test_stream(self) -> None:
        for setting, word in [("MaximumRetryAttempts",) * 2, ("MaximumRecordAgeInSeconds",) * 2, ("BisectBatchOnFunctionError",) * 2, ("DestinationConfig", "on-failure"), ("FilterCriteria", "filter"), ("StartingPosition", "TRIM_HORIZON")]:
            with self.subTest(setting):
                self.finds_after(queues.check, lambda sam: event(sam, "RelayFunction", "Outbox").pop(setting), "RelayFunction", word)


class Schedules(Checks):
    def test_settings(self) -> None:
        for setting, word in [("OmitName",) * 2, ("DeadLetterConfig",) * 2, ("Input", "scheduled-time"), ("FlexibleTimeWindow",) * 2]:
            with self.subTest(setting):
                self.finds_after(schedules.check, lambda sam: event(sam, "RetentionFunction", "Nightly").pop(setting), "RetentionFunction", word)

    def test_unquoted_off(self) -> None:
        self.finds_after(schedules.check, lambda sam: event(sam, "RetentionFunction", "Nightly").update(FlexibleTimeWindow={"Mode": False}), "OFF")

    def test_time_zone(self) -> None:
        self.finds_after(schedules.check, lambda sam: event(sam, "RetentionFunction", "Nightly").update(ScheduleExpressionTimezone="Europe/Pariss"), "Europe/Pariss")

    def test_expression(self) -> None:
        self.finds_after(schedules.check, lambda sam: event(sam, "RetentionFunction", "Nightly").update(ScheduleExpression="cron(15 25 * * ? *)"), "hours that do not exist")

    def test_failed_runs_go_nowhere(self) -> None:
        self.finds_after(schedules.check, lambda sam: properties(sam, "RetentionFunction").pop("EventInvokeConfig"), "OnFailure")

    def test_old_kind(self) -> None:
        self.finds_after(schedules.check, lambda sam: properties(sam, "RetentionFunction")["Events"]["Nightly"].update(Type="Schedule"), "ScheduleV2")

    def test_good_expressions(self) -> None:
        for text in ("rate(1 minute)", "rate(5 minutes)", "cron(15 3 * * ? *)", "cron(0/15 8-17 ? * MON-FRI *)", "cron(0 9 L * ? 2027)", "cron(0 9 ? * 2#1 *)"):
            with self.subTest(text):
                self.assertIsNone(schedules.expression_fault(text))

    def test_bad_expressions(self) -> None:
        for text in ("rate(1 minutes)", "rate(5 minute)", "rate(0 minutes)", "cron(15 3 * * *)", "cron(15 3 * * * *)", "cron(15 3 ? * ? *)", "cron(60 3 * * ? *)", "cron(0 3 * FOO ? *)", "every day"):
            with self.subTest(text):
                self.assertIsNotNone(schedules.expression_fault(text))


class Policies(Checks):
    def statement(self, sam: dict[str, Any]) -> dict[str, Any]:
        return properties(sam, "OrdersRole")["Policies"][0]["PolicyDocument"]["Statement"][1]

    def test_wildcard_action(self) -> None:
        self.finds_after(policies.check, lambda sam: self.statement(sam).update(Action=["dynamodb:*"]), "OrdersRole", "wildcard action", translated=True)

    def test_wildcard_resource(self) -> None:
        self.finds_after(policies.check, lambda sam: self.statement(sam).update(Resource="*"), "OrdersRole", "resource *", translated=True)

    def test_not_action(self) -> None:
        self.finds_after(policies.check, lambda sam: self.statement(sam).update(NotAction=self.statement(sam).pop("Action")), "NotAction", translated=True)

    def test_key_for_anybody(self) -> None:
        def change(sam: dict[str, Any]) -> None:
            properties(sam, "DataKey")["KeyPolicy"]["Statement"][1].pop("Condition")
        self.finds_after(policies.check, change, "DataKey", "anybody", translated=True)

    def test_managed_policy(self) -> None:
        self.finds_after(policies.check, lambda sam: properties(sam, "OrdersRole").update(ManagedPolicyArns=["arn:aws:iam::aws:policy/AdministratorAccess"]), "AdministratorAccess", translated=True)

    def test_shared_role(self) -> None:
        self.finds_after(policies.check, lambda sam: properties(sam, "OrdersFunction").update(Role={"Fn::GetAtt": ["EsimsRole", "Arn"]}), "shares EsimsRole")

    def test_role_written_by_the_translator(self) -> None:
        # Without a role of ours the translator attaches AWS's own policies, which name no resource.
        self.finds_after(policies.check, lambda sam: properties(sam, "FulfilmentFunction").pop("Role"), "AWSLambdaSQSQueueExecutionRole", translated=True)

    def test_ignored_policies(self) -> None:
        self.finds_after(policies.check, lambda sam: properties(sam, "OrdersFunction").update(Policies=[]), "ignores")


class Storage(Checks):
    def test_table(self) -> None:
        for setting, word in [("BillingMode",) * 2, ("DeletionProtectionEnabled",) * 2, ("PointInTimeRecoverySpecification", "point-in-time"), ("SSESpecification", "own key"), ("TimeToLiveSpecification", "TTL"), ("StreamSpecification", "stream")]:
            with self.subTest(setting):
                self.finds_after(storage.check, lambda sam: properties(sam, "Table").pop(setting), "Table", word)

    def test_not_retained(self) -> None:
        for name in ("Table", "DataKey", "SealingKeys", "IndexKey", "UserPool", "DropBucket"):
            for policy in ("DeletionPolicy", "UpdateReplacePolicy"):
                with self.subTest(name=name, policy=policy):
                    self.finds_after(storage.check, lambda sam: sam["Resources"][name].pop(policy), name, policy)

    def test_bucket(self) -> None:
        for setting, word in [("BucketEncryption", "own key"), ("PublicAccessBlockConfiguration", "public"), ("OwnershipControls", "BucketOwnerEnforced"), ("LifecycleConfiguration", "for ever")]:
            with self.subTest(setting):
                self.finds_after(storage.check, lambda sam: properties(sam, "DropBucket").pop(setting), "DropBucket", word)
        self.finds_after(storage.check, lambda sam: sam["Resources"].pop("DropBucketPolicy"), "DropBucket", "TLS")
        self.finds_after(storage.check, lambda sam: properties(sam, "DropBucketPolicy")["PolicyDocument"]["Statement"].clear(), "DropBucket", "TLS")
        self.finds_after(storage.check, lambda sam: properties(sam, "DropBucket")["PublicAccessBlockConfiguration"].update(BlockPublicPolicy=False), "DropBucket", "public")

    def test_key_rotation(self) -> None:
        self.finds_after(storage.check, lambda sam: properties(sam, "DataKey").pop("EnableKeyRotation"), "EnableKeyRotation")

    def test_logs_for_ever(self) -> None:
        self.finds_after(storage.check, lambda sam: properties(sam, "ApiLogGroup").pop("RetentionInDays"), "ApiLogGroup", "RetentionInDays")


class Secrets(Checks):
    def variables(self, sam: dict[str, Any]) -> dict[str, Any]:
        return properties(sam, "OrdersFunction")["Environment"]["Variables"]

    def test_parameter(self) -> None:
        self.finds_after(secrets.check, lambda sam: sam["Parameters"].update(AiraloClientSecret={"Type": "String"}), "AiraloClientSecret")

    def test_default(self) -> None:
        self.finds_after(secrets.check, lambda sam: sam["Parameters"]["PublicBaseUrl"].update(Default="SG.abcdefgh12345678"), "PublicBaseUrl", "looks like a secret")

    def test_literal(self) -> None:
        self.finds_after(secrets.check, lambda sam: self.variables(sam).update(SENDGRID_API_KEY="x"), "SENDGRID_API_KEY", "literal")

    def test_value(self) -> None:
        self.finds_after(secrets.check, lambda sam: self.variables(sam).update(AIRALO="a8Kd02mfkQ71lsPq0Zx93nBv7Rt5Yu2W"), "AIRALO", "looks like a secret")

    def test_resolved(self) -> None:
        self.finds_after(secrets.check, lambda sam: self.variables(sam).update(INDEX={"Fn::Sub": "{{resolve:secretsmanager:${IndexKey}}}"}), "INDEX", "environment")

    def test_secret_string(self) -> None:
        self.finds_after(secrets.check, lambda sam: properties(sam, "IndexKey").update(SecretString="x"), "IndexKey", "GenerateSecretString")


class Alarms(Checks):
    def change(self, **values: Any) -> Callable:
        return lambda sam: properties(sam, "ApiLatencyAlarm").update(values)

    def test_percentile(self) -> None:
        self.finds_after(alarms.check, self.change(ExtendedStatistic="P95th"), "P95th")

    def test_two_statistics(self) -> None:
        self.finds_after(alarms.check, self.change(Statistic="Average"), "both")

    def test_http_api_metric(self) -> None:
        self.finds_after(alarms.check, self.change(MetricName="5xx"), "5xx is not a metric")

    def test_http_api_dimension(self) -> None:
        self.finds_after(alarms.check, self.change(Dimensions=[{"Name": "ApiId", "Value": {"Ref": "Api"}}]), "ApiName")

    def test_metric_math(self) -> None:
        self.finds_after(alarms.check, self.change(Metrics=[]), "metric math")

    def test_missing_data(self) -> None:
        self.finds_after(alarms.check, self.change(TreatMissingData="missing"), "TreatMissingData")

    def test_nobody_told(self) -> None:
        self.finds_after(alarms.check, lambda sam: properties(sam, "ApiLatencyAlarm").pop("AlarmActions"), "AlarmActions")

    def test_errors_unseen(self) -> None:
        self.finds_after(alarms.check, lambda sam: sam["Resources"].pop("OrdersErrorsAlarm"), "OrdersFunction", "no alarm")

    def test_age_unseen(self) -> None:
        self.finds_after(alarms.check, lambda sam: sam["Resources"].pop("NotifierQueueAgeAlarm"), "NotifierQueue", "oldest message")

    def test_server_errors_unseen(self) -> None:
        self.finds_after(alarms.check, lambda sam: sam["Resources"].pop("ApiServerErrorsAlarm"), "no alarm on 5XXError")


class Contract(Checks):
    def described(self, change: Callable[[dict[str, Any]], Any]) -> Model:
        document = copy.deepcopy(WHOLE.contract)
        change(document)
        return replace(WHOLE, contract=document)

    def finds_described(self, change: Callable, *words: str) -> None:
        self.finds(contract.check, self.described(change), *words)

    def test_not_openapi(self) -> None:
        self.finds_described(lambda d: d["paths"]["/orders"]["post"].pop("responses"), "responses")

    def test_route_not_described(self) -> None:
        self.finds_described(lambda d: d["paths"].pop("/esims/{esim_id}/usage"), "GET /esims/{esim_id}/usage is not in openapi.yaml")

    def test_route_not_deployed(self) -> None:
        self.finds_after(contract.check, lambda sam: properties(sam, "EsimsFunction")["Events"].pop("Usage"), "/esims/{esim_id}/usage", "is not in template.yaml")

    def test_other_scopes(self) -> None:
        self.finds_described(lambda d: d["paths"]["/orders"]["post"].update(security=[{"oauth": ["passerelle/orders.read"]}]), "POST /orders asks for")

    def test_open_in_one_only(self) -> None:
        self.finds_described(lambda d: d["paths"]["/orders"]["post"].update(security=[]), "POST /orders asks for")

    def test_unknown_scope(self) -> None:
        self.finds_described(lambda d: d["components"]["securitySchemes"]["oauth"]["flows"]["clientCredentials"]["scopes"].pop("passerelle/orders.write"), "resource server")
        self.finds_after(contract.check, lambda sam: properties(sam, "UserPoolClient")["AllowedOAuthScopes"].append("passerelle/everything"), "passerelle/everything")

    def test_version(self) -> None:
        self.finds_described(lambda d: d.update(openapi="3.0.4"), "3.0.3")

    def test_importers_cannot_read(self) -> None:
        self.finds_described(lambda d: d["components"]["schemas"]["Order"].update(oneOf=[{"type": "object"}]), "oneOf")
        self.finds_described(lambda d: d["components"]["schemas"]["Order"].pop("properties"), "Order", "without properties")
        self.finds_described(lambda d: d["servers"][0].update(url="/v1"), "https")
        self.finds_described(lambda d: d["paths"]["/orders"]["post"].update(operationId="place_order"), "operationId")
        self.finds_described(lambda d: d["paths"]["/orders"]["post"]["requestBody"]["content"].update({"text/plain": {"schema": {"type": "string"}}}), "application/json only")

    def test_key_not_required(self) -> None:
        def change(document: dict[str, Any]) -> None:
            document["components"]["parameters"]["IdempotencyKey"]["required"] = False
        self.finds_described(change, "/esims/{esim_id}/topup", "X-Idempotency-Key")

    def test_example_breaks_its_schema(self) -> None:
        def change(document: dict[str, Any]) -> None:
            media = document["paths"]["/orders"]["post"]["responses"]["201"]["content"]["application/json"]
            media["example"]["status"] = "bought"
        self.finds_described(change, "an example breaks its schema at status")

    def test_no_example(self) -> None:
        self.finds_described(lambda d: d["paths"]["/orders"]["post"]["requestBody"]["content"]["application/json"].pop("example"), "without an example")

    def test_problem_without_document(self) -> None:
        def change(document: dict[str, Any]) -> None:
            document["components"]["responses"]["NotFound"]["content"] = {"text/plain": {"schema": {"type": "string"}, "example": "no"}}
        self.finds_described(change, "404 must be an application/problem+json")

    def test_report_only_where_it_is_one(self) -> None:
        def change(document: dict[str, Any]) -> None:
            health = document["paths"]["/health"]["get"]["responses"]["503"]
            health["content"] = document["components"]["responses"]["Unavailable"]["content"]
        self.finds_described(change, "503 must be an application/json")

    def test_no_retry_after(self) -> None:
        self.finds_described(lambda d: d["components"]["responses"]["Throttled"]["headers"].pop("Retry-After"), "429 needs the header Retry-After")


class Events(Checks):
    def setUp(self) -> None:
        self.root = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.root, ignore_errors=True)
        shutil.copytree(ROOT / "events", self.root / "events")
        self.model = replace(WHOLE, root=self.root)

    def edit(self, name: str, change: Callable[[dict[str, Any]], Any]) -> None:
        path = self.root / "events" / name
        value = json.loads(path.read_text(encoding="utf-8"))
        change(value)
        path.write_text(json.dumps(value), encoding="utf-8")

    def test_not_json(self) -> None:
        (self.root / "events/orders/get.json").write_text("{", encoding="utf-8")
        self.finds(events.check, self.model, "events/orders/get.json", "is not JSON")

    def test_strange_folder(self) -> None:
        shutil.copytree(self.root / "events/orders", self.root / "events/order")
        self.finds(events.check, self.model, "events/order/get.json", "events/<function>/")

    def test_function_without_event(self) -> None:
        shutil.rmtree(self.root / "events/relay")
        self.finds(events.check, self.model, "events/relay", "no sample event")

    def test_unknown_route(self) -> None:
        self.edit("orders/get.json", lambda e: e.update(httpMethod="DELETE"))
        self.finds(events.check, self.model, "DELETE /orders/{order_id} is no route")

    def test_no_scope(self) -> None:
        self.edit("orders/create.json", lambda e: e["requestContext"]["authorizer"]["claims"].update(scope="passerelle/orders.read"))
        self.finds(events.check, self.model, "events/orders/create.json", "scope is missing")

    def test_claims_on_an_open_route(self) -> None:
        self.edit("webhooks/head.json", lambda e: e["requestContext"].update(authorizer={"claims": {"scope": "x"}}))
        self.finds(events.check, self.model, "events/webhooks/head.json", "cannot have claims")

    def test_path_and_parameters_differ(self) -> None:
        self.edit("orders/get.json", lambda e: e["pathParameters"].update(order_id="ord_other"))
        self.finds(events.check, self.model, "events/orders/get.json", "ord_other")

    def test_wrong_source(self) -> None:
        self.edit("notifier/batch-with-poison.json", lambda e: e["Records"][0].update(eventSource="aws:sns"))
        self.finds(events.check, self.model, "events/notifier", "aws:sqs")

    def test_schedule_with_an_envelope(self) -> None:
        self.edit("retention/nightly.json", lambda e: e.update(source="aws.events"))
        self.finds(events.check, self.model, "events/retention/nightly.json", "nothing else")


class Linter(unittest.TestCase):
    def test_reads_the_translated_template(self) -> None:
        # cfn-lint says nothing of this on the template as written.
        model = broken(lambda sam: event(sam, "NotifierFunction", "Work").update(ScalingConfig={"MaximumConcurrency": 1}), translated=True)
        found = [str(finding) for finding in lint.linted(model)]
        self.assertTrue(any("MaximumConcurrency" in text for text in found), found)

    def test_translator_refuses(self) -> None:
        with self.assertRaises(CannotTranslate):
            broken(lambda sam: event(sam, "OrdersFunction", "Get").pop("Path"), translated=True)


if __name__ == "__main__":
    unittest.main()
