"""How a holder sets his secret: the link says for what, a confirmation who, his gesture when.

The secret is in the question or the answer, and in the directory's own call; in no fact, no table, no log.
"""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Literal
from uuid import UUID, uuid4

import structlog

from contracts.account_provisioning import (
    BeginClaim,
    ClaimState,
    ClaimStateAnswer,
    DropClaim,
    MailServers,
    PrintSlip,
    RecordSecretSet,
    RecordSlip,
    RequestFiled,
    SecretSetAnswer,
    SetSecret,
    SlipAnswer,
)
from contracts.base import Accepted, Actor, Ask, Command, Erased, Refusal, Sealed
from services.account_provisioning import policy
from services.account_provisioning.adapters import secrets
from services.account_provisioning.adapters.slips import Slip, Slips
from services.account_provisioning.domain.evolve import evolve_account, evolve_request
from services.account_provisioning.domain.state import (
    Absent,
    Account,
    HandOver,
    Notified,
    Provisioned,
    Received,
    Request,
    Wish,
    account_stream,
    request_stream,
)
from services.account_provisioning.domain.tokens import code_of_contact, code_of_slip, link_of
from services.account_provisioning.ports import Away, Conflict, Directory, History, Refused, standard_rules_of
from services.kit.letters import letterhead
from services.kit.links import WHOLE, standing, token_of
from services.kit.sandbox import SandboxFailure
from services.kit.secrets import mac_of, proves

Execute = Callable[[Ask], Awaitable[Accepted | Refusal]]
KeyOf = Callable[[str, Literal["links", "codes"]], bytes]
"""(agency, purpose) → its key; blocks at the first time."""
CLAIMANT = Actor(id="claim-page", roles=(policy.SERVICE,))
EFFECT_SECONDS = 45.0
LASTING = frozenset({"no-login", "entry-missing", "foreign-entry"})
"""Asked again a moment later the directory would say the same."""
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Outside:
    """``directory``: (agency, connector) → where its accounts live; ``servers``: its mail server, for people."""

    directory: Callable[[str, str], Directory]
    servers: Callable[[str, str], MailServers]


@dataclass(frozen=True, slots=True)
class Standing:
    """A way in as the facts have it. ``newest``: no other to this account has been opened since."""

    wish: Wish
    hand_over: HandOver
    account: Account
    newest: bool


