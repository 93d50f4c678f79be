"""Parses Terraform modules, and finds what is referred to but not declared, and the other way round.

`terraform validate` does more, but downloads the providers, which takes Terraform's registry.
"""

import pathlib
import re
import sys

import hcl2


def name(text):
    """A label, which python-hcl2 may leave in its quotes."""
    return text.strip('"')


def declared(bodies):
    """Everything that a module declares, as it is referred to."""
    names = set()
    for body in bodies:
        for block in body.get("variable", []):
            names |= {f"var.{name(key)}" for key in block}
        for block in body.get("locals", []):
            names |= {f"local.{name(key)}" for key in block if not key.startswith("__")}
        for block in body.get("resource", []):
            names |= {f"{name(kind)}.{name(key)}" for kind, inner in block.items() for key in inner}
        for what in ("data", "ephemeral"):
            for block in body.get(what, []):
                for kind, inner in block.items():
                    names |= {f"{what}.{name(kind)}.{name(key)}" for key in inner}
    return names


REFERENCE = re.compile(
    r"(?<![\w./\"-])((?:var|local)\.\w+|(?:data|ephemeral)\.\w+\.\w+|(?:aws|random)_\w+\.\w+)"
)


def without_comments(text):
    """The lines of a file that are not comments."""
    return "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))


def check(folder):
    """The problems of a module."""
    problems = []
    bodies, text = [], ""
    for path in sorted(folder.glob("*.tf")):
        source = path.read_text()
        try:
            bodies.append(hcl2.loads(source))
        except Exception as error:  # python-hcl2 raises what its parser raises
            problems.append(f"{path}: {error}")
        text += without_comments(source) + "\n"
    if problems:
        return problems
    if not bodies:
        return [f"{folder}: there are no Terraform files"]
    names = declared(bodies)
    used = set(REFERENCE.findall(text))
    problems += [f"{folder}: {missing} is not declared" for missing in sorted(used - names)]
    # A resource may stand for itself; what else nobody refers to is a mistake.
    idle = {n for n in names - used if n.startswith(("var.", "local.", "data.", "ephemeral."))}
    problems += [f"{folder}: {unused} is declared and not used" for unused in sorted(idle)]
    for body in bodies:
        for kind in ("variable", "output"):
            for block in body.get(kind, []):
                for key, inner in block.items():
                    if not inner.get("description"):
                        problems.append(f"{folder}: {kind} {name(key)} says not what it is")
    return problems


def main(folders):
    """Reports all problems of all modules."""
    problems = [problem for folder in folders for problem in check(pathlib.Path(folder))]
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
