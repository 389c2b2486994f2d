"""Reads a SAM template in YAML and prints it as JSON, the short forms (!Ref, !GetAtt ...) written out."""

import json
import sys

from samtranslator.yaml_helper import yaml_parse

with open(sys.argv[1], encoding="utf-8") as template:
    json.dump(yaml_parse(template.read()), sys.stdout, default=str)
