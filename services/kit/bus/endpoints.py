"""The two endpoints of a service: commands and queries come in as messages, outcomes go out as JSON, bugs as codes.

``{"accepted": …}``, ``{"answer": …}``, ``{"refusal": …}`` or ``{"fault": "<code>"}``. What an asker no longer waits for
is not begun (header ``Caraka-Patience``: milliseconds from arrival, so no clocks are compared): executing late would be
harmless, since the asker repeats with the same id, but an overloaded service must not work for nobody.

What nobody can be answered in an inbox was not asked by anybody: the broker itself can be made to say something to any
subject, as the answer to a question that was put to it, but never with an inbox behind it (`asked`).
"""

from __future__ import annotations

import asyncio
import re
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any

import orjson
import structlog
from pydantic import BaseModel, ValidationError

from contracts import REGISTRY, subjects
from contracts.base import Accepted, Ask, Command, Query, Refusal, ServiceRequest
from services.kit.bus.wire import Arrival
from services.kit.observability.causes import cause_of
from services.kit.observability.errors import named
from services.kit.service import QueryHandler

PATIENCE = "Caraka-Patience"
_PATIENCE = PATIENCE.encode()
ANSWER = re.compile(rb'\{"(accepted|answer|refusal|fault)":')
WAITING_ROOM = 4096

Reply = Callable[[Arrival, bytes], Coroutine[Any, Any, None]]
Execute = Callable[[Ask], Awaitable[Accepted | Refusal]]

log = structlog.get_logger()


class Refused(Exception):
    """The message cannot be handled as it is."""

    def __init__(self, code: str, status: int, **detail: Any) -> None:
        super().__init__(code)
        self.refusal = Refusal(code=code, status=status, detail=detail)


