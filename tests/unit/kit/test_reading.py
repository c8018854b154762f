"""Stored facts are read and written quickly, and exactly as the class itself would do it."""

import copy
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from pydantic import ValidationError

from contracts import REGISTRY
from contracts.base import Event, Sealed
from services.kit.codec.decoder import UNUSUAL, reader_of
from services.kit.codec.encoder import stored_form, writer_of
from services.kit.codec.envelope import OPTIONS, Undecodable, decode
from services.kit.codec.slots import PYDANTIC
from services.kit.projections.views import packed
from services.kit.sealing.fields import is_empty, places
from tests.unit.contracts.published import CORPUS

STORED = {path.stem: orjson.loads(path.read_bytes()) for path in sorted(CORPUS.glob("*.json"))}
ODD: list[Any] = [
    None, 0, 1, -7, 1.5, True, "", " ", "x", "A slug?", "x" * 600, "\x00", [], [None], [1], {}, {"a": 1},
    "2026-03-02", "2026-03-02T01:00:00", "2026-03-02T08:00:00+07:00", "6a0e3c5640f55b1c9d3e5a3f2f6c1e02",
    "0x" + "1" * 34, "6a0e3c56-40f5-5b1c-9d3e-5a3f2f6c1e0 ", "6a0e3c56-40f5-5b1c-9d3e_5a3f2f6c1e01",
]  # fmt: skip


def slowly(stored: dict[str, Any]) -> Event | None:
    """As pydantic alone reads it; None: it refuses."""
    cls = REGISTRY[stored["type"]]
    try:
        event = cls.model_validate(stored["data"])
    except ValidationError:
        return None
    assert isinstance(event, Event)
    for path, sealed in places(event):
        if not is_empty(sealed):
            sealed.put_at(f"{stored['id']}/{path}")
    return event


def same(one: Event, other: Event) -> None:
    """Equal in every field, type and place, and as text."""
    assert one == other
    assert [type(value) for value in vars(one).values()] == [type(value) for value in vars(other).values()]
    assert [(path, each.place) for path, each in places(one)] == [(path, each.place) for path, each in places(other)]
    assert packed(one) == packed(other)
    assert one.model_dump_json() == other.model_dump_json()


@pytest.mark.parametrize("kind", STORED)
def test_every_event_ever_stored_is_read_the_quick_way_and_equal(kind: str) -> None:
    stored = STORED[kind]
    identity = stored["id"]
    quick = reader_of(REGISTRY[kind])(stored["data"], f"{identity}/")
    slow = slowly(stored)
    assert slow is not None
    same(quick, slow)
    same(decode(7, orjson.dumps(stored)).event, slow)
    assert quick.model_copy() == slow
    with PYDANTIC.shut_within():
        same(decode(7, orjson.dumps(stored)).event, slow)


@pytest.mark.parametrize("kind", STORED)
def test_every_event_ever_stored_is_written_the_quick_way_and_equal(kind: str) -> None:
    stored = STORED[kind]
    event = slowly(stored)
    assert event is not None
    closed: dict[str, Any] = {}

    def close(sealed: Sealed, place: str) -> dict[str, str]:
        closed[place.partition("/")[2]] = sealed
        return sealed.model_dump()

    def marked(sealed: Sealed, place: str) -> dict[str, str]:
        return {"at": place, **sealed.model_dump()}

    quick = orjson.dumps(writer_of(type(event))(event, "x/", close), option=OPTIONS)
    assert quick == orjson.dumps(event.model_dump(), option=OPTIONS)
    assert closed == dict(places(event))
    with PYDANTIC.shut_within():
        assert orjson.dumps(stored_form(event, "x/", marked), option=OPTIONS) == orjson.dumps(
            writer_of(type(event))(event, "x/", marked), option=OPTIONS
        )


@pytest.mark.parametrize("subject", ["agency", "person-7"])
@pytest.mark.parametrize("kind", sorted(kind for kind in STORED if b'"ciphertext"' in orjson.dumps(STORED[kind])))
def test_where_nothing_was_sealed_both_ways_agree(kind: str, subject: str) -> None:
    stored = copy.deepcopy(STORED[kind])
    for where, last in fields(stored["data"]):
        if last in {"key_id", "nonce", "ciphertext"} and "class" in where:
            where |= {last: "", "subject_id": subject}
    slow = slowly(stored)
    assert slow is not None
    same(decode(7, orjson.dumps(stored)).event, slow)
    assert all(is_empty(each) and not each.place for _, each in places(slow))


@settings(max_examples=600, deadline=None)
@given(some.sampled_from(sorted(STORED)), some.data())
def test_whatever_stands_in_a_field_both_ways_agree(kind: str, chance: some.DataObject) -> None:
    stored = copy.deepcopy(STORED[kind])
    where, last = chance.draw(some.sampled_from(sorted(fields(stored["data"]), key=str)))
    if chance.draw(some.booleans()) and isinstance(where, dict):
        del where[last]
    else:
        where[last] = chance.draw(some.sampled_from(ODD))
    slow = slowly(stored)
    if slow is None:
        with pytest.raises(UNUSUAL):
            reader_of(REGISTRY[kind])(stored["data"], "x/")
        with pytest.raises(Undecodable):
            decode(7, orjson.dumps(stored))
    else:
        same(decode(7, orjson.dumps(stored)).event, slow)


def fields(tree: Any) -> list[tuple[Any, Any]]:
    """Every place in it where another value may be put: (container, key)."""
    here = list(tree.items()) if isinstance(tree, dict) else list(enumerate(tree)) if isinstance(tree, list) else []
    return [(tree, key) for key, _ in here] + [place for _, value in here for place in fields(value)]
