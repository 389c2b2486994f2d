"""No secret value in the template: not in parameters, not in the environment, not in the secret itself."""

import re
from typing import Any, Iterator

from model import Finding, Model, strings

SECRET_NAME = re.compile(r"SECRET|TOKEN|PASSWORD|CREDENTIAL|API_?KEY|_KEY|KEYS?_", re.IGNORECASE)

# Parameters whose name speaks of secrets and whose value is none.
PARAMETERS = {"AgencySecretPrefix": "the start of names of secrets"}

# What a secret looks like: a long run without the marks of an address, a path or a sentence.
LOOKS_SECRET = re.compile(r"(?<![\w/.:-])(?=[\w+/=-]*\d)(?=[\w+/=-]*[A-Za-z])[\w+=-]{32,}(?![\w/.:-])|SG\.[\w-]{8,}|-----BEGIN")


def check(model: Model) -> Iterator[Finding]:
    for name, body in model.sam.get("Parameters", {}).items():
        if SECRET_NAME.search(name) and name not in PARAMETERS:
            yield model.at(name, "a parameter must not carry a secret: pass the name or ARN of one in Secrets Manager")
        if LOOKS_SECRET.search(str(body.get("Default", ""))):
            yield model.at(name, "its default looks like a secret")
    shared = model.sam.get("Globals", {}).get("Function", {}).get("Environment", {}).get("Variables", {})
    for name, body in model.resources("AWS::Serverless::Function"):
        own = body.get("Properties", {}).get("Environment", {}).get("Variables", {})
        for variable, value in {**shared, **own}.items():
            yield from _variable(model, name, variable, value)
    for name, body in model.resources("AWS::SecretsManager::Secret"):
        if "SecretString" in body.get("Properties", {}):
            yield model.at(name, "holds its value in the template: use GenerateSecretString")


def _variable(model: Model, name: str, variable: str, value: Any) -> Iterator[Finding]:
    texts = list(strings(value))
    if any("{{resolve:" in text for text in texts):
        yield model.at(name, f"{variable}: a resolved secret would stand in the environment; pass its ARN")
    if isinstance(value, str) and SECRET_NAME.search(variable):
        yield model.at(name, f"{variable}: a literal where the reference of a secret belongs")
    if any(LOOKS_SECRET.search(text) for text in texts):
        yield model.at(name, f"{variable}: looks like a secret")
