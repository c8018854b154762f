"""Complaints on both databases: the whole road, silence, the clock moved on; the forgotten reporter; I10."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from pydantic import SecretStr
from sqlalchemy import text

from contracts.base import ERASED, Actor, Ask, Command, Query, Reader, Refusal, Shape
from contracts.complaint import (
    AcceptAnswer,
    AddNote,
    AnswerComplaint,
    AskReporter,
    AssignComplaint,
    ChangeStance,
    CheckReceipt,
    CheckReceiptAnswer,
    ClassifyComplaint,
    ComplaintAnswered,
    ComplaintClosed,
    ComplaintDeadline,
    ComplaintDeadlineAnswer,
    ComplaintFiled,
    ComplaintSheet,
    ComplaintSheetAnswer,
    FilesOfComplaint,
    NameComplainedAbout,
    Object,
    ReadThread,
    ReadThreadAnswer,
    RegisterNumberTaken,
    ReplyAsReporter,
    TrackComplaint,
)
from contracts.organisation import EraseSubject, SubjectErased
from contracts.tracking import FilesOfAnswer, TrackedAnswer
from contracts.words import BlobUpload
from services.cli.verify import verify
from services.complaint.adapters.completing import completing
from services.complaint.views.deadlines import reckoning
from services.complaint.views.files import files
from services.complaint.views.sheets import sheets
from services.complaint.views.thread import tracking
from services.kit.blobs import BlobLost, PersonBlobs, open_person_blobs
from services.kit.codec.envelope import decode
from services.kit.database.place import engine_of, place_of
from services.kit.public_numbers import public_case_id, public_number
from services.kit.secrets import code_of, mac_of
from services.kit.settings import Settings
from services.organisation.handlers import before
from tests.integration.small_road import AGENCY, Road, a_road
from tests.unit.complaint.desk import ADOPT, CLERK, KABID, OFFICER, REPORTER, TEAM, form

pytestmark = pytest.mark.real
MONDAY = datetime(2026, 4, 6, 3, 0, tzinfo=UTC)
CANARIES = ("Siti Aminah", "0812 0000 1111", "terlambat dua jam", "burung kenari", "Hari Senin pukul", "Belum puas")
OFFICERS = Reader(person_id="retno", positions=("pejabat",), roles=("complaint-officer",))


@dataclass
class Hall:
    """The office of a reporter: whoever asks, at a moment that the test moves."""

    road: Road
    settings: Settings
    moment: list[datetime]
    command_id: UUID

    @property
    def complaint_id(self) -> UUID:
        return public_case_id(AGENCY, "complaint", self.number)

    @property
    def number(self) -> str:
        return public_number("ADU", self.command_id)

    @property
    def code_mac(self) -> str:
        key = self.road.keys.purpose(AGENCY, "codes")
        return mac_of(key, code_of(key, self.command_id))

    @property
    def blobs(self) -> PersonBlobs:
        return open_person_blobs(self.settings, self.road.keys, "complaint")

    async def stored(self, data: bytes, subject: str = "") -> BlobUpload:
        own = subject or str(self.complaint_id)
        return await self.blobs.put(AGENCY, "reporter", own, str(self.complaint_id), data, "image/jpeg")

    async def do(self, command: Command, actor: Actor) -> dict[str, Any]:
        return (await self.road.do(command, actor)).result

    async def refused(self, command: Command, actor: Actor) -> str:
        ask = Ask(
            command_id=uuid4(), agency=AGENCY, kind=command.kind(), actor=actor, asked_at=datetime.now(UTC),
            correlation_id=uuid4(), body=command.model_dump(mode="json"),
        )  # fmt: skip
        answer = await self.road.ask(command, ask)
        assert isinstance(answer, Refusal), answer
        return answer.code

    async def file(self, **changes: Any) -> dict[str, Any]:
        wish = form(1, words="Petugas terlambat dua jam.", place="burung kenari", **changes)
        return (await self.road.do(wish, CLERK, command_id=self.command_id)).result

    async def sort(self) -> None:
        case = self.complaint_id
        wish = ClassifyComplaint(complaint_id=case, complaint_class="ringan", gist="Loket lambat.")
        await self.do(wish, OFFICER)
        await self.do(AssignComplaint(complaint_id=case, position="tim"), OFFICER)

    async def ask(self, query: Query) -> Shape:
        history, opened = partial(self.road.history, "complaint"), self.road.keys.open
        answers = {
            **tracking(history, opened, lambda: self.moment[0]),
            **sheets(history, opened),
            **files(history),
            **reckoning(history, lambda: self.moment[0]),
        }
        return await answers[type(query)](AGENCY, query)

    async def thread(self) -> ReadThreadAnswer:
        found = await self.ask(ReadThread(number=self.number, code_mac=self.code_mac))
        assert isinstance(found, ReadThreadAnswer)
        return found

    async def track(self) -> TrackedAnswer:
        found = await self.ask(TrackComplaint(number=self.number, code_mac=self.code_mac))
        assert isinstance(found, TrackedAnswer)
        return found

    async def until(self, moment: datetime) -> None:
        """The clock goes on, five days at a time; whatever has come due is asked and told."""
        while self.moment[0] < moment:
            self.moment[0] = min(moment, self.moment[0] + timedelta(days=5))
            await self.road.tell()

    def facts(self, *kinds: type, service: str = "complaint") -> list[Any]:
        found = [decode(row.position, row.data) for row in self.road.log(service).read(0, 100_000)]
        return [each.event for each in found if isinstance(each.event, kinds)]

    async def clean(self) -> None:
        """I2, I7, I10 and the others; what the chain and the views would say needs the running product."""
        found = await verify(self.settings, seed=1)
        wrong = {each.invariant: each.sentence for each in found if not each.ok}
        assert wrong.keys() <= {"I6", "I3", "I8"}, wrong


@pytest_asyncio.fixture(params=["sqlite", "postgres"])
async def hall(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Hall]:
    url = request.getfixturevalue("pg_url") if request.param == "postgres" else None
    settings = Settings(
        data_dir=tmp_path / "var", database_url=SecretStr(url) if url else None, nats_url="nats://127.0.0.1:1"
    )
    moment = [MONDAY]
    async with a_road(settings, clock=lambda: moment[0]) as road:
        made = Hall(road, settings, moment, uuid4())

        async def destroy(agency: str, subject_id: str) -> tuple[str, ...]:
            return await asyncio.to_thread(road.keys.destroy, agency, subject_id)

        async def nothing(*_: Any) -> Any:
            return ()

        road.before = {
            **completing(
                partial(road.history, "complaint"),
                road.keys.open,
                lambda agency: road.keys.purpose(agency, "codes"),
                made.blobs.are_his,
            ),
            EraseSubject: before(destroy, nothing, nothing, {})[EraseSubject],
        }
        await road.do(ADOPT)
        yield made


async def test_from_the_telephone_to_the_second_answer_and_its_closing(hall: Hall) -> None:
    told = await hall.file()
    assert told["number"] == hall.number
    assert UUID(told["complaint_id"]) == hall.complaint_id
    case, code = hall.complaint_id, hall.code_mac
    assert hall.facts(ComplaintFiled)[0].code_mac == code, "the code on the slip opens it"
    await hall.sort()
    await hall.do(AddNote(complaint_id=case, words="Catatan: burung kenari"), TEAM)
    await hall.do(AskReporter(complaint_id=case, reason="menunggu-pelapor", words="Kapan?"), TEAM)
    waiting = (await hall.track()).case
    assert waiting is not None
    assert (waiting.stage, waiting.paused, waiting.due_at) == ("asked", True, None)
    await hall.until(MONDAY + timedelta(days=3))
    await hall.do(ReplyAsReporter(complaint_id=case, words="Hari Senin pukul 8.", code_mac=code), REPORTER)
    await hall.do(AnswerComplaint(complaint_id=case, words="Jadwal diperbaiki."), TEAM)
    await hall.until(MONDAY + timedelta(days=4))
    await hall.do(Object(complaint_id=case, reason="Belum puas.", code_mac=code), REPORTER)
    await hall.do(AnswerComplaint(complaint_id=case, words="Petugas ditambah."), TEAM)
    answered = (await hall.track()).case
    assert answered is not None
    assert answered.replies == ("reply", "object", "accept", "change-stance", "withdraw")
    await hall.do(AcceptAnswer(complaint_id=case, code_mac=code), REPORTER)
    thread = await hall.thread()
    assert [(each.kind, each.words) for each in thread.entries] == [
        ("filed", "Petugas terlambat dua jam."), ("question", "Kapan?"), ("reply", "Hari Senin pukul 8."),
        ("answer", "Jadwal diperbaiki."), ("objection", "Belum puas."), ("answer", "Petugas ditambah."),
    ]  # fmt: skip
    closed = (await hall.track()).case
    assert closed is not None
    assert [each.step for each in closed.steps] == ["filed", "acknowledged", "assigned", "answered", "closed"]
    assert "Catatan" not in thread.model_dump_json(), "a note is the office's alone"
    deadline = await hall.ask(ComplaintDeadline(complaint_id=case))
    assert isinstance(deadline, ComplaintDeadlineAnswer)
    assert deadline.deadline is not None
    assert deadline.stopped_at is not None
    await hall.clean()


async def test_silence_closes_it_and_ninety_days_later_the_reporter_is_forgotten(hall: Hall) -> None:
    """C21: case, gist, answer and number stay, and the tracking by code; words and contact are unreadable."""
    await hall.file()
    await hall.sort()
    await hall.do(AnswerComplaint(complaint_id=hall.complaint_id, words="Jadwal diperbaiki."), TEAM)
    await hall.until(MONDAY + timedelta(days=20))
    assert [each.outcome for each in hall.facts(ComplaintClosed)] == ["silent"]
    await hall.clean()
    assert hall.facts(SubjectErased, service="organisation") == []
    await hall.until(hall.facts(ComplaintClosed)[0].retain_until + timedelta(hours=1))
    erased = hall.facts(SubjectErased, service="organisation")
    assert [each.subject_id for each in erased] == [str(hall.complaint_id), f"{hall.complaint_id}-identity"]
    assert all(each.key_ids for each in erased)
    thread = await hall.thread()
    assert thread.found
    assert [each.words for each in thread.entries] == [ERASED, "Jadwal diperbaiki."]
    sheet = await hall.ask(ComplaintSheet(complaint_id=hall.complaint_id, reader=OFFICERS))
    assert isinstance(sheet, ComplaintSheetAnswer)
    assert (sheet.name, sheet.contact, sheet.place) == (ERASED, ERASED, ERASED)
    assert (sheet.gist, sheet.answer) == ("Loket lambat.", "Jadwal diperbaiki.")
    assert [each.number for each in hall.facts(RegisterNumberTaken)] == [1]
    await hall.clean()


async def test_a_register_with_a_gap_is_named(hall: Hall) -> None:
    await hall.file()
    place = place_of(hall.settings, "complaint")
    engine = engine_of(place)
    forged = "UPDATE stored_events SET state = :s WHERE topic = :k"
    row = next(row for row in hall.road.log("complaint").read(0, 100) if row.kind.startswith("complaint.RegisterN"))
    with engine.begin() as connection:
        changed = bytes(row.data).replace(b'"number":1', b'"number":3')
        connection.execute(text(forged), {"s": changed, "k": row.kind})
    engine.dispose()
    found = {each.invariant: each for each in await verify(hall.settings, seed=1)}
    assert not found["I4"].ok
    assert "nomor 3; seharusnya 1" in str(found["I4"])


async def test_who_becomes_anonymous_takes_his_name_with_him_at_once(hall: Hall) -> None:
    await hall.file()
    wish = ChangeStance(complaint_id=hall.complaint_id, stance="anonymous", code_mac=hall.code_mac)
    await hall.do(wish, REPORTER)
    await hall.road.tell()
    filed = hall.facts(ComplaintFiled)[0]
    opened = hall.road.keys.open
    assert (opened(filed.name), opened(filed.contact)) == (ERASED, ERASED)
    assert opened(filed.words) == "Petugas terlambat dua jam.", "what he said is still worked on"
    assert (await hall.thread()).stance == "anonymous"


async def test_a_number_or_a_code_that_does_not_fit_is_answered_alike(hall: Hall) -> None:
    await hall.file()
    for number, mac in ((hall.number, "0" * 64), ("ADU-00000-00000", hall.code_mac), ("ADU-00000-00000", "0" * 64)):
        assert await hall.ask(TrackComplaint(number=number, code_mac=mac)) == TrackedAnswer()
        assert await hall.ask(ReadThread(number=number, code_mac=mac)) == ReadThreadAnswer()
    typed = hall.number.replace("0", "O").replace("1", "I")
    assert (await hall.ask(TrackComplaint(number=typed, code_mac=hall.code_mac))) == await hall.track()


async def test_what_a_client_says_of_a_code_or_a_name_is_replaced(hall: Hall) -> None:
    await hall.file(code_mac="ab" * 32)
    assert hall.facts(ComplaintFiled)[0].code_mac == hall.code_mac
    wish = ClassifyComplaint(complaint_id=hall.complaint_id, complaint_class="ringan", gist="Siti Aminah mengeluh")
    assert await hall.refused(wish, OFFICER) == "complaint.gist-names-reporter"
    by_number = wish.model_copy(update={"gist": "Hubungi 081200001111"})
    assert await hall.refused(by_number, OFFICER) == "complaint.gist-names-reporter"


async def test_the_sheet_is_for_who_handles_it_and_a_confidential_name_for_nobody(hall: Hall) -> None:
    await hall.file(stance="confidential")
    await hall.sort()
    case = hall.complaint_id
    team = Reader(person_id="fajar", positions=("tim",), roles=("complaint-handler",))
    head = Reader(person_id="bambang", positions=("kadis",), roles=("kadis", "leader"))
    for reader in (OFFICERS, team, head):
        sheet = await hall.ask(ComplaintSheet(complaint_id=case, reader=reader))
        assert isinstance(sheet, ComplaintSheetAnswer)
        assert "Petugas terlambat dua jam." in sheet.words.values()
        assert (sheet.name, sheet.contact) == ("", "")
    stranger = Reader(person_id="x", positions=("staf",), roles=("operator",))
    await hall.do(NameComplainedAbout(complaint_id=case, person_id="fajar", positions=("tim",)), OFFICER)
    for reader in (stranger, team, Reader(person_id="y", roles=("leader",), substitute_of=("fajar",))):
        answer = await hall.ask(ComplaintSheet(complaint_id=case, reader=reader))
        assert isinstance(answer, Refusal)
        assert answer.code == "complaint.unknown"
    assert await hall.refused(AddNote(complaint_id=case, words="?"), TEAM) == "complaint.unknown"
    await hall.do(AddNote(complaint_id=case, words="Saya teruskan"), KABID)


async def test_nothing_of_a_reporter_lies_open_in_the_store(
    hall: Hall, tmp_path: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    await hall.file()
    await hall.sort()
    case, code = hall.complaint_id, hall.code_mac
    await hall.do(AskReporter(complaint_id=case, reason="menunggu-pelapor", words="burung kenari?"), TEAM)
    await hall.do(ReplyAsReporter(complaint_id=case, words="Hari Senin pukul 8.", code_mac=code), REPORTER)
    await hall.do(AnswerComplaint(complaint_id=case, words="burung kenari"), TEAM)
    await hall.do(Object(complaint_id=case, reason="Belum puas.", code_mac=code), REPORTER)
    assert hall.facts(ComplaintAnswered)
    rows = [bytes(row.data) for row in hall.road.log("complaint").read(0, 1000)]
    for word in CANARIES:
        assert not any(word.encode() in row for row in rows), word
    if hall.settings.database_url is None:
        for file in (tmp_path / "var").glob("*.sqlite"):
            with sqlite3.connect(file) as database:
                whole = "\n".join(database.iterdump())
            assert [word for word in CANARIES if word in whole] == [], file.name
    said = capsys.readouterr().out + caplog.text
    assert [word for word in CANARIES if word in said] == []


ADMIN = Actor(id="dimas", name="Dimas", roles=("admin",))
PHOTO = b"\xff\xd8\xff" + b"burung kenari" * 20_000


async def test_photos_belong_to_the_case_from_before_it_is_filed(hall: Hall) -> None:
    where = await hall.ask(FilesOfComplaint(command_id=hall.command_id))
    own = str(hall.complaint_id)
    assert where == FilesOfAnswer(case_id=hall.complaint_id, seal_class="reporter", subject_id=own)
    assert await hall.ask(FilesOfComplaint(command_id=uuid4(), case_id=hall.complaint_id)) == FilesOfAnswer(
        case_id=hall.complaint_id, seal_class="reporter", subject_id=""
    ), "there is none yet"
    first, later = await hall.stored(PHOTO), await hall.stored(PHOTO + b"2")
    await hall.file(attachments=(first,))
    await hall.do(
        ReplyAsReporter(complaint_id=hall.complaint_id, attachments=(later,), code_mac=hall.code_mac), REPORTER
    )
    thread = await hall.thread()
    assert [(each.kind, each.files) for each in thread.entries] == [
        ("filed", ("image/jpeg",)),
        ("reply", ("image/jpeg",)),
    ]
    sheet = await hall.ask(ComplaintSheet(complaint_id=hall.complaint_id, reader=OFFICERS))
    assert isinstance(sheet, ComplaintSheetAnswer)
    assert [[one.name for one in each] for each in sheet.attachments.values()] == [[first.name], [later.name]]
    assert await hall.ask(FilesOfComplaint(command_id=uuid4(), case_id=hall.complaint_id)) == where
    await hall.clean()


async def test_nobody_files_or_adds_bytes_of_another_case_or_that_are_gone(hall: Hall) -> None:
    foreign = await hall.stored(PHOTO, subject=str(uuid4()))
    gone = await hall.stored(PHOTO)
    assert await hall.blobs.delete(AGENCY, gone)
    for upload in (foreign, gone):
        wish = form(1, words="Petugas terlambat dua jam.", attachments=(upload,))
        answer = await hall.refused(wish, CLERK)
        assert answer == "complaint.file-gone"
    await hall.file()
    for upload in (foreign, gone):
        reply = ReplyAsReporter(complaint_id=hall.complaint_id, attachments=(upload,), code_mac=hall.code_mac)
        assert await hall.refused(reply, REPORTER) == "complaint.file-gone"


async def test_with_the_reporter_his_words_and_photos_are_gone_also_while_one_is_open(hall: Hall) -> None:
    await hall.file(attachments=(await hall.stored(PHOTO),))
    await hall.sort()
    [filed] = hall.facts(ComplaintFiled)
    [photo] = filed.attachments
    stream = await hall.blobs.stream(AGENCY, photo)
    assert (await anext(stream)).startswith(b"\xff\xd8\xff")
    await hall.do(EraseSubject(subject_id=str(hall.complaint_id), reason="diminta"), ADMIN)
    with pytest.raises(BlobLost):
        async for _ in stream:
            pass
    with pytest.raises(BlobLost):
        await hall.blobs.stream(AGENCY, photo)
    sheet = await hall.ask(ComplaintSheet(complaint_id=hall.complaint_id, reader=OFFICERS))
    assert isinstance(sheet, ComplaintSheetAnswer)
    assert (sheet.erased, sheet.attachments, sheet.gist) == (True, {}, "Loket lambat.")
    assert set(sheet.words.values()) >= {ERASED}
    tracked = (await hall.track()).case
    assert tracked is not None
    assert tracked.number == hall.number
    everything = b"".join(path.read_bytes() for path in hall.settings.data_dir.rglob("*") if path.is_file())
    assert b"burung kenari" not in everything


async def test_a_receipt_says_that_its_words_are_on_record_until_they_are_forgotten(hall: Hall) -> None:
    await hall.file()

    async def stands(number: str, words: str) -> bool:
        found = await hall.ask(CheckReceipt(number=number, sha256=sha256(words.encode()).hexdigest()))
        assert isinstance(found, CheckReceiptAnswer)
        return found.stands

    assert await stands(hall.number, "Petugas terlambat dua jam.")
    assert not await stands(hall.number, "Petugas terlambat tiga jam.")
    assert not await stands("ADU-00000-00000", "Petugas terlambat dua jam.")
    assert not await stands("ADU-00000-00000", "")
