"""What both peers take and give, and the rules that do not depend on how the database is spoken to."""

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Literal, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import FastAPI, Header, HTTPException, Request
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from benchmarks.peers.schema import TIERS, token_hash

ZONE = ZoneInfo("Asia/Jakarta")
TOKEN_SECONDS = 30.0

L = TypeVar("L")
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
Key = Annotated[str, Header(alias="Idempotency-Key", min_length=8, max_length=100)]


class Recipient(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    name: Line
    recipient_class: Literal["walikota", "sekda", "asisten", "opd", "other"]
    kind: Literal["asli", "tembusan"]


class LetterForm(BaseModel):
    """A letter entered by hand."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    sender: Line
    subject: Line
    summary: Annotated[str, StringConstraints(max_length=4000)] = ""
    urgency: Literal["biasa", "penting", "segera", "sangat-segera"] = "biasa"
    received_at: AwareDatetime
    recipients: Annotated[list[Recipient], Field(min_length=1, max_length=200)]


class ComplaintForm(BaseModel):
    """A complaint written down at the counter."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    complaint_kind: Literal["pengaduan", "saran", "apresiasi", "permintaan-informasi"] = "pengaduan"
    channel: Literal["tatap-muka", "telepon", "whatsapp", "media-sosial", "lapor", "kotak"]
    stance: Literal["named", "confidential"] = "named"
    words: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000)]
    name: Annotated[str, StringConstraints(max_length=200)] = ""
    contact: Annotated[str, StringConstraints(max_length=200)] = ""
    place: Annotated[str, StringConstraints(max_length=200)] = ""


class InitialForm(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    tier: Literal["kasi", "kabid", "kadis"]
    note: Annotated[str, StringConstraints(max_length=1000)] = ""


class LetterReply(BaseModel):
    letter_id: UUID
    agenda_no: int
    year: int
    state: str
    version: int


class ComplaintReply(BaseModel):
    complaint_id: UUID
    number: str
    register_no: int
    due_at: AwareDatetime


@dataclass(frozen=True, slots=True)
class Person:
    agency: str
    name: str
    position: str


@dataclass(frozen=True, slots=True)
class Act:
    """Who asks, under which Idempotency-Key, with which request, when (UTC), in which civil year of the agency."""

    person: Person
    key: str
    fingerprint: bytes
    at: datetime
    year: int


class Refused(Exception):
    """A rule says no; `status` is the HTTP status, `code` stays the same for good."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status, self.code = status, code


class Desk:
    """Who stands behind a bearer token, asked of the table at most every 30 s per token."""

    def __init__(self, ask: Callable[[bytes], Awaitable[Person | None]]) -> None:
        self._ask = ask
        self._known: dict[str, tuple[float, Person]] = {}

    async def __call__(self, request: Request) -> Person:
        scheme, _, spoken = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not spoken:
            raise HTTPException(401, "a bearer token is needed", {"WWW-Authenticate": "Bearer"})
        now = time.monotonic()
        known = self._known.get(spoken)
        if known is not None and known[0] > now:
            return known[1]
        person = await self._ask(token_hash(spoken))
        if person is None:
            self._known.pop(spoken, None)
            raise HTTPException(401, "this token is not known", {"WWW-Authenticate": "Bearer"})
        self._known[spoken] = (now + TOKEN_SECONDS, person)
        return person

    async def act(self, request: Request, key: Key) -> Act:
        """The dependency of every route that writes; a repeated key is compared by path and very bytes."""
        person = await self(request)
        mark = hashlib.sha256(request.url.path.encode() + b"\n" + await request.body()).digest()
        now = datetime.now(UTC)
        return Act(person, key, mark, now, now.astimezone(ZONE).year)


class Turns:
    """A queue before each agenda counter, so that few transactions of this process wait inside the database.

    Dozens of waiters on one row cost PostgreSQL more than the work itself. Two at a time: one holds the row,
    the next one already stands behind it.
    """

    def __init__(self, at_once: int = 2) -> None:
        self._at_once = at_once
        self._of: dict[tuple[str, int], asyncio.Semaphore] = {}

    def __call__(self, act: Act) -> asyncio.Semaphore:
        counter = (act.person.agency, act.year)
        turn = self._of.get(counter)
        if turn is None:
            turn = self._of[counter] = asyncio.Semaphore(self._at_once)
        return turn


def may_register(person: Person) -> None:
    if person.position != "operator":
        raise Refused(403, "letters.operator-only")


def may_file(person: Person) -> None:
    if person.position != "operator":
        raise Refused(403, "complaints.operator-only")


def next_state(tiers_done: int, asked: str, person: Person) -> str:
    """The state after this initial; the tiers go bottom up, each by its own holder."""
    if person.position != asked:
        raise Refused(403, "letters.not-your-tier")
    if tiers_done >= len(TIERS):
        raise Refused(409, "letters.already-initialled")
    if TIERS[tiers_done] != asked:
        raise Refused(409, "letters.not-this-tier-yet")
    return "approved" if tiers_done + 1 == len(TIERS) else f"initialled-{asked}"


def known(letter: L | None) -> L:
    if letter is None:
        raise Refused(404, "letters.unknown")
    return letter


def replayed(fingerprint_then: bytes, fingerprint_now: bytes) -> None:
    if fingerprint_then != fingerprint_now:
        raise Refused(422, "letters.key-used-for-another-request")


def say_refusals(app: FastAPI) -> None:
    async def refuse(_: Request, why: Exception) -> JSONResponse:
        assert isinstance(why, Refused)  # noqa: S101 (registered for this class alone)
        body = {"type": "about:blank", "status": why.status, "code": why.code}
        return JSONResponse(body, why.status, media_type="application/problem+json")

    app.add_exception_handler(Refused, refuse)
