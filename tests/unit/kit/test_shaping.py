"""Shapes made at once are those that pydantic makes."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from contracts.base import Sealed
from contracts.projections import LetterRow, Task
from services.kit.codec.construct import maker_of

AT = datetime.now(UTC)
WORDS = {"letter_id": uuid4(), "stage": "registered", "channel": "email", "received_at": AT, "changed_at": AT}


def test_what_is_made_at_once_is_what_pydantic_makes() -> None:
    told = LetterRow.model_validate(WORDS)
    made = maker_of(LetterRow)(dict(told.__dict__))
    assert made == told
    assert made.model_dump_json() == told.model_dump_json()
    task = maker_of(Task)({"action": "print", "letter": made, "copy_id": None})
    assert Task.model_validate_json(task.model_dump_json()) == Task(action="print", letter=told)


def test_a_field_that_was_forgotten_or_is_none_is_named() -> None:
    make = maker_of(Task)
    with pytest.raises(TypeError, match="copy_id"):
        make({"action": "print", "letter": LetterRow.model_validate(WORDS)})
    with pytest.raises(TypeError, match="sender"):
        make({"action": "print", "letter": None, "copy_id": None, "sender": ""})


def test_a_shape_that_keeps_more_than_its_fields_is_left_to_pydantic() -> None:
    with pytest.raises(TypeError, match="Sealed"):
        maker_of(Sealed)
