"""`caraka verify` finds nothing where nothing was changed, and names every tampering exactly (fault F21 and others)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import pytest
import pytest_asyncio
from pydantic import SecretStr
from sqlalchemy import Row as SqlRow
from sqlalchemy import inspect, text

from contracts.base import Actor
from contracts.organisation import EraseSubject
from services.audit.views import METADATA as AUDIT
from services.audit.views import Chains
from services.cli import verify as checking
from services.cli.invariants.ground import Finding, Step
from services.cli.verify import verify
from services.kit.codec.envelope import decode
from services.kit.codec.position import Checkpoint, Delivery
from services.kit.database.place import engine_of, make_schema, place_of
from services.kit.projections.generations import POINTER, generation_of, migrate
from services.kit.projections.projector import Projector
from services.kit.settings import Settings
from services.kit.store.log import LogRow
from services.projections.views import SOURCES, VIEWS
from tests.integration.small_road import AGENCY, Road, a_road
from tests.parts.books import first_number, this_year

CHECKS = ["I1", "I1", "I2", "I3", "I4", "I5", "I5", "I6", "I7", "I10", "I12", "I8", "I13"]


@dataclass
class Settled:
    """A road that is stopped: everything is chained and projected."""

    road: Road
    settings: Settings

    async def verify(self, **more: Any) -> dict[str, Finding]:
        """The findings that matter here: by invariant, a breach before what is fine."""
        found = await verify(self.settings, seed=1, **more)
        assert [each.invariant for each in found] == CHECKS
        return {each.invariant: each for each in sorted(found, key=lambda each: each.ok, reverse=True)}

    def rows(self, service: str = "intake") -> list[LogRow]:
        return list(self.road.log(service).read(0, 10_000))

    def row(self, kind: str, number: int = 0) -> LogRow:
        return [row for row in self.rows() if row.kind == f"intake.{kind}.v1"][number]

    def spoil(self, statement: str, service: str = "intake", **values: object) -> list[SqlRow[Any]]:
        """What a database administrator might do behind the product's back."""
        engine = engine_of(place_of(self.settings, service))
        position = "notification_id" if engine.dialect.name == "postgresql" else "rowid"
        try:
            with engine.begin() as connection:
                done = connection.execute(text(statement.replace("{position}", position)), values)
                return list(done.all()) if done.returns_rows else []
        finally:
            engine.dispose()

    def edit(self, row: LogRow, old: bytes, new: bytes) -> None:
        assert old in row.data
        changed = row.data.replace(old, new, 1)
        self.spoil("UPDATE stored_events SET state = :new WHERE {position} = :at", new=changed, at=row.position)

    async def catch_up(self) -> None:
        """Chains and projects whatever is new, as the running product does."""
        audit = engine_of(place_of(self.settings, "audit"))
        chains = Chains(audit, now)
        views = engine_of(place_of(self.settings, "projections"))
        projector = Projector(views, VIEWS, keys=self.road.keys, decode=decode, clock=now)
        for source in SOURCES:
            name, rows = self.road.log(source).store_id, self.rows(source)
            marks = [Checkpoint(name.store, name.epoch, row.position) for row in rows]
            fed = [
                Delivery(checkpoint, row.previous, "", row.data) for checkpoint, row in zip(marks, rows, strict=True)
            ]
            stands = chains.checkpoint(source)
            chains.append(
                source, [each for each in fed if stands is None or each.checkpoint.position > stands.position]
            )
            items = [
                Delivery(Checkpoint(name.store, name.epoch, row.position), row.previous, "", row.data) for row in rows
            ]
            await projector.apply(source, items)
        audit.dispose()
        views.dispose()


SECOND = first_number() + 1
"""Of the three letters' numbers."""


def agenda(number: int) -> str:
    return f"{number:04d}/{this_year()}"


def now() -> datetime:
    return datetime.now(UTC)


