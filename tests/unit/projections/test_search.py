"""Letters are found by any three letters of their number, sender or subject, through an index that is never behind."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Engine

from contracts.base import Reader
from contracts.organisation import SubjectErased
from contracts.projections import CopyByCode, LetterDetail, LetterList
from services.kit.projections import search, search_texts
from services.kit.projections.generations import Generation, generation_of
from services.kit.projections.projector import serving
from services.projections.views import VIEWS
from services.projections.views.letters.tables import LETTERS
from tests.unit.projections.lives import live
from tests.unit.projections.office import Office
from tests.unit.projections.reading import ask, asking_of, dice, follow, projector_of, rebuilder_of


def words(engine: Engine, number: int | None = None) -> list[Any]:
    """The index as it is, and what it should be by the letters themselves."""
    with engine.connect() as connection:
        generation = serving(connection, VIEWS) if number is None else generation_of(VIEWS, number)
        index = generation.searches["letters"]
        kept = connection.execute(sa.select(index).order_by(index.c.case_id)).all()
        assert [tuple(row) for row in kept] == told(connection, generation)
        return list(kept)


def texts(engine: Engine, number: int | None = None) -> list[Any]:
    """The words of running texts, as they are, and as they should be."""
    with engine.connect() as connection:
        generation = serving(connection, VIEWS) if number is None else generation_of(VIEWS, number)
        index, table = generation.texts["letters"], generation["letters"]
        kept = [tuple(row) for row in connection.execute(sa.select(index).order_by(index.c.case_id))]
        rows = connection.execute(sa.select(table).where(table.c.text != "").order_by(table.c.letter_id)).mappings()
        assert kept == [(row["agency"], row["letter_id"], search_texts.words_of(row["text"])) for row in rows]
        return kept


def told(connection: sa.Connection, generation: Generation) -> list[Any]:
    table = generation["letters"]
    rows = connection.execute(sa.select(table).where(table.c.stage.is_not(None)).order_by(table.c.letter_id)).mappings()
    return [
        (row["agency"], row["letter_id"], "\n".join(search.folded(row[name] or "") for name in LETTERS.searched))
        for row in rows
        if any(row[name] is not None for name in LETTERS.searched)
    ]


async def test_what_the_index_holds_is_what_the_letters_say_live_and_rebuilt(engine: Engine, office: Office) -> None:
    chance = dice(4)
    for number in range(25):
        live(office, number, chance)
    projector = projector_of(engine, office)
    await follow(projector, office, chance=dice(5), batch=7)
    rebuilt = rebuilder_of(engine, office).build().number
    assert words(engine) == words(engine, rebuilt)
    assert texts(engine) == texts(engine, rebuilt) != []


async def test_a_letter_is_found_by_a_part_of_its_words_and_not_by_its_old_subject(
    engine: Engine, office: Office
) -> None:
    letter = office.letter(7).captured().examined("Peminjaman Ruang Jetayu").registered()
    office.letter(8).captured().examined("Peminjaman kendaraan").registered()
    projector = projector_of(engine, office)
    await follow(projector, office)
    for text in ("jetayu", "RUANG JET", "0007/20", "dinas 7", "005/7", "%an Ruang", 'ruang "j', "j_tayu"):
        found = (await ask(projector, office, LetterList(text=text))).letters
        assert [row.letter_id for row in found] == ([letter.id] if not set(text) & set('%"_') else []), text
    letter.forwarded().returned().revised("Peminjaman Ruang Amarta")
    await follow(projector, office)
    assert not (await ask(projector, office, LetterList(text="jetayu"))).letters
    assert [row.letter_id for row in (await ask(projector, office, LetterList(text="amarta"))).letters] == [letter.id]


async def test_words_are_found_in_any_order_without_accents_and_in_any_column(engine: Engine, office: Office) -> None:
    letter = office.letter(7).captured().examined("Undangan Séminar Kafé Çelebi di Jetayu").registered()
    office.letter(8).captured().examined("Undangan seminar").registered()
    projector = projector_of(engine, office)
    await follow(projector, office)
    asked = ("jetayu undangan", "seminar jetayu", "KAFÉ CELEBI", "kafé çelebi", "jetayu 0007", "di kafe", "kafe\tdi")
    for text in asked:
        found = [row.letter_id for row in (await ask(projector, office, LetterList(text=text))).letters]
        assert found == [letter.id], text
    assert not (await ask(projector, office, LetterList(text="jetayu kendaraan"))).letters
    assert len((await ask(projector, office, LetterList(text="an un"))).letters) == 2  # read through: too short for it


BODY = """Dengan hormat,
mohon kehadiran Saudara di Ruang *Jetayu*, Séminar-Kafé (e-Office), pukul 09.00; narahubung: rina@contoh.go.id,
0812-3456. Lihat https://contoh.go.id/berkas_rapat dan “lampiran”. 北京"""


