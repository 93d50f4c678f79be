#!/usr/bin/env python3
"""Writes kinds/<service>/model.json: botocore's model of a service, trimmed to what is called.

    python3 -m venv .venv && .venv/bin/pip install -r kinds/requirements.txt
    .venv/bin/python kinds/generate_models.py            # write them
    .venv/bin/python kinds/generate_models.py --check    # say which are not current, and fail
    .venv/bin/python kinds/generate_models.py --print iam ListRoles GetRole    # one with these alone

A model keeps the operations that a file of its service names under `call:`, at any depth (another
service's as `service:Operation`), and those that Rust calls, which service.yaml lists under
`operations:` (reads) and `writes:`. The form is botocore's own, service-2.json with the paginators in
it, so that the program reads a full botocore folder (`--models`) by the same code. Left out is what
no call needs: prose, patterns, lengths, the members of errors, long enumerations. Shapes that
service.yaml lists under `as_json:` are kept as JSON of any form, for what is JSON already and is sent or
compared as it is. The same botocore and the same files give the same bytes.
"""

import argparse
import difflib
import gzip
import json
import pathlib
import re
import sys

FOLDER = pathlib.Path(__file__).resolve().parent
# Enumerations of more values are lists of products, not of states: no check compares with them.
ENUM_VALUES = 60
WIDTH = 110

METADATA = (
    "apiVersion awsQueryCompatible endpointPrefix jsonVersion protocol protocols serviceFullName "
    "serviceId signatureVersion signingName targetPrefix uid xmlNamespace"
).split()
OPERATION = "http input output errors endpoint auth authtype readonly unsignedPayload httpChecksumRequired staticContextParams".split()
SHAPE = (
    "type required payload flattened locationName xmlNamespace wrapper timestampFormat enum sensitive "
    "error exception union document eventstream streaming sparse"
).split()
MEMBER = (
    "shape location locationName queryName flattened xmlNamespace xmlAttribute timestampFormat "
    "idempotencyToken hostLabel jsonvalue streaming"
).split()
PAGINATOR = "input_token output_token limit_key more_results result_key".split()


class Problem(Exception):
    """What is wrong, where, and what to do about it."""


def keep(values, names):
    """The values of these names, in the order of the names."""
    return {name: values[name] for name in names if name in values}


class Botocore:
    """The models of an installed botocore."""

    def __init__(self):
        try:
            import botocore
        except ImportError:
            raise Problem(
                "botocore is not installed: python3 -m venv .venv && .venv/bin/pip install -r kinds/requirements.txt"
            ) from None
        pinned = re.search(r"^botocore==(\S+)$", (FOLDER / "requirements.txt").read_text(), re.M).group(1)
        if botocore.__version__ != pinned:
            raise Problem(f"kinds/requirements.txt pins botocore {pinned}, and {botocore.__version__} is installed")
        self.version = pinned
        self.data = pathlib.Path(botocore.__file__).parent / "data"

    def services(self):
        return sorted(path.name for path in self.data.iterdir() if path.is_dir())

    def read(self, service, name):
        """The newest version's file of this name; nothing where there is none."""
        newest = max(path for path in (self.data / service).iterdir() if path.is_dir())
        plain, packed = newest / f"{name}.json", newest / f"{name}.json.gz"
        if packed.exists():
            return json.loads(gzip.decompress(packed.read_bytes()))
        return json.loads(plain.read_text()) if plain.exists() else None


def wanted():
    """Each service's model, the operations that files name, and the shapes that are kept as JSON."""
    import yaml

    services, calls, free = {}, {}, {}

    def add(service, operation, path):
        calls.setdefault(service, {}).setdefault(operation, path)

    def walk(value, service, path):
        if isinstance(value, list):
            for item in value:
                walk(item, service, path)
        elif isinstance(value, dict):
            for key, item in value.items():
                if key == "call" and isinstance(item, str):
                    other, _, operation = item.rpartition(":")
                    add(other or service, operation, path)
                else:
                    walk(item, service, path)

    for folder in sorted(path for path in FOLDER.iterdir() if path.is_dir()):
        for path in sorted(folder.glob("*.yaml")):
            try:
                content = yaml.safe_load(path.read_text()) or {}
            except yaml.YAMLError as error:
                raise Problem(f"{place(path)}: {error}") from None
            walk(content, folder.name, path)
            if path.name == "service.yaml":
                services[folder.name] = content.get("model", folder.name)
                free[folder.name] = content.get("as_json", [])
                for operation in content.get("operations", []) + content.get("writes", []):
                    add(folder.name, operation, path)
    return services, calls, free


def place(path):
    return path.relative_to(FOLDER.parent)


def near(name, names):
    found = difflib.get_close_matches(name, names, 1)
    return f"; did you mean {found[0]}?" if found else ""


