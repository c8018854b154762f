"""Complaints with the ORM: written down at the counter, numbered, with their deadlines, and audited; in the clear."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import DateTime, FetchedValue, ForeignKey, Identity, func, insert, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from benchmarks.peers.forms import Act, ComplaintForm, ComplaintReply, Turns, replayed
from benchmarks.peers.schema import REGISTER

ACKNOWLEDGE_DAYS, ANSWER_DAYS, RUNGS = 3, 5, (("pejabat", 2), ("kabid", 4), ("kadis", 6))
SATURDAY = 5


class Table(DeclarativeBase):
    """Not that of the letters: their module is loaded twice in every worker, as the program and by its name."""

    type_annotation_map = {  # noqa: RUF012 (SQLAlchemy reads it from the class)
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
    }


class Complaint(Table):
    __tablename__ = "complaints"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    agency: Mapped[str]
    number: Mapped[str]
    code_hash: Mapped[bytes]
    register_year: Mapped[int]
    register_no: Mapped[int] = mapped_column(server_default=FetchedValue())  # drawn by the insert itself
    complaint_kind: Mapped[str]
    channel: Mapped[str]
    stance: Mapped[str]
    words: Mapped[str]
    name: Mapped[str]
    contact: Mapped[str]
    place: Mapped[str]
    received_at: Mapped[datetime]
    acknowledge_by: Mapped[datetime]
    due_at: Mapped[datetime]
    filed_by: Mapped[str]
    state: Mapped[str]
    version: Mapped[int]
    __mapper_args__ = {"eager_defaults": True}  # noqa: RUF012 (SQLAlchemy reads it from the class)


class Rung(Table):
    __tablename__ = "complaint_rungs"
    complaint_id: Mapped[UUID] = mapped_column(ForeignKey("complaints.id"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[str]
    due_at: Mapped[datetime]


class ComplaintAudit(Table):
    __tablename__ = "complaint_audit"
    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    agency: Mapped[str]
    complaint_id: Mapped[UUID] = mapped_column(ForeignKey("complaints.id"))
    action: Mapped[str]
    person: Mapped[str]
    position: Mapped[str]
    at: Mapped[datetime]
    after: Mapped[dict[str, Any]] = mapped_column(JSONB)
    idempotency_key: Mapped[str]
    fingerprint: Mapped[bytes]


@dataclass(frozen=True)
class ComplaintRegister:
    sessions: async_sessionmaker[AsyncSession]
    turns: Turns

    async def file(self, form: ComplaintForm, act: Act) -> ComplaintReply:
        agency, code = act.person.agency, secrets.token_hex(8)
        complaint = Complaint(
            id=uuid4(),
            agency=agency,
            number=f"ADU-{secrets.token_hex(5).upper()}",
            code_hash=hashlib.sha256(code.encode()).digest(),
            register_year=act.year,
            register_no=func.draw_agenda(agency, REGISTER, act.year),
            received_at=act.at,
            acknowledge_by=working_days_after(act.at, ACKNOWLEDGE_DAYS),
            due_at=working_days_after(act.at, ANSWER_DAYS),
            filed_by=act.person.name,
            state="filed",
            version=1,
            **form.model_dump(),
        )
        rungs = [
            {"complaint_id": complaint.id, "place": place, "position": position,
             "due_at": working_days_after(act.at, days)}
            for place, (position, days) in enumerate(RUNGS, 1)
        ]  # fmt: skip
        try:
            async with self.turns(act), self.sessions.begin() as db:
                # The counter's lock is held from the draw to the commit, so what can go before it does.
                await db.execute(insert(Rung), rungs)
                db.add(complaint)
                await db.flush()
                reply = ComplaintReply(
                    complaint_id=complaint.id, number=complaint.number, register_no=complaint.register_no,
                    due_at=complaint.due_at,
                )  # fmt: skip
                after = form.model_dump(mode="json") | reply.model_dump(mode="json")
                await db.execute(insert(ComplaintAudit), [_audit(complaint, act, after)])
        except IntegrityError as why:
            return await self.repeated(act, why)
        return reply

    async def repeated(self, act: Act, otherwise: Exception) -> ComplaintReply:
        asked = select(ComplaintAudit).where(
            ComplaintAudit.agency == act.person.agency, ComplaintAudit.idempotency_key == act.key
        )
        async with self.sessions() as db:
            row = await db.scalar(asked)
        if row is None:
            raise otherwise
        replayed(row.fingerprint, act.fingerprint)
        return ComplaintReply.model_validate(row.after)


def _audit(complaint: Complaint, act: Act, after: dict[str, Any]) -> dict[str, Any]:
    return {
        "agency": complaint.agency,
        "complaint_id": complaint.id,
        "action": "file",
        "person": act.person.name,
        "position": act.person.position,
        "at": act.at,
        "after": after,
        "idempotency_key": act.key,
        "fingerprint": act.fingerprint,
    }


def working_days_after(at: datetime, days: int) -> datetime:
    """Saturdays and Sundays do not count; the peer knows no other closed days."""
    while days:
        at += timedelta(days=1)
        days -= at.weekday() < SATURDAY
    return at
