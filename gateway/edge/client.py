"""The gateway's client: sends commands and puts questions for a visitor, and turns every failure into its problem.

No responder → 503 at once; timeout → 504, and the client may repeat with the same Idempotency-Key; a refusal keeps
its code.
"""

import contextlib
import os
from datetime import UTC, datetime
from typing import TypeVar
from uuid import UUID, uuid4

from fastapi import Request

from contracts.account_provisioning import SubjectOf, SubjectOfAnswer
from contracts.base import Accepted, Ask, Command, Query, Reader, ReaderQuery, Refusal, ServiceRequest, Shape
from gateway.edge.parts import refusal_for
from gateway.edge.principals import Visitor
from gateway.edge.problems import Problem
from gateway.edge.requests import failure, put, refuse_impossible
from services.kit.access import reader_of as reader_of_actor
from services.kit.bus import Bus, BusTimeout, NoResponder, RemoteFault
from services.kit.ids import command_id
from services.kit.opaque import Opaque

A = TypeVar("A", bound=Shape)
COMMAND_SECONDS = 10.0
SLOW_SECONDS = 60.0
QUERY_SECONDS = 10.0
SUBJECT_SECONDS = 1.0
MOST_SUBJECTS = 10_000
KEY_LENGTH = 200


class ServiceClient:
    def __init__(self, bus: Bus, key: bytes | None = None) -> None:
        """``key``: of the names that readers are given; of several gateways each has the same one."""
        self.bus = bus
        self.opaque = Opaque(key or os.urandom(32))
        self._subjects: dict[tuple[str, str], str] = {}

    async def do(
        self,
        visitor: Visitor,
        command: Command,
        *,
        key: str | UUID | None = None,
        expected: int | None = None,
        seconds: float = COMMAND_SECONDS,
    ) -> Accepted:
        """Sends one command. The same ``key`` again has one effect and the same answer; a client's own, or an id that
        we have made. Raises Problem.
        """
        refuse_impossible(command)
        identity = key if isinstance(key, UUID) else identity_of(visitor, key)
        case = getattr(command, "letter_id", None)
        ask = Ask(
            command_id=identity,
            agency=visitor.agency,
            kind=command.kind(),
            actor=visitor.actor,
            asked_at=datetime.now(UTC),
            correlation_id=case if isinstance(case, UUID) else identity,
            expected_version=expected,
            body=command.model_dump(mode="json"),
        )
        try:
            outcome = await self.bus.ask(ask, timeout=seconds)
        except (NoResponder, BusTimeout, RemoteFault) as error:
            raise failure(error, command.service()) from error
        if isinstance(outcome, Refusal):
            raise Problem.of(refused(visitor, command, outcome))
        return outcome

    async def ask(
        self, visitor: Visitor, query: Query | ServiceRequest, answer: type[A], *, seconds: float = QUERY_SECONDS
    ) -> A:
        """Puts one question within the visitor's agency; about cases it is asked in his name alone. Raises Problem."""
        if isinstance(query, ReaderQuery):
            query = query.model_copy(update={"reader": reader_of(visitor)})
        return await self.ask_for(visitor.agency, query, answer, seconds=seconds)

    async def as_applicant(self, visitor: Visitor) -> Reader:
        """The visitor, with the subject under which he himself applies: only its owner can compute that, and once is
        enough, for it never changes. Where he does not answer now, his own request stands among the others, and is
        refused there.
        """
        reader, whose = reader_of(visitor), (visitor.agency, visitor.actor.nip)
        if not visitor.actor.nip or not reader.positions:
            return reader
        if whose not in self._subjects:
            with contextlib.suppress(Problem):
                asked = SubjectOf(nip=visitor.actor.nip)
                found = await self.ask_for(visitor.agency, asked, SubjectOfAnswer, seconds=SUBJECT_SECONDS)
                if len(self._subjects) >= MOST_SUBJECTS:
                    self._subjects.clear()
                self._subjects[whose] = found.subject_id
        return reader.model_copy(update={"subject_id": self._subjects.get(whose, "")})

    async def ask_for(
        self, agency: str, query: Query | ServiceRequest, answer: type[A], *, seconds: float = QUERY_SECONDS
    ) -> A:
        """For public pages, which have no visitor."""
        return await put(self.bus, agency, query, answer, seconds=seconds)


def identity_of(visitor: Visitor, key: str | None) -> UUID:
    """The id of what a visitor asks: the same under the same key, else a new one."""
    return command_id(visitor.agency, visitor.actor.id, key) if key else uuid4()


def reader_of(visitor: Visitor) -> Reader:
    """The visitor as questions about cases carry him."""
    return reader_of_actor(visitor.actor).model_copy(
        update={"roles": tuple(sorted({*visitor.actor.roles, *visitor.roles}))}
    )


def refused(visitor: Visitor, command: Command, refusal: Refusal) -> Refusal:
    """A refusal may tell of a case too."""
    return refusal_for(visitor, refusal) if "letter_id" in type(command).model_fields else refusal


def idempotency_key(request: Request) -> str | None:
    """The client's key, 1–200 printable characters. Raises Problem 422."""
    key = request.headers.get("idempotency-key")
    if key is not None and not (0 < len(key) <= KEY_LENGTH and key.isprintable()):
        raise Problem("gateway.bad-idempotency-key", 422)
    return key


def expected_version(request: Request) -> int | None:
    """The version in ``If-Match: "7"``. Raises Problem 422 for anything else."""
    text = request.headers.get("if-match")
    if text is None or text == "*":
        return None
    bare = text.strip().removeprefix("W/").strip('"')
    if not bare.isascii() or not bare.isdigit() or len(bare) > 18:  # noqa: PLR2004 - fits 64 bits
        raise Problem("gateway.bad-if-match", 422)
    return int(bare)
