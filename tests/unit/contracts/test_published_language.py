"""The published language keeps its word: kinds, schemas, and every event that an office has ever stored."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from contracts import REGISTRY
from contracts.base import Command, Event, Message, Sealed
from contracts.subjects import subject
from contracts.upcasts import UPCASTS, newest
from services.kit.codec.envelope import decode
from tests.unit.contracts.published import CORPUS, SCHEMAS, breaches, kinds, place, schema, text
from tests.unit.contracts.specimens import SEALED, specimen
from tests.unit.office import APPROVAL, DISPATCH, INTAKE

HINT = "run: .venv/bin/python -m tests.unit.contracts.published (and look at the difference)"
STORED = sorted(CORPUS.glob("*.json"))


@pytest.mark.parametrize("cls", kinds(), ids=lambda cls: cls.kind())
def test_the_schema_of_a_kind_is_the_one_that_was_published(cls: type[Message]) -> None:
    path = place(SCHEMAS, cls.kind())
    assert path.exists(), HINT
    assert path.read_text(encoding="utf-8") == text(schema(cls)), HINT


def test_no_schema_is_left_of_a_kind_that_is_gone() -> None:
    assert {path.stem for path in SCHEMAS.glob("*.json")} <= {cls.kind() for cls in kinds()} | set(UPCASTS)


def test_a_published_kind_grows_by_optional_fields_only() -> None:
    old = schema(REGISTRY["intake.LetterForwarded.v1"])
    assert breaches(old, old) == []
    properties = old["properties"]
    grown = {**old, "properties": {**properties, "later": {"type": "string", "default": ""}}}
    assert breaches(old, grown) == []
    assert breaches(old, {**grown, "required": [*old["required"], "later"]}) == ["later is required now"]
    assert breaches(grown, old) == ["later is gone"]
    narrowed = {**properties, "agenda": {**properties["agenda"], "maxLength": 5}}
    assert breaches(old, {**old, "properties": narrowed}) == ["agenda has changed"]
    tier = old["$defs"]["Tier"]
    inner = {**old, "$defs": {**old["$defs"], "Tier": {**tier, "properties": {}}}}
    assert {"Tier.position is gone", "Tier.title is gone"} <= set(breaches(old, inner))


@pytest.mark.parametrize("path", STORED, ids=lambda path: path.stem)
def test_every_event_that_was_ever_stored_is_read_today(path: Path) -> None:
    raw = path.read_bytes()
    recorded = decode(1, raw)
    stored = json.loads(raw)
    kind, data = newest(stored["type"], stored["data"])
    again = recorded.event.model_dump(mode="json")
    assert recorded.kind == kind
    assert _of_then(again, data) == data, "a reader of today drops or changes what was stored"


@pytest.mark.parametrize("path", STORED, ids=lambda path: path.stem)
def test_every_event_that_was_ever_stored_is_folded_by_its_service(path: Path) -> None:
    """Whatever state it meets first: a stream may begin with any fact after a snapshot."""
    recorded = decode(1, path.read_bytes())
    tables = next((tables for tables in (INTAKE, APPROVAL, DISPATCH) if tables.name == recorded.service), None)
    for kind in tables.streams.values() if tables else ():
        kind.evolve(kind.initial, recorded.event)


@pytest.mark.parametrize("cls", REGISTRY.of(Event), ids=lambda cls: cls.kind())
def test_every_event_has_its_example(cls: type[Event]) -> None:
    assert place(CORPUS, cls.kind()).exists(), HINT


@pytest.mark.parametrize("cls", REGISTRY.of(Command), ids=lambda cls: cls.kind())
def test_a_command_with_an_unknown_field_is_refused(cls: type[Command]) -> None:
    wish = specimen(cls).model_dump(mode="json")
    with pytest.raises(ValueError, match="Extra inputs are not permitted"):
        cls.model_validate({**wish, "amtsblatt": 1})


@pytest.mark.parametrize("cls", REGISTRY.of(Event), ids=lambda cls: cls.kind())
def test_an_older_reader_lives_with_a_newer_writer(cls: type[Event]) -> None:
    event = specimen(cls)
    assert cls.model_validate({**event.model_dump(mode="json"), "later_field": 1}) == event


@pytest.mark.parametrize("cls", REGISTRY.of(Event), ids=lambda cls: cls.kind())
def test_no_event_holds_a_float(cls: type[Event]) -> None:
    """Two readers may write a float differently, and then the chain of hashes breaks."""
    assert '"number"' not in json.dumps([_types(schema(cls))])


def _types(node: Any) -> list[Any]:
    if isinstance(node, dict):
        own = [node["type"]] if isinstance(node.get("type"), str) else []
        return own + [found for value in node.values() for found in _types(value)]
    if isinstance(node, list):
        return [found for value in node for found in _types(value)]
    return []


@pytest.mark.parametrize("cls", kinds(), ids=lambda cls: cls.kind())
def test_a_kind_is_a_name_and_never_a_path(cls: type[Message]) -> None:
    assert re.fullmatch(r"[a-z_]+\.[A-Z][A-Za-z]+\.v[1-9]\d*", cls.kind())
    assert re.fullmatch(r"(cmd|evt|qry|req)\.pekalongan\.[a-z_]+\.[a-z-]+\.v[1-9]\d*", subject(cls, "pekalongan"))


def test_two_kinds_never_share_a_subject() -> None:
    subjects = [subject(cls, "pekalongan") for cls in kinds()]
    assert len(subjects) == len(set(subjects))


def test_a_sealed_field_never_shows_its_plain_text() -> None:
    sealed = Sealed.of("rahasia", "applicant", "orang")
    assert "rahasia" not in sealed.model_dump_json() + repr(sealed) + str(sealed)
    assert Sealed.model_validate(SEALED).model_dump() == SEALED


def _of_then(again: Any, stored: Any) -> Any:
    """What is read today, without what its shapes have grown by since."""
    if isinstance(again, dict) and isinstance(stored, dict):
        return {name: _of_then(again[name], stored[name]) for name in stored if name in again}
    if isinstance(again, list) and isinstance(stored, list) and len(again) == len(stored):
        return [_of_then(one, then) for one, then in zip(again, stored, strict=True)]
    return again
