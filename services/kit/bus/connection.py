"""The bus as a service sees it: ask for a command, put a query, serve both, and tell open boards what has changed.

The connection is FastStream's, so that consumers with side effects share it; commands and queries subscribe on it
directly (half again as many a second). It reconnects for ever; what cannot be sent now fails now.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from typing import Any, TypeVar
from uuid import uuid4
from weakref import WeakSet

import nats.errors
import orjson
import structlog
from faststream.nats import NatsBroker
from nats.aio.client import Client
from nats.aio.subscription import Subscription
from nats.js import JetStreamContext

from contracts import REGISTRY, subjects
from contracts.base import Accepted, Ask, Command, Query, Refusal, ServiceRequest, Shape
from services.kit.bus.addresses import user_of, without_password
from services.kit.bus.endpoints import ANSWER, PATIENCE, CommandEndpoint, Endpoint, QueryEndpoint
from services.kit.bus.errors import BrokerAway, BusError, BusTimeout, NoResponder, QueryRefused, RemoteFault
from services.kit.bus.live import LiveFeed
from services.kit.bus.requests import Questions
from services.kit.bus.wire import Arrival, Dispatch, dispatch_over
from services.kit.bus.wire.feed import complain_to
from services.kit.bus.wire.public import ReconnectWatch
from services.kit.observability.tracing import OFF, Tracing
from services.kit.service import QueryHandler

A = TypeVar("A", bound=Shape)
T = TypeVar("T")
Execute = Callable[[Ask], Awaitable[Accepted | Refusal]]

RECONNECT_SECONDS = 0.25
PING_SECONDS = 3  # a line that is dead without having ended is left after two unanswered pings
PENDING_BYTES = 32 * 1024 * 1024
HEADER_ROOM = 2048  # headers count; the broker ends the connection of who exceeds its limit
JETSTREAM_SECONDS = 5.0
ARRIVE_SECONDS = 3 * PING_SECONDS + 1  # a connection without a pong for so long is left before

__all__ = ["BrokerAway", "Bus", "BusError", "BusTimeout", "NoResponder", "QueryRefused", "RemoteFault"]

log = structlog.get_logger()


class Bus:
    """One connection of one service. `connect` makes it, `close` ends it after everything in flight is answered."""

    def __init__(self, broker: NatsBroker, service: str, tracing: Tracing = OFF, *, inbox: str = "") -> None:
        """Use `connect`."""
        self.broker = broker
        self.tracing = tracing
        self.service = service
        self._inbox = inbox or subjects.inbox_of(service)
        self.reconnected = asyncio.Event()
        self.closed = asyncio.Event()
        self.leaving = False
        self._client: Client | None = None
        self._js: JetStreamContext | None = None
        self._endpoints: list[Endpoint] = []
        self._serving: list[Subscription] = []
        self._live_feeds: WeakSet[LiveFeed] = WeakSet()
        self._dispatch: Dispatch | None = None
        self._watch: ReconnectWatch | None = None
        self._questions: Questions | None = None
        self._on_break: set[Callable[[], object]] = set()
        self._reconnects = 0
        self._last_error = ""

    @classmethod
    def unconnected(cls, service: str) -> Bus:
        """For who makes a service's tables where there is no bus: whatever would speak over it raises `NoResponder`."""
        return cls(NatsBroker(), service)

    @classmethod
    async def connect(cls, url: str, *, service: str, patience: float = 10.0, tracing: Tracing = OFF) -> Bus:
        """Connects, trying for ``patience`` seconds; ``url`` may be several, separated by commas.

        Raises `NoResponder` when the broker is away for longer.
        """

        async def error(failed: Exception) -> None:
            bus.note(failed)
            if bus._watch is not None:
                bus._watch.complained()

        async def reconnected() -> None:
            bus.note_reconnect()

        async def broken() -> None:
            if bus._questions is not None:  # not by `on_break`: that calls at the return too, when new ones may be open
                bus._questions.give_up()
            bus.note_break()

        async def closed() -> None:
            bus.note_break()
            bus.closed.set()

        inbox = subjects.inbox_of(user_of(url) or service)
        broker = NatsBroker(
            url.split(","),
            name=service,
            inbox_prefix=inbox,
            max_reconnect_attempts=-1,
            reconnect_time_wait=RECONNECT_SECONDS,  # type: ignore[arg-type] # it is slept, so a fraction is fine
            connect_timeout=2,
            ping_interval=PING_SECONDS,
            max_outstanding_pings=2,
            pending_size=PENDING_BYTES,
            flush_timeout=5.0,
            error_cb=error,
            reconnected_cb=reconnected,
            disconnected_cb=broken,
            closed_cb=closed,
            graceful_timeout=5.0,
            logger=None,
        )
        bus = cls(broker, service, tracing, inbox=inbox)
        try:
            async with asyncio.timeout(patience):
                client = await broker.connect()
        except (TimeoutError, OSError, nats.errors.Error) as failed:
            raise BrokerAway(without_password(url), patience, str(failed)) from failed
        bus._watch = None if complain_to(client, error) else ReconnectWatch(client)
        bus._client = client
        bus._js = client.jetstream(timeout=JETSTREAM_SECONDS)
        bus._dispatch = dispatch_over(client)
        bus._questions = Questions(bus._dispatch, inbox)
        await bus._questions.listen()
        return bus

    @property
    def client(self) -> Client:
        """The connection itself, for relay and subscriptions."""
        if self._client is None:
            raise NoResponder("the bus is not connected")
        return self._client

    @property
    def dispatch(self) -> Dispatch:
        """How messages come and go, for subscriptions, relay and endpoints."""
        if self._dispatch is None:
            raise NoResponder("the bus is not connected")
        return self._dispatch

    @property
    def js(self) -> JetStreamContext:
        if self._js is None:
            raise NoResponder("the bus is not connected")
        return self._js

    def new_inbox(self) -> str:
        """A subject of our own that nobody can guess: what arrives there was sent by who was told it."""
        return f"{self._inbox}.{uuid4().hex}"

    @contextlib.contextmanager
    def on_break(self, call: Callable[[], object]) -> Iterator[None]:
        """Within this context ``call`` is called when the connection breaks, and again when it is back."""
        self._on_break.add(call)
        try:
            yield
        finally:
            self._on_break.discard(call)

    async def unbroken(self, work: Coroutine[Any, Any, T]) -> T:
        """Does something that needs an answer of the broker. Raises `NoResponder` as soon as the connection breaks."""
        if not self.connected:
            work.close()
            raise NoResponder("the bus is away")
        doing = asyncio.ensure_future(work)
        try:
            with self.on_break(doing.cancel):  # the answer would go down with the connection
                await asyncio.wait([doing])
        finally:
            doing.cancel()
        if doing.cancelled():
            raise NoResponder("the connection broke")
        return doing.result()

    async def pause(self, seconds: float) -> None:
        """Waits so many seconds, or until the connection is back if that is sooner."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.reconnected.wait()

    @property
    def connected(self) -> bool:
        return self._client is not None and self._client.is_connected

    async def ask(self, ask: Ask, *, timeout: float) -> Accepted | Refusal:  # noqa: ASYNC109 - it travels as a header
        """Sends a command to its service. Raises `NoResponder` at once, `BusTimeout`, `RemoteFault`."""
        kind = REGISTRY[ask.kind]
        if not issubclass(kind, Command):
            raise TypeError(f"{ask.kind} is no command")

        subject = subjects.subject(kind, ask.agency)
        if not self.tracing.on:
            return await self._outcome(subject, ask, timeout)
        with self.tracing.span(f"ask {kind.kind()}", "client") as span:
            traced = ask.model_copy(update={"traceparent": span.traceparent}) if span.traceparent else ask
            return await self._outcome(subject, traced, timeout)

    async def _outcome(self, subject: str, ask: Ask, timeout: float) -> Accepted | Refusal:  # noqa: ASYNC109 - same
        word, body = await self._request(subject, ask.model_dump_json(exclude_none=True).encode(), timeout)
        return (Accepted if word == b"accepted" else Refusal).model_validate_json(body)

    async def query(self, agency: str, query: Query | ServiceRequest, answer: type[A], *, timeout: float) -> A:  # noqa: ASYNC109 - same
        """Puts a question, or has a request done. Raises as `ask` does, and `QueryRefused`."""
        if not self.tracing.on:
            return await self._query(agency, query, answer, timeout)
        with self.tracing.span(f"query {query.kind()}", "client"):
            return await self._query(agency, query, answer, timeout)

    async def _query(self, agency: str, query: Query | ServiceRequest, answer: type[A], timeout: float) -> A:  # noqa: ASYNC109 - same
        payload = query.model_dump_json(exclude_none=True).encode()
        word, body = await self._request(subjects.subject(type(query), agency), payload, timeout)
        if word == b"refusal":
            raise QueryRefused(Refusal.model_validate_json(body))
        return answer.model_validate_json(body)

    async def serve_commands(
        self, service: str, execute: Execute, *, unavailable: tuple[type[Exception], ...] = (), at_once: int = 512
    ) -> None:
        """Answers ``cmd.*.<service>.>`` in a queue group; ``unavailable``: the exceptions of a store that is away."""
        endpoint = CommandEndpoint(service, execute, self._reply, unavailable=unavailable, at_once=at_once)
        await self._serve(endpoint, subjects.commands_of(service), service)

    async def serve_queries(
        self,
        service: str,
        queries: Mapping[type[Query], QueryHandler] | Mapping[type[ServiceRequest], QueryHandler],
        *,
        requests: bool = False,
        unavailable: tuple[type[Exception], ...] = (),
        at_once: int = 64,
    ) -> None:
        """Answers ``qry.*.<service>.>`` (``requests``: ``req.…``) in a queue group from an explicit table."""
        name, subject = ("requests", subjects.requests_of) if requests else ("queries", subjects.queries_of)
        endpoint = QueryEndpoint(service, queries, self._reply, name=name, unavailable=unavailable, at_once=at_once)
        await self._serve(endpoint, subject(service), service)

    async def serve(self, endpoint: Callable[[Callable[..., Any]], Endpoint], subject: str, group: str) -> None:
        """Answers a subject in a queue group; ``endpoint`` makes who answers when it is told how."""
        await self._serve(endpoint(self._reply), subject, group)

    async def publish_live(self, subject: str, data: bytes) -> None:
        """Tells open boards; while the bus is away it tells nobody (a board finds out by its change number)."""
        if self.connected:
            with contextlib.suppress(nats.errors.Error):
                await self.client.publish(subject, data)

    async def subscribe_live(self, subject: str, *, room: int = 1000) -> LiveFeed:
        """The subscription stands when this returns. A reader that is ``room`` messages behind loses the oldest.

        Raises `NoResponder` while the broker is away.
        """
        feed = LiveFeed(room, self.dispatch.unsubscribe)
        self._live_feeds.add(feed)
        try:
            feed.subscription = await self.dispatch.subscribe(subject, feed.take)
            await _arrive(self.client)
        except nats.errors.Error as failed:
            await feed.aclose()
            raise NoResponder(subject) from failed
        except asyncio.CancelledError:  # a browser that left before its stream was open
            await feed.aclose()
            raise
        return feed

    async def close(self, *, seconds: float = 8.0) -> None:
        """Takes no new work, answers what is in flight, then leaves; gives up after so many seconds."""
        client, self.leaving = self._client, True
        if client is None:
            return
        try:
            async with asyncio.timeout(seconds):
                await self._finish(client)
                await self.broker.stop()
        except (
            TimeoutError,
            nats.errors.Error,
            OSError,
            RuntimeError,
        ) as failed:  # RuntimeError: uvloop's word
            log.warning("bus.left-in-haste", service=self.service, reason=type(failed).__name__)
        finally:
            for endpoint in self._endpoints:
                endpoint.abandon()
            if not client.is_closed:
                with contextlib.suppress(OSError, RuntimeError, nats.errors.Error):
                    await client.close()
            self._client = None

    def health(self) -> dict[str, Any]:
        """``state``: connected, reconnecting, closed (for good: the process should be started anew)."""
        state = "connected" if self.connected else "closed" if self.closed.is_set() else "reconnecting"
        endpoints = {endpoint.name: endpoint.health() for endpoint in self._endpoints}
        return {"state": state, "reconnects": self._reconnects, "reason": self._last_error, "serving": endpoints}

    def note(self, failed: Exception) -> None:
        """The connection's own complaints (a forbidden publish shows only here)."""
        reason = str(failed) or type(failed).__name__
        if reason != self._last_error:
            log.warning("bus.complaint", service=self.service, reason=reason)
        self._last_error = reason

    def note_break(self) -> None:
        for call in list(self._on_break):
            call()

    def note_reconnect(self) -> None:
        self._reconnects += 1
        self._last_error = ""
        self.reconnected.set()
        self.reconnected = asyncio.Event()
        self.note_break()
        log.info("bus.reconnected", service=self.service)

    async def _finish(self, client: Client) -> None:
        for feed in list(self._live_feeds):
            await feed.aclose()
        if client.is_connected:
            for subscription in self._serving:
                await self.dispatch.leave(subscription)
            await _arrive(client)
        for endpoint in self._endpoints:
            await endpoint.empty()
        if client.is_connected:
            await _arrive(client)

    async def _serve(self, endpoint: Endpoint, subject: str, service: str) -> None:
        subscription = await self.dispatch.subscribe(subject, endpoint.take, queue=service)
        await _arrive(self.client)
        self._endpoints.append(endpoint)
        self._serving.append(subscription)

    async def _reply(self, message: Arrival, payload: bytes) -> None:
        if not message.reply:
            return
        if len(payload) > self.client.max_payload:
            payload = orjson.dumps({"fault": "reply-too-large"})
        try:
            await self.client.publish(message.reply, payload)
        except nats.errors.Error as failed:
            self.note(failed)  # the asker times out and repeats with the same id

    @property
    def questions(self) -> Questions:
        """Whatever is asked over this connection. Raises `NoResponder` before there is one."""
        if self._questions is None:
            raise NoResponder("the bus is not connected")
        return self._questions

    async def _request(self, subject: str, payload: bytes, seconds: float) -> tuple[bytes, bytes]:
        if not self.connected:
            raise NoResponder("the bus is away")
        if len(payload) + HEADER_ROOM > self.client.max_payload:
            raise RemoteFault("ask-too-large")
        try:
            message = await self.questions.ask(subject, payload, f"{PATIENCE}: {int(seconds * 1000)}".encode(), seconds)
        except nats.errors.NoRespondersError:
            raise NoResponder(subject.split(".")[2]) from None
        except nats.errors.TimeoutError:
            raise BusTimeout(subject.split(".")[2]) from None
        except (nats.errors.ConnectionClosedError, nats.errors.OutboundBufferLimitError) as failed:
            raise NoResponder("the bus is away") from failed
        found = ANSWER.match(message.data)
        if found is None:
            raise RemoteFault("bug")
        word, body = found[1], message.data[found.end() : -1]
        if word == b"fault":
            raise RemoteFault(orjson.loads(body))
        return word, body


async def _arrive(client: Client) -> None:
    """What was sent has reached the broker: by two flushes, since the library's ping overtakes what is in its buffer.

    Each is a task that nobody cancels: the library's reader dies of a pong that nobody may be told, which leaves the
    whole connection deaf until its pings are missed. By then it has missed them: the flush has more patience.
    """
    for _ in range(2):
        await asyncio.shield(asyncio.ensure_future(client.flush(ARRIVE_SECONDS)))
