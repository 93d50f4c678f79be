#!/usr/bin/env python3
"""Writes where AWS is: endpoints.json (partitions, regions, and which services are there) and endpoint-rules.json (the
rules that give the endpoint of a service).

    python3 -m venv .venv && .venv/bin/pip install -r kinds/requirements.txt
    .venv/bin/python kinds/generate_endpoints.py            # writes both files
    .venv/bin/python kinds/generate_endpoints.py --check    # whether they are current

The source is botocore's data, and nothing of botocore is run. Three of its files count:

- `partitions.json`: partitions with their DNS suffixes, regions and the pattern of region names;
- `<service>/<version>/endpoint-rule-set-1.json`: the rules by which every AWS SDK finds an endpoint, its signing region
  and signing name (https://smithy.io/2.0/additional-specs/rules-engine/specification.html). They stay as they are; where
  services differ only by their own name, they share a rule set;
- `endpoints.json`: in which regions a service is. The rules do not say this: they make a host name for any region.

The same input gives the same bytes.
"""

import argparse
import gzip
import importlib.util
import json
import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
PACKAGE = "botocore"
# The parameter that stands for the first part of a service's host name in rules that many services share.
PREFIX = "Prefix"


class Changed(Exception):
    """botocore's data have a form that this script does not know."""


def pinned():
    """The version that requirements.txt asks for."""
    text = (HERE / "requirements.txt").read_text()
    return re.search(rf"^{PACKAGE}==(\S+)$", text, re.MULTILINE).group(1)


def installed():
    """The data folder of the botocore that this Python has; it has to be the pinned one."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None:
        sys.exit(f"{PACKAGE} is missing: pip install -r {HERE / 'requirements.txt'}")
    folder = Path(spec.origin).parent
    version = re.search(r"__version__ = ['\"](.+)['\"]", Path(spec.origin).read_text()).group(1)
    if version != pinned():
        sys.exit(f"{PACKAGE} {version} is installed, {pinned()} is needed: pip install -r {HERE / 'requirements.txt'}")
    return folder / "data"


def load(path):
    """A JSON file of botocore's data, which may be compressed."""
    packed = path.with_name(path.name + ".gz")
    data = gzip.decompress(packed.read_bytes()) if packed.exists() else path.read_bytes()
    return json.loads(data)


def region_prefixes(regex):
    """What region names begin with: `us`, `eu` for `^(us|eu)\\-\\w+\\-\\d+$`."""
    form = re.fullmatch(r"\^([\w\\()|-]+?)\\-\\w\+\\-\\d\+\$", regex)
    if not form:
        raise Changed(f"a region pattern of another form: {regex}")
    text = form.group(1).replace("\\-", "-")
    match = re.fullmatch(r"([\w-]*)\(([\w|-]+)\)", text)
    found = [match[1] + name for name in match[2].split("|")] if match else [text]
    if not all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name) for name in found):
        raise Changed(f"a region pattern of another form: {regex}")
    return sorted(found)


def partitions(data):
    """Each partition, the standard one first."""
    listed = {p["partition"]: p for p in load(data / "endpoints.json")["partitions"]}
    found = []
    for partition in load(data / "partitions.json")["partitions"]:
        name, outputs = partition["id"], partition["outputs"]
        old = listed[name]
        regions = {
            region: old["regions"].get(region, facts)["description"]
            for region, facts in sorted(partition["regions"].items())
            if not region.endswith("-global")
        }
        # The region in which IAM, a service of the whole partition, signs.
        iam = old["services"].get("iam", {})
        home = iam.get("endpoints", {}).get(iam.get("partitionEndpoint"), {}).get("credentialScope", {}).get("region")
        found.append(
            {
                "id": name,
                "name": old["partitionName"],
                "dns_suffix": outputs["dnsSuffix"],
                "dual_stack_dns_suffix": outputs["dualStackDnsSuffix"],
                "fips": outputs["supportsFIPS"],
                "dual_stack": outputs["supportsDualStack"],
                "implicit_global_region": outputs["implicitGlobalRegion"],
                "iam_region": home or outputs["implicitGlobalRegion"],
                "global": next((r for r in sorted(partition["regions"]) if r.endswith("-global")), None),
                "region_prefixes": region_prefixes(partition["regionRegex"]),
                "regions": regions,
                # Regions that the list of services does not have yet.
                "unlisted": sorted(set(regions) - set(old["regions"])),
                "services": services_of(old),
            }
        )
    if found[0]["id"] != "aws":
        raise Changed("the standard partition is not the first")
    return found


