"""What a worker does with a job: has the directory as it is wanted, and says what it read back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from services.account_provisioning.ports import Away, Conflict, Directory, DirectoryError, Refused, Wanted
from services.kit.jobs import Effect, EffectDone

DirectoryOf = Callable[[str, str], Directory]
"""(agency, connector) → its directory. Raises `Refused` where there is none."""


def effect_of(connector: str, directory_of: DirectoryOf) -> Effect:
    """Of one queue. What is lost on the way counts as *temporary*: the repeat finds its own marker."""

    async def effect(_job_id: UUID, agency: str, payload: Mapping[str, Any]) -> EffectDone:
        try:
            directory = directory_of(agency, connector)
            return await asyncio.to_thread(_done, directory, payload)
        except Away as away:
            return EffectDone("temporary", away.reason)
        except (Conflict, Refused) as no:
            return EffectDone("permanent", no.reason)
        except DirectoryError as other:
            return EffectDone("unknown", other.reason)

    return effect


def _done(directory: Directory, payload: Mapping[str, Any]) -> EffectDone:
    account_id, address = UUID(payload["account_id"]), str(payload["address"])
    if payload["remove"]:
        directory.remove(account_id, address)
        return EffectDone()
    wanted = Wanted(account_id, address, **{name: payload[name] for name in WISHES})
    entry = directory.ensure(wanted)
    told = {"marker": str(entry.marker), "read_back": entry.digest(), "leftovers": list(entry.leftovers)}
    return EffectDone(result=told)


WISHES = ("name", "unit", "login", "receives", "create", "revoke")