async def test_a_letter_is_found_by_the_words_of_its_text_in_any_order_as_they_begin(
    engine: Engine, office: Office
) -> None:
    letter = office.letter(7).captured(BODY).examined("Peminjaman kendaraan").registered()
    office.letter(8).captured().examined("Peminjaman kendaraan")
    projector = projector_of(engine, office)
    await follow(projector, office)
    asked = (
        "jetayu", "JETA", "kafe seminar", "Kafé", "rina@contoh.go.id", "0812-3456", "berkas rapat", "office 09", "北京",
        "kendaraan jetayu",  # one word of the title, one of the text
        "jetayu 7", "*jetayu*", "“lampiran”",
    )  # fmt: skip
    for text in asked:
        found = [row.letter_id for row in (await ask(projector, office, LetterList(text=text))).letters]
        assert found == [letter.id], text
    for text in ("etayu", "jetayu zzz", "kafe bar", "0812 99", 'jetayu"*', "jetayu OR hormat NOT"):
        found = [row.letter_id for row in (await ask(projector, office, LetterList(text=text))).letters]
        assert found == ([letter.id] if '"' in text else []), text
    assert len((await ask(projector, office, LetterList(text="hormat"))).letters) == 2


async def test_words_of_a_text_are_found_by_whoever_may_see_the_letter_and_by_nobody_else(
    engine: Engine, office: Office, monkeypatch: Any
) -> None:
    mine = office.letter(7).captured(BODY).examined("Rapat").registered()
    projector = projector_of(engine, office)
    await follow(projector, office)
    nobody = Reader(person_id="caraka-9", positions=("caraka-9",), roles=("courier",))
    for most in (search.MOST, 0):  # by the index, and read in order
        monkeypatch.setattr(search, "MOST", most)
        assert [row.letter_id for row in (await ask(projector, office, LetterList(text="jetayu"))).letters] == [mine.id]
        assert not (await ask(projector, office, LetterList(text="jetayu", reader=nobody))).letters
    other = LetterList(text="jetayu", reader=Reader(person_id="op", positions=("op",), roles=("operator",)))
    asking = asking_of(projector, office, office.now)
    assert not (await asking.handlers()[LetterList]("purbalingga", other)).letters, "another agency's"


async def test_what_was_never_read_of_a_message_in_quarantine_is_found_by_nobody(
    engine: Engine, office: Office
) -> None:
    office.letter(7).quarantined()
    projector = projector_of(engine, office)
    await follow(projector, office)
    assert not (await ask(projector, office, LetterList(text="hormat"))).letters
    assert texts(engine) == []


async def test_too_many_finds_and_too_few_letters_are_read_in_order_with_the_same_answer(
    engine: Engine, office: Office, monkeypatch: Any
) -> None:
    for number in range(20):
        office.letter(number).captured().examined(f"Undangan {'rapat' if number % 2 else 'upacara'} {number}")
    projector = projector_of(engine, office)
    await follow(projector, office)
    question = LetterList(text="rapat", limit=4)
    through_index = await ask(projector, office, question)
    monkeypatch.setattr(search, "MOST", 3)
    assert await ask(projector, office, question) == through_index
    assert len(through_index.letters) == 4
    assert len((await ask(projector, office, LetterList(text="AP", limit=50))).letters) == 10


async def test_a_copy_is_found_by_the_digits_on_paper_and_its_number_together(engine: Engine, office: Office) -> None:
    letter = office.letter(7).captured().examined("Undangan").registered()
    other = office.letter(8).captured().examined("Undangan").registered()
    projector = projector_of(engine, office)
    await follow(projector, office)
    shown = (await ask(projector, office, LetterDetail(letter_id=letter.id))).letter
    for copy in shown.copies:
        asked = CopyByCode(code=copy.copy_id.hex[:8], agenda="0007/2026")
        assert (await ask(projector, office, asked)).copy_row == copy
        assert (await ask(projector, office, asked.model_copy(update={"agenda": "0008/2026"}))).copy_row is None
    assert other.id != letter.id
    assert (await ask(projector, office, CopyByCode(code="00000000", agenda="0007/2026"))).copy_row is None


async def test_an_erased_word_is_no_longer_in_the_index(engine: Engine, office: Office) -> None:
    letter = office.letter(3).captured()
    projector = projector_of(engine, office)
    await follow(projector, office)
    assert (await ask(projector, office, LetterList(text="pengirim 3"))).letters
    office.keys.destroy(office.agency, letter.sender)
    office.tell(f"subject:{letter.sender}", SubjectErased(subject_id=letter.sender, reason="diminta"))
    await follow(projector, office)
    assert not (await ask(projector, office, LetterList(text="pengirim 3"))).letters
    assert words(engine) == words(engine, rebuilder_of(engine, office).build().number)
    with engine.connect() as connection:
        segments = connection.exec_driver_sql("SELECT block FROM g1_letters_search_data").scalars().all()
        assert not any(b"engirim" in bytes(block) for block in segments)
