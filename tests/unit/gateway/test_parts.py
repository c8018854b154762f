"""The table of parts is whole and closed: every field has its part, every reason its matter, and what leaks is cut."""

from uuid import UUID

import httpx
import pytest

from contracts import projections as p
from contracts.words import AttachmentRef
from gateway.edge import parts
from gateway.edge.cases import every_letter_of, letters_of, tasks_of
from gateway.edge.parts import Matter, Part, Relation
from gateway.web import words
from services.intake import mail
from tests.unit.gateway.web_letters import TEXT, history, initials, letter, letter_id, row
from tests.unit.gateway.web_office import PEOPLE, PaperDesk, visitor

CLASSIFIED = letter_id(2)
WORDS = ("Kawat rahasia", "Satuan Intel", "intel@contoh", "isi kawat", "denah-gudang.pdf", "ringkasan kawat")


def leaky(reason: str = "classified") -> p.Letter:
    """What the views would tell if they told everything of a message in quarantine."""
    found = letter(3, "registered")
    attached = AttachmentRef(name="denah-gudang.pdf", media_type="application/pdf", size=1, sha256="a" * 64)
    of_row = {
        "letter_id": CLASSIFIED, "stage": "quarantined", "quarantine": reason, "subject": "Kawat rahasia",
        "sender": "Satuan Intel", "title": "Kawat rahasia", "who": "Satuan Intel", "attachments": 1, "agenda": None,
        "number": "", "case_id": CLASSIFIED,
    }  # fmt: skip
    said = {
        "row": found.row.model_copy(update=of_row), "message_subject": "Kawat rahasia", "from_name": "Satuan Intel",
        "from_address": "intel@contoh", "text": "isi kawat", "attachments": (attached,), "summary": "ringkasan kawat",
        "initials": initials(row(5, "forwarded")),
    }  # fmt: skip
    return found.model_copy(update=said)


def test_every_field_of_an_answer_belongs_to_a_part_and_to_no_second_one() -> None:
    of_row = [name for part, names in parts.ROW_FIELDS.items() if part is not Part.STOP for name in names]
    assert sorted(of_row) == sorted(p.LetterRow.model_fields)
    assert set(parts.ROW_FIELDS[Part.STOP]) <= p.CaseRow.model_fields.keys()
    of_letter = [name for names in parts.LETTER_FIELDS.values() for name in names]
    assert sorted([*of_letter, "row"]) == sorted(p.Letter.model_fields)


def test_every_reason_of_quarantine_has_its_matter_and_an_unknown_one_the_closest() -> None:
    assert set(parts.MATTERS) - {None} == set(mail.QUARANTINES) == set(words.QUARANTINES)
    assert parts.matter_of("a-reason-of-next-year") is Matter.CLASSIFIED
    assert all(parts.matter_of(reason) is not Matter.ORDINARY for reason in mail.QUARANTINES)


def test_what_stands_in_no_cell_is_given_to_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "TABLE", {})
    everything = frozenset(Relation)
    assert not any(parts.may(everything, part, matter) for part in Part for matter in Matter)


def test_classified_matter_has_no_part_that_says_what_it_is() -> None:
    everything = frozenset(Relation)
    had = {part for part in Part if parts.may(everything, part, Matter.CLASSIFIED)}
    assert had == {Part.ROW, Part.HISTORY, Part.RAW_EVENT, Part.DEADLINE, Part.CHANGE, Part.REFUSAL}


@pytest.mark.parametrize("role", sorted(PEOPLE))
def test_of_classified_matter_no_word_is_left_whatever_the_views_tell(role: str) -> None:
    shown = parts.letter_for(visitor(role), leaky())
    if shown is not None:
        said = shown.model_dump_json()
        assert [word for word in WORDS if word in said] == []
        assert (shown.blob, shown.print_pack, shown.row.attachments) == (None, None, 0)
        assert shown.row.quarantine == "classified"


@pytest.mark.parametrize("reason", ["malware", "unparsable"])
def test_of_what_was_shut_away_the_title_may_be_told_and_nothing_else(reason: str) -> None:
    shown = parts.letter_for(visitor("kasi"), leaky(reason))
    assert shown is not None
    assert (shown.row.subject, shown.text, shown.attachments, shown.blob, shown.summary) == (
        "Kawat rahasia", "", (), None, "",
    )  # fmt: skip


@pytest.mark.parametrize("role", ["operator", "inspector", "kasi"])
async def test_a_page_shows_nothing_of_classified_matter_whatever_the_views_tell(
    browser: httpx.AsyncClient, desk: PaperDesk, role: str
) -> None:
    desk.letters[CLASSIFIED] = leaky()
    browser.cookies.set("peran", role)
    for address in (
        f"/surat/{CLASSIFIED}",
        f"/kotak-masuk/{CLASSIFIED}",
        "/surat",
        "/surat?cari=kawat",
        "/surat?tahap=quarantined",
        "/papan",
        "/tugas",
    ):
        shown = (await browser.get(address)).text
        assert [word for word in WORDS if word in shown] == [], address


