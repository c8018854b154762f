"""One batch of commands inside one locked transaction: load, decide, seal, insert, remember."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from contracts.base import Accepted, Ask, Command, Event, Refusal
from services.kit.codec.envelope import encode
from services.kit.deciding import Accept, Commands, Given, Handles, State
from services.kit.ids import event_id, stream_id, text_of
from services.kit.sealing.fields import places
from services.kit.sealing.keys import Keys, Subject
from services.kit.sealing.sealer import Sealer, subject_of
from services.kit.store import schema
from services.kit.store.claims import Claims
from services.kit.store.following import Follower
from services.kit.store.identity import StoreId
from services.kit.store.jobtable import JobTable, Settlement
from services.kit.store.recent import LogRow
from services.kit.store.recorders import Transaction
from services.kit.store.states import States, StreamState
from services.kit.store.timetable import Timetable

OUTCOMES = "SELECT command_id, fingerprint, outcome FROM {s}commands WHERE command_id {in}"


@dataclass(slots=True)
class CommandInHand:
    """A command on its way; ``answer`` is set by the batch, an exception is a bug of the decision.

    ``settles``: the sending of a job that it settles, or it is refused.
    """

    ask: Ask
    command: Command
    fingerprint: str
    answer: Accepted | Refusal | Exception | None = None
    deliver: Any = None
    settles: Settlement | None = None


@dataclass(slots=True)
class BatchEntry:
    """A job as one batch sees it: its command id in text, what its decision is given, the stream that it is about."""

    job: CommandInHand
    command_id: str
    given: Given
    row: Handles
    main: str


@dataclass(slots=True)
class Written:
    """What one accepted job adds. ``last``: which event of the batch is its last one."""

    job: CommandInHand
    command_id: str
    decision: Accept
    main: str
    version: int
    last: int


@dataclass(slots=True)
class Plain:
    """A fact that waits to be sealed and inserted."""

    job: CommandInHand
    event: Event
    stream: str
    stream_id: UUID
    version: int
    event_id: UUID


class CommandBatch:
    """States and claims as this batch sees them: the store's, plus what was decided before in the batch."""

    def __init__(  # noqa: PLR0913 - the batch is where all of these meet
        self,
        transaction: Transaction,
        states: States,
        claims: Claims,
        commands: Commands,
        keys: Keys,
        store: StoreId,
        service: str,
        now: datetime,
        *,
        first_attempt: bool = True,
    ) -> None:
        """``first_attempt``: whoever begins a stream has not done so before; asked again after an error, nobody is."""
        self._tx = transaction
        self._states = states
        self._kept_claims = claims
        self._commands = commands
        self._keys = keys
        self._store = store
        self._service = service
        self._now = now
        self._sure = first_attempt
        self._pending: dict[int, StreamState] = {}
        self._begun: dict[int, StreamState] = {}
        self._claims: dict[tuple[str, str, str], str] = {}
        self._unclaimed: set[tuple[str, str, str]] = set()
        self._plain: list[Plain] = []
        self._data: list[bytes] = []
        self._positions: Callable[[], Sequence[int]] = tuple
        self._seen: list[BatchEntry] = []
        self._done: dict[str, Written] = {}
        self._answers: dict[str, Accepted] = {}
        self.names: dict[int, str] = {}
        self.rows: Sequence[LogRow] = ()
        self.timetable, self.jobs = Timetable(service), JobTable(service)
        self._followers = (Follower(self.timetable), Follower(self.jobs))

    def ask(self, jobs: Sequence[CommandInHand]) -> Callable[[], dict[str, tuple[str, bytes]]]:
        """Asks for all that the decisions will want to know; called, it gives the remembered outcomes."""
        streams: list[tuple[str, str]] = []
        claims: list[tuple[str, str, str]] = []
        for job in jobs:
            ask, row = job.ask, self._commands[job.command.__class__]
            given = Given(ask.agency, ask.actor, self._now, ask.command_id, BatchLookup(self, ask.agency))
            seen = BatchEntry(job, str(ask.command_id), given, row, row.stream(job.command, given))
            self._seen.append(seen)
            if not (row.creates_stream and self._sure):
                streams.append((ask.agency, seen.main))
            if row.claims is not None:
                claims += ((ask.agency, kind, key) for kind, key in row.claims(job.command))
        outcomes = self._tx.ask_among(OUTCOMES, [seen.command_id for seen in self._seen])
        loaded = self._states.ask(self._tx, streams)
        unclaimed = self._kept_claims.ask(self._tx, claims)
        out = self.jobs.ask(self._tx, [job.settles for job in jobs if job.settles is not None])

        def known() -> dict[str, tuple[str, bytes]]:
            found = {row[0]: (row[1], bytes(row[2])) for row in outcomes()}
            loaded()
            self._unclaimed = unclaimed()
            out()
            return found

        return known

    def run(self, outcomes: Mapping[str, tuple[str, bytes]], head: int) -> None:
        """Decides every job and inserts what was accepted behind ``head``; `settle` says what has come of it."""
        for seen in self._seen:
            known = outcomes.get(seen.command_id)
            if known is not None:
                seen.job.answer = self._again(seen.job, *known)
            else:
                try:
                    self._decide(seen)
                except Exception as error:  # noqa: BLE001 - a bug in one decision must not fail the others of the batch
                    seen.job.answer = error
        self._write(head)

    @property
    def pending(self) -> dict[int, StreamState]:
        """The states after this batch, to be kept in the cache once the transaction is committed."""
        return self._pending

    @property
    def claims(self) -> Mapping[tuple[str, str, str], str]:
        """The claims that it adds, likewise."""
        return self._claims

    @staticmethod
    def _again(job: CommandInHand, fingerprint: str, outcome: bytes) -> Accepted | Refusal:
        if fingerprint != job.fingerprint:
            return Refusal(code="kit.key-reused", status=422)
        return Accepted.model_validate_json(outcome)

    def standing(self, agency: str, stream: str) -> StreamState:
        return self._standing(stream_id(agency, self._service, stream).int, agency, stream)

    def _standing(self, place: int, agency: str, stream: str) -> StreamState:
        found = self._pending.get(place) or self._begun.get(place)
        return found if found is not None else self._states.get(self._tx, agency, stream)

    def claimed(self, agency: str, kind: str, key: str) -> str | None:
        claim = (agency, kind, key)
        found = self._claims.get(claim) or self._kept_claims.get(claim)
        if found is None and claim not in self._unclaimed:
            self._unclaimed |= self._kept_claims.ask(self._tx, (claim,))()
            found = self._kept_claims.get(claim)
        return found

    def _decide(self, seen: BatchEntry) -> None:
        job = seen.job
        earlier = self._done.get(seen.command_id)
        if earlier is not None:  # the same command twice in one batch: one answer serves both
            same = earlier.job.fingerprint == job.fingerprint
            job.answer = None if same else Refusal(code="kit.key-reused", status=422)
            return
        if job.settles is not None and (gone := self.jobs.gone(job.settles)) is not None:
            job.answer = gone
            return
        if seen.row.creates_stream and self._sure:  # and the store does not remember the command
            place = stream_id(job.ask.agency, self._service, seen.main).int
            self._begun[place] = StreamState(0, self._states.kind(seen.main).initial)
        standing = self.standing(job.ask.agency, seen.main)
        expected = job.ask.expected_version
        if expected is not None and expected != standing.version:
            job.answer = Refusal(code="kit.stale-version", status=412, detail={"version": standing.version})
            return
        decision = seen.row.decision(job.command, standing.state, seen.given, self._states.kind(seen.main))
        if not isinstance(decision, Accept):
            job.answer = decision
            return
        job.answer = self._taken(job.ask.agency, decision)
        if job.answer is None:
            self._accept(seen, decision)

    def _taken(self, agency: str, decision: Accept) -> Refusal | None:
        for claim in decision.claims:
            owner = self.claimed(agency, claim.kind, claim.key)
            if owner is not None and owner != claim.owner:
                return Refusal(code="kit.claimed", status=409, detail={"kind": claim.kind, "owner": owner})
        return None

    def _accept(self, seen: BatchEntry, decision: Accept) -> None:
        job, ask, agency = seen.job, seen.job.ask, seen.job.ask.agency
        pending: dict[int, StreamState] = {}
        plain, last_stream = [], None
        for follower in self._followers:
            follower.begin()
        for number, (stream, event) in enumerate(decision.events):
            if stream != last_stream:  # most facts follow one of the same stream
                identity, kind = stream_id(agency, self._service, stream), self._states.kind(stream)
                place, last_stream = identity.int, stream
            fact = event_id(ask.command_id, number)
            standing = pending.get(place) or self._standing(place, agency, stream)
            state, version = kind.evolve(standing.state, event), standing.version + 1
            for follower in self._followers:
                follower.fact(place, kind, stream, standing.state, state, ask, fact)
            pending[place] = StreamState(version, state, standing.snapshot)
            self.names[place] = stream
            plain.append(Plain(job, event, stream, identity, version, fact))
        self._pending.update(pending)
        self._plain += plain
        for follower in self._followers:
            follower.accept()
        if job.settles is not None:
            self.jobs.settle(job.settles, seen.command_id)
        for claim in decision.claims:
            self._claims[agency, claim.kind, claim.key] = claim.owner
        version, last = self.standing(agency, seen.main).version, len(self._plain) - 1 if plain else -1
        self._done[seen.command_id] = Written(job, seen.command_id, decision, seen.main, version, last)

    def _write(self, head: int) -> None:
        sealer = Sealer(self._keys, self._subjects)
        closes = {agency: sealer.of(agency) for agency in {each.job.ask.agency for each in self._plain}}
        rows = []
        for each in self._plain:
            job, event = each.job, each.event
            data = encode(
                event, each.event_id, ask=job.ask, stream=each.stream, version=each.version, at=self._now,
                fingerprint=job.fingerprint, close=closes[job.ask.agency],
            )  # fmt: skip
            self._data.append(data)
            rows.append((each.stream_id, each.version, event.kind(), data))
        if rows:
            self._positions = self._tx.insert(rows)
            self._tx.remember([self._outcome(written) for written in self._done.values()])
        elif self._done:
            answers = (self._answer(written, head) for written in self._done.values())
            told = zip(self._done.values(), answers, strict=True)
            self._tx.add(
                schema.REMEMBER, [(w.command_id, w.job.fingerprint, orjson.dumps(dict(answer))) for w, answer in told]
            )
        claims = [(agency, kind, key, owner) for (agency, kind, key), owner in self._claims.items()]
        self._tx.add(schema.CLAIM, claims)
        self.timetable.write(self._tx)
        self.jobs.write(self._tx)
        self.jobs.count(self._tx, self._now)

    def _outcome(self, written: Written) -> schema.Outcome:
        """The bytes of `_answer` around a position that is not known yet; who adds nothing is told the batch's last."""
        first = {"command_id": written.command_id, "stream": written.main, "version": written.version}
        before = orjson.dumps({**first, "after": f"{self._store.store}.{self._store.epoch}."})[:-2]
        after = b'","result":' + orjson.dumps(written.decision.result) + b"}"
        behind = len(self._plain) - 1 - written.last if written.last >= 0 else 0
        return schema.Outcome(written.command_id, written.job.fingerprint, before, behind, after)

    def _answer(self, written: Written, position: int) -> Accepted:
        return Accepted(
            command_id=written.job.ask.command_id,
            stream=written.main,
            version=written.version,
            after=f"{self._store.store}.{self._store.epoch}.{position}",
            result=dict(written.decision.result),
        )

    def settle(self, head: int) -> int:
        """After the commit: rows and answers as they were stored; the new last position."""
        positions = self._positions()
        before = (head, *positions)
        self.rows = [
            LogRow(position, previous, text_of(each.stream_id), each.version, each.event.kind(), data)
            for each, data, position, previous in zip(self._plain, self._data, positions, before, strict=False)
        ]
        head = max(before)
        self._answers = {
            identity: self._answer(written, positions[written.last] if written.last >= 0 else head)
            for identity, written in self._done.items()
        }
        for seen in self._seen:
            if seen.job.answer is None:
                seen.job.answer = self._answers[seen.command_id]
        self._seen.clear()  # each knows its reader, that one the batch: a ring that only a search for rings would find
        return head

    def _subjects(self) -> Iterator[Subject]:
        """Whose keys the sealed fields of this batch need."""
        for each in self._plain:
            for _, sealed in places(each.event):
                subject = subject_of(self._keys, each.job.ask.agency, sealed)
                if subject is not None:
                    yield subject


class BatchLookup:
    """`services.kit.deciding.Lookup` within a batch."""

    def __init__(self, batch: CommandBatch, agency: str) -> None:
        self._batch = batch
        self._agency = agency

    def load(self, stream: str) -> State:
        return self._batch.standing(self._agency, stream).state

    def claimed(self, kind: str, key: str) -> str | None:
        return self._batch.claimed(self._agency, kind, key)
