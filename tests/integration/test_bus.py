"""What a service can rely on when it asks and answers over the bus, on a real broker."""

import asyncio
import contextlib
import gc
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import orjson
import pytest

from contracts.approval import InitialLetter
from contracts.base import Accepted, Actor, Ask, Refusal
from contracts.projections import CopyDetail, CopyDetailAnswer, CopyRow
from services.kit.bus.connection import Bus, BusTimeout, NoResponder, QueryRefused, RemoteFault
from services.kit.bus.embedded import EmbeddedBroker
from services.kit.bus.wire import public
from tests.integration.waiting import until
from tests.parts.nats import Nats, start_nats

pytestmark = pytest.mark.usefixtures("way")

SUBJECT = "cmd.kota-contoh.approval.initial-letter.v1"


def an_ask(note: str = "", agency: str = "kota-contoh", **body: object) -> Ask:
    return Ask(
        command_id=uuid4(),
        agency=agency,
        kind=InitialLetter.kind(),
        actor=Actor(id="kabid"),
        asked_at=datetime.now(UTC),
        correlation_id=uuid4(),
        body={"letter_id": str(uuid4()), "note": note, **body},
    )


def accepted(ask: Ask) -> Accepted:
    return Accepted(command_id=ask.command_id, stream="round:x", version=1, after="s.1.1", result={"n": 1})


@contextlib.asynccontextmanager
async def two(url: str) -> AsyncIterator[tuple[Bus, Bus]]:
    """The gateway and the approval service."""
    gateway = await Bus.connect(url, service="gateway")
    approval = await Bus.connect(url, service="approval")
    try:
        yield gateway, approval
    finally:
        await gateway.close()
        await approval.close()


async def test_what_a_service_accepts_or_refuses_comes_back_to_the_asker(nats_url: str) -> None:
    async def execute(ask: Ask) -> Accepted | Refusal:
        if ask.body["note"]:
            return Refusal(code="approval.not-your-turn", status=403, detail={"tier": 1})
        return accepted(ask)

    async with two(nats_url) as (gateway, approval):
        await approval.serve_commands("approval", execute)
        first = an_ask()
        assert await gateway.ask(first, timeout=5) == accepted(first)
        refusal = await gateway.ask(an_ask(note="saya"), timeout=5)
        assert refusal == Refusal(code="approval.not-your-turn", status=403, detail={"tier": 1})
        assert approval.health()["serving"]["commands"]["answered"] == 2


async def test_where_nobody_serves_the_asker_knows_it_at_once(nats_url: str) -> None:
    async with two(nats_url) as (gateway, _):
        began = time.monotonic()
        with pytest.raises(NoResponder):
            await gateway.ask(an_ask(), timeout=10)
        assert time.monotonic() - began < 2


async def test_a_service_that_says_nothing_makes_a_timeout_and_a_bug_says_nothing_of_itself(nats_url: str) -> None:
    async def execute(ask: Ask) -> Accepted | Refusal:
        if ask.body["note"]:
            raise RuntimeError("the secret is 1234")
        await asyncio.sleep(30)
        return accepted(ask)

    async with two(nats_url) as (gateway, approval):
        await approval.serve_commands("approval", execute)
        with pytest.raises(BusTimeout):
            await gateway.ask(an_ask(), timeout=0.1)
        message = await gateway.client.request(SUBJECT, an_ask(note="x").model_dump_json().encode(), timeout=5)
        assert message.data == b'{"fault":"bug"}'
        with pytest.raises(RemoteFault, match=r"^bug$"):
            await gateway.ask(an_ask(note="x"), timeout=5)
        await approval.close(seconds=0.2)


async def test_a_store_that_is_away_is_no_bug(nats_url: str) -> None:
    async def execute(ask: Ask) -> Accepted | Refusal:
        raise ConnectionRefusedError

    async with two(nats_url) as (gateway, approval):
        await approval.serve_commands("approval", execute, unavailable=(ConnectionRefusedError,))
        with pytest.raises(RemoteFault, match="unavailable"):
            await gateway.ask(an_ask(), timeout=5)


@pytest.mark.parametrize(
    ("payload", "code", "status"),
    [
        (b"\xff\xfe not json", "bus.malformed", 422),
        (b"{}", "bus.malformed", 422),
        (an_ask(agency="kota-lain").model_dump_json().encode(), "bus.foreign-agency", 403),
        (
            an_ask().model_copy(update={"kind": "approval.NoSuch.v1"}).model_dump_json().encode(),
            "bus.unknown-kind",
            422,
        ),
        (
            an_ask().model_copy(update={"kind": "approval.RoundOpened.v1"}).model_dump_json().encode(),
            "bus.unknown-kind",
            422,
        ),
    ],
)
async def test_a_message_that_is_wrong_is_refused_before_anybody_acts_on_it(
    nats_url: str, payload: bytes, code: str, status: int
) -> None:
    async def execute(ask: Ask) -> Accepted | Refusal:
        raise AssertionError("it must not come this far")

    async with two(nats_url) as (gateway, approval):
        await approval.serve_commands("approval", execute)
        answer = orjson.loads((await gateway.client.request(SUBJECT, payload, timeout=5)).data)
        assert (answer["refusal"]["code"], answer["refusal"]["status"]) == (code, status)
        assert "rahasia-sekali" not in str(answer)


