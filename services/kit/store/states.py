"""The writer's cache of states: the newest state of recently used streams, bounded, exact while nobody else appends."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from services.kit.codec.envelope import decode
from services.kit.deciding import State, StreamKind
from services.kit.ids import stream_id
from services.kit.store import schema
from services.kit.store.recorders import Asked, Transaction

KEPT = 10_000
SNAPSHOT_EVERY = 200
EVENTS = (
    "SELECT originator_id, originator_version, state FROM {s}stored_events WHERE originator_id {in}"
    " ORDER BY originator_id, originator_version"
)
EVENTS_AFTER = (
    "SELECT originator_id, originator_version, state FROM {s}stored_events"
    " WHERE originator_id = ? AND originator_version > ? ORDER BY originator_version"
)


@dataclass(slots=True)
class StreamState:
    """A stream's version and state; ``snapshot`` is the version last saved as a snapshot."""

    version: int
    state: State
    snapshot: int = 0


class States:
    """Loads what is missing in one query for a whole batch; remembers what was committed."""

    def __init__(self, service: str, streams: Mapping[str, StreamKind], *, on_postgres: bool) -> None:
        self._service = service
        self._streams = streams
        self._column = "notification_id" if on_postgres else "rowid"
        self._uuid = on_postgres
        self._kept: OrderedDict[int, StreamState] = (
            OrderedDict()
        )  # by the stream id as a number: a UUID is slow to find
        self._adapters = {name: TypeAdapter(kind.saved) for name, kind in streams.items() if kind.saved is not None}

    def kind(self, stream: str) -> StreamKind:
        return self._streams[stream.partition(":")[0]]

    def get(self, transaction: Transaction, agency: str, stream: str) -> StreamState:
        place = stream_id(agency, self._service, stream).int
        found = self._kept.get(place)
        if found is None:
            self.load(transaction, [(agency, stream)])
            found = self._kept[place]
        return found

    def load(self, transaction: Transaction, wanted: Iterable[tuple[str, str]]) -> None:
        """Brings the missing ones of (agency, stream) into the cache."""
        self.ask(transaction, wanted)()

    def ask(self, transaction: Transaction, wanted: Iterable[tuple[str, str]]) -> Callable[[], None]:
        """Asks for the missing ones of (agency, stream); called, it brings them into the cache."""
        missing: dict[UUID, str] = {}
        for agency, stream in wanted:
            identity = stream_id(agency, self._service, stream)
            if identity.int in self._kept:
                self._kept.move_to_end(identity.int)
            else:
                missing[identity] = stream
        if not missing:
            return _nothing
        snapshots = self._snapshots(transaction, missing)
        short = [identity for identity in missing if identity not in snapshots]
        asked = transaction.ask_among(EVENTS, short) if short else _no_rows
        return partial(self._fold, transaction, missing, snapshots, asked)

    def keep(self, pending: Mapping[int, StreamState]) -> None:
        self._kept.update(pending)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)

    def forget(self, identities: Iterable[Any]) -> None:
        """Another process has appended to these streams."""
        for identity in identities:
            self._kept.pop((identity if isinstance(identity, UUID) else UUID(identity)).int, None)

    def clear(self) -> None:
        self._kept.clear()

    def appended_after(self, transaction: Transaction, position: int) -> Callable[[], tuple[int, Sequence[Any]]]:
        """Asks for the head, and the streams that have grown since a position."""
        asked = transaction.ask(
            f"SELECT {self._column}, originator_id FROM {{s}}stored_events WHERE {self._column} > ?",  # noqa: S608 - a column name of ours
            (position,),
        )

        def grown() -> tuple[int, Sequence[Any]]:
            rows = asked()
            return max((row[0] for row in rows), default=position), [row[1] for row in rows]

        return grown

    def save(
        self, transaction: Transaction, pending: dict[int, StreamState], names: Mapping[int, str]
    ) -> dict[int, StreamState]:
        """Snapshots of streams that have grown long, so that a start does not read their whole history."""
        rows = []
        for place, standing in pending.items():
            if standing.version - standing.snapshot < SNAPSHOT_EVERY:
                continue
            name = names.get(place, "").partition(":")[0]
            if name in self._adapters:
                state = self._adapters[name].dump_json(standing.state)
                rows.append((str(UUID(int=place)), standing.version, state))
                pending[place] = StreamState(standing.version, standing.state, standing.version)
        transaction.add(schema.SNAPSHOT, rows)
        return pending

    def _fold(
        self, transaction: Transaction, missing: Mapping[UUID, str], snapshots: Mapping[UUID, StreamState], asked: Asked
    ) -> None:
        standings = {identity: StreamState(0, self.kind(stream).initial) for identity, stream in missing.items()}
        standings.update(snapshots)
        rows = asked()
        for identity, standing in snapshots.items():
            rows += transaction.execute(EVENTS_AFTER, (identity if self._uuid else identity.hex, standing.version))
        for raw, version, data in rows:
            identity = raw if isinstance(raw, UUID) else UUID(raw)
            standing = standings[identity]
            state = self.kind(missing[identity]).evolve(standing.state, decode(0, bytes(data)).event)
            standings[identity] = StreamState(version, state, standing.snapshot)
        self.keep({identity.int: standing for identity, standing in standings.items()})

    def _snapshots(self, transaction: Transaction, missing: Mapping[UUID, str]) -> dict[UUID, StreamState]:
        candidates = [i for i, stream in missing.items() if stream.partition(":")[0] in self._adapters]
        if not candidates:
            return {}
        rows = transaction.among(
            "SELECT stream_id, version, state FROM {s}snapshots WHERE stream_id {in}", [str(i) for i in candidates]
        )
        found = {}
        for raw, version, data in rows:
            identity = UUID(raw)
            adapter = self._adapters[missing[identity].partition(":")[0]]
            try:
                found[identity] = StreamState(version, adapter.validate_json(bytes(data)), version)
            except ValidationError:  # an older shape of the state: the events tell it again
                continue
        return found


def _nothing() -> None:
    """Everything was at hand."""


def _no_rows() -> list[Sequence[Any]]:
    return []
