"""Lints template.yaml, openapi.yaml and events/: python .ci/lint/lint.py [root]

1. AWS's own translator expands the serverless template, as CloudFormation would.
2. cfn-lint reads the result: on the template as written, current versions miss half of it.
3. Our own checks look for what no linter sees (checks/).

Needs the packages of requirements.txt. Prints `file:line: what is wrong`, one a line, and exits 1; or exits 0.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Iterator

sys.path.insert(0, str(Path(__file__).resolve().parent))

from cfnlint.api import lint as cfn_lint  # noqa: E402
from cfnlint.config import ManualArgs  # noqa: E402

import checks  # noqa: E402
from model import DEPLOYED_AS, CannotTranslate, Finding, Model  # noqa: E402


# I3042 asks for the partition in ARNs; all that it finds are written by the translator itself.
IGNORED = ["I3042"]


def linted(model: Model) -> Iterator[Finding]:
    """What cfn-lint says of the translated template, told at the place of the resource as written."""
    config = ManualArgs(regions=[DEPLOYED_AS["AWS::Region"]], include_checks=["I"], ignore_checks=IGNORED)
    for match in cfn_lint(json.dumps(model.cfn, default=str), config=config):
        path = [str(part) for part in (match.path or [])]
        logical_id = path[1] if len(path) > 1 else "Resources"
        yield model.at(logical_id, f"{match.rule.id} {match.message} ({'.'.join(path[2:])})")


def findings(model: Model) -> list[Finding]:
    """Everything that is wrong."""
    found = list(linted(model))
    for check in checks.ALL:
        found.extend(check(model))
    return sorted(set(found), key=lambda finding: (finding.file, finding.line, finding.message))


def main(arguments: list[str]) -> int:
    root = Path(arguments[0]).resolve() if arguments else Path(__file__).resolve().parents[2]
    try:
        found = findings(Model.read(root))
    except CannotTranslate as error:
        print(f"template.yaml:1: cannot be translated: {error}")
        return 1
    for finding in found:
        print(finding)
    print(f"template: {len(found)} faults" if found else "template: no faults")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
