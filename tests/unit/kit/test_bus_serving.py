"""A desk serves as many at once as it has seats, the others in order; whom its waiting room cannot hold is told so."""

import asyncio

import orjson
import pytest

from services.kit.bus import endpoints
from services.kit.bus.endpoints import Endpoint
from services.kit.bus.wire import Arrival
from tests.integration.waiting import until


class Desk(Endpoint):
    """Serves when it is told to."""

    name = "paper"

    def __init__(self, at_once: int) -> None:
        self.begun: list[bytes] = []
        self.said: list[tuple[str, bytes]] = []
        self.go_on = asyncio.Semaphore(0)
        super().__init__("office", self.tell, unavailable=(OSError,), at_once=at_once)

    async def tell(self, message: Arrival, payload: bytes) -> None:
        self.said.append((message.reply, payload))

    async def handle(self, message: Arrival) -> bytes:
        self.begun.append(message.data)
        await self.go_on.acquire()
        if message.data == b"away":
            raise OSError
        if message.data == b"starved":
            raise MemoryError
        return message.data


def arrival(number: int | str, patience: int = 10_000) -> Arrival:
    head = b"NATS/1.0\r\nCaraka-Patience: %d\r\n\r\n" % patience
    return Arrival("cmd.a.office.x.v1", f"_INBOX_gateway.{number}", head, str(number).encode())


async def test_those_without_a_seat_are_served_in_order_as_seats_become_free() -> None:
    desk = Desk(at_once=2)
    for number in range(5):
        desk.take(arrival(number))
    await asyncio.sleep(0)
    assert desk.begun == [b"0", b"1"]
    assert desk.health()["in_flight"] == 5
    for served in range(1, 6):
        desk.go_on.release()
        await until(lambda: (len(desk.said), len(desk.begun)) == (served, min(served + 2, 5)))  # noqa: B023 - called at once
    await until(lambda: desk.health()["in_flight"] == 0)
    assert desk.begun == [b"0", b"1", b"2", b"3", b"4"]
    assert [reply for reply, _ in desk.said] == [f"_INBOX_gateway.{number}" for number in range(5)]
    assert (desk.health()["in_flight"], desk.health()["answered"]) == (0, 5)


async def test_a_seat_is_free_again_after_a_failure() -> None:
    desk = Desk(at_once=1)
    desk.take(arrival("away"))
    desk.take(arrival(1))
    desk.go_on.release()
    desk.go_on.release()
    await until(lambda: len(desk.said) == 2)
    assert [orjson.loads(said) for _, said in desk.said] == [{"fault": "unavailable"}, 1]


async def test_who_met_a_machine_without_memory_may_ask_again() -> None:
    desk = Desk(at_once=1)
    desk.take(arrival("starved"))
    desk.go_on.release()
    await until(lambda: len(desk.said) == 1)
    assert orjson.loads(desk.said[0][1]) == {"fault": "unavailable"}


async def test_who_has_waited_too_long_is_not_begun() -> None:
    desk = Desk(at_once=1)
    desk.take(arrival(0))
    desk.take(arrival(1, patience=0))
    desk.take(arrival(2))
    await asyncio.sleep(0.005)
    desk.go_on.release()
    desk.go_on.release()
    await until(lambda: len(desk.said) == 2)
    assert desk.begun == [b"0", b"2"]
    assert desk.health()["late"] == 1


async def test_a_full_waiting_room_turns_away_and_fills_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoints, "WAITING_ROOM", 3)
    desk = Desk(at_once=1)
    for number in range(5):
        desk.take(arrival(number))
    await until(lambda: len(desk.said) == 2)
    assert [(reply, orjson.loads(said)["refusal"]["code"]) for reply, said in desk.said] == [
        ("_INBOX_gateway.3", "bus.overloaded"), ("_INBOX_gateway.4", "bus.overloaded"),
    ]  # fmt: skip
    desk.go_on.release()
    await until(lambda: len(desk.said) == 3 and len(desk.begun) == 2)
    desk.take(arrival(5))
    for _ in range(3):
        desk.go_on.release()
    await until(lambda: len(desk.said) == 6)
    assert desk.begun == [b"0", b"1", b"2", b"5"]


async def test_a_desk_is_empty_when_those_who_wait_are_served_too() -> None:
    desk = Desk(at_once=1)
    for number in range(3):
        desk.take(arrival(number))
        desk.go_on.release()
    async with asyncio.timeout(5):
        await desk.empty()
    assert len(desk.said) == 3


async def test_a_desk_that_is_abandoned_begins_nothing_more() -> None:
    desk = Desk(at_once=1)
    desk.take(arrival(0))
    desk.take(arrival(1))
    await asyncio.sleep(0)
    desk.abandon()
    await desk.empty()
    assert (desk.begun, desk.said, desk.health()["in_flight"]) == ([b"0"], [], 0)
