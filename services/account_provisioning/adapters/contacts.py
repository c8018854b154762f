"""Which contact hears of a secret besides the newest: the one on file until now, where the request brings another.

Contacts are opened here to be compared, and go nowhere.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

from contracts.account_provisioning import RequestFiled, RequestSupplemented
from contracts.base import Erased, Recorded, Sealed
from services.account_provisioning.domain.evolve import evolve_account
from services.account_provisioning.domain.state import Account, account_stream, request_stream
from services.account_provisioning.ports import History

FormerOf = Callable[[str, UUID], Awaitable[UUID | None]]


def former_of(history: History, opened: Callable[[Sealed], str]) -> FormerOf:
    async def former(agency: str, request_id: UUID) -> UUID | None:
        told = await history(agency, request_stream(request_id))
        filed = next((each.event for each in told if isinstance(each.event, RequestFiled)), None)
        if filed is None:
            return None
        account = Account()
        for each in await history(agency, account_stream(filed.account_id)):
            account = evolve_account(account, each.event)
        now = _contacts(told)
        on_file, before = request_id, now[:1]
        if account.contact_of is not None and account.contact_of != request_id:
            on_file = account.contact_of
            before = _contacts(await history(agency, request_stream(on_file)))[-1:]
        if not before:
            return None
        said = await asyncio.to_thread(lambda: [opened(each) for each in (*before, *now[-1:])])
        same = len(said) > 1 and alike(said[0]) == alike(said[1])
        return None if same or isinstance(said[0], Erased) else on_file

    return former


def _contacts(told: Sequence[Recorded]) -> list[Sealed]:
    """Every contact of a request, the newest last."""
    said = [each.event.contact for each in told if isinstance(each.event, RequestFiled | RequestSupplemented)]
    return [each for each in said if each.key_id or each.plain]


def alike(contact: str) -> str:
    """Two spellings of one address or one Indonesian number are the same."""
    if "@" in contact:
        return contact.strip().casefold()
    figures = re.sub(r"\D", "", contact)
    return f"0{figures.removeprefix('62')}" if figures.startswith("62") else figures or contact.strip().casefold()
