"""F13: poison in a log and in a stream stops its own case at most; everything else goes on, and it stays visible."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import uuid4

import orjson
import pytest
from eventsourcing.persistence import StoredEvent
from nats.js.errors import NoStreamResponseError

from contracts import subjects
from services.kit.bus.connection import Bus
from services.kit.operations.health import ask_health
from services.kit.store.opening import open_store
from tests.faults.load import Load
from tests.faults.trial import Trial
from tests.journeys.road import office
from tests.parts.product import Product, start_product


@pytest.fixture
def spoiled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A product of its own: what is put into a log stays there."""
    product = start_product(tmp_path_factory.mktemp("spoiled"))
    yield product
    product.discard()


def poisons() -> dict[str, tuple[str, bytes]]:
    """Kind and bytes of rows that no writer of ours has written."""
    letter = str(uuid4())

    def event(kind: str, **data: object) -> bytes:
        said = {
            "specversion": "1.0", "id": str(uuid4()), "source": "/pekalongan/intake", "type": kind,
            "agency": "pekalongan", "subject": f"letter:{letter}", "time": datetime.now(UTC).isoformat(),
            "datacontenttype": "application/json",
            "streamversion": 1, "commandid": str(uuid4()), "correlationid": letter, "fingerprint": "00",
            "data": {"letter_id": letter, **data},
        }  # fmt: skip
        return orjson.dumps(said, option=orjson.OPT_SORT_KEYS)

    return {
        "undecodable": ("intake.LetterForwarded.v1", b"\xff\x00 bukan JSON"),
        "unknown kind": ("intake.LetterSung.v1", event("intake.LetterSung.v1")),
        "future version": ("intake.LetterForwarded.v9", event("intake.LetterForwarded.v9", revision=1)),
        "wrong shape": ("intake.LetterForwarded.v1", event("intake.LetterForwarded.v1", revision="satu")),
        "1 MB": ("intake.LetterRevised.v1", event("intake.LetterRevised.v1", note="x" * 1_000_000)),
    }


async def put(bus: Bus, subject: str, data: bytes) -> None:
    """After the first poison the stream may be made anew at just this moment: then there is none for a while."""
    async with asyncio.timeout(30):
        while True:
            try:
                await bus.js.publish(subject, data, timeout=10)
            except NoStreamResponseError:
                await asyncio.sleep(0.1)
            else:
                return


@pytest.mark.fault("F13")
async def test_poison_in_a_log_stops_nobody_and_is_named(spoiled: Product, trial: Trial) -> None:
    async with Load(spoiled, trial).work() as load:
        await asyncio.sleep(1)
        store = open_store(spoiled.settings, "intake")
        for kind, state in poisons().values():
            store.recorder.insert_events([StoredEvent(uuid4(), 1, kind, state)])
        store.close()
        load.healed()
        await asyncio.sleep(1)
    assert load.archived
    await spoiled.until_quiet(60)
    breaches = await spoiled.breaches(load.ledger)
    assert breaches, "an event that cannot be read is a breach, not a shrug"
    assert {breach.split()[0] for breach in breaches} <= {"I1", "I2"}, breaches
    async with office(spoiled) as people:
        letter = await people.forwarded()
        await people.initial(letter)
        await people.deliver(letter)
    async with spoiled.bus() as bus:
        reports = await ask_health(bus, seconds=5)
    failing = {loop["error"] for report in reports for loop in report.parts.get("loops", {}).values() if loop["error"]}
    assert not failing, "a loop that meets poison goes on behind it"
    parked = [part.get("parked", 0) for report in reports for part in report.parts.values()]
    assert sum(parked) >= 3, "what could not be reacted to waits for a person"


@pytest.mark.fault("F13")
async def test_poison_in_a_stream_is_not_followed_and_the_stream_is_fed_again(
    one_process: Product, trial: Trial
) -> None:
    async with Load(one_process, trial).work() as load, one_process.bus() as bus:
        await asyncio.sleep(1)
        for _, state in poisons().values():
            await put(bus, "evt.pekalongan.intake.letter-forwarded.v1", state)
        await put(bus, "evt.pekalongan.approval.approval-completed.v1", b"{}")
        load.healed()
        await asyncio.sleep(2)
    assert load.archived
    assert await load.settled() == []
    async with one_process.bus() as bus:
        for service in ("intake", "approval"):
            state = (await bus.js.stream_info(subjects.stream_of(service))).state
            assert state.messages == len(one_process.rows(service))
