"""Every fact once, in any order between the services; live equals rebuilt; nothing unread stops a view."""

import asyncio
import json

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine

from contracts.base import ERASED
from contracts.organisation import SubjectErased
from contracts.projections import Board, CaseHistory, ChangesSince, LetterDetail, LetterList, Operations
from services.kit.codec.envelope import decode
from services.kit.codec.position import Checkpoint, Delivery
from services.kit.projections import writing
from services.kit.projections.generations import stale
from services.kit.projections.projector import Fenced, Moved, OtherStore, OutOfOrder
from services.kit.projections.rebuild import Rebuilder, drop_old
from services.kit.projections.views import ViewSet
from services.kit.projections.writing import CaseChange
from services.projections.views import VIEWS
from tests.unit.projections.lives import live, staff
from tests.unit.projections.office import Office
from tests.unit.projections.reading import ask, dice, digest_of, follow, projector_of, rebuilder_of

LETTERS = 40


def busy(office: Office, seed: int = 7) -> None:
    chance = dice(seed)
    staff(office)
    for number in range(LETTERS):
        live(office, number, chance)


@pytest.mark.parametrize("seed", range(4))
async def test_the_order_between_services_cannot_matter(engine: Engine, office: Office, seed: int) -> None:
    busy(office)
    await follow(projector_of(engine, office), office, chance=dice(seed), batch=17)
    followed = digest_of(engine)
    counted = (await ask(projector_of(engine, office), office, LetterList(limit=200))).counts
    generation = rebuilder_of(engine, office).build()
    assert digest_of(engine, generation.number) == followed
    rebuilder_of(engine, office).swap(generation)
    answer = await ask(projector_of(engine, office), office, LetterList(limit=200))
    assert answer.counts == counted
    assert sum(counted.values()) == len(answer.letters) == LETTERS


async def test_the_same_batch_twice_is_applied_once(engine: Engine, office: Office) -> None:
    busy(office)
    projector = projector_of(engine, office)
    await follow(projector, office)
    before = digest_of(engine)
    for source, log in office.logs.items():
        await projector.apply(source, log.rows)
    assert digest_of(engine) == before
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM g1_changes WHERE number > 0")) > 0


async def test_a_gap_another_store_and_a_second_writer_change_nothing(engine: Engine, office: Office) -> None:
    busy(office)
    projector, second = projector_of(engine, office), projector_of(engine, office)
    rows = office.logs["intake"].rows
    await projector.apply("intake", rows[:3])
    await second.checkpoint("intake")
    before = digest_of(engine)
    with pytest.raises(OutOfOrder):
        await projector.apply("intake", rows[4:6])
    with pytest.raises(OtherStore):
        await projector.apply(
            "intake", [Delivery(Checkpoint("other", 1, 99), rows[2].checkpoint.position, "", rows[3].data)]
        )
    assert digest_of(engine) == before
    await projector.apply("intake", rows[3:5])
    with pytest.raises(OutOfOrder):
        await second.apply("intake", rows[3:8])
    await second.apply("intake", rows[3:8])
    standing = await projector_of(engine, office).checkpoint("intake")
    assert standing is not None
    assert standing.position == rows[7].checkpoint.position


async def test_who_has_lost_the_lease_writes_nothing(engine: Engine, office: Office) -> None:
    busy(office)
    rows = office.logs["intake"].rows
    old, new = projector_of(engine, office, fence=lambda: 4), projector_of(engine, office, fence=lambda: 5)
    await old.apply("intake", rows[:3])
    await new.apply("intake", rows[:5])
    before = digest_of(engine)
    with pytest.raises(OutOfOrder):
        await new.apply("intake", rows[6:])
    with pytest.raises(Fenced):
        await old.apply("intake", rows[3:9])
    assert digest_of(engine) == before


async def test_a_rebuild_takes_over_while_the_old_views_are_followed(engine: Engine, office: Office) -> None:
    busy(office)
    projector = projector_of(engine, office)
    await follow(projector, office)
    rebuilder = rebuilder_of(engine, office)
    told: list[int] = []
    generation = rebuilder.build(lambda progress: told.append(progress.events))
    assert told[-1] == sum(len(log.rows) for log in office.logs.values())
    office.letter(500).captured().examined()
    await follow(projector, office)
    office.letter(501).captured()
    assert rebuilder.swap(generation) == 1
    with pytest.raises(Moved):
        await projector.apply("intake", office.logs["intake"].rows)
    office.letter(502).captured()
    await follow(projector, office)
    another = rebuilder.build()
    assert digest_of(engine) == digest_of(engine, another.number)
    stages = {row.letter_id: row.stage for row in (await ask(projector, office, LetterList(limit=200))).letters}
    assert [stages[office.letter(number).id] for number in (500, 501, 502)] == ["examined", "captured", "captured"]
    assert drop_old(engine, projector.views) == [1]
    assert (await ask(projector, office, Operations())).generation == 2
    assert not stale(engine, projector.views)


