"""The peer with hand-written SQL: FastAPI, asyncpg, prepared statements."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID, uuid4

import asyncpg
import orjson
from fastapi import Depends, FastAPI

from benchmarks.peers.forms import (
    Act,
    Desk,
    InitialForm,
    LetterForm,
    LetterReply,
    Person,
    Refused,
    Turns,
    known,
    may_register,
    next_state,
    replayed,
    say_refusals,
)
from benchmarks.peers.schema import BOOK, TIERS
from benchmarks.peers.start import DSN, POOL, serve

WHO = "SELECT agency, person, position FROM tokens WHERE token_hash = $1 AND revoked_at IS NULL"
# One statement each, so that the lock on the counter or the letter is held for no round trip at all.
REGISTER = """
WITH drawn AS (
  INSERT INTO agenda_counters AS c (agency, book, year, last) VALUES ($2, $3, $4, 1)
  ON CONFLICT (agency, book, year) DO UPDATE SET last = c.last + 1 RETURNING last
), letter AS (
  INSERT INTO letters (id, agency, book, year, agenda_no, sender, subject, summary, urgency, received_at,
    registered_at, registered_by, tiers_done, state, version)
  SELECT $1, $2, $3, $4, last, $5, $6, $7, $8, $9, $10, $11, 0, 'registered', 1 FROM drawn
), copies AS (
  INSERT INTO recipients (letter_id, place, name, class, kind)
  SELECT $1, r.place, r.name, r.class, r.kind
  FROM unnest($12::text[], $13::text[], $14::text[]) WITH ORDINALITY AS r (name, class, kind, place)
)
INSERT INTO audit (agency, letter_id, action, person, position, at, before, after, idempotency_key, fingerprint)
SELECT $2, $1, 'register', $11, $15, $10, NULL, $16::jsonb || jsonb_build_object('agenda_no', last), $17, $18 FROM drawn
RETURNING (after ->> 'agenda_no')::integer"""
INITIAL = """
WITH old AS (
  SELECT id, agenda_no, year, tiers_done, state, version FROM letters WHERE id = $1 AND agency = $2 FOR UPDATE
), new AS (
  UPDATE letters AS l SET tiers_done = old.tiers_done + 1, state = $4, version = old.version + 1
  FROM old WHERE l.id = old.id AND old.tiers_done = $3
  RETURNING l.id, l.agenda_no, l.year, l.tiers_done, l.state, l.version
)
INSERT INTO audit (agency, letter_id, action, person, position, at, before, after, idempotency_key, fingerprint)
SELECT $2, $1, 'initial', $5, $6, $7, to_jsonb(old) - 'id',
  (to_jsonb(new) - 'id') || jsonb_build_object('note', $8::text), $9, $10
FROM old, new
RETURNING after"""
STANDING = "SELECT tiers_done FROM letters WHERE id = $1 AND agency = $2"
REPEATED = "SELECT fingerprint, letter_id, after FROM audit WHERE agency = $1 AND idempotency_key = $2"


@dataclass(frozen=True)
class Register:
    pool: asyncpg.Pool
    turns: Turns

    async def who(self, token_hash: bytes) -> Person | None:
        row = await self.pool.fetchrow(WHO, token_hash)
        return Person(*row) if row else None

    async def register(self, form: LetterForm, act: Act) -> LetterReply:
        letter_id, person = uuid4(), act.person
        after = form.model_dump(mode="json") | {"state": "registered", "tiers_done": 0, "version": 1, "year": act.year}
        names, classes, kinds = zip(*((r.name, r.recipient_class, r.kind) for r in form.recipients), strict=True)
        try:
            async with self.turns(act):
                number = await self.pool.fetchval(
                    REGISTER, letter_id, person.agency, BOOK, act.year, form.sender, form.subject, form.summary,
                    form.urgency, form.received_at, act.at, person.name, names, classes, kinds, person.position, after,
                    act.key, act.fingerprint,
                )  # fmt: skip
        except asyncpg.UniqueViolationError as why:
            return await self.repeated(act, why)
        return LetterReply(letter_id=letter_id, agenda_no=number, year=act.year, state="registered", version=1)

    async def initial(self, letter_id: UUID, form: InitialForm, act: Act) -> LetterReply:
        tiers_before, person = TIERS.index(form.tier), act.person
        state = next_state(tiers_before, form.tier, person)
        try:
            after = await self.pool.fetchval(
                INITIAL, letter_id, person.agency, tiers_before, state, person.name, person.position, act.at,
                form.note, act.key, act.fingerprint,
            )  # fmt: skip
        except asyncpg.UniqueViolationError as why:
            return await self.repeated(act, why)
        if after is None:  # nothing was written: why?
            return await self.repeated(act, await self.reason(letter_id, form, person))
        return LetterReply.model_validate(after | {"letter_id": letter_id})

    async def reason(self, letter_id: UUID, form: InitialForm, person: Person) -> Refused:
        try:
            next_state(known(await self.pool.fetchval(STANDING, letter_id, person.agency)), form.tier, person)
        except Refused as why:
            return why
        return Refused(409, "letters.try-again")

    async def repeated(self, act: Act, otherwise: Exception) -> LetterReply:
        """The first answer to this key; where there was none, the refusal stands."""
        row = await self.pool.fetchrow(REPEATED, act.person.agency, act.key)
        if row is None:
            raise otherwise
        replayed(row["fingerprint"], act.fingerprint)
        return LetterReply.model_validate(row["after"] | {"letter_id": row["letter_id"]})


def _to_jsonb(value: object) -> bytes:
    return b"\x01" + orjson.dumps(value)  # the wire form is a version byte and the text


def _from_jsonb(raw: bytes) -> object:
    return orjson.loads(raw[1:])


async def _speak_json(db: asyncpg.Connection) -> None:
    await db.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        format="binary",
        encoder=_to_jsonb,
        decoder=_from_jsonb,
    )


async def _leave_as_is(_: asyncpg.Connection) -> None:
    """No statement here changes a session, so the reset on release (one round trip) has nothing to do."""


def application() -> FastAPI:
    dsn, size = os.environ[DSN], int(os.environ[POOL])
    held: list[Register] = []

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with asyncpg.create_pool(dsn, min_size=size, max_size=size, init=_speak_json, reset=_leave_as_is) as pool:
            held.append(Register(pool, Turns()))
            yield

    app = FastAPI(title="Letter register (asyncpg)", lifespan=lifespan)

    async def who(token_hash: bytes) -> Person | None:
        return await held[0].who(token_hash)

    desk = Desk(who)
    say_refusals(app)

    @app.post("/letters", status_code=201)
    async def register(form: LetterForm, act: Annotated[Act, Depends(desk.act)]) -> LetterReply:
        may_register(act.person)
        return await held[0].register(form, act)

    @app.post("/letters/{letter_id}/initials", status_code=201)
    async def initial(letter_id: UUID, form: InitialForm, act: Annotated[Act, Depends(desk.act)]) -> LetterReply:
        return await held[0].initial(letter_id, form, act)

    return app


if __name__ == "__main__":
    serve("benchmarks.peers.sql:application")
