"""What decides gives the same answer tomorrow: no I/O, clock, randomness, logging, async. Indirect imports count."""

import ast

import pytest

from tests.architecture.tree import modules, reached, services, within

# Said positively, so that a library nobody thought of is a failure and not a gap.
PURE_LIBRARIES = {
    *(
        "__future__",
        "abc",
        "base64",
        "binascii",
        "bisect",
        "collections",
        "contextlib",
        "dataclasses",
        "datetime",
        "decimal",
    ),
    *("enum", "fractions", "functools", "graphlib", "hashlib", "heapq", "hmac", "html", "itertools", "json", "math"),
    "ipaddress",
    *("operator", "re", "statistics", "string", "textwrap", "types", "typing", "unicodedata", "uuid", "zoneinfo"),
    "confusable_homoglyphs",  # reads its own table when it is imported, and nothing after
    *("annotated_types", "cryptography", "orjson", "pydantic", "pydantic_core", "typing_extensions"),
}

# The half of the kit that domains may lean on.
PURE_KIT = tuple(
    f"services.kit.{name}"
    for name in (
        *("codec", "deadlines", "deciding", "ids", "links", "lookalikes", "policy", "reservations", "sealing.fields"),
        *("secrets", "worktime"),
    )
)

# Calls that read the clock, the dice or the world although their module is allowed.
IMPURE_CALLS = {
    *("datetime.now", "datetime.utcnow", "datetime.today", "date.today", "uuid.uuid1", "uuid.uuid4", "uuid1", "uuid4"),
    *("open", "print", "input", "breakpoint", "exec", "eval", "__import__"),
}


# One module, one call, and why it is no impurity after all.
EXEMPT = {
    (
        "services.kit.codec.decoder",
        "exec",
    ): "compiles a reader from our own classes' field names, as dataclasses does; no data",
    ("services.kit.codec.encoder", "exec"): "the same for the writer of a class",
}


def _pure() -> list[str]:
    rooms = tuple(f"services.{service}.{room}" for service in services() for room in ("domain", "policy"))
    contracts = [
        name for name in modules() if within(name, "contracts") and not within(name, "contracts.standards")
    ]  # standards are read from files at start and handed in as values
    return [*contracts, *(name for name in modules() if within(name, *rooms, *PURE_KIT))]


def _impurities(name: str) -> list[str]:
    module = modules()[name]
    foreign = {imported.split(".")[0] for imported in module.imports} - {"contracts", "services", "gateway"}
    found = [f"{module.place} imports {library}" for library in sorted(foreign - PURE_LIBRARIES)]
    for node in ast.walk(module.syntax):
        if isinstance(node, ast.AsyncFunctionDef | ast.Await | ast.AsyncFor | ast.AsyncWith):
            found.append(f"{module.place}:{node.lineno} is async")
        elif isinstance(node, ast.Call) and _is_impure(name, ast.unparse(node.func)):
            found.append(f"{module.place}:{node.lineno} calls {ast.unparse(node.func)}")
    return found


def _is_impure(module: str, call: str) -> bool:
    return ".".join(call.split(".")[-2:]) in IMPURE_CALLS and (module, call) not in EXEMPT


@pytest.mark.parametrize("name", _pure())
def test_what_decides_reaches_nothing_impure(name: str) -> None:
    problems = _impurities(name)
    for other, importer in reached(name).items():
        problems += [f"{problem} (reached through {importer})" for problem in _impurities(other)]
    assert problems == []
