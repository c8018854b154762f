"""The end of the log at hand: exactly what was committed, in one piece, and nothing where that is not certain."""

from services.kit.store import LogRow
from services.kit.store.recent import MOST_BYTES, MOST_ROWS, Recent


def rows(*positions: int, previous: int, size: int = 10) -> list[LogRow]:
    before = (previous, *positions)
    return [LogRow(each, last, "s", 1, "k", b"x" * size) for each, last in zip(positions, before, strict=False)]


def positions(recent: Recent, after: int, limit: int = 100) -> list[int]:
    return [row.position for row in recent.after(after, limit)]


def test_what_was_committed_is_at_hand_from_where_it_began() -> None:
    recent = Recent()
    recent.add(rows(8, 9, previous=7))
    recent.add(rows(12, previous=9))
    assert positions(recent, 7) == [8, 9, 12]
    assert positions(recent, 8, limit=1) == [9]
    assert positions(recent, 9) == [12]


def test_what_lies_before_it_is_read_from_the_log() -> None:
    recent = Recent()
    recent.add(rows(8, previous=7))
    assert positions(recent, 6) == []
    assert positions(recent, 8) == [], "whether others have written since, the log knows"


def test_who_stands_at_a_position_that_never_was_gets_nothing() -> None:
    recent = Recent()
    recent.add(rows(8, 12, previous=7))
    assert positions(recent, 10) == []


def test_rows_of_another_process_in_between_end_the_piece() -> None:
    recent = Recent()
    recent.add(rows(8, previous=7))
    recent.add(rows(11, previous=10))
    assert positions(recent, 7) == []
    assert positions(recent, 10) == [11]


def test_it_is_bounded_and_can_be_forgotten() -> None:
    recent = Recent()
    recent.add(rows(*range(1, MOST_ROWS + 11), previous=0))
    assert positions(recent, 5) == []
    assert positions(recent, 10, limit=3) == [11, 12, 13]
    recent.add(rows(MOST_ROWS + 11, MOST_ROWS + 12, previous=MOST_ROWS + 10, size=MOST_BYTES // 2 + 1))
    assert positions(recent, MOST_ROWS + 11) == [MOST_ROWS + 12]
    assert positions(recent, MOST_ROWS + 10) == [], "two such do not fit"
    recent.clear()
    assert positions(recent, MOST_ROWS + 11) == []
