"""What a service says of itself: what is stopped is a trouble, what waits for a person is none of its own."""

from services.kit.runtime.housekeeping import report
from services.kit.runtime.supervise import Supervisor


def said(**parts: dict[str, object]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    told = report("intake", "i", Supervisor(), {name: part.copy for name, part in parts.items()})
    return told.troubles, told.warnings


def test_what_is_parked_makes_nobody_less_ready() -> None:
    assert said(jobs={"state": "running", "parked": 1}, timers={"state": "running", "parked": 2}) == (
        (),
        ("jobs: 1 terparkir", "timers: 2 terparkir"),
    )


def test_what_is_stopped_is_a_trouble() -> None:
    assert said(jobs={"state": "stopped", "reason": "disk full", "parked": 0}) == (("jobs: stopped disk full",), ())


def test_what_a_file_changed_under_a_taken_number_waits_for_a_person() -> None:
    assert said(standards={"state": "imported", "not_taken": ["versi 1 sudah terbit"]}) == (
        (),
        ("standards: versi 1 sudah terbit",),
    )
