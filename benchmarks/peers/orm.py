"""The peer with an ORM: FastAPI and SQLAlchemy 2 (async, over asyncpg)."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID, uuid4

import orjson
from fastapi import Depends, FastAPI
from sqlalchemy import DateTime, FetchedValue, ForeignKey, Identity, func, insert, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from benchmarks.peers.forms import (
    Act,
    ComplaintForm,
    ComplaintReply,
    Desk,
    InitialForm,
    LetterForm,
    LetterReply,
    Person,
    Refused,
    Turns,
    known,
    may_file,
    may_register,
    next_state,
    replayed,
    say_refusals,
)
from benchmarks.peers.orm_complaints import ComplaintRegister
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


@dataclass(frozen=True)
class Register:
    sessions: async_sessionmaker[AsyncSession]
    turns: Turns

    async def who(self, token_hash: bytes) -> Person | None:
        async with self.sessions() as db:
            row = await db.get(Token, token_hash)
        return Person(row.agency, row.person, row.position) if row and row.revoked_at is None else None

    async def register(self, form: LetterForm, act: Act) -> LetterReply:
        agency = act.person.agency
        letter = Letter(
            id=uuid4(),
            agency=agency,
            book=BOOK,
            year=act.year,
            agenda_no=func.draw_agenda(agency, BOOK, act.year),
            registered_at=act.at,
            registered_by=act.person.name,
            tiers_done=0,
            state="registered",
            version=1,
            **form.model_dump(exclude={"recipients"}),
        )
        copies = [
            {"letter_id": letter.id, "place": place, **recipient.model_dump()}
            for place, recipient in enumerate(form.recipients, 1)
        ]
        try:
            async with self.turns(act), self.sessions.begin() as db:
                # The counter's lock is held from the draw to the commit, so what can go before it does.
                await db.execute(insert(LetterRecipient), copies)
                db.add(letter)
                await db.flush()
                after = form.model_dump(mode="json") | letter.standing()
                await db.execute(insert(Audit), [_audit(letter, "register", act, None, after)])
        except IntegrityError as why:
            return await self.repeated(act, why)
        return _reply(letter)

    async def initial(self, letter_id: UUID, form: InitialForm, act: Act) -> LetterReply:
        mine = select(Letter).where(Letter.id == letter_id, Letter.agency == act.person.agency).with_for_update()
        try:
            async with self.sessions.begin() as db:
                letter = known(await db.scalar(mine))
                state = next_state(letter.tiers_done, form.tier, act.person)
                before = letter.standing()
                letter.tiers_done += 1
                letter.state = state
                letter.version += 1
                after = letter.standing() | {"note": form.note}
                await db.execute(insert(Audit), [_audit(letter, "initial", act, before, after)])
        except (IntegrityError, Refused) as why:
            return await self.repeated(act, why)
        return _reply(letter)

    async def repeated(self, act: Act, otherwise: Exception) -> LetterReply:
        """The first answer to this key; where there was none, the refusal stands."""
        asked = select(Audit).where(Audit.agency == act.person.agency, Audit.idempotency_key == act.key)
        async with self.sessions() as db:
            row = await db.scalar(asked)
        if row is None:
            raise otherwise
        replayed(row.fingerprint, act.fingerprint)
        return LetterReply.model_validate(row.after | {"letter_id": row.letter_id})


def _audit(
    letter: Letter, action: str, act: Act, before: dict[str, Any] | None, after: dict[str, Any]
) -> dict[str, Any]:
    return {
        "agency": letter.agency,
        "letter_id": letter.id,
        "action": action,
        "person": act.person.name,
        "position": act.person.position,
        "at": act.at,
        "before": before,
        "after": after,
        "idempotency_key": act.key,
        "fingerprint": act.fingerprint,
    }


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
    sessions = async_sessionmaker(engine, expire_on_commit=False)
    book, complaints = Register(sessions, Turns()), ComplaintRegister(sessions, Turns())

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await engine.dispose()

    app = FastAPI(title="Letter register (ORM)", lifespan=lifespan)
    desk = Desk(book.who)
    say_refusals(app)

    @app.post("/letters", status_code=201)
    async def register(form: LetterForm, act: Annotated[Act, Depends(desk.act)]) -> LetterReply:
        may_register(act.person)
        return await book.register(form, act)

    @app.post("/complaints", status_code=201)
    async def file(form: ComplaintForm, act: Annotated[Act, Depends(desk.act)]) -> ComplaintReply:
        may_file(act.person)
        return await complaints.file(form, act)

    @app.post("/letters/{letter_id}/initials", status_code=201)
    async def initial(letter_id: UUID, form: InitialForm, act: Annotated[Act, Depends(desk.act)]) -> LetterReply:
        return await book.initial(letter_id, form, act)

    return app


if __name__ == "__main__":
    serve("benchmarks.peers.orm:application")
