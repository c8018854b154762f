"""Whichever way a message comes, it is the same message; a client library that is not as we know it shuts the door."""

import asyncio
import contextlib
from typing import Any

import nats.errors
import pytest
from hypothesis import given
from hypothesis import strategies as some
from nats.aio.client import Client
from nats.protocol.parser import Parser

from services.kit.bus.wire import NATS, Arrival, Dispatch, Publication, dispatch_over
from services.kit.bus.wire.feed import DirectDispatch
from services.kit.bus.wire.public import PublicDispatch

OURS = b"NATS/1.0\r\nCaraka-Position: 0a1b.2.9.8\r\nNats-Msg-Id: x\r\n\r\n"
NAMES = (b"Caraka-Position", b"Nats-Msg-Id", b"Nats-Pending-Messages", b"A", b"Absent")


class Paper(Client):
    """Without a network: keeps the commands that it was told to send."""

    def __init__(self) -> None:
        super().__init__()
        self._flush_queue = asyncio.Queue()
        self._status = Client.CONNECTED
        self._max_payload = 1_000_000
        self.written: list[bytes] = []

    async def _send_command(self, cmd: bytes, priority: bool = False) -> None:  # noqa: FBT001, FBT002, ARG002 - as the library has it
        self.written.append(cmd)

    async def _flush_pending(self, force_flush: bool = False) -> Any:  # noqa: FBT001, FBT002 - same
        return force_flush


@pytest.fixture(params=[DirectDispatch, PublicDispatch])
def kind(request: pytest.FixtureRequest) -> type[Dispatch]:
    found: type[Dispatch] = request.param
    return found


def message(sid: int, data: bytes, head: bytes = b"", reply: str = "", subject: str = "a.b") -> bytes:
    place = f"{subject} {sid} {reply} " if reply else f"{subject} {sid} "
    if not head:
        return f"MSG {place}{len(data)}\r\n".encode() + data + b"\r\n"
    return f"HMSG {place}{len(head)} {len(head) + len(data)}\r\n".encode() + head + data + b"\r\n"


async def arrived(kind: type[Any], *wires: bytes) -> list[Arrival]:
    """What two subscriptions of one connection get of what comes over it."""
    client, got = Paper(), list[Arrival]()
    way = kind(client)
    for _ in range(2):
        await way.subscribe("a.>", got.append)
    for wire in wires:
        await Parser(client).parse(wire)
    await asyncio.sleep(0)
    for subscription in list(client._subs.values()):
        with contextlib.suppress(nats.errors.Error):
            await way.unsubscribe(subscription)
    return got


HEADS = some.sampled_from(
    [
        b"", OURS, b"NATS/1.0\r\nA: b\r\n\r\n", b"NATS/1.0 503\r\n\r\n", b"NATS/1.0 100 Idle Heartbeat\r\n\r\n",
        b"NATS/1.0 408 Request Timeout\r\nNats-Pending-Messages: 5\r\nNats-Pending-Bytes: 0\r\n\r\n",
        b"NATS/1.0 409 Message Size Exceeds MaxBytes\r\n\r\n",
    ]
)  # fmt: skip
WIRES = some.builds(
    message, sid=some.sampled_from([1, 2, 9]), data=some.binary(max_size=60), head=HEADS,
    reply=some.sampled_from(["", "_INBOX.x.1", "$JS.ACK.EVT.c.1.2.3.4.0"]),
    subject=some.sampled_from(["a", "evt.demo.intake.letter-registered.v1"]),
)  # fmt: skip


@given(wires=some.lists(WIRES, max_size=8))
def test_a_message_is_the_same_whichever_way_it_comes(wires: list[bytes]) -> None:
    straight, around = (asyncio.run(arrived(kind, *wires)) for kind in (DirectDispatch, PublicDispatch))
    told = [
        sorted((one.subject, one.reply, one.data, one.status, *map(one.header, NAMES)) for one in some_of)
        for some_of in (straight, around)
    ]  # each subscription keeps its order; between two of them the library's tasks decide
    assert told[0] == told[1]
    assert len(straight) == sum(b" 9 " not in wire.partition(b"\r\n")[0] for wire in wires)


async def test_the_position_of_an_event_is_its_first_header_on_both_ways() -> None:
    for kind in (DirectDispatch, PublicDispatch):
        (one,) = await arrived(kind, message(1, b"data", OURS))
        assert one.head == OURS


async def test_what_is_sent_is_the_same_on_both_ways() -> None:
    lines = b"Caraka-Position: 0a1b.2.9.8\r\nNats-Msg-Id: x"
    told = []
    for kind in (DirectDispatch, PublicDispatch):
        client = Paper()
        await kind(client).send([Publication("a.b", b"data", lines), Publication("a", b"", b"A: b", "_INBOX.x.1")])
        told.append(client.written)
    assert told[0] == told[1]


async def test_where_the_connection_is_away_nothing_is_sent(kind: type[Any]) -> None:
    client = Paper()
    client._status = Client.RECONNECTING
    with pytest.raises(nats.errors.ConnectionClosedError):
        await kind(client).send([Publication("a", b"", b"A: b")])


def test_the_client_library_is_as_we_know_it() -> None:
    assert NATS.why_shut == ""
    assert isinstance(dispatch_over(Paper()), DirectDispatch)


async def _gives_itself(self: Parser, data: bytes = b"") -> None:
    await self.nc._process_msg(self, data)


async def _waits(self: Client, cmd: bytes, priority: bool = False) -> None:  # noqa: FBT001, FBT002 - as the library has it
    await asyncio.sleep(1)


@pytest.mark.parametrize(
    ("where", "name", "other"),
    [(Parser, "parse", _gives_itself), (Client, "_send_command", _waits), (Client, "_flush_pending", None)],
)
def test_a_client_library_that_is_other_shuts_the_door(
    monkeypatch: pytest.MonkeyPatch, where: type, name: str, other: object
) -> None:
    monkeypatch.setattr(where, name, other)
    monkeypatch.setattr(NATS, "_why_shut", None)  # as when nobody has looked yet
    assert not NATS.is_open
    assert isinstance(dispatch_over(Client()), PublicDispatch)
