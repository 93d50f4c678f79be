"""Calls the emulators by botocore, for a test that holds our own client against it.

Reads a JSON list of {"service", "region", "operation", "input"} and writes a list of {"answer"} or {"error"} in the
same order. Moments are RFC 3339 in UTC, bytes Base64; what botocore adds to each answer is left out.
"""

import base64
import datetime
import json
import sys

import boto3
import botocore.config
import botocore.exceptions


def plain(value):
    """A value as JSON has it."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items() if key != "ResponseMetadata"}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, datetime.datetime):
        moment = value.astimezone(datetime.timezone.utc)
        text = moment.strftime("%Y-%m-%dT%H:%M:%S")
        return text + (f".{moment.microsecond:06d}".rstrip("0") if moment.microsecond else "") + "Z"
    if hasattr(value, "read"):
        value = value.read()
    if isinstance(value, (bytes, bytearray)):
        return base64.b64encode(value).decode()
    return value


def ask(clients, call):
    """The answer to one call."""
    key = call["service"], call["region"]
    if key not in clients:
        config = botocore.config.Config(retries={"total_max_attempts": 1}, inject_host_prefix=False)
        clients[key] = boto3.client(key[0], region_name=key[1], config=config)
    try:
        # By the API's own name of the operation.
        return {"answer": plain(clients[key]._make_api_call(call["operation"], call["input"]))}
    except botocore.exceptions.ClientError as error:
        return {"error": error.response.get("Error", {}).get("Code", "")}


def main():
    """Everything that stands on the standard input, one after the other."""
    clients = {}
    json.dump([ask(clients, call) for call in json.load(sys.stdin)], sys.stdout)


if __name__ == "__main__":
    main()
