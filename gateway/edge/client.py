"""The gateway's client: sends commands and puts questions for a visitor, and turns every failure into its problem.

No responder → 503 at once; timeout → 504, and the client may repeat with the same Idempotency-Key; a refusal keeps
its code.
"""

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar
from uuid import UUID, uuid4

from fastapi import Request

from contracts.base import Accepted, Command, Query, Reader, ReaderQuery, Refusal, ServiceRequest, Shape
from gateway.edge.principals import Visitor
from gateway.edge.problems import Problem
from gateway.edge.requests import failure, put, refuse_impossible
from services.kit.bus import Bus, BusTimeout, NoResponder, RemoteFault
from services.kit.ids import command_id
from services.kit.opaque import Opaque

A = TypeVar("A", bound=Shape)
COMMAND_SECONDS = 10.0
SLOW_SECONDS = 60.0
QUERY_SECONDS = 10.0
KEY_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Receipt:
    """An accepted command; ``wire``: the same as its service wrote it, JSON."""

    accepted: Accepted
    wire: bytes


class ServiceClient:
    def __init__(self, bus: Bus, key: bytes | None = None) -> None:
        """``key``: of the names that readers are given; of several gateways each has the same one."""
        self.bus = bus
        self.opaque = Opaque(key or os.urandom(32))

    async def do(
        self,
        visitor: Visitor,
        command: Command,
        *,
        key: str | None = None,
        expected: int | None = None,
        seconds: float = COMMAND_SECONDS,
    ) -> Accepted:
        """Sends one command. The same ``key`` again has one effect and the same answer. Raises Problem."""
        return (await self.carry(visitor, command, key=key, expected=expected, seconds=seconds)).accepted

    async def carry(
        self, visitor: Visitor, command: Command, *, key: str | None, expected: int | None, seconds: float
    ) -> Receipt:
        """The same, and the answer's bytes with it."""
        refuse_impossible(command)
        identity = command_id(visitor.agency, visitor.actor.id, key) if key else uuid4()

        def write(traceparent: str | None) -> bytes:
            return written(visitor, command, identity, datetime.now(UTC), expected, traceparent)

        try:
            word, body = await self.bus.carry(type(command), visitor.agency, write, timeout=seconds)
        except (NoResponder, BusTimeout, RemoteFault) as error:
            raise failure(error, command.service()) from error
        if word == b"refusal":
            raise Problem.of(Refusal.model_validate_json(body))
        return Receipt(Accepted.model_validate_json(body), body)

    async def ask(
        self, visitor: Visitor, query: Query | ServiceRequest, answer: type[A], *, seconds: float = QUERY_SECONDS
    ) -> A:
        """Puts one question within the visitor's agency; about cases it is asked in his name alone. Raises Problem."""
        if isinstance(query, ReaderQuery):
            query = query.model_copy(update={"reader": reader_of(visitor)})
        return await self.ask_for(visitor.agency, query, answer, seconds=seconds)

    async def ask_for(
        self, agency: str, query: Query | ServiceRequest, answer: type[A], *, seconds: float = QUERY_SECONDS
    ) -> A:
        """For public pages, which have no visitor."""
        return await put(self.bus, agency, query, answer, seconds=seconds)


def reader_of(visitor: Visitor) -> Reader:
    """The visitor as questions about cases carry him."""
    actor = visitor.actor
    return Reader(
        person_id=actor.id,
        positions=tuple(held.position for held in actor.holdings),
        roles=tuple(sorted({*actor.roles, *visitor.roles})),
        stand_ins=tuple((each.position, each.instead_of) for each in actor.stand_ins),
    )


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


def written(  # noqa: PLR0913 - what an ask is made of
    visitor: Visitor,
    command: Command,
    identity: UUID,
    asked_at: datetime,
    expected: int | None = None,
    traceparent: str | None = None,
) -> bytes:
    """An `Ask` as `model_dump_json(exclude_none=True)` would write it.

    Put together from what is valid already: the actor is the same in all commands of a visitor, the body was validated
    a moment ago. What is not written as JSON here (agency, kind, ids) has no character that JSON would escape.
    """
    case = command.__dict__.get("letter_id")
    name = str(identity).encode()
    parts = [
        b'{"command_id":"%b","agency":"%b","kind":"%b","actor":%b,"asked_at":"%bZ","correlation_id":"%b"'
        % (
            name, visitor.agency.encode(), command.kind().encode(), visitor.actor_json,
            asked_at.isoformat()[:-6].encode(), str(case).encode() if isinstance(case, UUID) else name,
        )
    ]  # fmt: skip
    if expected is not None:
        parts.append(b',"expected_version":%d' % expected)
    if traceparent is not None:
        parts.append(b',"traceparent":"%b"' % traceparent.encode())
    parts.append(b',"body":%b}' % command.model_dump_json().encode())
    return b"".join(parts)
