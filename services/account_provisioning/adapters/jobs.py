"""The owner's side of a job: what a worker is given, made from the case's own events; and what its outcome is recorded
as. A name is opened here and nowhere else on the way.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from contracts.account_provisioning import (
    RecordFirstLogin,
    RecordProvisioned,
    RecordProvisioningFailed,
    RecordUndone,
    RequestFiled,
)
from contracts.base import Command, Erased, Recorded, Sealed
from contracts.jobs import SettleJob
from services.account_provisioning import policy
from services.account_provisioning.adapters.effects import DONE, LAST_LOGIN, done
from services.account_provisioning.domain.evolve import account_of, request_of
from services.account_provisioning.domain.state import (
    Abandoning,
    Account,
    Provisioning,
    Wish,
    account_stream,
)
from services.account_provisioning.ports import Away, Conflict, Directory, Refused
from services.kit.service import JobQueue, Later, NotWanted, QueueTerms, WantedJob

History = Callable[[str, str], Awaitable[Sequence[Recorded]]]
Open = Callable[[Sealed], str]
LOOK = "look"
"""In the body of a job that asks whether somebody has logged in."""
SLUG = re.compile(r"[^a-z0-9]+")
TERMS = QueueTerms(ack_wait=60.0, max_deliver=5)
PAUSES = (2.0, 600.0)
"""Seconds between two tries: within the service hour a server that is back is found within minutes."""


def queues(history: History, opened: Open, embedded: Callable[[str], Directory]) -> Mapping[str, JobQueue]:
    """One for each kind of directory. ``embedded``: agency → its directory in this service's own database.

    That one the owner writes himself when the job is taken, for no worker has his database; as with the others, what
    was done twice was done once.
    """

    async def finish_embedded(job: WantedJob) -> Mapping[str, Any]:
        wanted = await finish(job)
        try:
            result = await asyncio.to_thread(done, embedded(job.agency), wanted)
        except Away as away:
            raise Later from away
        except (Conflict, Refused) as no:
            return {DONE: {"outcome": "permanent", "reason": no.reason, "result": {}}}
        return {DONE: {"outcome": "accepted", "reason": "", "result": result}}

    async def finish(job: WantedJob) -> Mapping[str, Any]:
        told = await history(job.agency, job.stream)
        if LOOK in job.body:
            return _look(job, account_of(told))
        state = request_of(told)
        if not isinstance(state, Provisioning | Abandoning):
            raise NotWanted("decided otherwise")
        wish = state.wish
        account = account_of(await history(job.agency, account_stream(wish.account_id)))
        if job.body["undo"]:
            return _as_before(wish, account)
        name = ""
        if wish.kind in {policy.CREATE, policy.CHANGE}:
            filed = next(each.event for each in told if isinstance(each.event, RequestFiled))
            name = await asyncio.to_thread(opened, filed.name)
            if isinstance(name, Erased):
                raise NotWanted("erased")
        return _payload(wish, name, **_wanted(wish, account))

    finishing = {policy.EMBEDDED: finish_embedded}
    return {
        name: JobQueue(finishing.get(name, finish), settle, TERMS, most_out=32, pauses=PAUSES)
        for name in policy.CONNECTORS
    }


def settle(job: WantedJob, said: SettleJob) -> Command:
    """The own command that records an outcome."""
    if LOOK in job.body:
        return _looked(job, said)
    request_id, attempt = UUID(job.body["request_id"]), int(job.body["attempt"])
    if said.outcome != "accepted":
        reason = SLUG.sub("-", said.reason.casefold()).strip("-")[:60] or said.outcome
        return RecordProvisioningFailed(request_id=request_id, attempt=attempt, outcome=said.outcome, reason=reason)
    if job.body["undo"]:
        return RecordUndone(request_id=request_id, attempt=attempt)
    return RecordProvisioned(
        request_id=request_id,
        attempt=attempt,
        connector=job.queue,
        marker=said.result["marker"],
        read_back=said.result["read_back"],
        before=tuple(said.result.get("before", ())),
        leftovers=tuple(said.result.get("leftovers", ())),
    )


def _look(job: WantedJob, account: Account) -> Mapping[str, Any]:
    if account.awaited is None:
        raise NotWanted("decided otherwise")
    return {"asks": LAST_LOGIN, "account_id": job.body["account_id"], "address": account.address}


def _looked(job: WantedJob, said: SettleJob) -> RecordFirstLogin:
    """What was refused for good is not asked again."""
    at = said.result.get("at", "") if said.outcome == "accepted" else ""
    found = "seen" if at else "not-yet"
    if said.outcome != "accepted":
        found = "cannot-tell" if said.outcome == "permanent" else "away"
    return RecordFirstLogin.model_validate({
        "account_id": job.body["account_id"], "request_id": job.body["request_id"], "look": job.body[LOOK],
        "found": found, "at": at or None,
    })  # fmt: skip


def _wanted(wish: Wish, account: Account) -> Mapping[str, Any]:
    """How it shall be, by what was asked for."""
    match wish.kind:
        case policy.CREATE:
            return {"create": True}
        case policy.SUSPEND:
            return {"login": False}
        case policy.CLOSE:
            return {"login": False, "receives": False, "unalias": list(account.aliases)}
        case policy.RESET:
            return {"revoke": wish.cause == policy.COMPROMISED}
        case policy.RESUME:
            return {}
        case _:
            ended = [wish.alias_ends] if wish.alias_ends else []
            asked = {"quota": wish.quota, "alias": wish.alias, "unalias": ended}
            return {"login": account.phase != "suspended", **asked}


def _as_before(wish: Wish, account: Account) -> Mapping[str, Any]:
    if wish.kind == policy.CREATE:
        return _payload(wish, "", remove=True)
    before = (account.quota or 0) if wish.quota is not None else None
    ended = [wish.alias] if wish.alias else []
    had = {"quota": before, "alias": wish.alias_ends, "unalias": ended}
    return _payload(wish, "", unit=account.unit, login=account.phase == "active", **had)


def _payload(wish: Wish, name: str, **changes: Any) -> Mapping[str, Any]:
    told: dict[str, Any] = {
        "account_id": str(wish.account_id),
        "address": wish.address,
        "name": name,
        "unit": wish.unit if wish.kind in {policy.CREATE, policy.CHANGE} else "",
        "login": True,
        "receives": True,
        "create": False,
        "revoke": False,
        "remove": False,
        "quota": None,
        "alias": "",
        "unalias": [],
    }
    return told | changes
