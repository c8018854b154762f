"""I4 on a log of its own: where a book begins may be corrected, but not behind a number that was given out."""

from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from contracts.base import Event
from contracts.complaint import ComplaintFiled, OpeningCorrected, RegisterNumberTaken, RegisterOpened
from contracts.intake import AgendaNumberTaken, BookOpened, LetterRegistered
from contracts.intake import OpeningCorrected as BookCorrected
from services.cli.invariants.agenda import Agenda
from services.cli.invariants.ground import Finding, Seen
from services.kit.store.recent import LogRow

CASE = str(UUID(int=7))
Told = tuple[type[Event], dict[str, Any]]


def found(service: str, *facts: Told) -> Finding:
    check, source = Agenda(), SimpleNamespace(service=service)
    seen = [
        Seen(LogRow(at, at - 1, "s", at, kind.kind(), b""), {"agency": "demo", "commandid": str(at // 2), "data": said})
        for at, (kind, said) in enumerate(facts)
    ]
    check.part(source, seen)  # type: ignore[arg-type]  # of a source it asks its name
    check.end(source)  # type: ignore[arg-type]  # same
    return check.finding()


def filed(number: int) -> tuple[Told, Told]:
    taken = {"year": 2026, "number": number, "complaint_id": CASE}
    return (ComplaintFiled, {"complaint_id": CASE}), (RegisterNumberTaken, taken)


def lettered(number: int) -> tuple[Told, Told]:
    said = {"book": "masuk", "year": 2026, "number": number, "letter_id": CASE}
    return (AgendaNumberTaken, said), (LetterRegistered, said)


OPENED: Told = (RegisterOpened, {"year": 2026, "opening": 41})
CORRECTED: Told = (OpeningCorrected, {"year": 2026, "was": 41, "opening": 43})
BOOK_OPENED: Told = (BookOpened, {"book": "masuk", "year": 2026, "opening": 41})
BOOK_CORRECTED: Told = (BookCorrected, {"book": "masuk", "year": 2026, "was": 41, "opening": 43})


@pytest.mark.parametrize(
    ("service", "facts"),
    [("complaint", (OPENED, CORRECTED, *filed(44))), ("intake", (BOOK_OPENED, BOOK_CORRECTED, *lettered(44)))],
)
def test_numbers_go_on_from_the_corrected_start(service: str, facts: tuple[Told, ...]) -> None:
    assert found(service, *facts).ok


@pytest.mark.parametrize(
    ("service", "facts"),
    [
        ("complaint", (OPENED, *filed(42), CORRECTED)),
        ("complaint", ((OpeningCorrected, {"year": 2026, "was": 41, "opening": 43}),)),
        ("intake", (BOOK_OPENED, BOOK_CORRECTED, BOOK_CORRECTED)),
        ("intake", (*lettered(42), BOOK_CORRECTED)),
    ],
)
def test_a_correction_behind_a_number_or_of_another_start_is_a_breach(service: str, facts: tuple[Told, ...]) -> None:
    finding = found(service, *facts)
    assert not finding.ok
    assert "dibetulkan" in str(finding)


@pytest.mark.parametrize(
    ("service", "facts"),
    [("complaint", (OPENED, CORRECTED, *filed(42))), ("intake", (BOOK_OPENED, BOOK_CORRECTED, *lettered(42)))],
)
def test_a_number_of_the_old_start_is_a_breach(service: str, facts: tuple[Told, ...]) -> None:
    assert not found(service, *facts).ok