async def test_a_rebuild_after_a_restore_drops_what_the_store_no_longer_holds(engine: Engine, office: Office) -> None:
    projector = projector_of(engine, office)
    office.letter(1).captured()
    office.letter(2).captured()
    await follow(projector, office)
    log = office.logs["intake"]
    log.store_id = type(log.store_id)(log.store_id.store, 2)
    log.rows = [
        Delivery(Checkpoint(log.store_id.store, 2, row.checkpoint.position), row.previous, "", row.data)
        for row in log.rows[:1]
    ]
    with pytest.raises(OtherStore):
        await projector.apply("intake", log.rows)
    rebuilder = rebuilder_of(engine, office)
    rebuilder.swap(rebuilder.build())
    assert [row.letter_id for row in (await ask(projector, office, LetterList())).letters] == [office.letter(1).id]


async def test_what_cannot_be_read_is_kept_and_skipped(engine: Engine, office: Office) -> None:
    first = office.letter(1).captured()
    office.raw("intake", b"\x00 no json")
    event = json.loads(office.logs["intake"].rows[0].data)
    office.raw("intake", json.dumps({**event, "type": "intake.LetterBurnt.v1"}).encode())
    office.raw("intake", json.dumps({**event, "type": "intake.MessageCaptured.v9"}).encode())
    broken = {**event["data"], "from_name": {**event["data"]["from_name"], "ciphertext": "AAAA"}}
    office.raw("intake", json.dumps({**event, "data": broken}).encode())
    last = office.letter(2).captured()
    projector = projector_of(engine, office)
    await follow(projector, office)
    assert {row.letter_id for row in (await ask(projector, office, LetterList())).letters} == {first.id, last.id}
    operations = await ask(projector, office, Operations())
    assert {state.source: state.poison for state in operations.projections}["intake"] == 4
    with engine.connect() as connection:
        reasons = connection.scalars(sa.text("SELECT reason FROM g1_poison ORDER BY position")).all()
    assert [reason.split()[0] for reason in reasons] == ["not-json", "unknown-kind", "future-version", "SealBroken"]


async def test_an_erased_sender_is_gone_live_as_after_a_rebuild_and_others_stay(engine: Engine, office: Office) -> None:
    projector = projector_of(engine, office)
    his, hers = office.letter(1).captured(), office.letter(2).captured()
    await follow(projector, office)
    office.keys.destroy(office.agency, his.sender)
    office.tell(f"subject:{his.sender}", SubjectErased(subject_id=his.sender, reason="diminta"))
    again = office.letter(8).captured()
    assert again.sender == his.sender
    await projector.apply("intake", office.logs["intake"].rows)
    await follow(projector, office)
    erased = (await ask(projector, office, LetterDetail(letter_id=his.id))).letter
    assert (erased.from_name, erased.from_address, erased.message_subject) == (ERASED, ERASED, "Undangan 1")
    history = (await ask(projector, office, CaseHistory(case_id=his.id))).entries
    assert history[0].params["who"] == ERASED
    assert (await ask(projector, office, LetterDetail(letter_id=hers.id))).letter.from_name == "Pengirim 2"
    assert (await ask(projector, office, LetterDetail(letter_id=again.id))).letter.from_name == "Pengirim 8"
    with engine.connect() as connection:
        dump = str(connection.execute(sa.text("SELECT * FROM g1_letters")).all())
    assert "Pengirim 1'" not in dump
    assert digest_of(engine) == digest_of(engine, rebuilder_of(engine, office).build().number)


async def test_an_answer_waits_for_the_askers_own_write(engine: Engine, office: Office) -> None:
    projector, elsewhere = projector_of(engine, office), projector_of(engine, office)
    office.letter(1).captured()
    store, head = office.logs["intake"].store_id, office.logs["intake"].head()
    mark = f"{store.store}.{store.epoch}.{head}"
    assert not await elsewhere.wait_for(mark, 0.05)
    asked = asyncio.create_task(ask(elsewhere, office, LetterList(after=mark)))
    await asyncio.sleep(0.05)
    assert not asked.done()
    await follow(projector, office)
    assert len((await asked).letters) == 1
    assert await elsewhere.wait_for(None, 0)
    assert not await elsewhere.wait_for("nonsense", 0)
    assert not await elsewhere.wait_for(f"{store.store}.{store.epoch}.{head + 1}", 0)


