"""The peer with an ORM: FastAPI and SQLAlchemy 2 (async, over asyncpg)."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID, uuid4

import orjson
from fastapi import Depends, FastAPI, Request
from sqlalchemy import DateTime, FetchedValue, ForeignKey, Identity, func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from benchmarks.peers.forms import (
    Desk,
    InitialForm,
    Key,
    LetterForm,
    LetterReply,
    Person,
    Refused,
    fingerprint,
    may_register,
    next_state,
    now_and_year,
    replayed,
    say_refusals,
)
from benchmarks.peers.schema import BOOK
from benchmarks.peers.start import DSN, POOL, serve


class Table(DeclarativeBase):
    type_annotation_map = {  # noqa: RUF012 (SQLAlchemy reads it from the class)
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
    }


class Token(Table):
    __tablename__ = "tokens"
    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    agency: Mapped[str]
    person: Mapped[str]
    position: Mapped[str]
    revoked_at: Mapped[datetime | None]


class LetterRecipient(Table):
    __tablename__ = "recipients"
    letter_id: Mapped[UUID] = mapped_column(ForeignKey("letters.id"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    recipient_class: Mapped[str] = mapped_column("class")
    kind: Mapped[str]


class Letter(Table):
    __tablename__ = "letters"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    agency: Mapped[str]
    book: Mapped[str]
    year: Mapped[int]
    agenda_no: Mapped[int] = mapped_column(server_default=FetchedValue())  # drawn by the insert itself
    sender: Mapped[str]
    subject: Mapped[str]
    summary: Mapped[str]
    urgency: Mapped[str]
    received_at: Mapped[datetime]
    registered_at: Mapped[datetime]
    registered_by: Mapped[str]
    tiers_done: Mapped[int]
    state: Mapped[str]
    version: Mapped[int]
    __mapper_args__ = {"eager_defaults": True}  # noqa: RUF012 (SQLAlchemy reads it from the class)

    def standing(self) -> dict[str, Any]:
        names = ("agenda_no", "year", "tiers_done", "state", "version")
        return {name: getattr(self, name) for name in names}


class Audit(Table):
    __tablename__ = "audit"
    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    agency: Mapped[str]
    letter_id: Mapped[UUID] = mapped_column(ForeignKey("letters.id"))
    action: Mapped[str]
    person: Mapped[str]
    position: Mapped[str]
    at: Mapped[datetime]
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    after: Mapped[dict[str, Any]]
    idempotency_key: Mapped[str]
    fingerprint: Mapped[bytes]
    letter: Mapped[Letter] = relationship(lazy="raise")


@dataclass(frozen=True)
class Register:
    sessions: async_sessionmaker[AsyncSession]

    async def who(self, token_hash: bytes) -> Person | None:
        async with self.sessions() as db:
            row = await db.get(Token, token_hash)
        return Person(row.agency, row.person, row.position) if row and row.revoked_at is None else None

    async def register(self, form: LetterForm, person: Person, key: str, mark: bytes) -> LetterReply:
        now, year = now_and_year()
        letter = Letter(
            id=uuid4(),
            agency=person.agency,
            book=BOOK,
            year=year,
            agenda_no=func.draw_agenda(person.agency, BOOK, year),
            registered_at=now,
            registered_by=person.name,
            tiers_done=0,
            state="registered",
            version=1,
            **form.model_dump(exclude={"recipients"}),
        )
        try:
            async with self.sessions.begin() as db:
                # The counter's lock is held from the draw to the commit, so all that can go before it does.
                db.add_all(
                    LetterRecipient(letter_id=letter.id, place=place, **recipient.model_dump())
                    for place, recipient in enumerate(form.recipients, 1)
                )
                await db.flush()
                db.add(letter)
                await db.flush()
                after = form.model_dump(mode="json") | letter.standing()
                db.add(_audit(letter, "register", person, now, None, after, key, mark))
        except IntegrityError as why:
            return await self.repeated(person, key, mark, why)
        return _reply(letter)

    async def initial(self, letter_id: UUID, form: InitialForm, person: Person, key: str, mark: bytes) -> LetterReply:
        now, _ = now_and_year()
        mine = select(Letter).where(Letter.id == letter_id, Letter.agency == person.agency).with_for_update()
        try:
            async with self.sessions.begin() as db:
                letter = await db.scalar(mine)
                if letter is None:
                    raise Refused(404, "letters.unknown")
                state = next_state(letter.tiers_done, form.tier, person)
                before = letter.standing()
                letter.tiers_done += 1
                letter.state = state
                letter.version += 1
                after = letter.standing() | {"note": form.note}
                db.add(_audit(letter, "initial", person, now, before, after, key, mark))
        except (IntegrityError, Refused) as why:
            return await self.repeated(person, key, mark, why)
        return _reply(letter)

    async def repeated(self, person: Person, key: str, mark: bytes, otherwise: Exception) -> LetterReply:
        """The first answer to this key; where there was none, the refusal stands."""
        asked = select(Audit).where(Audit.agency == person.agency, Audit.idempotency_key == key)
        async with self.sessions() as db:
            row = await db.scalar(asked)
        if row is None:
            raise otherwise
        replayed(row.fingerprint, mark)
        return LetterReply.model_validate(row.after | {"letter_id": row.letter_id})


def _audit(
    letter: Letter,
    action: str,
    person: Person,
    at: datetime,
    before: dict[str, Any] | None,
    after: dict[str, Any],
    key: str,
    mark: bytes,
) -> Audit:
    return Audit(
        agency=letter.agency, letter=letter, action=action, person=person.name, position=person.position, at=at,
        before=before, after=after, idempotency_key=key, fingerprint=mark,
    )  # fmt: skip


def _reply(letter: Letter) -> LetterReply:
    return LetterReply.model_validate(letter.standing() | {"letter_id": letter.id})


def application() -> FastAPI:
    size = int(os.environ[POOL])
    engine = create_async_engine(
        os.environ[DSN].replace("postgresql://", "postgresql+asyncpg://", 1),
        pool_size=size,
        max_overflow=0,
        json_serializer=lambda value: orjson.dumps(value).decode(),
        json_deserializer=orjson.loads,
    )
    register_book = Register(async_sessionmaker(engine, expire_on_commit=False))

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await engine.dispose()

    app = FastAPI(title="Letter register (ORM)", lifespan=lifespan)
    desk = Desk(register_book.who)
    say_refusals(app)

    @app.post("/letters", status_code=201)
    async def register(
        form: LetterForm, request: Request, key: Key, person: Annotated[Person, Depends(desk)]
    ) -> LetterReply:
        may_register(person)
        return await register_book.register(form, person, key, await fingerprint(request))

    @app.post("/letters/{letter_id}/initials", status_code=201)
    async def initial(
        letter_id: UUID, form: InitialForm, request: Request, key: Key, person: Annotated[Person, Depends(desk)]
    ) -> LetterReply:
        return await register_book.initial(letter_id, form, person, key, await fingerprint(request))

    return app


if __name__ == "__main__":
    serve("benchmarks.peers.orm:application")