class Endpoint(ABC):
    """So many messages at once, each in its own task; others wait in order, up to a limit."""

    name: str

    def __init__(self, service: str, reply: Reply, *, unavailable: tuple[type[Exception], ...], at_once: int) -> None:
        self.service = service
        self._reply = reply
        self._unavailable = unavailable
        self._at_once = at_once
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting: deque[tuple[Arrival, float]] = deque()
        self._counts = {"answered": 0, "refused": 0, "faults": 0, "late": 0, "turned_away": 0, "unasked": 0}

    def take(self, message: Arrival) -> None:
        """What the subscription hands over: never waits."""
        if not asked(message.reply):
            self._counts["unasked"] += 1
            log.warning("bus.unasked", service=self.service, subject=message.subject)
        elif len(self._tasks) < self._at_once:
            self._begin(self._serve(message, time.monotonic()))
        elif len(self._tasks) + len(self._waiting) < WAITING_ROOM:
            self._waiting.append((message, time.monotonic()))
        else:
            self._counts["turned_away"] += 1
            self._begin(self._reply(message, _said("refusal", Refusal(code="bus.overloaded", status=429))))

    async def empty(self) -> None:
        """Returns when everything taken in is answered."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    def abandon(self) -> None:
        self._waiting.clear()
        for task in self._tasks:
            task.cancel()

    def health(self) -> dict[str, int]:
        return {"in_flight": len(self._tasks) + len(self._waiting), **self._counts}

    def _begin(self, doing: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(doing)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        while self._waiting and len(self._tasks) < self._at_once:
            self._begin(self._serve(*self._waiting.popleft()))

    @abstractmethod
    async def handle(self, message: Arrival) -> bytes:
        """The reply; raises `Refused`, or whatever went wrong."""

    async def _serve(self, message: Arrival, arrived: float) -> None:
        if (time.monotonic() - arrived) * 1000 > _patience(message):
            self._counts["late"] += 1
            return
        try:
            answer = await self.handle(message)
            self._counts["answered"] += 1
        except Refused as refused:
            self._counts["refused"] += 1
            answer = _said("refusal", refused.refusal)
        except self._unavailable as failed:
            self._counts["faults"] += 1
            log.warning("bus.unavailable", service=self.service, subject=message.subject, reason=named(failed))
            answer = orjson.dumps({"fault": "unavailable"})
        except Exception as failed:
            self._counts["faults"] += 1
            if cause_of(failed):  # the machine's, the disk's, the database's: it may be asked again
                log.warning("bus.unavailable", service=self.service, subject=message.subject, reason=named(failed))
                answer = orjson.dumps({"fault": "unavailable"})
            else:
                log.exception("bus.bug", service=self.service, subject=message.subject, **_correlation(message))
                answer = orjson.dumps({"fault": "bug"})
        await self._reply(message, answer)


class CommandEndpoint(Endpoint):
    """Checks that the subject and the ask agree, then hands the ask to the writer, which checks the body."""

    name = "commands"

    def __init__(self, service: str, execute: Execute, reply: Reply, **rest: Any) -> None:
        super().__init__(service, reply, **rest)
        self._execute = execute

    async def handle(self, message: Arrival) -> bytes:
        ask = self._checked(message)
        outcome = await self._execute(ask)
        return _said("accepted" if isinstance(outcome, Accepted) else "refusal", outcome)

    def _checked(self, message: Arrival) -> Ask:
        try:
            ask = Ask.model_validate_json(message.data)
        except ValidationError as wrong:
            raise _malformed(wrong) from None
        agency = subjects.agency_of(message.subject)
        if ask.agency != agency:
            raise Refused("bus.foreign-agency", 403)
        if ask.kind not in REGISTRY:
            raise Refused("bus.unknown-kind", 422, kind=ask.kind[:100])
        kind = REGISTRY[ask.kind]
        if not issubclass(kind, Command) or subjects.subject(kind, agency) != message.subject:
            raise Refused("bus.unknown-kind", 422, kind=ask.kind[:100])
        return ask


class QueryEndpoint(Endpoint):
    """Answers from an explicit table of queries, or of requests; the agency is the subject's."""

    def __init__(
        self,
        service: str,
        queries: Mapping[type[Query], QueryHandler] | Mapping[type[ServiceRequest], QueryHandler],
        reply: Reply,
        *,
        name: str = "queries",
        **rest: Any,
    ) -> None:
        super().__init__(service, reply, **rest)
        self.name = name
        self._table = {subjects.subject(kind, "-").split(".", 2)[2]: (kind, one) for kind, one in queries.items()}

    async def handle(self, message: Arrival) -> bytes:
        _, agency, rest = message.subject.split(".", 2)
        row = self._table.get(rest)
        if row is None:
            raise Refused("bus.unknown-kind", 422, kind=rest[:100])
        try:
            query = row[0].model_validate_json(message.data)
        except ValidationError as wrong:
            raise _malformed(wrong) from None
        answer = await row[1](agency, query)
        return _said("refusal" if isinstance(answer, Refusal) else "answer", answer)


def asked(reply: str) -> bool:
    """Whether somebody waits for the answer, in an inbox of his own."""
    return reply.startswith(subjects.INBOX)


def _patience(message: Arrival) -> int:
    """Milliseconds that the asker waits; a minute where he does not say."""
    said = message.header(_PATIENCE)
    return int(said) if said.isdigit() else 60_000


def _said(word: str, what: BaseModel) -> bytes:
    return b'{"' + word.encode() + b'":' + what.model_dump_json(by_alias=True).encode() + b"}"


def _malformed(wrong: ValidationError) -> Refused:
    """Where and why, never what: the value may be personal."""
    errors = [
        {"at": ".".join(str(step) for step in error["loc"])[:200], "why": error["type"]}
        for error in wrong.errors(include_input=False, include_url=False, include_context=False)[:20]
    ]
    return Refused("bus.malformed", 422, errors=errors)


def _correlation(message: Arrival) -> dict[str, str]:
    try:
        body = orjson.loads(message.data)
        return {name: str(body[name]) for name in ("correlation_id", "command_id") if name in body}
    except (ValueError, TypeError):
        return {}
