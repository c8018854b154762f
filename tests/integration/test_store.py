"""The writer and the log, on both databases: group commit, idempotency, gapless numbers, claims, sealing."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
import pytest_asyncio
from pydantic import SecretStr

from contracts.base import ERASED, Accepted, Actor, Ask, Command, Event, Refusal, Sealed
from contracts.intake import (
    AgendaNumberTaken,
    BookOpened,
    CancelLetter,
    LetterCancelled,
    OpenBook,
    RegisterLetter,
    ResumeClock,
    StopClock,
)
from services.kit.codec.envelope import decode
from services.kit.database.place import Place, engine_of
from services.kit.deciding import Accept, Claim, Commands, Decision, Given, Handles, StreamKind, accept
from services.kit.policy import related
from services.kit.sealing.keyring import load_keyring
from services.kit.sealing.keys import Keys, open_keys
from services.kit.sealing.sealer import Sealer
from services.kit.settings import Settings
from services.kit.store import Log, Writer, open_log, open_store, schema
from services.kit.store.claims import Claims
from services.kit.store.opening import AlreadyRunning, Store
from tests.integration.waiting import until
from tests.parts.ways import ONE_WAY

pytestmark = pytest.mark.usefixtures("way")

NOW = datetime(2026, 3, 13, 2, 0, tzinfo=UTC)
BOOK = "book:masuk:2026"


@dataclass(frozen=True)
class Book:
    last: int | None = None


def evolve(state: Book, event: Event) -> Book:
    match event:
        case BookOpened():
            return Book(event.opening)
        case AgendaNumberTaken():
            return replace(state, last=event.number)
    return state


def open_book(command: OpenBook, state: Book, given: Given) -> Decision:
    return accept(BOOK, BookOpened(book="masuk", year=command.year, opening=command.opening))


def register(command: RegisterLetter, state: Book, given: Given) -> Decision:
    if state.last is None:
        return Refusal(code="intake.book-closed")
    number = state.last + 1
    taken = AgendaNumberTaken(book="masuk", year=2026, number=number, letter_id=command.letter_id)
    claim = Claim("letter", str(command.letter_id), str(command.letter_id))
    return Accept(((BOOK, taken),), (claim,), {"number": number})


def cancel(command: CancelLetter, state: Book, given: Given) -> Decision:
    if command.reason == "bug":
        raise ZeroDivisionError
    if command.reason == "nothing new":
        return Accept()
    if command.reason == "mine":  # a decision that has not looked whose it is
        claim = Claim("letter", str(command.letter_id), "somebody else")
        fact = LetterCancelled(letter_id=command.letter_id, reason="mine", by=given.officer())
        return Accept(((f"letter:{command.letter_id}", fact),), (claim,))
    if given.claimed("letter", str(command.letter_id)) is None:
        return Refusal(code="intake.unknown", status=404)
    fact = LetterCancelled(letter_id=command.letter_id, reason=command.reason, by=given.officer())
    return accept(f"letter:{command.letter_id}", fact)


def the_book(_command: Command, _given: Given) -> str:
    return BOOK


def the_letter(command: CancelLetter | ResumeClock, _given: Given) -> str:
    return f"letter:{command.letter_id}"


def begin(command: StopClock, state: Book, given: Given) -> Decision:
    """The book of one command, named by it."""
    if state.last is not None:
        return Accept(result={"known": True})
    return accept(itself(command, given), BookOpened(book="masuk", year=2026, opening=7))


def look(command: ResumeClock, state: Book, _given: Given) -> Decision:
    return Accept(result={"last": state.last})


def itself(_command: StopClock, given: Given) -> str:
    return f"letter:{given.command_id}"


ANYBODY = related("anybody")
COMMANDS: Commands = {
    StopClock: Handles(itself, begin, (BookOpened,), ANYBODY, creates_stream=True),
    ResumeClock: Handles(the_letter, look, (), ANYBODY),
    OpenBook: Handles(the_book, open_book, (BookOpened,), ANYBODY),
    RegisterLetter: Handles(the_book, register, (AgendaNumberTaken,), ANYBODY),
    CancelLetter: Handles(the_letter, cancel, (LetterCancelled,), ANYBODY),
}
STREAMS = {"book": StreamKind(Book(), evolve, Book), "letter": StreamKind(Book(), evolve)}
ACTOR = Actor(id="operator", name="Sri Lestari", nip="198001012005012001")


def ask(command: Command, command_id: UUID | None = None, **more: object) -> Ask:
    identity = command_id or uuid4()
    return Ask(
        command_id=identity, agency="pekalongan", kind=command.kind(), actor=ACTOR, asked_at=NOW,
        correlation_id=identity, body=command.model_dump(mode="json"), **more,
    )  # fmt: skip


@dataclass
class Office:
    settings: Settings
    store: Store
    writer: Writer
    keys: Keys
    log: Log

    async def do(self, command: Command, command_id: UUID | None = None, **more: object) -> Accepted | Refusal:
        return await self.writer.execute(ask(command, command_id, **more))


def office_of(settings: Settings) -> Office:
    store = open_store(settings, "intake")
    keys = open_keys(settings)
    keys.migrate()
    store.migrate()
    writer = Writer(
        store, "intake", COMMANDS, STREAMS, keys, lambda: datetime.now(UTC), load_keyring(settings).derive("commands")
    )
    writer.start()
    return Office(settings, store, writer, keys, open_log(settings, "intake"))


@pytest_asyncio.fixture(params=["sqlite", "postgres"])
async def office(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Office]:
    url = request.getfixturevalue("pg_url") if request.param == "postgres" else None
    opened = office_of(Settings(data_dir=tmp_path, database_url=SecretStr(url) if url else None))
    yield opened
    await opened.writer.stop()
    opened.store.close()
    opened.log.close()
    opened.keys.dispose()


async def test_five_hundred_letters_at_once_get_numbers_without_gap_or_duplicate(office: Office) -> None:
    await office.do(OpenBook(book="masuk", year=2026, opening=843))
    answers = await asyncio.gather(*(office.do(RegisterLetter(letter_id=uuid4())) for _ in range(500)))
    numbers = [answer.result["number"] for answer in answers if isinstance(answer, Accepted)]
    assert sorted(numbers) == list(range(844, 1344))
    rows = office.log.read(0, 1000)
    assert [decode(row.position, row.data).version for row in rows] == list(range(1, 502))
    assert [row.previous for row in rows] == [0, *(row.position for row in rows[:-1])]
    assert office.log.head() == rows[-1].position
    assert office.log.read(rows[99].position, 5)[0].previous == rows[99].position


async def test_the_same_command_twice_has_one_effect_and_one_answer(office: Office) -> None:
    await office.do(OpenBook(book="masuk", year=2026))
    command, identity = RegisterLetter(letter_id=uuid4()), uuid4()
    first, second = await asyncio.gather(office.do(command, identity), office.do(command, identity))
    third = await office.do(command, identity)
    assert first == second == third
    assert len(office.log.read(0, 10)) == 2
    other = await office.do(RegisterLetter(letter_id=uuid4()), identity)
    assert isinstance(other, Refusal)
    assert (other.code, other.status) == ("kit.key-reused", 422)


async def test_the_same_key_with_another_body_in_one_batch_is_refused(office: Office) -> None:
    await office.do(OpenBook(book="masuk", year=2026))
    identity = uuid4()
    both = [office.do(RegisterLetter(letter_id=uuid4()), identity) for _ in range(2)]
    taken, refused = await asyncio.gather(*both)
    assert isinstance(taken, Accepted)
    assert isinstance(refused, Refusal)
    assert (refused.code, refused.status) == ("kit.key-reused", 422)
    assert len(office.log.read(0, 10)) == 2


@pytest.mark.parametrize("together", [False, True], ids=["later", "in one batch"])
async def test_what_is_claimed_is_nobody_elses_although_the_decision_does_not_look(
    office: Office, *, together: bool
) -> None:
    await office.do(OpenBook(book="masuk", year=2026))
    letter_id = uuid4()
    asked = [RegisterLetter(letter_id=letter_id), CancelLetter(letter_id=letter_id, reason="mine")]
    if together:
        first, second = await asyncio.gather(*map(office.do, asked))
    else:
        first, second = [await office.do(command) for command in asked]
    assert isinstance(first, Accepted)
    assert isinstance(second, Refusal)
    assert (second.code, second.status, second.detail["kind"]) == ("kit.claimed", 409, "letter")
    assert len(office.log.read(0, 10)) == 2


def test_every_commit_of_a_store_in_a_file_is_synced_and_none_of_what_can_be_made_anew_need_be(tmp_path: Path) -> None:
    """PRAGMA synchronous: 2 is FULL, 1 is NORMAL."""
    store = open_store(Settings(data_dir=tmp_path), "intake")
    store.migrate()
    with store.locked() as transaction:
        assert transaction.execute("PRAGMA synchronous") == [(2,)]
    store.close()
    for derived, synced in ((False, 2), (True, 1)):
        engine = engine_of(Place("intake", tmp_path / "other.sqlite", None), derived=derived)
        with engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == synced
        engine.dispose()


async def test_commands_of_one_batch_asked_again_are_answered_word_for_word(office: Office) -> None:
    """With a fact and without one, whatever place in the batch."""
    await office.do(OpenBook(book="masuk", year=2026))
    asked: dict[UUID, Command] = {uuid4(): RegisterLetter(letter_id=uuid4()) for _ in range(9)}
    asked |= {uuid4(): CancelLetter(letter_id=uuid4(), reason="nothing new") for _ in range(3)}
    first = await asyncio.gather(*(office.do(command, identity) for identity, command in asked.items()))
    again = await asyncio.gather(*(office.do(command, identity) for identity, command in asked.items()))
    alone = [await office.do(command, identity) for identity, command in asked.items()]
    assert first == again == alone
    rows = office.log.read(0, 100)
    covered = {
        answer.command_id: int(answer.after.rpartition(".")[2]) for answer in first if isinstance(answer, Accepted)
    }
    for row in rows[1:]:
        assert covered[decode(row.position, row.data).command_id] == row.position


async def test_what_one_agency_has_claimed_is_not_anothers_in_whatever_batch(office: Office) -> None:
    """Asked for all at once, by a writer that remembers nothing, the owners are those that each has alone."""
    agencies = [f"agency-{number}" for number in range(8)]
    letters = {agency: uuid4() for agency in agencies}
    same = uuid4()  # claimed under this name by every second agency
    odd = 'dinas\'; "x", {y} \\ %s 信'
    claims = [(agency, "letter", str(letters[agency]), agency) for agency in agencies]
    claims += [(agency, kind, str(same), f"{agency}/{kind}") for agency in agencies[::2] for kind in ("letter", odd)]
    with office.store.locked() as transaction:
        transaction.add(schema.CLAIM, claims)
    wanted = [
        (agency, kind, str(key))
        for agency in agencies
        for kind in ("letter", odd)
        for key in (same, odd, *letters.values())
    ]
    at_once, alone = Claims(), Claims()
    with office.store.locked() as transaction:
        absent = at_once.ask(transaction, wanted)()
        assert absent == set().union(*(alone.ask(transaction, [key])() for key in wanted))
        assert at_once.ask(transaction, [])() == set()
    owners = {key[:3]: key[3] for key in claims}
    assert {key: at_once.get(key) for key in wanted} == {key: alone.get(key) for key in wanted}
    assert {key: at_once.get(key) for key in wanted if key not in absent} == owners


async def test_what_a_command_has_begun_is_seen_when_it_comes_again_beside_others(office: Office) -> None:
    identity = uuid4()
    first = await office.do(StopClock(letter_id=identity, at=NOW), identity)
    again, seen = await asyncio.gather(
        office.do(StopClock(letter_id=identity, at=NOW), identity), office.do(ResumeClock(letter_id=identity))
    )
    assert first == again
    assert isinstance(seen, Accepted)
    assert seen.result == {"last": 7}


async def test_what_a_command_has_begun_stands_although_its_answer_was_lost(office: Office) -> None:
    identity = uuid4()
    await office.do(StopClock(letter_id=identity, at=NOW), identity)
    with office.store.locked() as transaction:
        transaction.execute("DELETE FROM {s}commands")
    other, again = await asyncio.gather(
        office.do(OpenBook(book="masuk", year=2026)), office.do(StopClock(letter_id=identity, at=NOW), identity)
    )
    assert isinstance(other, Accepted)
    assert isinstance(again, Accepted)
    assert again.result == {"known": True}
    assert len(office.log.read(0, 10)) == 2


async def test_a_refusal_is_decided_anew_and_stores_nothing(office: Office) -> None:
    command, identity = RegisterLetter(letter_id=uuid4()), uuid4()
    refused = await office.do(command, identity)
    assert isinstance(refused, Refusal)
    assert office.log.head() == 0
    await office.do(OpenBook(book="masuk", year=2026))
    assert isinstance(await office.do(command, identity), Accepted)


async def test_a_stale_screen_is_refused(office: Office) -> None:
    await office.do(OpenBook(book="masuk", year=2026))
    stale = await office.do(RegisterLetter(letter_id=uuid4()), expected_version=7)
    assert isinstance(stale, Refusal)
    assert (stale.code, stale.status, stale.detail) == ("kit.stale-version", 412, {"version": 1})
    assert isinstance(await office.do(RegisterLetter(letter_id=uuid4()), expected_version=1), Accepted)


async def test_a_bug_in_one_decision_fails_that_one_only(office: Office) -> None:
    await office.do(OpenBook(book="masuk", year=2026))
    letter = uuid4()
    good, bad = await asyncio.gather(
        office.do(RegisterLetter(letter_id=letter)),
        office.do(CancelLetter(letter_id=letter, reason="bug")),
        return_exceptions=True,
    )
    assert isinstance(good, Accepted)
    assert isinstance(bad, ZeroDivisionError)


async def test_unknown_commands_and_malformed_bodies_are_refused_without_repeating_them(office: Office) -> None:
    unknown = ask(OpenBook(book="masuk", year=2026)).model_copy(update={"kind": "intake.Burn.v1"})
    malformed = ask(OpenBook(book="masuk", year=2026)).model_copy(update={"body": {"book": "x y", "secret": "s"}})
    assert (await office.writer.execute(unknown)).code == "kit.unknown-command"  # type: ignore[union-attr]
    refused = await office.writer.execute(malformed)
    assert isinstance(refused, Refusal)
    assert refused.code == "kit.malformed"
    assert "x y" not in str(refused.detail)


async def test_names_are_sealed_in_the_store_and_read_as_erased_once_the_key_is_gone(office: Office) -> None:
    letter = uuid4()
    await office.do(OpenBook(book="masuk", year=2026))
    await office.do(RegisterLetter(letter_id=letter))
    await office.do(CancelLetter(letter_id=letter, reason="salah kirim"))
    last = office.log.read(0, 10)[-1]
    assert b"Lestari" not in last.data
    event = decode(last.position, last.data).event
    assert isinstance(event, LetterCancelled)
    assert office.keys.open(event.by.name) == "Sri Lestari"
    assert office.keys.destroy("pekalongan", "nobody") == ()
    with pytest.raises(ValueError, match="archive"):
        office.keys.destroy("pekalongan", "agency")


async def test_a_persons_field_reads_as_erased_once_his_key_is_gone(office: Office) -> None:
    subject = ("pekalongan", "applicant", "somebody")
    office.keys.ensure([subject])
    sealed = Sealed.of("Budi", "applicant", "somebody")
    close = Sealer(office.keys, lambda: [subject]).of("pekalongan")
    stored = Sealed.model_validate(close(sealed, "e/from_name"))
    stored.put_at("e/from_name")
    assert office.keys.open(stored) == "Budi"
    assert office.keys.destroy("pekalongan", "somebody") == (stored.key_id,)
    assert office.keys.open(stored) is ERASED
    assert office.keys.destroy("pekalongan", "somebody") == (stored.key_id,)


async def test_a_restart_goes_on_with_the_next_number_from_a_snapshot(office: Office) -> None:
    await office.do(OpenBook(book="masuk", year=2026))
    await asyncio.gather(*(office.do(RegisterLetter(letter_id=uuid4())) for _ in range(450)))
    await office.writer.stop()
    again = office_of(office.settings)
    answer = await again.do(RegisterLetter(letter_id=uuid4()))
    assert isinstance(answer, Accepted)
    assert answer.result == {"number": 451}
    await again.writer.stop()
    again.store.close()
    again.log.close()
    again.keys.dispose()


async def test_two_writers_on_postgresql_share_one_gapless_book(tmp_path: Path, pg_url: str) -> None:
    settings = Settings(data_dir=tmp_path, database_url=SecretStr(pg_url))
    one, two = office_of(settings), office_of(settings)
    await one.do(OpenBook(book="masuk", year=2026))
    answers = await asyncio.gather(*((one if n % 2 else two).do(RegisterLetter(letter_id=uuid4())) for n in range(300)))
    numbers = [answer.result["number"] for answer in answers if isinstance(answer, Accepted)]
    assert sorted(numbers) == list(range(1, 301))
    for office in (one, two):
        await office.writer.stop()
        office.store.close()
        office.log.close()
        office.keys.dispose()


@ONE_WAY
async def test_a_second_process_on_the_same_sqlite_store_is_refused(tmp_path: Path) -> None:
    one = open_store(Settings(data_dir=tmp_path), "intake")
    two = open_store(Settings(data_dir=tmp_path), "intake")
    one.own()
    with pytest.raises(AlreadyRunning, match="intake"):
        two.own()
    one.close()
    two.own()
    two.close()


@ONE_WAY
async def test_a_store_that_another_session_locks_says_so_until_it_takes_commands_again(
    tmp_path: Path, pg_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And a session that was ended is nobody's failure when it is read from next."""
    monkeypatch.setattr("services.kit.store.writer.LONG_SECONDS", 0.2)
    office = office_of(Settings(data_dir=tmp_path, database_url=SecretStr(pg_url)))
    await office.do(OpenBook(book="masuk", year=2026, opening=0))
    assert office.writer.health() == {}
    office.store.read(schema.READ_STORE)
    with psycopg.connect(pg_url) as colleague:
        colleague.execute("LOCK TABLE intake.stored_events IN ACCESS EXCLUSIVE MODE")
        asked = asyncio.create_task(office.do(RegisterLetter(letter_id=uuid4())))
        await until(lambda: "menunggu penyimpanan" in office.writer.health().get("reason", ""))
    assert isinstance(await asked, Accepted)
    await until(lambda: office.writer.health() == {})
    with psycopg.connect(pg_url, autocommit=True) as colleague:
        colleague.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    assert office.store.read(schema.READ_STORE)
    await office.writer.stop()
    office.store.close()
    office.log.close()
    office.keys.dispose()
