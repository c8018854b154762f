"""Whoever wants something of a case goes through a door of the edge, `cases` or `complaints`, which asks `parts`."""

import ast
from collections.abc import Iterator

import pytest

from contracts import REGISTRY
from contracts.base import Query
from contracts.notifications import Hooks
from contracts.projections import Operations, ViewsCover
from tests.architecture.tree import Module, modules, services, within

DOORS = frozenset({"gateway.edge.cases", "gateway.edge.complaints", "gateway.edge.notices"})
ASKING = frozenset({"ask", "ask_for"})
# How a question leaves the gateway at all: what wraps these wraps every question.
WIRES = ("gateway.edge.client", "gateway.edge.requests", "gateway.edge.principals", "gateway.edge.logins")
# Which bytes are nobody's case: a published standard, for everybody.
OPEN_BYTES = ("gateway.web.public.sheets",)
LIVE = ("gateway.api.stream",)
# Services that keep no case of a citizen or an office: people, rules, chains of hashes.
NO_CASES = {"organisation", "audit"}


def about_cases() -> frozenset[str]:
    """Questions that are answered with something of a case, and their answers, by name."""
    asked = {query for service in services() if service not in NO_CASES for query in REGISTRY.of(Query, service)}
    names = {query.__name__ for query in asked - {Operations, Hooks, ViewsCover}}
    assert {
        "LetterDetail",
        "CaseHistory",
        "Board",
        "TaskList",
        "LetterDeadline",
        "InitialsSheet",
        "CopyDetail",
        "ChangesSince",
    } <= names
    return frozenset(f"{name}Answer" for name in names)


def strangers(module: Module, answers: frozenset[str]) -> Iterator[str]:
    """What in a module of the gateway passes by the door."""
    for node in ast.walk(module.syntax):
        if isinstance(node, ast.ImportFrom) and module.name not in DOORS:
            renamed = answers & {each.name for each in node.names if each.asname}
            yield from (f"{module.place}:{node.lineno} gives {each} another name" for each in sorted(renamed))
        if not isinstance(node, ast.Call):
            continue
        called = _name(node.func)
        where = f"{module.place}:{getattr(node, 'lineno', 0)}"
        if called in ASKING and module.name not in DOORS and module.name not in WIRES:
            if len(node.args) < 3 or not (answer := _name(node.args[2]))[:1].isupper():
                yield f"{where} asks for an answer that cannot be seen here"
            elif answer in answers:
                yield f"{where} asks for {answer}"
        if called in {"put", "query"} and _bus(node) and module.name not in WIRES:
            yield f"{where} puts a question past the client"
        if called in {"get", "get_now"} and _of(node) == "blobs" and module.name not in {*DOORS, *OPEN_BYTES}:
            yield f"{where} fetches bytes"
        if called == "subscribe_live" and module.name not in LIVE:
            yield f"{where} listens to live changes"


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _of(node: ast.Call) -> str:
    return _name(node.func.value).lstrip("_") if isinstance(node.func, ast.Attribute) else ""


def _bus(node: ast.Call) -> bool:
    return _of(node) == "bus" or (bool(node.args) and _name(node.args[0]).lstrip("_") == "bus")


def test_nobody_in_the_gateway_passes_by_the_door() -> None:
    answers = about_cases()
    found = [
        each for module in modules().values() if within(module.name, "gateway") for each in strangers(module, answers)
    ]
    assert found == []


@pytest.mark.parametrize(
    "line",
    [
        "await client.ask(visitor, p.LetterDetail(letter_id=id), p.LetterDetailAnswer)",
        "await pages.client.ask_for(agency, query, CaseHistoryAnswer)",
        "await client.ask(visitor, query, LetterDeadlineAnswer)",
        "await client.ask(visitor, query, which)  # an answer under another name",
        "from contracts.projections import LetterDetailAnswer as Something",
        "await put(bus, agency, query, answer, seconds=1)",
        "await self._bus.query(agency, query, answer, timeout=1)",
        "await blobs.get(agency, letter.blob)",
        "self._blobs.get_now(agency, letter.blob)",
        "await client.bus.subscribe_live(subject)",
    ],
)
def test_who_passes_by_the_door_is_found(line: str) -> None:
    body = f"async def route():\n    {line}\n"
    sample = next(iter(modules().values()))
    module = Module("gateway.web.letters.new", sample.path, ast.parse(body), frozenset())
    assert len(list(strangers(module, about_cases()))) == 1
