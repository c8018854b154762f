"""What a right on the bus could be stretched to: the broker answers wherever it is told to, and whoever is asked may
answer wherever he is told to. Tried with the passwords of the services against a real server: nothing is executed,
stated or believed that its own sender did not say.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import orjson
import pytest

from contracts.base import Accepted, Actor, Ask, Refusal
from contracts.organisation import AddUser, People, PeopleAnswer
from contracts.subjects import subject
from services.cli.catalogue import PARTS, WITH_STREAMS
from services.kit.bus import streams
from services.kit.bus.connection import Bus
from services.kit.bus.rights import bus_users
from services.kit.codec.position import Checkpoint, Delivery
from services.kit.operations.health import request_operation, serve_operations
from services.kit.operations.stream_keeper import serve_renewals
from services.kit.outbox.relay import Relay
from services.kit.subscriptions.pull_consumer import LookAgain, Pull
from services.kit.subscriptions.subscriber import Subscriber
from tests.attacks.intruder import Intruder, intruder, intruders, joined
from tests.integration.fake_log import FakeLog
from tests.integration.waiting import until
from tests.parts.closed_nats import ClosedNats, start_closed_nats

pytestmark = pytest.mark.real

ANSWERING = [user for user in bus_users(PARTS) if user.answers and user.name != "migrate"]
CONSUMER, APPROVAL = "$JS.API.CONSUMER", "EVT_APPROVAL.dispatch-approval"
VICTIM = "cmd.demo.organisation.add-user.v1"
FOLLOWED = {
    "intake": "dispatch",
    "approval": "intake",
    "dispatch": "approval",
    "projections": "intake",
    "audit": "intake",
}


@pytest.fixture
def stack(tmp_path: Any) -> Iterator[ClosedNats]:
    closed = start_closed_nats(tmp_path / "closed")
    yield closed
    closed.server.kill()


@pytest.fixture
async def keeper(stack: ClosedNats) -> AsyncIterator[Bus]:
    """The streams are there, and who keeps them too."""
    async with joined(stack, "migrate") as bus:
        await streams.declare(bus.js, WITH_STREAMS)
        await serve_renewals(bus, WITH_STREAMS)
        yield bus


def spelled(pattern: str) -> str:
    """One subject that the pattern stands for."""
    return pattern.replace("*", "demo").replace(">", "x.v1")


def a_command() -> Ask:
    identity = uuid4()
    return Ask(
        command_id=identity,
        agency="demo",
        kind=AddUser.kind(),
        actor=Actor(id="console", roles=("system",)),
        asked_at=datetime.now(UTC),
        correlation_id=identity,
        body={"person_id": "intruder", "name": "x", "nip": "", "roles": ["admin"]},
    )


async def reflected(he: Intruder, source: str, victim: str) -> None:
    """Everything by which the broker can be brought to say something on `victim`."""
    for pattern in bus_users_by_name()[he.user].publish:
        if not pattern.startswith("$"):
            await he.say(spelled(pattern), body=a_command().model_dump_json().encode(), reply=victim)
    own, theirs = f"EVT_{he.user.upper()}", f"EVT_{source.upper()}"
    consumer = f"{he.user}-{source}"
    for name in (own, theirs):
        await he.order("STREAM.INFO", name, {}, victim)
        for number in (1, 2, 3):
            await he.order("STREAM.MSG.GET", name, {"seq": number}, victim)
            await he.order("DIRECT.GET", name, {"seq": number}, victim)
    create = f"$JS.API.CONSUMER.CREATE.{theirs}.{consumer}"
    base = {"name": consumer, "ack_policy": "none", "deliver_policy": "all", "mem_storage": True}
    pulled = {"batch": 10, "expires": 200_000_000, "idle_heartbeat": 50_000_000}
    await he.order("CONSUMER.CREATE", f"{theirs}.{consumer}", {"stream_name": theirs, "config": base}, victim)
    await he.client.request(create, orjson.dumps({"stream_name": theirs, "config": base}), timeout=5)
    await he.order("CONSUMER.MSG.NEXT", f"{theirs}.{consumer}", pulled, victim)
    await asyncio.sleep(0.3)
    await he.order("CONSUMER.DELETE", f"{theirs}.{consumer}", {}, victim)
    pushing = base | {"deliver_subject": victim, "idle_heartbeat": 100_000_000, "flow_control": True}
    await he.order("CONSUMER.CREATE", f"{theirs}.{consumer}", {"stream_name": theirs, "config": pushing}, victim)
    await asyncio.sleep(0.3)
    await he.order("CONSUMER.DELETE", f"{theirs}.{consumer}", {}, victim)


def bus_users_by_name() -> Mapping[str, Any]:
    return {user.name: user for user in bus_users(PARTS)}


@pytest.mark.parametrize("user", ANSWERING, ids=lambda user: user.name)
async def test_who_may_answer_cannot_give_himself_the_right_to_say_anything_else(
    stack: ClosedNats, keeper: Bus, user: Any
) -> None:
    """With `allow_responses`, hearing a message that one has sent oneself is the right to say its reply, once."""
    async with intruders(stack, [each.name for each in ANSWERING]) as all_of_them:
        he = next(each for each in all_of_them if each.user == user.name)
        for each in all_of_them:
            assert await each.listen(*bus_users_by_name()[each.user].subscribe) == set()
        for pattern in user.publish:
            await he.say(spelled(pattern), body=orjson.dumps({"seq": 1}), reply=VICTIM)
        await asyncio.sleep(0.1)
        for each in all_of_them:
            assert await each.say(VICTIM) == {VICTIM}, each.user


@pytest.mark.parametrize("user", FOLLOWED)
async def test_nothing_that_the_broker_was_made_to_say_is_executed(stack: ClosedNats, keeper: Bus, user: str) -> None:
    """Not even with an accomplice who states commands as facts in the stream that is read."""
    done: list[str] = []

    async def execute(ask: Ask) -> Accepted | Refusal:
        done.append(ask.kind)
        return Accepted(command_id=ask.command_id, stream="x", version=1, after="s.1.1")

    async def people(_: str, asked: People) -> PeopleAnswer:
        done.append(asked.kind())
        return PeopleAnswer(people=())

    async def operation(_: Mapping[str, Any]) -> str:
        done.append("operation")
        return "done"

    forged, source = a_command().model_dump_json().encode(), FOLLOWED[user]
    question, work = subject(People, "demo"), "ops.organisation.retell-timers"
    async with (
        joined(stack, "organisation") as organisation,
        joined(stack, "gateway") as gateway,
        intruder(stack, user) as he,
        intruder(stack, source) as accomplice,
    ):
        await organisation.serve_commands("organisation", execute)
        await organisation.serve_queries("organisation", {People: people})
        await serve_operations(organisation, "organisation", {"retell-timers": operation, "v1": operation})
        await accomplice.say(f"evt.demo.{source}.retell-timers", f"evt.demo.{source}.add-user.v1", body=forged)
        created = {each: (await keeper.js.stream_info(f"EVT_{each.upper()}")).created for each in WITH_STREAMS}
        for victim in (VICTIM, question, work, "ops.streams.organisation"):
            await reflected(he, source, victim)
        assert done == []
        after = {each: (await keeper.js.stream_info(f"EVT_{each.upper()}")).created for each in WITH_STREAMS}
        assert {each for each in after if after[each] != created[each]} <= {user}  # his own may be made anew
        assert organisation.health()["serving"]["commands"]["unasked"] > 0  # it was said, and seen to be nobody's
        assert isinstance(await gateway.ask(a_command(), timeout=5), Accepted)
        await gateway.query("demo", People(), PeopleAnswer, timeout=5)
        assert await request_operation(gateway, "organisation", "retell-timers", {}) == "done"
        assert done == [AddUser.kind(), People.kind(), "operation"]


@contextlib.asynccontextmanager
async def running(*loops: Callable[[], Any]) -> AsyncIterator[list[asyncio.Task[None]]]:
    tasks = [asyncio.ensure_future(loop()) for loop in loops]
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_what_is_smuggled_into_anothers_stream_is_believed_by_nobody_and_the_stream_is_made_anew(
    stack: ClosedNats, keeper: Bus
) -> None:
    """Dispatch follows intake and approval: it makes the broker store answers, and approval's facts, as intake's."""
    log, theirs = FakeLog(), FakeLog("ffffff")
    theirs.append(5, kind="approval.ApprovalCompleted.v1")
    log.append(20)
    got: list[Delivery] = []

    async def checkpoint() -> Checkpoint | None:
        return got[-1].checkpoint if got else None

    async def apply(batch: list[Delivery]) -> None:
        got.extend(batch)

    victim = "evt.demo.intake.letter-archived.v1"
    async with (
        joined(stack, "intake") as intake,
        joined(stack, "approval") as approval,
        intruder(stack, "dispatch") as he,
    ):
        first = Relay(intake, log, "intake", log.notifier, look_every=0.2)
        second = Relay(approval, theirs, "approval", theirs.notifier, look_every=0.2)
        follower = Subscriber(approval, "intake", name="approval-intake", checkpoint=checkpoint, apply=apply)
        async with running(follower.run, first.run, second.run) as [following, *_]:
            await until(lambda: len(got) == 20 and second.health()["position"] == 5)
            before = (await keeper.js.stream_info("EVT_INTAKE")).created
            for source in ("intake", "approval"):
                await reflected(he, source, victim)
                log.append(5)
            await until(lambda: len(got) == 30)
            assert (await keeper.js.stream_info("EVT_INTAKE")).created != before  # it had been disturbed
            assert not following.done()
    assert [(one.checkpoint.position, one.previous, one.data) for one in got] == [
        (row.position, row.previous, row.data) for row in log.rows
    ]


async def test_anothers_true_fact_at_the_end_of_a_stream_is_not_taken_for_a_restored_store(
    stack: ClosedNats, keeper: Bus
) -> None:
    """It has a relay's header, of another store: that would stop the follower until a person decides.

    The relay's fences travel with it, so it must be the one that expects as many before it as the other stream has.
    """
    log, theirs = FakeLog(), FakeLog("ffffff")
    theirs.append(3, kind="approval.ApprovalCompleted.v1")
    log.append(3)
    got: list[Delivery] = []

    async def checkpoint() -> Checkpoint | None:
        return got[-1].checkpoint if got else Checkpoint(log.store_id.store, 1, 0)

    async def apply(batch: list[Delivery]) -> None:
        got.extend(batch)

    async with (
        joined(stack, "intake") as intake,
        joined(stack, "approval") as approval,
        intruder(stack, "dispatch") as he,
    ):
        first = Relay(intake, log, "intake", log.notifier)
        second = Relay(approval, theirs, "approval", theirs.notifier)
        async with running(first.run, second.run):
            await until(lambda: first.health()["position"] == second.health()["position"] == 3)
            theirs.append(1, kind="approval.ApprovalCompleted.v1")
            await until(lambda: second.health()["position"] == 4)
        config = {"name": "dispatch-approval", "ack_policy": "none", "deliver_policy": "last", "mem_storage": True}
        create, wanted = f"{CONSUMER}.CREATE.{APPROVAL}", {"stream_name": "EVT_APPROVAL", "config": config}
        assert b"error" not in (await he.client.request(create, orjson.dumps(wanted), timeout=5)).data
        await he.order("CONSUMER.MSG.NEXT", APPROVAL, {"batch": 1}, "evt.demo.intake.letter-archived.v1")
        async with asyncio.timeout(20):
            while (  # noqa: ASYNC110 - the broker tells nobody
                end := (await intake.js.stream_info("EVT_INTAKE")).state.last_seq
            ) < log.head() + 1:
                await asyncio.sleep(0.05)
        found = [(await intake.js.get_msg("EVT_INTAKE", seq=seq)).subject or "" for seq in range(1, end + 1)]
        assert any(each.startswith("evt.demo.approval.") for each in found)
        follower = Subscriber(approval, "intake", name="approval-intake", checkpoint=checkpoint, apply=apply)
        async with running(follower.run) as [following]:
            await until(lambda: follower.health()["state"] == "waiting")
            async with running(first.run):
                await until(lambda: len(got) == 3)
            assert not following.done()
    assert [one.data for one in got] == [row.data for row in log.rows]


async def test_a_follower_whose_inbox_is_known_takes_nothing_from_another_stream(
    stack: ClosedNats, keeper: Bus
) -> None:
    """Facts of approval's, sent by the broker to where approval waits for intake's."""
    async with (
        joined(stack, "approval") as approval,
        intruder(stack, "dispatch") as he,
        Pull(approval, "intake", "approval-intake", 1, 10) as pull,
    ):
        for _ in range(2):
            await approval.client.publish("evt.demo.approval.letter-archived.v1", b'{"forged": 1}')
        taking = asyncio.create_task(pull.take())
        config = {"name": "dispatch-approval", "ack_policy": "none", "mem_storage": True}
        create, wanted = f"{CONSUMER}.CREATE.{APPROVAL}", {"stream_name": "EVT_APPROVAL", "config": config}
        assert b"error" not in (await he.client.request(create, orjson.dumps(wanted), timeout=5)).data
        await he.order("CONSUMER.MSG.NEXT", APPROVAL, {"batch": 2}, pull._inbox)
        with pytest.raises(LookAgain, match=r"a message on evt\.demo\.approval"):
            await asyncio.wait_for(taking, 20)


async def test_who_was_asked_one_question_cannot_answer_the_next(stack: ClosedNats, keeper: Bus) -> None:
    """Intake has seen where the gateway hears its answers, and tries all that could be the place of the next."""

    async def people(_: str, __: People) -> PeopleAnswer:
        await asyncio.sleep(1)
        return PeopleAnswer(people=())

    async with (
        joined(stack, "organisation") as organisation,
        joined(stack, "gateway") as gateway,
        intruder(stack, "intake") as he,
    ):
        await organisation.serve_queries("organisation", {People: people})
        assert await he.listen("ops.intake.>") == set()
        for _ in range(2):
            with contextlib.suppress(Exception):
                await request_operation(gateway, "intake", "parked", {}, seconds=0.2)
        places = [message.reply.rpartition(".") for message in he.heard]
        assert len({place for place, _, _ in places}) == 1
        assert len({word for _, _, word in places}) == len(places) == 2
        assert all(len(word) >= 24 for _, _, word in places)  # 96 bits: it cannot be tried out
        asking = asyncio.create_task(gateway.query("demo", People(), PeopleAnswer, timeout=5))
        place = places[0][0]
        refused = set()
        for word in (*(str(number) for number in range(1, 50)), places[-1][2], ">", "*"):
            refused |= await he.say(f"{place}.{word}", body=b'{"fault":"bug"}')
            await he.order("STREAM.INFO", "EVT_INTAKE", {}, f"{place}.{word}")
        assert len(refused) >= 49
        assert await asking == PeopleAnswer(people=())
