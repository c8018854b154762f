"""An open board: what was missed, then what happens, in order and once; who has logged out hears no more."""

import asyncio
from collections.abc import AsyncIterator, Callable
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import orjson
import pytest

from contracts.projections import Change, ChangesSince, ChangesSinceAnswer
from gateway.api import stream as live
from gateway.api.stream import changes
from gateway.edge.client import reader_of
from gateway.edge.principals import Visitor
from services.kit.bus.live import LiveFeed
from services.kit.bus.wire import Arrival
from tests.unit.gateway.web_office import visitor


class PaperBus:
    """One agency's live subject."""

    def __init__(self) -> None:
        self.feed = LiveFeed(3, self._left)

    async def subscribe_live(self, subject: str) -> LiveFeed:
        assert subject == "live.pekalongan.>"
        return self.feed

    async def _left(self, _: object) -> None:
        raise AssertionError("there is no subscription")

    def tell(self, *numbers: int) -> None:
        for number in numbers:
            data = orjson.dumps(
                {
                    "id": f"1.{number}",
                    "kind": "letters",
                    "case_id": "x",
                    "stage": "registered",
                    "event": "x",
                    "was": {},
                    "access": {},
                }
            )
            self.feed.take(Arrival("live.pekalongan.letters", "", b"", data))


class Plain:
    """Names as they are."""

    def name(self, plain: str, _reader: str) -> str:
        return plain

    def plain(self, name: str, _reader: str) -> str:
        return name


class Doors:
    """Knows for how many more looks the visitor is logged in, and as what."""

    def __init__(self) -> None:
        self.looks = 1_000
        self.role = "operator"

    async def of(self, _: object) -> Visitor | None:
        self.looks -= 1
        return visitor(self.role) if self.looks >= 0 else None


async def nothing_missed(_visitor: object, _query: ChangesSince, answer: Callable[..., Any]) -> ChangesSinceAnswer:
    return ChangesSinceAnswer(last="", changes=())


def opened(bus: PaperBus, doors: Doors) -> AsyncIterator[bytes]:
    desk: Any = SimpleNamespace(bus=bus, ask=nothing_missed, opaque=Plain())
    who = visitor("operator")
    knocking: Any = object()
    at_doors: Any = doors
    return changes(desk, at_doors, knocking, who, "")


def ids(chunk: bytes) -> list[str]:
    return [line[4:] for line in chunk.decode().splitlines() if line.startswith("id: ")]


async def test_what_has_happened_meanwhile_is_told_in_one_piece_in_order_and_once() -> None:
    bus = PaperBus()
    board = opened(bus, Doors())
    assert b"open" in await anext(board)
    bus.tell(1, 2, 2)
    chunk = await anext(board)
    assert (ids(chunk), chunk.count(b"event: change")) == (["1.1", "1.2"], 2)
    bus.tell(2, 3)
    assert ids(await anext(board)) == ["1.3"]


async def test_who_has_slept_is_told_to_look_again_before_he_hears_the_rest() -> None:
    bus = PaperBus()
    board = opened(bus, Doors())
    await anext(board)
    bus.tell(1, 2, 3, 4, 5)
    chunk = await anext(board)
    assert chunk.startswith(b"event: reset\n")
    assert ids(chunk)[1:] == ["1.3", "1.4", "1.5"]


async def test_who_has_logged_out_hears_no_more_be_the_day_quiet_or_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "HEARTBEAT_SECONDS", 0.02)
    bus, doors = PaperBus(), Doors()
    board = opened(bus, doors)
    await anext(board)
    doors.looks = 2
    assert [chunk async for chunk in board] == [b": beat\n\n", b": beat\n\n"]
    board, doors.looks = opened(bus, doors), 0
    await anext(board)
    await asyncio.sleep(0.03)
    bus.tell(1)
    assert [chunk async for chunk in board] == []


@pytest.mark.parametrize("role", ["courier", "admin", "secretary", "stand-in"])
async def test_who_no_longer_reads_letters_hears_no_more(monkeypatch: pytest.MonkeyPatch, role: str) -> None:
    monkeypatch.setattr(live, "HEARTBEAT_SECONDS", 0.02)
    bus, doors = PaperBus(), Doors()
    board = opened(bus, doors)
    await anext(board)
    doors.role = role
    await asyncio.sleep(0.03)
    bus.tell(1)
    assert [chunk async for chunk in board] == []


async def test_a_board_ends_with_its_feed() -> None:
    bus = PaperBus()
    board = opened(bus, Doors())
    await anext(board)
    bus.tell(1)
    await bus.feed.aclose()
    assert [ids(chunk) for chunk in [chunk async for chunk in board]] == [["1.1"]]


def test_of_a_complaint_only_the_day_is_told_and_of_a_letter_the_moment() -> None:
    at = "2026-03-12T07:13:22.5Z"
    said = {"id": "1.1", "case_id": "x", "stage": "filed", "event": "complaint.ReporterWrote", "at": at}
    told = [
        live.heard({**said, "kind": kind, "was": {}, "access": {}}, reader_of(visitor(role)))
        for kind, role in (("complaints", "complaint-officer"), ("letters", "operator"))
    ]
    assert [each["at"] for each in told if each] == ["2026-03-12T00:00:00Z", at]
    change = Change(id="1.1", kind="complaints", case_id=UUID(int=1), stage="filed", event="x", at=at)  # type: ignore[arg-type]
    assert live.shown("complaints", change)["at"] == "2026-03-12T00:00:00Z"