async def test_two_copies_of_a_service_share_the_work_and_none_is_done_twice(nats_url: str) -> None:
    done: list[tuple[str, UUID]] = []

    async with two(nats_url) as (gateway, approval):
        other = await Bus.connect(nats_url, service="approval")
        for name, bus in (("a", approval), ("b", other)):

            async def execute(ask: Ask, name: str = name) -> Accepted | Refusal:
                done.append((name, ask.command_id))
                return accepted(ask)

            await bus.serve_commands("approval", execute)
        asks = [an_ask() for _ in range(200)]
        await asyncio.gather(*(gateway.ask(ask, timeout=10) for ask in asks))
        await other.close()
    assert sorted(command for _, command in done) == sorted(ask.command_id for ask in asks)
    assert {name for name, _ in done} == {"a", "b"}


async def test_a_service_that_leaves_answers_everything_that_it_had_taken(nats_url: str, way: str) -> None:
    """By the library's public way, what reaches it while it says that it leaves may be lost; it is not begun then."""
    unanswered = NoResponder if way == "doors" else (NoResponder, BusTimeout)
    executed: set[UUID] = set()

    async def execute(ask: Ask) -> Accepted | Refusal:
        await asyncio.sleep(0.05)
        executed.add(ask.command_id)
        return accepted(ask)

    async with two(nats_url) as (gateway, approval):
        await approval.serve_commands("approval", execute, at_once=20)
        answered: set[UUID] = set()

        async def ask_one(ask: Ask) -> None:
            with contextlib.suppress(unanswered):
                await gateway.ask(ask, timeout=10 if way == "doors" else 2)
                answered.add(ask.command_id)

        asking = []
        for number in range(300):
            asking.append(asyncio.create_task(ask_one(an_ask())))
            if number == 150:
                leaving = asyncio.create_task(approval.close())
            await asyncio.sleep(0.001)
        await asyncio.gather(*asking, leaving)
        assert answered == executed
        assert 100 < len(answered) < 300


async def test_what_nobody_waits_for_any_more_is_not_begun(nats_url: str) -> None:
    begun: list[str] = []
    gate = asyncio.Event()

    async def execute(ask: Ask) -> Accepted | Refusal:
        begun.append(ask.body["note"])
        await gate.wait()
        return accepted(ask)

    async with two(nats_url) as (gateway, approval):
        await approval.serve_commands("approval", execute, at_once=1)
        first = asyncio.create_task(gateway.ask(an_ask(note="first"), timeout=10))
        await until(lambda: bool(begun))
        with pytest.raises(BusTimeout):
            await gateway.ask(an_ask(note="second"), timeout=0.1)
        await asyncio.sleep(0.5)  # his patience is counted from the arrival, which is later than the asking
        gate.set()
        assert isinstance(await first, Accepted)
        assert isinstance(await gateway.ask(an_ask(note="third"), timeout=10), Accepted)
        assert begun == ["first", "third"]


async def test_a_question_is_answered_for_the_agency_that_put_it(nats_url: str) -> None:
    asked: list[tuple[str, CopyDetail]] = []

    async def copy_detail(agency: str, query: CopyDetail) -> CopyDetailAnswer | Refusal:
        asked.append((agency, query))
        return CopyDetailAnswer() if agency == "kota-contoh" else Refusal(code="projections.no-such-copy", status=404)

    async with two(nats_url) as (gateway, approval):
        await approval.serve_queries("projections", {CopyDetail: copy_detail})
        query = CopyDetail(copy_id=uuid4(), after="s.1.7")
        assert await gateway.query("kota-contoh", query, CopyDetailAnswer, timeout=5) == CopyDetailAnswer()
        assert asked == [("kota-contoh", query)]
        with pytest.raises(QueryRefused, match="no-such-copy"):
            await gateway.query("kota-lain", query, CopyDetailAnswer, timeout=5)
        answer = await gateway.client.request("qry.kota-contoh.projections.copy-detail.v1", b"{}", timeout=5)
        assert orjson.loads(answer.data)["refusal"]["code"] == "bus.malformed"
        answer = await gateway.client.request("qry.kota-contoh.projections.no-such.v1", b"{}", timeout=5)
        assert orjson.loads(answer.data)["refusal"]["code"] == "bus.unknown-kind"


