"""The rule of evidence: what the chain says, and that every tampering is told as what it is."""

from dataclasses import dataclass, replace
from hashlib import sha256

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.audit.policy import told
from services.kit.chain import Comparison, Difference, Link, chained, genesis, subject_of
from services.kit.ids import stream_id


@dataclass(frozen=True)
class Row:
    position: int
    data: bytes


def event(number: int, agency: str = "pekalongan", stream: str = "book:masuk:2026") -> bytes:
    raw = {"agency": agency, "subject": stream, "type": "intake.AgendaNumberTaken.v1", "streamversion": number}
    return orjson.dumps({**raw, "data": {"number": number}})


def history(count: int = 10) -> list[Row]:
    """Positions with gaps, two agencies by turns."""
    return [Row(n * 3, event(n, "semarang" if n % 3 == 0 else "pekalongan")) for n in range(1, count + 1)]


def compared(rows: list[Row], kept: list[Link]) -> list[Difference]:
    return list(Comparison("intake", {}).part(rows, kept))


def test_the_hash_is_what_the_rule_says_in_a_few_lines_of_anybodys_own() -> None:
    def sized(text: bytes) -> bytes:
        return len(text).to_bytes(8, "big") + text

    data = event(1)
    stream = str(stream_id("pekalongan", "intake", "book:masuk:2026")).encode()
    first = sha256(sized(b"intake") + sized(b"pekalongan")).digest()
    parts = (b"5", stream, b"1", b"intake.AgendaNumberTaken.v1", data)
    expected = sha256(first + b"".join(sized(part) for part in parts)).digest()
    assert genesis("intake", "pekalongan") == first
    assert chained("intake", {}, [Row(5, data)]) == [Link("pekalongan", 5, expected)]


def test_each_agency_has_its_own_chain_that_the_others_events_do_not_touch() -> None:
    rows = history()
    ours = [row for row in rows if b"semarang" in row.data]
    mixed = [link for link in chained("intake", {}, rows) if link.agency == "semarang"]
    assert mixed == chained("intake", {}, ours)


@given(st.integers(0, 10))
def test_a_chain_continued_is_the_chain_made_at_once(cut: int) -> None:
    rows = history()
    first = chained("intake", {}, rows[:cut])
    heads = {link.agency: link.hash for link in first}
    assert first + chained("intake", heads, rows[cut:]) == chained("intake", {}, rows)


def test_an_untouched_history_has_no_difference() -> None:
    rows = history()
    assert compared(rows, chained("intake", {}, rows)) == []


def test_one_edited_byte_is_one_difference_and_the_events_behind_it_stay_trusted() -> None:
    rows = history()
    kept = chained("intake", {}, rows)
    rows[3] = replace(rows[3], data=rows[3].data.replace(b'"number":4', b'"number":9'))
    assert compared(rows, kept) == [Difference("pekalongan", 12, "book:masuk:2026", "edited")]


@pytest.mark.parametrize("at", [0, 4, 9])
def test_a_removed_row_is_named(at: int) -> None:
    rows = history()
    kept = chained("intake", {}, rows)
    gone = rows.pop(at)
    agency = subject_of("intake", gone.data).agency
    assert compared(rows, kept) == [Difference(agency, gone.position, "", "removed")]


def test_an_added_row_is_named() -> None:
    rows = history()
    kept = chained("intake", {}, rows)
    rows.insert(4, Row(13, event(99)))
    assert compared(rows, kept) == [Difference("pekalongan", 13, "book:masuk:2026", "added")]


def test_two_swapped_rows_are_called_a_swap_also_over_a_part() -> None:
    rows = history()
    kept = chained("intake", {}, rows)
    rows[1], rows[6] = replace(rows[1], data=rows[6].data), replace(rows[6], data=rows[1].data)
    comparison = Comparison("intake", {})
    found = [*comparison.part(rows[:5], kept[:5]), *comparison.part(rows[5:], kept[5:])]
    assert [each.what for each in found] == ["edited", "swapped"]
    assert (found[1].position, found[1].other) == (21, 6)
    assert "posisi 21 dan 6 ditukar" in told("intake", found[1])


def test_an_event_moved_to_another_agency_is_found() -> None:
    rows = history()
    kept = chained("intake", {}, rows)
    rows[0] = Row(3, event(1, "semarang"))
    assert [(each.agency, each.position) for each in compared(rows, kept)] == [("pekalongan", 3)]


@pytest.mark.parametrize(
    "data", [b"", b"\xff\x00", b"[]", b'{"agency": 1}', b'{"agency":"a","subject":"s","type":"t"}']
)
def test_bytes_that_are_no_event_are_chained_too(data: bytes) -> None:
    (link,) = chained("intake", {}, [Row(1, data)])
    assert link.agency == "unreadable"
    assert compared([Row(1, data + b" ")], [link])[0].what == "edited"


@given(st.data())
def test_no_edit_of_any_byte_goes_unnoticed(data: st.DataObject) -> None:
    rows = history(6)
    kept = chained("intake", {}, rows)
    number = data.draw(st.integers(0, 5))
    place = data.draw(st.integers(0, len(rows[number].data) - 1))
    flip = data.draw(st.integers(1, 255))
    changed = bytearray(rows[number].data)
    changed[place] ^= flip
    rows[number] = replace(rows[number], data=bytes(changed))
    assert rows[number].position in {each.position for each in compared(rows, kept)}
