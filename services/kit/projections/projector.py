"""The projector: events of several sources become views, each batch in one transaction with the position it reaches.

A batch is applied only if it continues exactly where its source stands, on the generation that serves, by the holder of
the lease. What cannot be read is kept in ``poison`` and skipped: a view never stops for one event.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import sqlalchemy as sa
import structlog
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, Engine

from contracts.base import EMPTY, ERASED, Recorded, Sealed
from services.kit.codec.envelope import Undecodable
from services.kit.codec.position import Checkpoint, Delivery
from services.kit.database.statements import Statements, transaction
from services.kit.projections.generations import POINTER, Generation, generation_of
from services.kit.projections.views import ViewBatch, ViewSet, micros
from services.kit.projections.writing import CaseChange, Writing
from services.kit.sealing.fields import SealBroken, open_field

_LOG = structlog.get_logger()
_POLL_SECONDS = 0.02
_MOST_WAITING = 48
_KEY_ID = re.compile(rb'"key_id":"([0-9a-f]+)"')
UNREADABLE = (Undecodable, SealBroken, ValueError, TypeError, LookupError, AttributeError)


class OutOfOrder(Exception):
    """The batch does not continue where its source stands."""


class OtherStore(Exception):
    """The batch comes from another store or epoch than the rows; the views must be rebuilt."""


class Moved(Exception):
    """Another generation serves now; follow again from its positions."""


class Fenced(Exception):
    """A newer holder of the lease has written."""


class Opening(Protocol):
    """What the projector needs of the key store."""

    def open(self, sealed: Sealed) -> str: ...

    def secret_of(self, key_id: str) -> bytes | None: ...

    def secrets_of(self, key_ids: Collection[str]) -> Mapping[str, bytes | None]: ...


@dataclass(frozen=True, slots=True)
class Poison:
    position: int
    kind: str
    reason: str


class Opened:
    """Opens the sealed fields of one batch: all its keys are fetched at once. ``gone``: those that read as erased."""

    def __init__(self, keys: Opening, gone: Iterable[str] = (), items: Iterable[Delivery] = ()) -> None:
        self._keys = keys
        self._ciphers: dict[str, AESGCM | None] = dict.fromkeys(gone)
        named = {key.decode() for item in items for key in _KEY_ID.findall(item.data)} - self._ciphers.keys()
        for key_id, secret in keys.secrets_of(named).items():
            self._ciphers[key_id] = None if secret is None else AESGCM(secret)

    def __call__(self, sealed: Sealed) -> str:
        key_id = sealed.key_id
        if not key_id:
            return "" if sealed is EMPTY else self._keys.open(sealed)
        if key_id not in self._ciphers:
            secret = self._keys.secret_of(key_id)
            self._ciphers[key_id] = None if secret is None else AESGCM(secret)
        cipher = self._ciphers[key_id]
        return ERASED if cipher is None else open_field(sealed, cipher)


_POISON = {"source": "text", "position": "bigint", "kind": "text", "reason": "text", "at": "bigint"}
Check = Callable[[], None]
Decode = Callable[[int, bytes], Recorded]
Announce = Callable[[int, list[CaseChange]], Awaitable[None]]


def read_items(items: Sequence[Delivery], decode: Decode, batch: ViewBatch) -> list[Poison]:
    """Folds the events into the batch; returns those that could not be read or applied."""
    poison: list[Poison] = []
    for item in items:
        kind = ""
        try:
            recorded = decode(item.checkpoint.position, item.data)
            kind = recorded.kind
            batch.add(recorded)
        except UNREADABLE as error:
            if kind:
                batch.touch(recorded)  # its case has come so far all the same, and may be acted on
            reason = str(error) if isinstance(error, Undecodable) else type(error).__name__
            poison.append(Poison(item.checkpoint.position, kind or getattr(error, "kind", ""), reason))
            _LOG.error("views.poison", position=item.checkpoint.position, kind=poison[-1].kind, reason=reason)
    return poison


class Projector:
    """Applies batches. One lock: the sources of this process are written one after the other.

    ``fence`` gives the fencing token of the lease; ``announce(generation, changes)`` runs after the commit. ``desk``:
    the engine that live batches are written with, where reads have another one.
    """

    def __init__(  # noqa: PLR0913 - the ports of one machine, all named
        self,
        engine: Engine,
        views: ViewSet,
        *,
        keys: Opening,
        decode: Decode,
        clock: Callable[[], datetime],
        fence: Callable[[], int] = lambda: 0,
        announce: Announce | None = None,
        desk: Engine | None = None,
    ) -> None:
        self.engine = engine
        self._desk = desk or engine
        self.views = views
        self.keys = keys
        self.decode = decode
        self._clock = clock
        self._fence = fence
        self._announce = announce
        self._lock = asyncio.Lock()
        self._moved = asyncio.Event()
        self._waiting = 0
        self._serving: Generation | None = None
        self._checkpoints: dict[str, Checkpoint] = {}
        self._gone: set[str] = set()

    # what is applied

    async def checkpoint(self, source: str) -> Checkpoint | None:
        """Where this source stands in the serving generation; None: nothing of it yet."""
        async with self._lock:
            await asyncio.to_thread(self._load)
            return self._checkpoints.get(source)

    async def apply(self, source: str, items: Sequence[Delivery]) -> None:
        """Applies what is new of these consecutive events.

        Raises OutOfOrder, OtherStore, Moved or Fenced (nothing is changed then), and what a broken database raises.
        """
        async with self._lock:
            try:
                generation, changes = await asyncio.to_thread(self._apply, source, items)
            except BaseException:
                self._serving = None  # whatever happened, look again
                raise
        self._notify()
        if self._announce is not None and changes:
            await self._announce(generation, changes)

    async def look_again(self) -> None:
        """Another process may have built the views anew: forgets which generation serves and where it stands."""
        async with self._lock:
            self._serving = None

    async def wait_for(self, after: str | None, seconds: float) -> bool:
        """Waits until the views cover ``<store>.<epoch>.<position>``; False: too late, or no such checkpoint.

        Who asks for one that will never be waits as long as anybody: only so many may, or they would take all places
        of those who ask for nothing of the kind.
        """
        if not after:
            return True
        try:
            wanted = Checkpoint.parse(after)
        except ValueError:
            return False
        if self._covers(self._checkpoints.values(), wanted):
            return True
        if self._waiting >= _MOST_WAITING:
            return False
        self._waiting += 1
        try:
            return await self._reached(wanted, seconds)
        finally:
            self._waiting -= 1

    async def _reached(self, wanted: Checkpoint, seconds: float) -> bool:
        ends = time.monotonic() + seconds
        while True:
            notifier = self._moved
            if self._covers(self._checkpoints.values(), wanted):
                return True
            if self._covers((await asyncio.to_thread(self.checkpoints)).values(), wanted):
                return True
            left = ends - time.monotonic()
            if left <= 0:
                return False
            try:
                await asyncio.wait_for(notifier.wait(), min(left, _POLL_SECONDS))
            except TimeoutError:
                continue

    def checkpoints(self) -> dict[str, Checkpoint]:
        """All sources of the serving generation, as the database has them (blocks)."""
        with self.engine.connect() as connection:
            return checkpoints(connection, serving(connection, self.views))

    @staticmethod
    def _covers(found: Any, wanted: Checkpoint) -> bool:
        return any(
            each.store == wanted.store and (each.epoch, each.position) >= (wanted.epoch, wanted.position)
            for each in found
        )

    def _notify(self) -> None:
        notifier, self._moved = self._moved, asyncio.Event()
        notifier.set()

    def _load(self) -> None:
        if self._serving is not None:
            return
        with self.engine.connect() as connection:
            generation = serving(connection, self.views)
            self._checkpoints = checkpoints(connection, generation)
            seals = generation["seals"]
            self._gone = set(connection.scalars(sa.select(seals.c.key_id).where(seals.c.gone == 1)))
        self._serving = generation

    def _apply(self, source: str, items: Sequence[Delivery]) -> tuple[int, list[CaseChange]]:
        self._load()
        generation, was = self._serving, self._checkpoints.get(source)
        if generation is None:
            raise Moved
        new = following(was, items)
        if not new:
            return generation.number, []
        batch = ViewBatch(self.views, Opened(self.keys, self._gone, new))
        poison = read_items(new, self.decode, batch)
        at = micros(self._clock()) or 0
        now = new[-1].checkpoint
        unseen = not batch.erasures  # an erasure looks before it writes
        with transaction(self._desk, piped=unseen) as (connection, said):
            ours = claim(said, generation, self._fence())
            moved = move(said, generation, source, was, now, at)
            writing = Writing(connection, said, self.views, generation)
            written = writing.begin(batch)
            ours()
            moved()
            changes = written()
            keep_poison(said, generation, source, poison, at)
            gone = erase(writing, batch, self.keys)
        self._gone |= gone
        self._checkpoints[source] = now
        return generation.number, changes


def following(was: Checkpoint | None, items: Sequence[Delivery]) -> list[Delivery]:
    """The items beyond where the source stands; they must continue it without a gap. Raises OutOfOrder, OtherStore."""
    stands = was.position if was else 0
    new: list[Delivery] = []
    for item in items:
        here = item.checkpoint
        if was is not None and not was.same_store(here):
            raise OtherStore(f"{here.store}.{here.epoch} after {was.store}.{was.epoch}")
        if here.position <= stands:
            continue
        if item.previous != stands:
            raise OutOfOrder(f"{here.position} follows {item.previous}, not {stands}")
        new.append(item)
        stands = here.position
    return new


def claim(said: Statements, generation: Generation, fence: int) -> Check:
    """The first statement of every write: only the lease's holder, only on the generation that serves.

    Called, the check raises Moved or Fenced.
    """
    mine = said.ask(
        "UPDATE generation SET fence = :fence WHERE id = 1 AND current = :number AND fence <= :fence RETURNING id",
        fence=fence,
        number=generation.number,
    )

    def check() -> None:
        if not mine():
            current, highest = said.ask("SELECT current, fence FROM generation WHERE id = 1")()[0]
            raise Moved(f"generation {current}") if current != generation.number else Fenced(f"{fence} < {highest}")

    return check


def move(  # noqa: PLR0913 - what stood, what stands now, and when
    said: Statements, generation: Generation, source: str, was: Checkpoint | None, now: Checkpoint, at: int
) -> Check:
    """Compares and sets the position. Called, the check raises OutOfOrder when somebody else has moved it."""
    table = generation["positions"].name
    values = {"source": source, "store": now.store, "epoch": now.epoch, "position": now.position, "at": at}
    if was is None:
        moved = said.ask(
            f"INSERT INTO {table} (source, store, epoch, position, moved_at)"  # noqa: S608 - names are our own
            " VALUES (:source, :store, :epoch, :position, :at) ON CONFLICT (source) DO NOTHING RETURNING source",
            **values,
        )
    else:
        moved = said.ask(
            f"UPDATE {table} SET store = :store, epoch = :epoch, position = :position, moved_at = :at"  # noqa: S608 - same
            " WHERE source = :source AND store = :was_store AND epoch = :was_epoch AND position = :was"
            " RETURNING source",
            **values, was_store=was.store, was_epoch=was.epoch, was=was.position,
        )  # fmt: skip

    def check() -> None:
        if not moved():
            raise OutOfOrder(f"{source} does not stand at {was.position if was else 0}")

    return check


def erase(writing: Writing, batch: ViewBatch, keys: Opening) -> set[str]:
    """Carries out the batch's erasures where the key is really gone (a person may have come back with a new one).

    The event's own word counts first: this process may hold a destroyed key in its cache for a moment longer.
    """
    told = {key for each in batch.erasures for key in each.key_ids}
    gone = {key for key in writing.keys_of(batch.erasures) if key in told or keys.secret_of(key) is None}
    writing.erase(gone)
    return gone | told


def keep_poison(said: Statements, generation: Generation, source: str, poison: Sequence[Poison], at: int) -> None:
    """What was skipped stays visible; only the kind and the class of the error, never content."""
    rows = [(source, each.position, each.kind, each.reason[:200], at) for each in poison]
    said.insert(generation["poison"].name, _POISON, rows)


def serving(connection: Connection, views: ViewSet) -> Generation:
    """The generation that the pointer names. Raises LookupError before `migrate`."""
    number = connection.scalar(sa.select(POINTER.c.current).where(POINTER.c.id == 1))
    if number is None:
        raise LookupError("no generation of views has been made: migrate first")
    return generation_of(views, int(number))


def checkpoints(connection: Connection, generation: Generation) -> dict[str, Checkpoint]:
    table = generation["positions"]
    return {row.source: Checkpoint(row.store, row.epoch, row.position) for row in connection.execute(sa.select(table))}