async def test_an_answer_of_several_megabytes_arrives_and_one_that_is_too_large_is_named(tmp_path: Path) -> None:
    sizes = iter([5_000_000, 9_000_000])

    async def copy_detail(agency: str, query: CopyDetail) -> CopyDetailAnswer:
        text = "x" * next(sizes)
        row = CopyRow(copy_id=query.copy_id, letter_id=query.copy_id, office=text, recipient_class="", copy_kind="",
                      route="", proof="", state="")  # fmt: skip
        return CopyDetailAnswer(copy_row=row)

    broker = EmbeddedBroker(tmp_path, port=0)
    await broker.start()
    async with two(broker.url) as (gateway, service):
        await service.serve_queries("projections", {CopyDetail: copy_detail})
        query = CopyDetail(copy_id=uuid4())
        answer = await gateway.query("kota-contoh", query, CopyDetailAnswer, timeout=10)
        assert answer.copy_row is not None
        assert len(answer.copy_row.office) == 5_000_000
        with pytest.raises(RemoteFault, match="reply-too-large"):
            await gateway.query("kota-contoh", query, CopyDetailAnswer, timeout=10)
        with pytest.raises(RemoteFault, match="ask-too-large"):
            await gateway.ask(an_ask(note="x" * (8 * 1024 * 1024 - 100)), timeout=10)
        assert gateway.connected
    await broker.stop()


async def test_when_the_broker_dies_asking_fails_at_once_and_works_again_when_it_is_back(nats: Nats) -> None:
    async def execute(ask: Ask) -> Accepted | Refusal:
        return accepted(ask)

    async with two(nats.url) as (gateway, approval):
        await approval.serve_commands("approval", execute)
        nats.kill()
        await until(lambda: not gateway.connected)
        assert gateway.health()["state"] == "reconnecting"
        began = time.monotonic()
        with pytest.raises(NoResponder):
            await gateway.ask(an_ask(), timeout=10)
        assert time.monotonic() - began < 1
        await asyncio.to_thread(nats.start)
        await until(lambda: gateway.connected and approval.connected)
        assert isinstance(await gateway.ask(an_ask(), timeout=5), Accepted)
        assert gateway.health()["reconnects"] == 1


async def test_whoever_waits_when_the_connection_breaks_hears_it_then_and_not_when_his_patience_ends(
    nats: Nats,
) -> None:
    """The command may have been carried out; its answer cannot come any more."""
    asked: list[Ask] = []
    never = asyncio.Event()

    async def execute(ask: Ask) -> Accepted:
        asked.append(ask)
        await never.wait()
        return accepted(ask)

    async with two(nats.url) as (gateway, approval):
        await approval.serve_commands("approval", execute)
        waiting = [asyncio.create_task(gateway.ask(an_ask(), timeout=60)) for _ in range(2)]
        await until(lambda: len(asked) == 2)
        nats.kill()
        done, _ = await asyncio.wait(waiting, timeout=5)
        assert [type(task.exception()) for task in done] == [BusTimeout, BusTimeout]
        await asyncio.to_thread(nats.start)
        await until(lambda: gateway.connected and approval.connected)
        never.set()
        again = an_ask()
        assert await gateway.ask(again, timeout=5) == accepted(again)


@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"  # nats-py leaves the stream of an attempt that was refused open
)
async def test_a_broker_that_does_not_know_us_yet_is_asked_again(
    nats: Nats, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """FastStream gives up at such a complaint and tells nobody; by its way the connection ends, and its process."""
    monkeypatch.setattr(public, "SILENCE_SECONDS", 1.0)
    bus = await Bus.connect(nats.url, service="gateway")
    nats.kill()
    strange = await asyncio.to_thread(start_nats, tmp_path / "strange", nats.port, 'authorization { token: "x" }')
    await until(lambda: bus.health()["reason"] == "nats: 'Authorization Violation'")
    strange.kill()
    await asyncio.to_thread(nats.start)
    await until(lambda: bus.connected if way == "doors" else bus.closed.is_set())
    await bus.close()
    gc.collect()


async def test_a_broker_that_is_not_there_is_named_without_its_password() -> None:
    with pytest.raises(NoResponder, match=r"^no broker at 127.0.0.1:1 within"):
        await Bus.connect("nats://somebody:secret@127.0.0.1:1", service="gateway", patience=0.3)


async def test_an_open_board_hears_what_changed_and_one_that_sleeps_costs_nothing(nats_url: str) -> None:
    async with two(nats_url) as (gateway, projections):
        awake = await gateway.subscribe_live("live.kota-contoh.>")
        asleep = await gateway.subscribe_live("live.kota-contoh.>", room=10)
        for number in range(100):
            await projections.publish_live("live.kota-contoh.letters", str(number).encode())
        heard = [int(await anext(awake)) for _ in range(100)]
        assert heard == list(range(100))
        await until(lambda: asleep.lost == 90)
        assert [int(await anext(asleep)) for _ in range(10)] == list(range(90, 100))
        await gateway.close()
        assert [data async for data in asleep] == []
