"""Breaks the contract in each way that an importer would trip over, and sees the check fail."""

from __future__ import annotations

import copy
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, Callable

sys.path.insert(0, str(Path(__file__).resolve().parent))

from test_checks import WHOLE, Checks  # noqa: E402

from checks import importers  # noqa: E402


def schema(document: dict[str, Any], name: str) -> dict[str, Any]:
    return document["components"]["schemas"][name]


class Importers(Checks):
    def trips_over(self, change: Callable[[dict[str, Any]], Any], *words: str) -> None:
        document = copy.deepcopy(WHOLE.contract)
        change(document)
        self.finds(importers.check, replace(WHOLE, contract=document), *words)

    def test_the_contract_as_it_is(self) -> None:
        self.assertEqual([], [str(finding) for finding in importers.check(WHOLE)])

    def test_webhooks_of_openapi_31(self) -> None:
        self.trips_over(lambda document: document.update(webhooks={}), "OpenAPI 3.1")

    def test_names_that_differ_in_case_only(self) -> None:
        self.trips_over(lambda document: document["components"]["schemas"].update(ORDER=schema(document, "Order")), "ORDER", "case only")

    def test_reserved_operation(self) -> None:
        self.trips_over(lambda document: document["paths"]["/orders"]["post"].update(operationId="new"), "/orders", "operationId")

    def test_reserved_parameter(self) -> None:
        self.trips_over(lambda document: document["components"]["parameters"]["OrderId"].update(name="target"), "the parameter target", "cannot use")

    def test_parameter_that_is_a_list(self) -> None:
        self.trips_over(lambda document: document["components"]["parameters"]["OrderId"].update(schema={"type": "array", "items": {"type": "string"}}), "not one plain value")

    def test_parameter_without_help(self) -> None:
        self.trips_over(lambda document: document["components"]["parameters"]["EsimId"].pop("description"), "esim_id", "no description")

    def test_object_without_properties_inside_another(self) -> None:
        self.trips_over(lambda document: schema(document, "Esim")["properties"].update(install={"type": "object"}), "Esim.install", "without properties")

    def test_list_of_anything(self) -> None:
        self.trips_over(lambda document: schema(document, "Offers")["properties"]["offers"].pop("items"), "Offers.offers", "nobody knows what")

    def test_type_that_is_a_list(self) -> None:
        self.trips_over(lambda document: schema(document, "Usage")["properties"]["data_total_mb"].update(type=["integer", "null"]), "data_total_mb", "one type")

    def test_newer_keyword(self) -> None:
        self.trips_over(lambda document: schema(document, "Usage").update(patternProperties={}), "patternProperties", "newer")

    def test_odd_field_name(self) -> None:
        self.trips_over(lambda document: schema(document, "Usage")["properties"].update({"data-used": {"type": "integer"}}), "Usage.data-used", "plain name")

    def test_schema_that_contains_itself(self) -> None:
        again = {"type": "array", "items": {"$ref": "#/components/schemas/Booking"}}
        self.trips_over(lambda document: schema(document, "Offer")["properties"].update(bookings=again), "Booking", "contains itself")

    def test_body_without_a_name(self) -> None:
        def inline(document: dict[str, Any]) -> None:
            document["paths"]["/orders"]["post"]["requestBody"]["content"]["application/json"]["schema"] = copy.deepcopy(schema(document, "NewOrder"))

        self.trips_over(inline, "POST", "the body has no name in components")