async def test_open_boards_hear_of_every_change_and_find_what_they_missed(
    engine: Engine, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[CaseChange] = []

    async def announce(_generation: int, changes: list[CaseChange]) -> None:
        heard.extend(changes)

    projector = projector_of(engine, office, announce=announce)
    start = (await ask(projector, office, ChangesSince())).last
    letter = office.letter(1).captured().examined()
    await follow(projector, office)
    letter.registered()
    await follow(projector, office)
    assert [(change.number, change.state) for change in heard] == [(1, "examined"), (2, "registered")]
    missed = await ask(projector, office, ChangesSince(change=start))
    assert [(change.id, change.stage) for change in missed.changes] == [("1.1", "examined"), ("1.2", "registered")]
    assert (missed.last, missed.reset) == ("1.2", False)
    assert (await ask(projector, office, ChangesSince(change="1.2"))).changes == ()
    for unknown in ("0.1", "1.3", "x"):
        assert (await ask(projector, office, ChangesSince(change=unknown))).reset
    monkeypatch.setattr(writing, "PRUNE_EVERY", 1)
    monkeypatch.setattr(writing, "KEPT_CHANGES", 1)
    letter.printed()
    await follow(projector, office)
    assert (await ask(projector, office, ChangesSince(change="1.1"))).reset
    assert [change.id for change in (await ask(projector, office, ChangesSince(change="1.2"))).changes] == ["1.3"]


@pytest.mark.parametrize("order", ["changed", "due", "received"])
async def test_pages_follow_each_other_without_gap_or_repetition(engine: Engine, office: Office, order: str) -> None:
    busy(office)
    projector = projector_of(engine, office)
    await follow(projector, office)
    whole = (await ask(projector, office, LetterList(limit=200, order=order))).letters
    for stages in ((), ("captured", "quarantined", "archived")):
        found, cursor = [], ""
        while True:
            page = await ask(projector, office, LetterList(limit=3, order=order, cursor=cursor, stages=stages))
            found += [row.letter_id for row in page.letters]
            cursor = page.cursor
            if not cursor:
                break
        assert found == [row.letter_id for row in whole if not stages or row.stage in stages]


async def test_letters_are_found_by_number_sender_and_subject_as_they_are_written(
    engine: Engine, office: Office
) -> None:
    projector = projector_of(engine, office)
    office.letter(1).captured().examined("Rabat 100% dan a_b")
    office.letter(12).captured().examined("Rapat koordinasi")
    await follow(projector, office)

    async def numbers(text: str) -> list[str]:
        return sorted(row.letter_number for row in (await ask(projector, office, LetterList(text=text))).letters)

    assert await numbers("KOORDINASI") == ["005/12"]
    assert await numbers("dinas 1") == ["005/1", "005/12"]
    assert await numbers("100%") == ["005/1"]
    assert await numbers("a_b") == ["005/1"]
    assert await numbers("%") == ["005/1"]
    assert await numbers("a%b") == []
    assert (await ask(projector, office, LetterList(cursor="garbage!"))).letters != ()


async def test_the_archive_column_forgets_after_a_week(engine: Engine, office: Office) -> None:
    projector = projector_of(engine, office)
    letter = office.letter(1).captured().examined().registered().printed().forwarded().approved().assigned().proven()
    letter.archived()
    await follow(projector, office)
    today, later = await ask(projector, office, Board()), await ask(projector, office, Board(), later=24 * 8)
    assert [column.count for column in today.columns if column.key == "arsip"] == [1]
    assert [column.count for column in later.columns if column.key == "arsip"] == [0]
    assert today.change.startswith("1.")


async def test_other_tables_or_handlers_ask_for_a_rebuild(engine: Engine, office: Office) -> None:
    projector = projector_of(engine, office)
    office.letter(1).captured()
    await follow(projector, office)
    assert not stale(engine, VIEWS)
    newer = ViewSet(VIEWS.views, VIEWS.handlers, VIEWS.cases, VIEWS.version + 1)
    assert stale(engine, newer)
    rebuilder = Rebuilder(engine, newer, office.logs, office.keys, decode, lambda: office.now)
    rebuilder.swap(rebuilder.build())
    assert not stale(engine, newer)
    assert (await ask(projector, office, LetterList())).counts == {"captured": 1}
