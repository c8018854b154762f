"""What a command is completed with before it is decided: keyed names of people, and addresses made of a sealed name.

Only here are they known, so what a client sends in these fields is replaced, whoever he is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from contracts.account_provisioning import (
    ApproveRequest,
    AskForCompletion,
    ConfirmClaimant,
    FileRequest,
    RejectRequest,
    RequestFiled,
)
from contracts.base import Ask, Command, Erased, Refusal, Sealed
from services.account_provisioning.domain.state import request_stream
from services.account_provisioning.policy import nip
from services.account_provisioning.policy.addresses import candidates
from services.account_provisioning.ports import History, rules_of
from services.kit.secrets import person_of
from services.kit.service import Before

KeyOf = Callable[[str], bytes]
"""Agency → its key *identity*; blocks at the first time."""


def completing(history: History, opened: Callable[[Sealed], str], identity: KeyOf) -> Mapping[type[Command], Before]:
    async def subject(agency: str, number: str) -> str:
        plain = nip.digits(number)
        return person_of(await asyncio.to_thread(identity, agency), plain) if plain else ""

    async def filed(ask: Ask) -> Ask | Refusal | None:
        said = FileRequest.model_validate(ask.body)
        return _with(ask, subject_id=await subject(ask.agency, said.applicant.nip))

    async def reviewed(ask: Ask) -> Ask | Refusal | None:
        return _with(ask, asker_subject=await subject(ask.agency, ask.actor.nip))

    async def approved(ask: Ask) -> Ask | Refusal | None:
        said = ApproveRequest.model_validate(ask.body)
        made = await proposals(history, opened, ask.agency, said.request_id)
        return _with(ask, asker_subject=await subject(ask.agency, ask.actor.nip), candidates=list(made))

    return {
        FileRequest: filed,
        ApproveRequest: approved,
        **dict.fromkeys((AskForCompletion, RejectRequest, ConfirmClaimant), reviewed),
    }


async def proposals(
    history: History, opened: Callable[[Sealed], str], agency: str, request_id: UUID
) -> tuple[str, ...]:
    """Every address that the patterns of its standard give for the applicant's name; free or not."""
    told = await history(agency, request_stream(request_id))
    request = next((each.event for each in told if isinstance(each.event, RequestFiled)), None)
    if request is None:
        return ()
    rules = await rules_of(history, agency, request.standard)
    name = await asyncio.to_thread(opened, request.name)
    if rules is None or isinstance(name, Erased):
        return ()
    return candidates(rules, name, request.unit)


def _with(ask: Ask, **fields: Any) -> Ask:
    return ask.model_copy(update={"body": {**ask.body, **fields}})