@pytest_asyncio.fixture(params=["sqlite", "postgres"])
async def office(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Settled]:
    url = request.getfixturevalue("pg_url") if request.param == "postgres" else None
    nowhere = "nats://127.0.0.1:1"  # stopped: there is no bus
    settings = Settings(data_dir=tmp_path / "var", database_url=SecretStr(url) if url else None, nats_url=nowhere)
    async with a_road(settings) as road:
        for service, make in (("audit", AUDIT.create_all), ("projections", lambda engine: migrate(engine, VIEWS))):
            make_schema(place_of(settings, service))
            engine = engine_of(place_of(settings, service))
            make(engine)
            engine.dispose()
        settled = Settled(road, settings)
        for number in range(1, 4):
            await road.letter(number)
        await road.tell()
        await settled.catch_up()
        yield settled


def named(finding: Finding, *parts: object) -> None:
    """It is a breach, and its first sentence names all of this."""
    assert not finding.ok
    sentence = f"{finding.where}: {finding.sentence}"
    assert all(str(part) in sentence for part in parts), sentence


async def test_a_house_where_nothing_was_changed_is_whole(office: Settled) -> None:
    steps: list[Step] = []
    found = await office.verify(progress=steps.append)
    assert [each.sentence for each in found.values() if not each.ok] == []
    assert found["I2"].figures["events"] == sum(len(office.rows(source)) for source in SOURCES)
    assert found["I4"].figures["numbers"] == 3
    assert found["I6"].figures["links"] == found["I2"].figures["events"]
    assert steps[-1].done
    engine = engine_of(place_of(office.settings, "projections"))
    with engine.connect() as connection:
        pointer = connection.execute(POINTER.select()).one()
    engine.dispose()
    assert (pointer.current, pointer.newest) == (1, 2)
    shadow = generation_of(VIEWS, 2)["letters"].name
    with pytest.raises(Exception, match=shadow):
        office.spoil(f"SELECT * FROM {shadow}", "projections")  # noqa: S608 - a name of ours


async def test_views_are_compared_in_a_process_of_their_own_where_there_is_much(
    office: Settled, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "is_worth", lambda _: True)
    assert (await office.verify())["I3"].outcome == "held"
    office.spoil("UPDATE g1_letters SET agenda = 'x'", "projections")
    named((await office.verify())["I3"], "tampilan letters", "bukan yang dikatakan peristiwa: agenda")
    engine = engine_of(place_of(office.settings, "projections"))
    with engine.connect() as connection:
        left = {name.partition("_")[0] for name in inspect(connection).get_table_names() if name[1].isdecimal()}
    engine.dispose()
    assert left == {"g1"}


async def test_one_edited_byte_in_a_stored_event_is_named(office: Settled) -> None:
    row = office.row("MessageCaptured", 1)
    office.edit(row, b'"size":13', b'"size":14')
    found = await office.verify()
    where = f"intake/{AGENCY}, posisi {row.position}, letter:"
    named(found["I6"], where, "bukan yang dirantai")
    assert found["I6"].figures["breaches"] == 1


async def test_bytes_that_cannot_be_read_any_more_are_named(office: Settled) -> None:
    row = office.row("LetterRegistered")
    office.spoil("UPDATE stored_events SET state = :new WHERE {position} = :at", new=row.data[:-9], at=row.position)
    found = await office.verify()
    named(found["I2"], f"posisi {row.position}", "tidak terbaca: not-json")
    named(found["I6"], f"posisi {row.position}")


async def test_a_row_that_was_removed_is_named(office: Settled) -> None:
    row = office.row("MessageExamined", 1)
    office.spoil("DELETE FROM stored_events WHERE {position} = :at", at=row.position)
    found = await office.verify()
    named(found["I6"], f"intake/{AGENCY}, posisi {row.position}", "hilang")
    named(found["I2"], "versi 3 mengikuti versi 1")
    named(found["I1"], f"dijawab dengan posisi {row.position}")


async def test_the_newest_row_that_was_removed_is_named(office: Settled) -> None:
    row = office.rows()[-1]
    office.spoil("DELETE FROM stored_events WHERE {position} = :at", at=row.position)
    named((await office.verify())["I6"], f"posisi {row.position}", "hilang")


