"""Whatever the network cuts, everybody gets what the library's own parser would have given, in the same order."""

import asyncio
from collections.abc import Callable, Sequence
from itertools import chain, pairwise, repeat

import pytest
from hypothesis import given
from hypothesis import strategies as some
from nats.aio.client import DEFAULT_BUFFER_SIZE, Client
from nats.aio.transport import TcpTransport
from nats.errors import ProtocolError

from services.kit.bus.wire.frames import Arrival, Callback
from services.kit.bus.wire.interception import Reading

FED = (1, 22)
Told = tuple[str, bytes, bytes, bytes, bytes]


class Connection(Client):
    """One without a network: writes down what its parser tells it."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[Told] = []
        self.on_ping: Callable[[], object] = lambda: None

    async def _process_msg(self, sid: int, subject: bytes, reply: bytes, data: bytes, headers: bytes | None) -> None:
        await asyncio.sleep(0)
        self.told.append((f"message {sid}", subject, reply, headers or b"", data))

    async def _process_ping(self) -> None:
        self.on_ping()
        self._tell("ping")

    async def _process_pong(self) -> None:
        self._tell("pong")

    async def _process_err(self, err_msg: str) -> None:
        self._tell(err_msg)

    async def _process_info(self, info: dict[str, object], initial_connection: bool = False) -> None:  # noqa: FBT001, FBT002, ARG002 - as the library has it
        self._tell(str(info))

    def _tell(self, what: str) -> None:
        self.told.append((what, b"", b"", b"", b""))

    def taker(self, sid: int) -> Callback:
        def take(message: Arrival) -> None:
            line = (message.subject.encode(), message.reply.encode(), message.head, message.data)
            self.told.append((f"message {sid}", *line))

        return take

    def feed(self) -> dict[bytes, Callback]:
        callbacks = {b"%d" % sid: self.taker(sid) for sid in FED}
        Reading(self, callbacks)
        return callbacks

    def read(self, *chunks: bytes) -> list[Told]:
        async def reading() -> None:
            for chunk in chunks:
                await self._ps.parse(chunk)

        asyncio.run(reading())
        return self.told


class Line(TcpTransport):
    """The receiving half of a connection, as asyncio has it."""

    def __init__(self) -> None:
        super().__init__()
        self._io_reader = asyncio.StreamReader(limit=DEFAULT_BUFFER_SIZE)

    def arrive(self, data: bytes) -> None:
        assert self._io_reader is not None
        self._io_reader.feed_data(data)

    def waiting(self) -> int:
        return len(self._io_reader._buffer)  # type: ignore[union-attr]


async def arriving(connection: Connection, chunks: Sequence[bytes], rests: Sequence[int]) -> None:
    """The chunks arrive over a new line while the library's read loop runs, so many turns of the loop after another."""
    connection._transport = line = Line()
    reading = asyncio.create_task(connection._read_loop())
    for chunk, rest in zip(chunks, chain(rests, repeat(0)), strict=False):
        line.arrive(chunk)
        for _ in range(rest):
            await asyncio.sleep(0)
    told = -1
    while line.waiting() or told != len(connection.told):
        told = len(connection.told)
        for _ in range(8):
            await asyncio.sleep(0)
    reading.cancel()
    await asyncio.wait([reading])


def message(sid: int, data: bytes, head: bytes = b"", reply: str = "", subject: str = "a.b") -> bytes:
    place = f"{subject} {sid} {reply} " if reply else f"{subject} {sid} "
    if not head:
        return f"MSG {place}{len(data)}\r\n".encode() + data + b"\r\n"
    return f"HMSG {place}{len(head)} {len(head) + len(data)}\r\n".encode() + head + data + b"\r\n"


MESSAGES = some.builds(
    message,
    sid=some.sampled_from([1, 2, 22, 122]),
    data=some.one_of(some.binary(max_size=60), some.sampled_from([b"MSG a 1 3\r\nabc\r\n", b"PING\r\n", b"\r\n"])),
    head=some.sampled_from([b"", b"NATS/1.0\r\nA: b\r\n\r\n", b"NATS/1.0 100 Idle Heartbeat\r\n\r\n"]),
    reply=some.sampled_from(["", "_INBOX.x.1", "$JS.ACK.EVT.c.1.2.3.4.0"]),
    subject=some.sampled_from(["a", "evt.demo.intake.letter-registered.v1", "22"]),
)
WORDS = some.sampled_from(
    [b"PING\r\n", b"PONG\r\n", b"+OK\r\n", b"-ERR 'Permissions Violation'\r\n", b'INFO {"max_payload": 8}\r\n']
)
STREAMS = some.lists(some.one_of(MESSAGES, MESSAGES, WORDS), max_size=12)


def cut(whole: bytes, places: Sequence[int]) -> list[bytes]:
    edges = [0, *sorted({place % (len(whole) + 1) for place in places}), len(whole)]
    return [whole[one:two] for one, two in pairwise(edges)]