def trimmed(full, paginators, operations, free, head):
    """The model with these operations alone, and the shapes that they reach."""
    shapes, queue, model = {}, [], dict(head)

    def reference(value, names):
        queue.append(value["shape"])
        return keep(value, names)

    model["metadata"] = keep(full["metadata"], sorted(METADATA))
    model["operations"] = {}
    for name in sorted(operations):
        operation = keep(full["operations"][name], OPERATION)
        operation["http"] = keep(operation["http"], ["method", "requestUri", "responseCode"])
        for side in ("input", "output"):
            if side in operation:
                operation[side] = reference(
                    operation[side], ["shape", "locationName", "xmlNamespace", "resultWrapper"]
                )
        if "errors" in operation:
            operation["errors"] = [reference(error, ["shape"]) for error in operation["errors"]]
        if full["operations"][name].get("httpChecksum", {}).get("requestChecksumRequired"):
            operation["httpChecksumRequired"] = True
        model["operations"][name] = operation
    while queue:
        name = queue.pop()
        if name in shapes:
            continue
        whole = full["shapes"][name]
        if name in free:
            shapes[name] = {"type": "structure", "document": True, "members": {}}
            continue
        shape = shapes[name] = keep(whole, SHAPE)
        if len(shape.get("enum", [])) > ENUM_VALUES:
            del shape["enum"]
        if shape.get("exception") or "error" in shape:
            # Which error it is decides; what else AWS says about it is never read.
            shapes[name] = keep(shape, ["type", "error", "exception"]) | {"members": {}}
            continue
        for part in ("member", "key", "value"):
            if part in whole:
                shape[part] = reference(whole[part], MEMBER)
        if "members" in whole:
            shape["members"] = {key: reference(value, MEMBER) for key, value in whole["members"].items()}
    model["shapes"] = {name: shapes[name] for name in sorted(shapes)}
    pages = {name: keep(paginators[name], PAGINATOR) for name in sorted(operations) if name in paginators}
    if pages:
        model["pagination"] = pages
    return model


def written(value, indent=0):
    """JSON with as much on a line as fits: differences stay readable, files short."""
    line = json.dumps(value, ensure_ascii=False)
    if indent + len(line) <= WIDTH or not isinstance(value, (dict, list)) or not value:
        return line
    inner = " " * (indent + 1)
    if isinstance(value, list):
        items, ends = [written(item, indent + 1) for item in value], "[]"
    else:
        items = [
            f"{json.dumps(key, ensure_ascii=False)}: {written(item, indent + len(key) + 5)}"
            if not isinstance(item, (dict, list)) or not item
            else f"{json.dumps(key, ensure_ascii=False)}: {written(item, indent + 1)}"
            for key, item in value.items()
        ]
        ends = "{}"
    return ends[0] + "\n" + ",\n".join(inner + item for item in items) + "\n" + " " * indent + ends[1]


def model_text(botocore, model, operations, free):
    """The text of a model with these operations."""
    about = (
        f"Trimmed from botocore {botocore.version} by kinds/generate_models.py. Copyright Amazon.com, Inc. or its "
        "affiliates; Apache License 2.0. Not written by hand."
    )
    full, paginators = botocore.read(model, "service-2"), botocore.read(model, "paginators-1") or {}
    head = {"about": about, "service": model}
    return written(trimmed(full, paginators.get("pagination", {}), operations, free, head)) + "\n"


def models():
    """Every file that there has to be, with its content."""
    botocore = Botocore()
    services, calls, free = wanted()
    files, problems = {}, []
    for service, operations in sorted(calls.items()):
        first = place(next(iter(operations.values())))
        if service not in services:
            problems.append(
                f"{first} calls {service}:{next(iter(operations))}, and there is no kinds/{service}/service.yaml"
                + near(service, services)
            )
            continue
        model = services[service]
        if model not in botocore.services():
            problems.append(
                f"kinds/{service}/service.yaml: botocore has no model {model}" + near(model, botocore.services())
            )
            continue
        full = botocore.read(model, "service-2")
        unknown = [name for name in operations if name not in full["operations"]]
        for name in unknown:
            problems.append(
                f"{place(operations[name])}: {model} has no operation {name}" + near(name, full["operations"])
            )
        for name in free[service]:
            if name not in full["shapes"]:
                unknown.append(name)
                problems.append(f"kinds/{service}/service.yaml: {model} has no shape {name}" + near(name, full["shapes"]))
        if not unknown:
            files[FOLDER / service / "model.json"] = model_text(botocore, model, operations, free[service])
    if problems:
        raise Problem("\n".join(problems))
    return files


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing, and fail where a file is not current")
    parser.add_argument("--print", nargs="+", metavar="NAME", help="a service and its operations: print the model")
    arguments = parser.parse_args()
    check = arguments.check
    try:
        if arguments.print:
            print(model_text(Botocore(), arguments.print[0], arguments.print[1:], []), end="")
            return 0
        files = models()
    except Problem as problem:
        print(problem, file=sys.stderr)
        return 2
    stale = []
    for path, content in files.items():
        if not path.exists() or path.read_text() != content:
            stale.append(f"{place(path)} is not current")
            if not check:
                path.write_text(content)
    for path in sorted(FOLDER.glob("*/model.json")):
        if path not in files:
            stale.append(f"{place(path)} is a model of which nothing is called")
            if not check:
                path.unlink()
    for line in stale:
        print(line + ("; run kinds/generate_models.py" if check else ": mended"), file=sys.stderr)
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