async def test_two_rows_that_were_swapped_are_named_as_a_swap(office: Settled) -> None:
    one, two = office.row("MessageExamined", 0), office.row("MessageExamined", 2)
    for at, other in ((one.position, two), (two.position, one)):
        office.spoil("UPDATE stored_events SET state = :new WHERE {position} = :at", new=other.data, at=at)
    found = await office.verify()
    named(found["I6"], f"posisi {two.position} dan {one.position} ditukar")
    assert found["I6"].figures["breaches"] == 1
    named(found["I2"], f"posisi {one.position}", "baris dan peristiwa berbeda tentang stream")


async def test_an_event_that_was_put_in_is_named(office: Settled) -> None:
    row = office.rows()[-1]
    raw = orjson.loads(row.data)
    raw |= {"streamversion": raw["streamversion"] + 1, "id": str(uuid4())}
    position = row.position + 1
    origin = office.spoil("SELECT originator_id FROM stored_events WHERE {position} = :at", at=row.position)[0][0]
    office.spoil(
        "INSERT INTO stored_events (originator_id, originator_version, topic, state) VALUES (:o, :v, :k, :s)",
        o=origin, v=row.version + 1, k=row.kind, s=orjson.dumps(raw, option=orjson.OPT_SORT_KEYS),
    )  # fmt: skip
    found = await office.verify()
    named(found["I1"], "peristiwanya tidak berdampingan, atau ada yang hilang atau asing")
    await office.catch_up()
    assert (await office.verify())["I1"].ok is False
    assert office.rows()[-1].position >= position


async def test_a_changed_agenda_number_is_named(office: Settled) -> None:
    row = office.row("AgendaNumberTaken", 1)
    office.edit(row, b'"number":%d' % SECOND, b'"number":%d' % (SECOND + 2))
    found = await office.verify()
    named(
        found["I4"], f"posisi {row.position}", f"buku masuk {this_year()}",
        f"nomor {SECOND + 2} melompati nomor; seharusnya {SECOND}",
    )  # fmt: skip


async def test_a_flipped_bit_in_a_blob_and_a_lost_blob_are_named(office: Settled) -> None:
    sha = decode(0, office.row("MessageCaptured").data).event.blob.sha256  # type: ignore[attr-defined]
    path = office.settings.data_dir / "blobs" / AGENCY / sha[:2] / sha
    sound = path.read_bytes()
    path.write_bytes(sound[:20] + bytes([sound[20] ^ 1]) + sound[21:])
    named((await office.verify())["I5"], f"posisi {office.row('MessageCaptured').position}", sha, "changed")
    path.unlink()
    named((await office.verify())["I5"], sha)
    path.write_bytes(sound)
    assert (await office.verify())["I5"].ok


async def test_a_forged_row_of_remembered_commands_is_named(office: Settled) -> None:
    row = office.row("LetterRegistered")
    command = orjson.loads(row.data)["commandid"]
    remembered = office.spoil("SELECT outcome, fingerprint FROM commands WHERE command_id = :c", c=command)[0]
    outcome = orjson.loads(bytes(remembered.outcome))
    store = outcome["after"].rpartition(".")[0]
    changed = orjson.dumps({**outcome, "after": f"{store}.{row.position + 1}"})
    office.spoil("UPDATE commands SET outcome = :o WHERE command_id = :c", o=changed, c=command)
    named((await office.verify())["I1"], command, f"peristiwanya berakhir di posisi {row.position}")
    change = "UPDATE commands SET outcome = :o, fingerprint = 'f' WHERE command_id = :c"
    office.spoil(change, o=remembered.outcome, c=command)
    named((await office.verify())["I1"], command, "sidik")
    office.spoil("DELETE FROM commands WHERE command_id = :c", c=command)
    named((await office.verify())["I1"], command, "tidak mengingat")


async def test_a_made_up_outcome_is_named(office: Settled) -> None:
    command, store = str(uuid4()), office.road.log("intake").store_id.store
    made_up = {"command_id": command, "stream": "letter:x", "version": 1, "after": f"{store}.1.9999", "result": {}}
    add = "INSERT INTO commands (command_id, fingerprint, outcome) VALUES (:c, 'f', :o)"
    office.spoil(add, c=command, o=orjson.dumps(made_up))
    named((await office.verify())["I1"], command, "posisi 9999, yang tidak ada")


