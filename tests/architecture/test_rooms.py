"""The same rooms in every service; a room may be missing, never renamed."""

import ast
from collections.abc import Iterator

import pytest

from tests.architecture.tree import ROOT, modules, services, within

ROOMS = {"__init__", "domain", "policy", "handlers", "reactions", "views", "ports", "adapters", "settings", "wiring"}

# Modules beside the rooms, each with the reason why it is none of them.
SHAPES = {
    "services/intake/mail.py": "what a parsed message looks like: shared by the port, the subprocess and the handlers",
    "services/intake/print_pack.py": "what is printed: shared by the port, the renderer and the handlers",
}

LONGEST = 400

# Where the published language may have functions: naming, the registry, and what lifts old events.
LANGUAGE = ("contracts.base", "contracts.subjects", "contracts.upcasts", "contracts.standards", "contracts.published")


@pytest.mark.parametrize("service", services())
def test_a_service_has_the_rooms_of_the_house_and_no_others(service: str) -> None:
    home = ROOT / "services" / service
    entries = [entry for entry in home.iterdir() if entry.suffix == ".py" or any(entry.glob("*.py"))]
    strange = [
        entry.relative_to(ROOT).as_posix()
        for entry in entries
        if entry.stem not in ROOMS and entry.relative_to(ROOT).as_posix() not in SHAPES
    ]
    assert strange == [], f"a service has only these rooms: {', '.join(sorted(ROOMS))}"


@pytest.mark.parametrize("service", services())
def test_a_service_says_what_it_is_for(service: str) -> None:
    module = modules().get(f"services.{service}")
    assert module is not None, f"services/{service}/__init__.py is missing"
    assert ast.get_docstring(module.syntax), f"{module.place}: one paragraph: what it is for, what it never does"


def test_shape_modules_exist_and_are_shapes_only() -> None:
    for place in SHAPES:
        path = ROOT / place
        if not path.exists():
            assert path.parent.name not in services(), f"{place} is gone: take it out of the table"
            continue
        name = place.removesuffix(".py").replace("/", ".")
        outside = {imported.split(".")[0] for imported in modules()[name].imports}
        assert outside <= {"__future__", "collections", "contracts", "dataclasses", "datetime", "typing", "uuid"} | {
            "base64", "enum", "pydantic"
        }, f"{place} does more than give a shape"  # fmt: skip


def test_no_module_is_longer_than_four_hundred_lines() -> None:
    assert {module.place: module.lines for module in modules().values() if module.lines > LONGEST} == {}


@pytest.mark.parametrize(
    "name", [name for name in modules() if within(name, "contracts") and not within(name, *LANGUAGE)]
)
def test_contracts_are_shapes_without_behaviour(name: str) -> None:
    """A class may carry pydantic's validators; a function beside the classes only serves as one (it is private)."""
    module = modules()[name]
    behaving = [f"{module.place}:{function.lineno} {function.name}" for function in _behaviour(module.syntax)]
    assert behaving == []


def _behaviour(syntax: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(syntax):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
            marks = " ".join(ast.unparse(mark) for mark in node.decorator_list)
            if "validator" not in marks and "serializer" not in marks:
                yield node


def test_names_of_modules_say_what_the_office_does() -> None:
    vague = {"manager", "helper", "helpers", "util", "utils", "data", "info", "process", "common", "misc"}
    assert [m.place for m in modules().values() if vague.intersection(m.name.rpartition(".")[2].split("_"))] == []
