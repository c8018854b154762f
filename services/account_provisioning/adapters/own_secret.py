"""How the holder of an account changes its secret by the one that works now, which the directory itself is asked about.

Neither is kept: they are in the question, the answer and the directory's own calls. That it is begun is a fact before
the directory is asked: a process that dies on the way leaves that, and a timer says that nobody knows what came of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import uuid4

from contracts.account_provisioning import (
    BeginSecretChange,
    ChangeOwnSecret,
    EndSecretChange,
    RecordSecretChanged,
    SecretSetAnswer,
)
from contracts.base import Accepted, Actor, Ask, Refusal, Sealed
from services.account_provisioning import policy
from services.account_provisioning.adapters import secrets
from services.account_provisioning.adapters.claims import EFFECT_SECONDS, LASTING, Outside
from services.account_provisioning.adapters.holders import Held, held
from services.account_provisioning.domain.state import request_stream
from services.account_provisioning.policy import addresses
from services.account_provisioning.ports import Away, Conflict, DirectoryError, History, Refused
from services.kit.crash import crash_point

HOLDER = Actor(id="own-secret-page", roles=(policy.SERVICE,))
SLOWEST_TO_SAY_NO = 1.5
"""Seconds after which a refusal comes, whoever has that address: its time tells nothing of what was looked at."""


class OwnSecrets:
    def __init__(
        self,
        history: History,
        execute: Callable[[Ask], Awaitable[Accepted | Refusal]],
        opened: Callable[[Sealed], str],
        outside: Outside,
        clock: Callable[[], datetime],
    ) -> None:
        self._history = history
        self._execute = execute
        self._opened = opened
        self._outside = outside
        self._clock = clock

    async def change(self, agency: str, asked: ChangeOwnSecret) -> SecretSetAnswer | Refusal:
        """First what he knows, then the next secret, then that it is begun, then the directory, then the fact."""
        if asked.secret and not secrets.fit(asked.secret):
            return policy.refuse("secret-form")
        began = asyncio.get_running_loop().time()
        address = addresses.normal(asked.address)
        held = await self._held(agency, address) if address else None
        address = held.account.address if held else address  # by an additional one nobody logs in
        knows = await self._done(self._knows, agency, held, address, asked.present)
        if isinstance(knows, Refusal):
            return knows
        if held is None or not knows:
            await asyncio.sleep(max(0.0, began + SLOWEST_TO_SAY_NO - asyncio.get_running_loop().time()))
            return policy.refuse("present-secret-wrong")
        if (no := await self._unfit(agency, asked, address, held)) is not None:
            return no
        return await self._changed(agency, asked, address, held)

    async def _changed(
        self, agency: str, asked: ChangeOwnSecret, address: str, held: Held
    ) -> SecretSetAnswer | Refusal:
        secret, opening = asked.secret or secrets.proposed(), uuid4()
        begun = await self._do(agency, BeginSecretChange(account_id=held.account_id, opening=opening))
        if isinstance(begun, Refusal):
            return begun
        written = await self._done(self._set, agency, held, address, secret)
        crash_point("own-secret.after-write")
        if written is not True:
            no = written or policy.refuse("connector-away", reason="not-accepted")
            known = no.code == policy.refuse("directory-refused").code
            await self._do(agency, EndSecretChange(account_id=held.account_id, opening=opening, known=known))
            return no
        said = await self._do(agency, RecordSecretChanged(account_id=held.account_id, opening=opening))
        if isinstance(said, Refusal):
            return said
        servers = self._outside.servers(agency, held.account.connector)
        return SecretSetAnswer(address=address, secret="" if asked.secret else secret, servers=servers)

    async def _do(
        self, agency: str, command: BeginSecretChange | RecordSecretChanged | EndSecretChange
    ) -> Accepted | Refusal:
        ask = Ask(
            command_id=uuid4(), agency=agency, kind=command.kind(), actor=HOLDER, asked_at=self._clock(),
            correlation_id=command.account_id, body=command.model_dump(mode="json"),
        )  # fmt: skip
        return await self._execute(ask)

    async def _unfit(self, agency: str, asked: ChangeOwnSecret, address: str, held: Held) -> Refusal | None:
        if not asked.secret:
            return None
        if asked.secret == asked.present:
            return policy.refuse("secret-not-new")
        latest = held.account.latest
        told = await self._history(agency, request_stream(latest)) if latest else ()
        known = (address, held.account.unit, agency)
        return await asyncio.to_thread(secrets.poor, asked.secret, known, told, self._opened)

    async def _held(self, agency: str, address: str) -> Held | None:
        """The account that has this address and may log in; None: nobody."""
        found = await held(self._history, agency, address)
        return found if found is not None and found.account.phase == "active" else None

    def _knows(self, agency: str, held: Held | None, address: str, present: str) -> bool:
        """Whether this secret works there now, and the entry is ours."""
        if held is None or not present:
            return False
        directory = self._outside.directory(agency, held.account.connector)
        entry = directory.find(address)
        return entry is not None and entry.marker == held.account_id and directory.accepts(address, present)

    def _set(self, agency: str, held: Held, address: str, secret: str) -> bool:
        directory = self._outside.directory(agency, held.account.connector)
        directory.set_secret(held.account_id, address, secret)
        return directory.accepts(address, secret)

    async def _done(self, effect: Callable[..., bool], *told: object) -> bool | Refusal:
        """What the directory said; why it said nothing. What it says of errors is in no answer."""
        try:
            async with asyncio.timeout(EFFECT_SECONDS):
                return await asyncio.to_thread(effect, *told)
        except (Away, Conflict, Refused) as no:
            return _no(no)
        except TimeoutError:
            return policy.refuse("connector-away", reason="timeout")


def _no(no: DirectoryError) -> Refusal:
    lasting = no.reason in LASTING or isinstance(no, Conflict | Refused)
    return policy.refuse("directory-refused" if lasting else "connector-away", reason=no.reason)
