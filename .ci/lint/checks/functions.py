"""One word names a function in the template, its folder, binary, role, log group and error alarm."""

from typing import Iterator

from model import Finding, Model, pascal, target

# API Gateway waits 29 seconds for an integration.
LONGEST_CALL = 29


def check(model: Model) -> Iterator[Finding]:
    words = set()
    for name, word, properties in model.functions():
        words.add(word)
        yield from _built(model, name, word)
        yield from _named(model, name, word, properties)
        if any(event.get("Type") == "Api" for event in properties.get("Events", {}).values()) and properties.get("Timeout", 3) > LONGEST_CALL:
            yield model.at(name, f"is behind the API and may run {properties['Timeout']} s: API Gateway gives up after {LONGEST_CALL} s")
    for folder in sorted(model.folders - words):
        yield Finding(f"functions/{folder}", 1, "is not in template.yaml")


def _built(model: Model, name: str, word: str) -> Iterator[Finding]:
    metadata = model.sam["Resources"][name].get("Metadata", {})
    if metadata.get("BuildMethod") != "rust-cargolambda":
        yield model.at(name, "needs Metadata BuildMethod: rust-cargolambda (metadata cannot be global)")
    if not word:
        yield model.at(name, "needs Metadata BuildProperties Binary")
    elif word not in model.folders:
        yield model.at(name, f"its folder functions/{word} does not exist")


def _named(model: Model, name: str, word: str, properties: dict) -> Iterator[Finding]:
    if not word:
        return
    base = pascal(word)
    if name != f"{base}Function":
        yield model.at(name, f"builds the binary {word}, so it must be called {base}Function")
    if target(properties.get("Role")) != f"{base}Role":
        yield model.at(name, f"must have a role of its own: {base}Role")
    group = target(properties.get("LoggingConfig", {}).get("LogGroup"))
    if group != f"{base}LogGroup":
        yield model.at(name, f"must log to {base}LogGroup")
    else:
        written = model.sam["Resources"].get(group, {}).get("Properties", {}).get("LogGroupName", {})
        if not str(written.get("Fn::Sub", "") if isinstance(written, dict) else written).endswith(f"/{word}"):
            yield model.at(group, f"its name must end with /{word}")
