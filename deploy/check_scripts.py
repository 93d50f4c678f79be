"""Writes the scripts of a composite action to files, for shellcheck: check_scripts.py ACTION FOLDER."""

import pathlib
import sys

import yaml


def main(action, folder):
    """A file for each step with a script, after the step's name."""
    steps = yaml.safe_load(pathlib.Path(action).read_text())["runs"]["steps"]
    for step in steps:
        if "run" not in step:
            continue
        if step.get("shell") != "bash":
            sys.exit(f"{action}: the step {step['name']} names no shell")
        if "${{" in step["run"]:
            sys.exit(f"{action}: the step {step['name']} puts a value into its script; use env")
        name = step["name"].replace(" ", "-")
        # Variables come from `env`, and GitHub runs the script so.
        text = f"#!/usr/bin/env bash\n# shellcheck disable=SC2154\nset -eo pipefail\n{step['run']}"
        pathlib.Path(folder, f"{name}.bash").write_text(text)
    for step in steps:
        uses = step.get("uses", "")
        if uses and len(uses.partition("@")[2]) != 40:
            sys.exit(f"{action}: {uses} is not at a commit")


if __name__ == "__main__":
    main(*sys.argv[1:])