class Claims:
    def __init__(  # noqa: PLR0913 - what a hand-over stands on
        self,
        history: History,
        execute: Execute,
        key_of: KeyOf,
        opened: Callable[[Sealed], str],
        outside: Outside,
        slips: Slips,
        clock: Callable[[], datetime],
    ) -> None:
        self._history = history
        self._execute = execute
        self._key_of = key_of
        self._opened = opened
        self._outside = outside
        self._slips = slips
        self._clock = clock

    async def state(self, agency: str, asked: ClaimState) -> ClaimStateAnswer:
        """Reads, and changes nothing: previews, scanners and robots may ask as often as they like."""
        found = await self._standing(agency, asked.request_id)
        if not await self._right(agency, asked.request_id, found, asked.token) or found is None:
            return ClaimStateAnswer()
        hand_over = found.hand_over
        ended = not found.newest or hand_over.phase == "expired" or self._clock() >= hand_over.ends
        state: Literal["set", "ended", "open"] = "set" if hand_over.phase == "set" else "ended" if ended else "open"
        return ClaimStateAnswer(
            state=state, way=hand_over.way, confirmed=hand_over.confirmed, code=hand_over.code,
            address=found.wish.address, ends=hand_over.ends,
        )  # fmt: skip

    async def set_secret(self, agency: str, asked: SetSecret) -> SecretSetAnswer | Refusal:
        """First the right to it, then the gesture that keeps others out, then the directory, then the fact."""
        found = await self._standing(agency, asked.request_id)
        if not await self._right(agency, asked.request_id, found, asked.token) or found is None:
            return policy.refuse("claim-unknown")
        if (no := await self._unfit(agency, asked, found)) is not None:
            return no
        how = "" if found.hand_over.confirmed else await self._proven(agency, asked, found)
        opening, generation = uuid4(), found.hand_over.generation
        command = BeginClaim(
            request_id=asked.request_id, generation=generation, opening=opening, how="slip" if how == "slip" else "",
            by_contact=how == "contact",
        )  # fmt: skip
        begun = await self._do(agency, command)
        if isinstance(begun, Refusal):
            return begun
        return await self._revealed(agency, asked, found, opening)

    async def _revealed(
        self, agency: str, asked: SetSecret, found: Standing, opening: UUID
    ) -> SecretSetAnswer | Refusal:
        """The effect of the gesture that goes on, and its fact; where it dies in between, the next one overwrites."""
        secret, generation = asked.secret or secrets.proposed(), found.hand_over.generation
        if (failed := await self._written(agency, found, secret)) is not None:
            await self._do(agency, DropClaim(request_id=asked.request_id, opening=opening, reason=failed))
            if failed in LASTING:
                return policy.refuse("directory-refused", reason=failed)
            return policy.refuse("connector-away", reason=failed)
        said = await self._do(
            agency, RecordSecretSet(request_id=asked.request_id, generation=generation, opening=opening)
        )
        if isinstance(said, Refusal):
            return said
        return SecretSetAnswer(
            address=found.wish.address,
            secret="" if asked.secret else secret,
            servers=self._outside.servers(agency, found.account.connector),
        )

    async def slip(self, agency: str, asked: PrintSlip) -> SlipAnswer | Refusal:
        """The sheet of the way in that is open now: its link and its code. The fact first, for who printed it."""
        found = await self._standing(agency, asked.request_id)
        if found is None:
            return policy.refuse("no-hand-over")
        if found.hand_over.way != "slip":
            return policy.refuse("not-a-slip")
        links, codes = await self._keys(agency)
        told = await self._history(agency, request_stream(asked.request_id))
        filed = next(each.event for each in told if isinstance(each.event, RequestFiled))
        name = await asyncio.to_thread(self._opened, filed.name)
        rules = await standard_rules_of(self._history, agency, filed.standard)
        slip = Slip(
            head=letterhead(rules.get("letterhead", {})),
            number=found.wish.number,
            name="" if isinstance(name, Erased) else name,
            unit=found.wish.unit,
            address=found.wish.address,
            path=f"/{agency}/klaim/{asked.request_id}/{token_of(links, link_of(asked.request_id, found.hand_over))}",
            code=code_of_slip(codes, asked.request_id, found.hand_over.generation),
            ends=found.hand_over.ends,
            zone=str(rules.get("zone", "Asia/Jakarta")),
        )
        try:
            pdf = await self._slips.pdf(slip)
        except SandboxFailure:  # what it says may hold the words
            return policy.refuse("slip-not-set")
        command = RecordSlip(
            request_id=asked.request_id, generation=found.hand_over.generation, sha256=sha256(pdf).hexdigest()
        )
        recorded = await self._do(agency, command, asked.by, asked.command_id)
        if isinstance(recorded, Refusal):
            return recorded
        return SlipAnswer(pdf=b64encode(pdf).decode(), number=found.wish.number)

    async def _unfit(self, agency: str, asked: SetSecret, found: Standing) -> Refusal | None:
        """What can be said before anything is begun."""
        hand_over = found.hand_over
        if hand_over.phase == "set":
            return policy.refuse("hand-over-spent")
        if not found.newest or hand_over.phase == "expired" or self._clock() >= hand_over.ends:
            return policy.refuse("hand-over-ended")
        if not hand_over.confirmed and not await self._proven(agency, asked, found):
            return policy.refuse("hand-over-not-confirmed")
        if not asked.secret:
            return None
        if not secrets.fit(asked.secret):
            return policy.refuse("secret-form")
        told = await self._history(agency, request_stream(asked.request_id))
        known = (found.wish.address, found.wish.unit, agency)
        return await asyncio.to_thread(secrets.poor, asked.secret, known, told, self._opened)

    async def _proven(self, agency: str, asked: SetSecret, found: Standing) -> Literal["", "slip", "contact"]:
        """What his code proves: that he holds the slip, or is reached by the contact on file."""
        _, codes = await self._keys(agency)
        hand_over, brought = found.hand_over, mac_of(codes, asked.code)
        how: Literal["slip", "contact"] = "slip" if hand_over.way == "slip" else "contact"
        known = code_of_slip if how == "slip" else code_of_contact
        code = known(codes, asked.request_id, hand_over.generation) if how == "slip" or hand_over.code else None
        return how if proves(brought, mac_of(codes, code) if code else None) else ""

    async def _written(self, agency: str, found: Standing, secret: str) -> str | None:
        """Why the directory has not got it; None: it has, and somebody could log in with it."""
        connector, account_id, address = found.account.connector, found.wish.account_id, found.wish.address

        def effect() -> bool:
            directory = self._outside.directory(agency, connector)
            directory.set_secret(account_id, address, secret)
            return directory.accepts(address, secret)

        try:
            async with asyncio.timeout(EFFECT_SECONDS):
                return None if await asyncio.to_thread(effect) else "not-accepted"
        except (Away, Conflict, Refused) as no:
            return no.reason
        except TimeoutError:
            return "timeout"

    async def _standing(self, agency: str, request_id: UUID) -> Standing | None:
        state: Request = Absent()
        for each in await self._history(agency, request_stream(request_id)):
            state = evolve_request(state, each.event)
        if not isinstance(state, Provisioned | Notified | Received) or state.hand_over is None:
            return None
        account = Account()
        for each in await self._history(agency, account_stream(state.wish.account_id)):
            account = evolve_account(account, each.event)
        newest = account.way_in == (request_id, state.hand_over.generation)
        return Standing(state.wish, state.hand_over, account, newest)

    async def _right(self, agency: str, request_id: UUID, found: Standing | None, token: str) -> bool:
        """The same work whether there is such a hand-over or not. That it has ended is said by its own facts."""
        links, _ = await self._keys(agency)
        link = link_of(request_id, found.hand_over) if found else None
        return standing(links, link, token[: 2 * WHOLE], self._clock()) == "valid"

    async def _keys(self, agency: str) -> tuple[bytes, bytes]:
        def both() -> tuple[bytes, bytes]:
            return self._key_of(agency, "links"), self._key_of(agency, "codes")

        return await asyncio.to_thread(both)

    async def _do(
        self, agency: str, command: Command, actor: Actor = CLAIMANT, command_id: UUID | None = None
    ) -> Accepted | Refusal:
        identity = command_id or uuid4()
        ask = Ask(
            command_id=identity,
            agency=agency,
            kind=command.kind(),
            actor=actor,
            asked_at=self._clock(),
            correlation_id=command.request_id,  # type: ignore[attr-defined]  # each of them is about a request
            body=command.model_dump(mode="json", exclude=set(command.filled)),
        )
        return await self._execute(ask)
