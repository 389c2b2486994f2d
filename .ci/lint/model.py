"""What the checks look at: the template as written, as AWS's translator expands it, the contract, and the tree."""

from __future__ import annotations

import copy
import logging
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Iterator

import yaml
from samtranslator.model.exceptions import InvalidDocumentException
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

# Values that only exist at deployment; any will do.
DEPLOYED_AS = {"AWS::Region": "eu-west-3", "AWS::Partition": "aws", "AWS::AccountId": "123456789012", "AWS::StackName": "passerelle"}

# The translator counts what it did and warns that nobody asked.
logging.getLogger("samtranslator.metrics").setLevel(logging.ERROR)


@dataclass(frozen=True)
class Finding:
    """One fault: where it is and what is wrong."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class CannotTranslate(Exception):
    """The translator refuses the template."""


@dataclass
class Model:
    """Everything that is checked, read once."""

    root: Path
    text: str
    sam: dict[str, Any]
    cfn: dict[str, Any]
    contract_text: str
    contract: dict[str, Any]
    folders: set[str] = field(default_factory=set)

    @classmethod
    def read(cls, root: Path) -> "Model":
        """Reads the tree at `root`."""
        text = (root / "template.yaml").read_text(encoding="utf-8")
        contract_text = (root / "openapi.yaml").read_text(encoding="utf-8")
        sam = yaml_parse(text)
        folders = {folder.parent.name for folder in root.glob("functions/*/Cargo.toml")}
        return cls(root, text, sam, translate(sam), contract_text, yaml.safe_load(contract_text), folders)

    def resources(self, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """The resources of one type, as written."""
        return ((name, body) for name, body in self.sam["Resources"].items() if body.get("Type") == kind)

    def functions(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Logical id, the word that names it, and its properties with the globals beneath."""
        shared = self.sam.get("Globals", {}).get("Function", {})
        for name, body in self.resources("AWS::Serverless::Function"):
            word = body.get("Metadata", {}).get("BuildProperties", {}).get("Binary", "")
            yield name, word, {**shared, **body.get("Properties", {})}

    def events(self, kind: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Function, event id and properties of every event source of one type."""
        for name, _, properties in self.functions():
            for event_id, event in properties.get("Events", {}).items():
                if event.get("Type") == kind:
                    yield name, event_id, event.get("Properties", {})

    def at(self, logical_id: str, message: str) -> Finding:
        """A fault of a resource or parameter."""
        found = re.search(rf"^  {re.escape(logical_id)}:", self.text, re.MULTILINE)
        line = self.text.count("\n", 0, found.start()) + 1 if found else 1
        return Finding("template.yaml", line, f"{logical_id}: {message}")

    def in_contract(self, path: str, message: str) -> Finding:
        """A fault of the contract, near a path or operation."""
        place = self.contract_text.find(f"{path}:")
        line = self.contract_text.count("\n", 0, place) + 1 if place >= 0 else 1
        return Finding("openapi.yaml", line, f"{path}: {message}")


def translate(sam: dict[str, Any]) -> dict[str, Any]:
    """Expands the template as CloudFormation's transform does. Code is not looked at."""
    os.environ.setdefault("AWS_DEFAULT_REGION", DEPLOYED_AS["AWS::Region"])
    document = copy.deepcopy(sam)
    document.get("Globals", {}).get("Function", {})["CodeUri"] = "s3://code/code.zip"
    try:
        return Translator({}, Parser()).translate(document, dict(DEPLOYED_AS))
    except InvalidDocumentException as error:
        causes = "; ".join(cause.message for cause in error.causes)
        raise CannotTranslate(causes or error.message) from error


def pascal(word: str) -> str:
    """`usage-poller` -> `UsagePoller`."""
    return "".join(part.capitalize() for part in word.split("-"))


def target(value: Any) -> str | None:
    """The logical id that a Ref or GetAtt names."""
    if not isinstance(value, dict):
        return None
    if "Ref" in value:
        return str(value["Ref"])
    attribute = value.get("Fn::GetAtt")
    if isinstance(attribute, list) and attribute:
        return str(attribute[0])
    return str(attribute).split(".")[0] if attribute else None


def as_list(value: Any) -> list[Any]:
    """A value that may stand alone or in a list."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def strings(value: Any) -> Iterator[str]:
    """Every text in a tree."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)
