"""Calls the emulators by botocore, for a test that holds our own client against it.

Reads a JSON list of {"service", "region", "operation", "input"} and writes a list of {"answer"}, {"error"} (the code) or
{"unread"} (what botocore could not make an answer of) in the same order. Moments are RFC 3339 in UTC, bytes Base64; what
botocore adds to each answer is left out.
"""

import base64
import concurrent.futures
import datetime
import json
import sys

import boto3
import botocore.config
import botocore.exceptions
import botocore.parsers


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


def ask(client, call):
    """The answer to one call."""
    try:
        # By the API's own name of the operation.
        return {"answer": plain(client._make_api_call(call["operation"], call["input"]))}
    except botocore.exceptions.ClientError as error:
        return {"error": error.response.get("Error", {}).get("Code", "")}
    except (botocore.exceptions.BotoCoreError, botocore.parsers.ResponseParserError) as error:
        return {"unread": str(error)}


def of_one(calls):
    """The answers to the calls of one service in one region, one after the other."""
    config = botocore.config.Config(
        retries={"total_max_attempts": 1}, inject_host_prefix=False, read_timeout=20, parameter_validation=False
    )
    client = boto3.session.Session().client(calls[0]["service"], region_name=calls[0]["region"], config=config)
    return [ask(client, call) for call in calls]


def main():
    """Everything that stands on the standard input, in as few seconds as can be."""
    calls, groups = json.load(sys.stdin), {}
    for place, call in enumerate(calls):
        groups.setdefault((call["service"], call["region"]), []).append((place, call))
    answers = [None] * len(calls)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for group, told in zip(groups.values(), pool.map(of_one, [[c for _, c in g] for g in groups.values()])):
            for (place, _), answer in zip(group, told):
                answers[place] = answer
    json.dump(answers, sys.stdout)


if __name__ == "__main__":
    main()
