"""A function for the driver's own tests: echoes, fails or stays silent as the event asks."""

import json
import os
import sys
import time
import urllib.request

BASE = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"] + "/2018-06-01/runtime/invocation/"


def post(path, value):
    request = urllib.request.Request(BASE + path, data=json.dumps(value).encode(), method="POST")
    urllib.request.urlopen(request).read()


while True:
    answer = urllib.request.urlopen(BASE + "next")
    request_id = answer.headers["Lambda-Runtime-Aws-Request-Id"]
    event = json.loads(answer.read())
    print("probe saw", sorted(event), flush=True)
    if event.get("exit"):
        sys.exit(1)
    if event.get("silent"):
        time.sleep(60)
    if event.get("fail"):
        post(request_id + "/error", {"errorType": "Probe.Failed", "errorMessage": "as asked"})
    elif "httpMethod" in event:
        body = {"path": event["path"], "pid": os.getpid(), "base": os.environ.get("PUBLIC_BASE_URL"),
                "claims": event["requestContext"].get("authorizer", {}).get("claims")}
        post(request_id + "/response", {"statusCode": 200, "body": json.dumps(body)})
    else:
        post(request_id + "/response", {"echo": event})
