"""What a worker does with a job: has the directory as it is wanted, and says what it read back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from services.account_provisioning.ports import Away, Conflict, Directory, Refused, Wanted
from services.kit.jobs import Effect, EffectDone

DirectoryOf = Callable[[str, str], Directory]
"""(agency, connector) → its directory. Raises `Refused` where there is none."""
WISHES = ("name", "unit", "login", "receives", "create", "revoke")
LATER_WISHES: Mapping[str, Any] = {"quota": None, "alias": "", "unalias": ()}
"""That an owner before it does not name, and what it wants then."""
LAST_LOGIN = "last-login"
"""What a payload *asks*, that changes nothing."""
DONE = "done"
"""In a payload: the owner has done it himself, in his own database, and says so; the worker hands it back."""


def effect_of(connector: str, directory_of: DirectoryOf) -> Effect:
    """Of one queue. What is lost on the way counts as *temporary*: the repeat finds its own marker."""

    async def effect(_job_id: UUID, agency: str, payload: Mapping[str, Any]) -> EffectDone:
        try:
            told = await asyncio.to_thread(lambda: done(directory_of(agency, connector), payload))
        except Away as away:
            return EffectDone("temporary", away.reason)
        except (Conflict, Refused) as no:
            return EffectDone("permanent", no.reason)
        return EffectDone(result=told)

    return effect


async def handed_back(_job_id: UUID, _agency: str, payload: Mapping[str, Any]) -> EffectDone:
    """Of the queue whose directory is the owner's own."""
    told = payload[DONE]
    return EffectDone(told["outcome"], told["reason"], told["result"])


def done(directory: Directory, payload: Mapping[str, Any]) -> dict[str, Any]:
    """Blocks. What was read back. Raises `Away`, `Conflict`, `Refused`."""
    account_id, address = UUID(payload["account_id"]), str(payload["address"])
    if payload.get("asks") == LAST_LOGIN:
        at = directory.last_login(address)
        return {"at": at.isoformat() if at else ""}
    if payload["remove"]:
        directory.remove(account_id, address)
        return {}
    before = () if payload["login"] else directory.leads(address)
    wishes = {name: payload[name] for name in WISHES}
    wishes |= {name: payload.get(name, none) for name, none in LATER_WISHES.items()}
    wishes["unalias"] = tuple(wishes["unalias"])
    entry = directory.ensure(Wanted(account_id, address, **wishes))
    found = {"before": list(before), "leftovers": list(entry.leftovers)}
    return {"marker": str(entry.marker), "read_back": entry.digest(), **found}