async def test_what_a_client_was_told_but_the_store_does_not_know_is_named(office: Settled, tmp_path: Path) -> None:
    told = [orjson.loads(row.data)["commandid"] for row in office.rows()[-2:]]
    ledger = tmp_path / "ledger.jsonl"
    ledger.write_text("".join(orjson.dumps({"command_id": each}).decode() + "\n" for each in told))
    assert (found := await office.verify(ledger=ledger))["I1"].ok
    assert found["I1"].figures["acknowledged"] == 2
    lost = str(uuid4())
    with ledger.open("a") as lines:
        lines.write(f'{{"command_id": "{lost}", "after": "x.1.7"}}\n')
    named((await office.verify(ledger=ledger))["I1"], lost, "tidak ada layanan yang mengingatnya")


async def test_a_changed_view_row_is_named_without_its_content(office: Settled) -> None:
    office.spoil("UPDATE g1_letters SET agenda = '9999' WHERE agenda = :no", "projections", no=agenda(SECOND))
    found = (await office.verify())["I3"]
    named(found, "tampilan letters, baris pekalongan / ", "bukan yang dikatakan peristiwa: agenda")
    assert "9999" not in found.sentence


async def test_a_removed_and_a_made_up_view_row_are_named(office: Settled) -> None:
    office.spoil("DELETE FROM g1_letters WHERE agenda = :no", "projections", no=agenda(SECOND))
    named((await office.verify())["I3"], "tampilan letters", "tidak ada di tampilan")
    office.spoil("UPDATE g1_letters SET letter_id = '0' WHERE agenda = :no", "projections", no=agenda(SECOND - 1))
    named(
        (await office.verify())["I3"], "tampilan letters, baris pekalongan / 0", "tidak berasal dari peristiwa apa pun"
    )


async def test_a_changed_head_of_the_audit_is_named(office: Settled) -> None:
    office.spoil("UPDATE heads SET count = count + 1 WHERE service = 'approval'", "audit")
    named((await office.verify())["I6"], "ujung rantai approval/pekalongan")


class Box:
    """A mailbox as an independent reader sees it."""

    def __init__(self, *uids: str) -> None:
        self.uids = uids

    async def present(self) -> list[tuple[int, str]]:
        return [(7, uid) for uid in self.uids]

    async def close(self) -> None:
        """Nothing is open."""


async def test_a_message_that_was_passed_over_is_named_and_a_new_one_waits(office: Settled) -> None:
    await office.road.letter(9)
    boxes = {(AGENCY, "sanapati"): Box("1", "2", "3", "9", "10")}
    found = await verify(office.settings, mailboxes=boxes)
    mail = next(each for each in found if each.invariant == "I5")
    assert mail.ok
    assert (mail.figures["messages"], mail.figures["not yet fetched"]) == (5, 1)
    passed = {(AGENCY, "sanapati"): Box("1", "5", "9"), ("semarang", "sanapati"): Box()}
    found = await verify(office.settings, mailboxes=passed)
    named(
        next(each for each in found if each.invariant == "I5"), f"kotak surat {AGENCY}/sanapati, uidvalidity 7, uid 5"
    )


async def test_an_erased_person_is_no_breach(office: Settled) -> None:
    event = decode(0, office.row("MessageCaptured").data).event
    subject = event.sender_subject  # type: ignore[attr-defined]
    keys = office.road.keys.destroy(AGENCY, subject)
    assert keys
    erase = EraseSubject(subject_id=subject, reason="permintaan sendiri", key_ids=keys)
    await office.road.do(erase, Actor(id="admin", name="Admin", roles=("admin",)))
    await office.catch_up()
    found = await office.verify()
    assert [each.sentence for each in found.values() if not each.ok] == []


async def test_events_that_are_not_yet_chained_are_counted_while_the_house_is_stopped(office: Settled) -> None:
    await office.road.letter(4)
    found = await office.verify()
    assert [each.sentence for each in found.values() if not each.ok] == []
    assert found["I6"].figures["not yet chained"] == found["I3"].figures["behind"] != 0


async def test_a_house_that_was_never_built_says_so(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, nats_url="nats://127.0.0.1:1")
    (finding,) = await verify(settings)
    named(finding, "organisation belum punya simpanan", "caraka migrate")
    assert await asyncio.to_thread(lambda: list(tmp_path.iterdir())) == []