@given(frames=STREAMS, places=some.lists(some.integers(0, 4000), max_size=12), before=some.integers(0, 40))
def test_however_it_is_cut_the_same_is_told_as_by_the_library(
    frames: list[bytes], places: list[int], before: int
) -> None:
    whole = b"".join(frames)
    ours = Connection()
    ours.read(whole[:before])  # what came before anybody was fed, maybe half a frame
    ours.feed()
    assert ours.read(*cut(whole[before:], places)) == Connection().read(whole)


@given(
    frames=STREAMS,
    places=some.lists(some.integers(0, 4000), max_size=12),
    rests=some.lists(some.integers(0, 3)),
    before=some.integers(0, 40),
)
def test_nothing_overtakes_what_is_left_to_the_read_loop(
    frames: list[bytes], places: list[int], rests: list[int], before: int
) -> None:
    whole = b"".join(frames)
    ours = Connection()
    ours.read(whole[:before])
    ours.feed()
    chunks = [chunk for chunk in cut(whole[before:], places) if chunk]
    asyncio.run(arriving(ours, chunks, rests))
    assert ours.told == Connection().read(whole)


@given(one=STREAMS, other=STREAMS, rests=some.lists(some.integers(0, 3)))
def test_a_new_line_begins_with_a_new_frame(one: list[bytes], other: list[bytes], rests: list[int]) -> None:
    async def both(connection: Connection) -> None:
        await arriving(connection, one, rests)
        connection._ps.reset()
        await arriving(connection, [message(1, b"first"), *other], rests)

    ours, theirs = Connection(), Connection()
    ours.feed()
    one.append(message(22, b"half of this")[:-7])
    asyncio.run(both(ours))
    asyncio.run(both(theirs))
    assert ours.told == theirs.told


@given(frames=STREAMS)
def test_byte_by_byte_is_the_same_too(frames: list[bytes]) -> None:
    whole = b"".join(frames)
    ours = Connection()
    ours.feed()
    assert ours.read(*(whole[at : at + 1] for at in range(len(whole)))) == Connection().read(whole)


def test_who_leaves_while_a_chunk_is_taken_apart_gets_no_more_of_it() -> None:
    ours = Connection()
    callbacks, got = ours.feed(), []

    def leave(arrived: Arrival) -> None:
        got.append(arrived.data)
        del callbacks[b"1"]

    callbacks[b"1"] = leave
    told = ours.read(message(1, b"a") + message(1, b"b") + message(22, b"c"))
    assert got == [b"a"]
    assert [(one[0], one[4]) for one in told] == [("message 1", b"b"), ("message 22", b"c")]  # the first: the library's


def test_what_had_begun_on_a_connection_that_is_left_never_ends() -> None:
    whole = message(1, b"0123456789", head=b"NATS/1.0\r\nA: b\r\n\r\n")
    for end in range(1, len(whole)):
        ours = Connection()
        ours.feed()
        ours.read(whole[:end])
        ours._ps.reset()
        assert ours.read(b"PING\r\n", message(22, b"new")) == Connection().read(b"PING\r\n", message(22, b"new"))


def test_a_connection_that_is_left_while_a_chunk_is_taken_apart_leaves_the_rest_of_it() -> None:
    whole = message(1, b"a") + b"PING\r\n" + message(1, b"b")
    ours, theirs = Connection(), Connection()
    ours.feed()
    ours.on_ping, theirs.on_ping = ours._ps.reset, theirs._ps.reset
    assert ours.read(whole) == theirs.read(whole)
    assert ours.read(message(1, b"new"))[-1][4] == b"new"


@pytest.mark.parametrize(
    "nonsense", [b"WHAT\r\n", b"MSG a 1 x\r\n", b"MSG a 1\r\n", b"HMSG a 1 x 9\r\n", b"MSG a 1 -9\r\n"]
)
def test_what_is_no_frame_ends_the_connection_as_before(nonsense: bytes) -> None:
    ours = Connection()
    ours.feed()
    with pytest.raises(ProtocolError):
        ours.read(message(1, b"a") + nonsense + b"\r\n")
    assert ours.told == [("message 1", b"a.b", b"", b"", b"a")]


def test_a_message_of_several_chunks_is_put_together_once() -> None:
    large, ours = bytes(range(256)) * 4096, Connection()
    whole = message(1, large, head=b"NATS/1.0\r\n\r\n") + message(22, b"next")
    ours.feed()
    told = ours.read(*(whole[at : at + 32768] for at in range(0, len(whole), 32768)))
    assert [one[4] for one in told] == [large, b"next"]


async def test_who_is_fed_has_his_message_as_soon_as_it_arrives() -> None:
    ours = Connection()
    ours.feed()
    ours._transport = line = Line()
    reading = asyncio.create_task(ours._read_loop())
    line.arrive(b"PING\r\n")  # the first that is read: from here on we stand before the reader
    await asyncio.sleep(0.01)
    line.arrive(message(1, b"a") + b"PING\r\n" + message(1, b"b"))
    assert [one[0] for one in ours.told] == ["ping", "message 1"]
    await asyncio.sleep(0.01)
    assert [one[0] for one in ours.told] == ["ping", "message 1", "ping", "message 1"]
    reading.cancel()
    await asyncio.wait([reading])
