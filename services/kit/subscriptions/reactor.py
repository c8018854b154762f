"""Reactions: a foreign event becomes an own command, in order, one in flight per case, each exactly once in effect.

The command's id comes from the event's, so doing it twice changes nothing. A refusal, a poison event, or a failure that
stays parks that case and nothing else; a store that is away parks nothing: the reactor waits for it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Protocol

import orjson
import structlog
from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError

from contracts import REGISTRY, subjects
from contracts.base import Accepted, Actor, Ask, Command, Event, Recorded, Refusal
from services.kit.bus.connection import Bus
from services.kit.codec.envelope import Undecodable, decode
from services.kit.codec.position import Checkpoint, Delivery
from services.kit.ids import reaction_id
from services.kit.observability.errors import named
from services.kit.observability.tracing import traceparent_of
from services.kit.sealing.fields import carries_sealed
from services.kit.service import Reaction
from services.kit.subscriptions.dead_letters import DeadLetter, DeadLetters
from services.kit.subscriptions.subscriber import ForeignEpoch, Subscriber

TRIES = 3
LOOK_SECONDS = 1.0
OVERLOADED = 429

CASE_FIELDS = sorted({cls.case for cls in REGISTRY if issubclass(cls, Event) and cls.case})
"""By which an event that cannot be read may still name its case."""
log = structlog.get_logger()


class Following(Protocol):
    """What the reactor needs of a `Subscriber`."""

    async def run(self) -> None: ...

    def health(self) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True)
class _Step:
    """One event to react to: the command it asks for (None: nothing), or why it cannot be read.

    ``carried``: that command itself, where it has sealed fields of the event.
    """

    delivery: Delivery
    event_key: str
    case_id: str
    kind: str
    ask: Ask | None
    poison: str = ""
    detail: str = ""
    carried: Command | None = None

    def parked(self, source: str, state: str, reason: str, detail: str) -> DeadLetter:
        at = self.delivery
        return DeadLetter(
            source, self.event_key, self.case_id, at.checkpoint, at.subject, self.kind, state, reason, detail, at.data
        )


@dataclass(frozen=True, slots=True)
class _Trouble:
    reason: str
    detail: str = ""


class Reactor:
    """One service reacting to one foreign service (``source``). `run` under a lease named after both."""

    def __init__(  # noqa: PLR0913 - what a reactor is made of
        self,
        service: str,
        source: str,
        *,
        bus: Bus,
        dead_letters: DeadLetters,
        reactions: Mapping[type[Event], Reaction],
        execute: Callable[..., Awaitable[Accepted | Refusal]],
        unavailable: tuple[type[Exception], ...] = (),
        at_once: int = 32,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """``execute``: an ask, and ``carried=`` its command where that has sealed fields. ``reactions`` may hold rows
        of other sources too. ``unavailable``: the exceptions of a store that is away.
        """
        self._service = service
        self._source = source
        self._parking = dead_letters
        self._reactions = {event: react for event, react in reactions.items() if event.service() == source}
        self._stems = {_stem(event.kind()) for event in self._reactions}
        idle = {
            subjects.subject(kind, "-").split(".", 2)[2]
            for kind in REGISTRY.of(Event, source)
            if _stem(kind.kind()) not in self._stems
        }
        # Known, and asks nothing of us: not even decoded. Few subjects come, each many times.
        self._asks_nothing = lru_cache(maxsize=4096)(lambda subject: subject.split(".", 2)[-1] in idle)
        self._execute = execute
        self._unavailable = unavailable
        self._seats = asyncio.Semaphore(at_once)
        self._clock = clock
        self._order = asyncio.Lock()
        self._look = asyncio.Event()
        self._stirred = asyncio.Event()
        self._open: set[str] = set()
        self._checkpoint: Checkpoint | None = None
        self._saved: Checkpoint | None = None
        self._waiting_for = ""
        self._anew = False
        name = subjects.consumer_of(service, source)
        self._subscriber: Following = Subscriber(bus, source, name=name, checkpoint=self._stand, apply=self.apply)

    async def run(self) -> None:
        """Until cancelled. A source whose store a person has gone on from (a higher epoch) is followed from the start:
        what was answered before has the same command ids. Raises `ForeignEpoch` for any other store: see `follow_anew`.
        """
        while True:
            try:
                await self._run()
            except ForeignEpoch as foreign:
                adopted = foreign.ours.store == foreign.theirs.store and foreign.theirs.epoch > foreign.ours.epoch
                if not (adopted or self._anew):
                    raise
                log.warning("reactions.anew", service=self._service, source=self._source, store=str(foreign.theirs))
                await asyncio.to_thread(self._parking.start_over, self._source)
                self._anew = False

    def follow_anew(self) -> None:
        """A person says that the source's store is another one now; when it is met, all of it is reacted to."""
        self._anew = True

    async def _run(self) -> None:
        self._checkpoint = self._saved = await asyncio.to_thread(self._parking.checkpoint, self._source)
        self._open = set(await asyncio.to_thread(self._parking.open_events, self._source))
        retrying = asyncio.create_task(self._retry_for_ever())
        try:
            await self._subscriber.run()
        finally:
            retrying.cancel()
            await asyncio.wait([retrying])
            with contextlib.suppress(SQLAlchemyError):  # what is not remembered is done again, with the same ids
                await asyncio.shield(self._keep_checkpoint())

    async def apply(self, batch: Sequence[Delivery]) -> None:
        """Reacts to a batch. When it returns, each event is answered, parked, or asks nothing."""
        concerning = [delivery for delivery in batch if not self._asks_nothing(delivery.subject)]
        if not concerning:
            self._checkpoint = batch[-1].checkpoint
            self._stirred.set()
            return
        async with self._order:
            steps = [step for step in map(self._read, concerning) if step.ask is not None or step.poison]
            if steps:
                keys = [step.event_key for step in steps]
                closed = await asyncio.to_thread(self._parking.closed, self._source, keys)
                steps = [step for step in steps if step.event_key not in closed]
            lanes: dict[str, list[_Step]] = {}
            for step in steps:
                lanes.setdefault(step.case_id, []).append(step)
            parked = [row for rows in await _all(self._walk(lane) for lane in lanes.values()) for row in rows]
            reached = batch[-1].checkpoint
            if parked:  # kept before anybody may keep the checkpoint: else a kill in between would pass them over
                await asyncio.to_thread(self._parking.save, self._source, reached, parked)
                self._saved = reached
                self._open.update(row.case_id for row in parked)
            self._checkpoint = reached
            self._stirred.set()

    @property
    def source(self) -> str:
        return self._source

    def look(self) -> None:
        """Somebody in this process has replayed or discarded a case: look now instead of within a second."""
        self._look.set()
        self._stirred.set()

    def health(self) -> dict[str, Any]:
        """The subscription's, with ``parked`` dead letters; ``state`` waiting, with ``reason``: the store is away."""
        health = self._subscriber.health() | {"parked": len(self._open)}
        if self._waiting_for:
            health |= {"state": "waiting", "reason": self._waiting_for}
        return health

    async def _stand(self) -> Checkpoint | None:
        return self._checkpoint

    async def _walk(self, lane: Sequence[_Step]) -> list[DeadLetter]:
        """The events of one case, one after the other; returns what has to be parked."""
        parked: list[DeadLetter] = []
        for step in lane:
            if parked or step.case_id in self._open:
                parked.append(step.parked(self._source, "waiting", "", ""))
                continue
            async with self._seats:
                trouble = await self._answer(step)
            if trouble is not None:
                log.warning("case.parked", service=self._service, source=self._source, case=step.case_id,
                            kind=step.kind, reason=trouble.reason)  # fmt: skip
                parked.append(step.parked(self._source, "failed", trouble.reason, trouble.detail))
        return parked

    async def _answer(self, step: _Step) -> _Trouble | None:
        if step.poison or step.ask is None:
            return _Trouble(step.poison, step.detail) if step.poison else None
        failures, wait = 0, 0.05
        while True:
            try:
                outcome = await self._execute(step.ask, **_carrying(step.carried))
            except self._unavailable as away:
                self._waiting_for = named(away)
            except Exception as failed:
                failures += 1
                log.exception("reaction.failed", service=self._service, case=step.case_id, kind=step.kind,
                              failures=failures)  # fmt: skip
                if failures == TRIES:
                    return _Trouble("fault", _told_of(failed))
            else:
                self._waiting_for = ""
                if isinstance(outcome, Accepted):
                    return None
                if outcome.status != OVERLOADED:
                    return _Trouble(outcome.code, orjson.dumps(outcome.detail, default=str).decode())
            await asyncio.sleep(wait)
            wait = min(wait * 2, 5.0)

    def _read(self, delivery: Delivery) -> _Step:
        if self._asks_nothing(delivery.subject):
            return _Step(delivery, "", "", "", None)
        try:
            recorded = decode(delivery.checkpoint.position, delivery.data)
        except Undecodable as poison:
            if poison.kind and poison.reason != "unknown-kind" and _stem(poison.kind) not in self._stems:
                return _Step(delivery, str(delivery.checkpoint), "", poison.kind, None)  # no version of it concerns us
            return self._poisoned(delivery, poison.reason, poison.kind)
        ask, wrong, detail, carried = None, "", "", None
        react = self._reactions.get(type(recorded.event))
        if recorded.agency != subjects.agency_of(delivery.subject):
            wrong = "foreign-agency"
        elif react is not None:
            try:
                command = react(recorded)
            except Exception as failed:
                log.exception("reaction.failed", service=self._service, kind=recorded.kind)
                wrong, detail = f"fault {type(failed).__name__}", _told_of(failed)
            else:
                if command is not None:
                    ask = self._ask(command, recorded, traceparent_of(delivery.data))
                    carried = command if carries_sealed(type(command)) else None
        case = _case(recorded, subjects.agency_of(delivery.subject))
        return _Step(delivery, str(recorded.event_id), case, recorded.kind, ask, wrong, detail, carried)

    def _ask(self, command: Command, told: Recorded, traceparent: str | None) -> Ask:
        return Ask(
            command_id=reaction_id(told.event_id, f"{self._service}/{type(told.event).__name__}"),
            agency=told.agency,
            kind=command.kind(),
            actor=Actor(id=self._service.replace("_", "-"), roles=("service",)),
            asked_at=self._clock(),
            correlation_id=told.correlation_id,
            causation_id=told.event_id,
            traceparent=traceparent,
            body=command.model_dump(mode="json", by_alias=True),
        )

    def _poisoned(self, delivery: Delivery, reason: str, kind: str) -> _Step:
        """It blocks its own case where that can be told, else nobody."""
        agency = subjects.agency_of(delivery.subject)
        key, case = str(delivery.checkpoint), f"{agency}/{self._source}@{delivery.checkpoint}"
        try:
            raw = orjson.loads(delivery.data)
            key = str(raw["id"])[:100]
            named = (raw["data"][field] for field in CASE_FIELDS if raw["data"].get(field))
            case = f"{agency}/{next(named, raw['subject'])}"[:200]
        except (ValueError, KeyError, TypeError, AttributeError):
            log.warning("event.unreadable", source=self._source, at=str(delivery.checkpoint))
        return _Step(delivery, key, case, kind or delivery.subject, None, reason)

    async def _retry_for_ever(self) -> None:
        while True:
            self._look.clear()
            try:
                if self._open:
                    async with self._order:
                        await self._retry()
                await self._keep_checkpoint()
            except SQLAlchemyError as failed:
                log.warning("dead_letters.unavailable", service=self._service, reason=named(failed))
            if not self._open and self._checkpoint == self._saved:
                await self._stirred.wait()  # nothing to try again, nothing to keep
            self._stirred.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._look.wait()

    async def _retry(self) -> None:
        """Tries the cases whose first event is no longer failed, as far as they go."""
        cases = await asyncio.to_thread(self._parking.open_events, self._source)
        left = set(cases)
        for case, events in cases.items():
            if events[0].state == "failed":
                continue
            for event in events:
                step = self._read(Delivery(event.checkpoint, 0, event.subject, event.data))
                trouble = await self._answer(step)
                if trouble is not None:
                    settled = (event, "failed", trouble.reason, trouble.detail)
                    await asyncio.to_thread(self._parking.settle, *settled)
                    break
                await asyncio.to_thread(self._parking.settle, event, "done")
            else:
                left.discard(case)
        self._open = left

    async def _keep_checkpoint(self) -> None:
        """The checkpoint may lag a second behind: what is done again has the same command id."""
        checkpoint = self._checkpoint
        if checkpoint is not None and checkpoint != self._saved:
            await asyncio.to_thread(self._parking.save, self._source, checkpoint, ())
            self._saved = checkpoint


def _told_of(failed: Exception) -> str:
    """Its kind alone: what it says may be personal. Of what could not be read also which fields and why, as JSON."""
    if not isinstance(failed, ValidationError):
        return type(failed).__name__
    found = failed.errors(include_url=False, include_input=False, include_context=False)[:20]
    errors = [{"at": ".".join(str(step) for step in one["loc"]), "what": one["type"]} for one in found]
    return orjson.dumps({"place": errors[0]["at"], "reason": errors[0]["what"], "errors": errors}).decode()


def _stem(kind: str) -> str:
    return kind.rpartition(".v")[0]


def _case(recorded: Recorded, agency: str) -> str:
    """It belongs to the agency on whose subject it came, whatever it says of itself."""
    return f"{agency}/{recorded.case or recorded.stream}"


def _carrying(command: Command | None) -> dict[str, Command]:
    return {} if command is None else {"carried": command}


async def _all(walks: Any) -> list[list[DeadLetter]]:
    """All lanes side by side; the first that raises ends the others."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(walk) for walk in walks]
    return [task.result() for task in tasks]