def services_of(partition):
    """Where each service of a partition is, by the prefix of its endpoints: all, global, or the regions."""
    regions = set(partition["regions"])
    found = {}
    for prefix, service in sorted(partition["services"].items()):
        here = regions & set(service.get("endpoints", {}))
        if here == regions:
            found[prefix] = "all"
        elif "partitionEndpoint" in service:
            found[prefix] = "global"
        elif here:
            found[prefix] = sorted(here)
    return found


def rules(node):
    """A rule, or a list of them, without prose."""
    if isinstance(node, dict):
        return {key: rules(value) for key, value in node.items() if key != "documentation"}
    if isinstance(node, list):
        return [rules(item) for item in node]
    return node


def parameters(found):
    """What a rule set takes: name, type, default, whether it must be given, and which setting it is."""
    kept = {}
    for name, parameter in sorted(found.items()):
        kept[name] = {"type": parameter["type"].lower()}
        if parameter.get("required"):
            kept[name]["required"] = True
        if "default" in parameter:
            kept[name]["default"] = parameter["default"]
        if "builtIn" in parameter:
            kept[name]["builtIn"] = parameter["builtIn"]
    return kept


def shared(text):
    """Rules in which the service's own name is the parameter `Prefix`, and that name, where there is one name."""
    hosts = set(re.findall(r"https://([a-z0-9][a-z0-9.-]*?)(?:-fips)?\.\{Region\}", text))
    if len(hosts) != 1:
        return text, None
    host = hosts.pop()
    general = re.sub(rf"https://{re.escape(host)}(?=(-fips)?\.)", f"https://{{{PREFIX}}}", text)
    return general, host


def services(data):
    """Rule sets, each once, and which service has which."""
    sets, found = {}, {}
    for folder in sorted(path for path in data.iterdir() if path.is_dir()):
        versions = sorted(path for path in folder.iterdir() if path.is_dir())
        if not versions or not list(versions[-1].glob("endpoint-rule-set-1.json*")):
            continue
        rule_set = load(versions[-1] / "endpoint-rule-set-1.json")
        if rule_set["version"] not in ("1.0", "1.3"):
            raise Changed(f"{folder.name}: a rule set of version {rule_set['version']}")
        whole = {"parameters": parameters(rule_set["parameters"]), "rules": rules(rule_set["rules"])}
        text, host = shared(json.dumps(whole, separators=(",", ":"), ensure_ascii=True))
        # The first service that has a rule set gives it its name.
        name = sets.setdefault(text, folder.name)
        found[folder.name] = {"rules": name}
        if host:
            found[folder.name]["prefix"] = host
    return {name: json.loads(text) for text, name in sets.items()}, found


def generated(data):
    """The texts of both files, by name."""
    sets, found = services(data)
    origin = f"{PACKAGE} {pinned()} (https://pypi.org/project/{PACKAGE}/), Apache-2.0, by kinds/generate_endpoints.py"
    return {
        "endpoints.json": lines({"origin": origin, "partitions": partitions(data)}, 4) + "\n",
        "endpoint-rules.json": lines({"origin": origin, "services": found, "rule_sets": sets}, 2) + "\n",
    }


def lines(value, depth, indent=""):
    """JSON with a line for each member down to a depth, so that a change shows where it is."""
    compact = json.dumps(value, separators=(",", ":"), ensure_ascii=True)
    if depth == 0 or not value or not isinstance(value, (dict, list)) or (len(compact) < 100 and indent):
        return compact
    inner = indent + " "
    if isinstance(value, dict):
        items = [f"{inner}{json.dumps(k)}: {lines(v, depth - 1, inner)}" for k, v in value.items()]
        return "{\n" + ",\n".join(items) + f"\n{indent}}}"
    return "[\n" + ",\n".join(inner + lines(v, depth - 1, inner) for v in value) + f"\n{indent}]"


def main():
    arguments = argparse.ArgumentParser(description="Writes where AWS is, from botocore's data.")
    arguments.add_argument("--check", action="store_true", help="write nothing, and fail where a file is not current")
    arguments.add_argument("--data", type=Path, help="botocore's data folder, instead of the installed package's")
    given = arguments.parse_args()
    old = []
    for name, text in generated(given.data or installed()).items():
        path = HERE / name
        if given.check:
            if not path.exists() or path.read_text() != text:
                old.append(name)
        else:
            path.write_text(text)
    if old:
        sys.exit(f"not current: {', '.join(old)}; run kinds/{Path(__file__).name}")


if __name__ == "__main__":
    main()