@pytest.mark.parametrize(
    ("role", "reason", "offered"),
    [
        ("operator", "unparsable", "Ambil dari karantina (.bin)"),
        ("operator", "malware", ""),
        ("operator", "classified", ""),
        ("inspector", "unparsable", ""),
        ("kasi", "unparsable", ""),
    ],
)
async def test_a_page_offers_what_lies_in_quarantine_only_to_whom_it_would_be_given(
    browser: httpx.AsyncClient, desk: PaperDesk, role: str, reason: str, offered: str
) -> None:
    desk.letters[CLASSIFIED] = leaky(reason)
    browser.cookies.set("peran", role)
    addresses = [f"/surat/{CLASSIFIED}", *([] if role == "kasi" else [f"/kotak-masuk/{CLASSIFIED}"])]
    for address in addresses:
        shown = (await browser.get(address)).text
        if offered:
            assert f'href="/api/v1/letters/{CLASSIFIED}/raw?despite=quarantine">{offered}</a>' in shown
            assert "dapat berbahaya" in shown
        assert (f"{CLASSIFIED}/raw" in shown) is bool(offered)


async def test_what_is_found_by_a_hidden_word_is_not_found() -> None:
    desk = PaperDesk({CLASSIFIED: leaky(), letter_id(0): letter(0, "captured")})

    async def found(text: str) -> set[UUID]:
        answer = await letters_of(desk, visitor("kasi"), p.LetterList(text=text))  # type: ignore[arg-type]
        return {each.letter_id for each in answer.letters}

    assert await found("kawat") == set()
    assert await found("") == {CLASSIFIED, letter_id(0)}
    assert await found("rapat") == {letter_id(0)}


async def test_a_courier_learns_of_a_letter_what_stands_on_its_copy() -> None:
    desk = PaperDesk({letter_id(9): letter(9, "assigned")})
    answer = await tasks_of(desk, visitor("courier"))  # type: ignore[arg-type]
    assert answer.counts == {"deliver": 2}
    for task in answer.tasks:
        assert (task.case.who, task.case.versions) == ("", {})
        assert task.case.title == letter(9, "assigned").row.subject
        assert "Dinas Komunikasi" not in task.case.model_dump_json()


@pytest.mark.parametrize("role", ["admin", "secretary", "stand-in"])
async def test_who_reads_no_letters_is_told_of_no_task_even_if_there_were_one(role: str) -> None:
    class Careless(PaperDesk):
        def _tasks(self, query: p.TaskList) -> p.TaskListAnswer:
            reader = query.reader.model_copy(update={"roles": ("operator", "kasi", "courier")})
            return super()._tasks(query.model_copy(update={"reader": reader}))

    desk = Careless({letter_id(n): letter(n, stage) for n, stage in enumerate(("captured", "assigned", "released"))})
    answer = await tasks_of(desk, visitor(role))  # type: ignore[arg-type]
    assert (answer.tasks, answer.counts) == ((), {})


async def test_whoever_sets_the_calendar_and_reads_no_letters_sees_none() -> None:
    desk = PaperDesk({letter_id(9): letter(9, "assigned")})
    for role in ("admin", "secretary"):
        assert await every_letter_of(desk, visitor(role), ("assigned",), 10) == []  # type: ignore[arg-type]
    assert desk.asked == []
    assert len(await every_letter_of(desk, visitor("kadis"), ("assigned",), 1)) == 1  # type: ignore[arg-type]


def test_a_row_of_no_kind_of_ours_is_shown_to_nobody_and_one_set_aside_without_its_title() -> None:
    said = letter(9, "assigned").row.model_dump()
    everybody = frozenset(Relation)
    assert parts.row_for(everybody, p.CaseRow.model_validate({**said, "kind": "surveys"})) is None
    for stage, title in (("assigned", said["title"]), ("quarantined", ""), ("cancelled", "")):
        shown = parts.row_for(everybody, p.CaseRow.model_validate({**said, "stage": stage}))
        assert shown is not None
        assert (type(shown), shown.title) == (p.CaseRow, title)


def test_a_stand_in_sees_what_he_would_initial_and_neither_the_raw_message_nor_stored_events() -> None:
    his, other = letter(5, "forwarded"), letter(5, "forwarded").model_copy(update={"registrar_id": "operator-2"})
    shown = parts.letter_for(visitor("stand-in"), his)
    assert shown is not None
    assert (shown.text, shown.blob) == (TEXT, None)
    assert parts.letter_for(visitor("stand-in"), other) is None
    known = parts.relations(visitor("stand-in"), his)
    told = [parts.entry_for(known, Matter.ORDINARY, each) for each in history(his, raw=True)]
    assert {entry.raw is None for entry in told} == {True}
