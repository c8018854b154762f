"""What a command is completed with before it is decided: keyed names of people, the mac of a code, and addresses made
of a sealed name.

Only here are they known, so what a client sends in these fields is replaced, whoever he is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from contracts.account_provisioning import (
    ApplicationLetter,
    ApproveRequest,
    AskForCompletion,
    ConfirmClaimant,
    FileRequest,
    RecordSecretSet,
    RecordSlip,
    RejectRequest,
    RenewHandOver,
    RequestFiled,
    SupplementRequest,
)
from contracts.base import Ask, Command, Erased, Refusal, Sealed
from services.account_provisioning.adapters.contacts import former_of
from services.account_provisioning.adapters.holders import held
from services.account_provisioning.domain.filing import papers_of, request_id_of, subject_of
from services.account_provisioning.domain.state import request_stream
from services.account_provisioning.policy import addresses, nip, refuse
from services.account_provisioning.ports import (
    AreHis,
    Directory,
    History,
    Refused,
    papers_of_request,
    rules_of,
)
from services.kit.secrets import code_of, mac_of, person_of
from services.kit.service import Before

KeyOf = Callable[[str], bytes]
"""Agency → its key *identity*, or *codes*; blocks at the first time."""
DirectoryOf = Callable[[str, str], Directory]
"""(agency, connector) → its directory. Raises `Refused` where there is none."""


def completing(  # noqa: PLR0913 - what only this service knows
    history: History,
    opened: Callable[[Sealed], str],
    identity: KeyOf,
    codes: KeyOf,
    are_his: AreHis,
    directory: DirectoryOf,
) -> Mapping[type[Command], Before]:
    async def subject(agency: str, number: str) -> str:
        return await person_by(identity, agency, number)

    async def scans(agency: str, letter: ApplicationLetter | None, subject_id: str) -> Refusal | None:
        brought = letter.scans if letter is not None else ()
        known = not brought or await are_his(agency, "applicant", subject_id, brought)
        return None if known else refuse("file-gone")

    async def code_mac(ask: Ask) -> str:
        """Of the same code as the edge shows for this command, which nobody else can have asked."""
        key = await asyncio.to_thread(codes, ask.agency)
        return mac_of(key, code_of(key, ask.command_id))

    async def filed(ask: Ask) -> Ask | Refusal | None:
        said = FileRequest.model_validate(ask.body)
        person = await subject(ask.agency, said.applicant.nip)
        request_id = request_id_of(ask.command_id)
        own = papers_of(subject_of(person, request_id), request_id)
        no = await scans(ask.agency, said.letter, own) or await _unkept(history, directory, ask.agency, said)
        return no or _with(ask, subject_id=person, code_mac=await code_mac(ask))

    async def supplemented(ask: Ask) -> Ask | Refusal | None:
        said = SupplementRequest.model_validate(ask.body)
        own = await papers_of_request(history, ask.agency, said.request_id)
        known = await scans(ask.agency, said.letter, own)
        return known or _with(ask, subject_id=await subject(ask.agency, said.nip))

    async def reviewed(ask: Ask) -> Ask | Refusal | None:
        return _with(ask, asker_subject=await subject(ask.agency, ask.actor.nip))

    async def approved(ask: Ask) -> Ask | Refusal | None:
        said = ApproveRequest.model_validate(ask.body)
        made, wished = await proposals(history, opened, ask.agency, said.request_id)
        known = {"candidates": list(made), "wished": wished}
        return _with(ask, asker_subject=await subject(ask.agency, ask.actor.nip), **known)

    former = former_of(history, opened)

    async def set_by_holder(ask: Ask) -> Ask | Refusal | None:
        found = await former(ask.agency, RecordSecretSet.model_validate(ask.body).request_id)
        return _with(ask, former=str(found) if found else None)

    return {
        FileRequest: filed,
        RecordSecretSet: set_by_holder,
        SupplementRequest: supplemented,
        ApproveRequest: approved,
        **dict.fromkeys((AskForCompletion, RejectRequest, ConfirmClaimant, RenewHandOver, RecordSlip), reviewed),
    }


async def _unkept(history: History, directory: DirectoryOf, agency: str, said: FileRequest) -> Refusal | None:
    """An additional address in a directory that keeps none, before anybody reviews it. Whose account it is, and
    whether anybody's, the decision says.
    """
    address = addresses.normal(said.address) if said.alias else ""
    found = await held(history, agency, address) if address else None
    if found is None:
        return None
    try:
        keeps = (await asyncio.to_thread(directory, agency, found.account.connector)).keeps_aliases
    except Refused:
        keeps = False
    return None if keeps else refuse("alias-not-kept")


async def person_by(identity: KeyOf, agency: str, number: str) -> str:
    """The subject of whoever has this NIP; empty where there is none."""
    plain = nip.digits(number)
    return person_of(await asyncio.to_thread(identity, agency), plain) if plain else ""


async def proposals(
    history: History, opened: Callable[[Sealed], str], agency: str, request_id: UUID
) -> tuple[tuple[str, ...], str]:
    """Every address that the patterns of its standard give for the applicant's name, free or not; and the additional
    one that he asked for.
    """
    told = await history(agency, request_stream(request_id))
    request = next((each.event for each in told if isinstance(each.event, RequestFiled)), None)
    if request is None:
        return (), ""
    rules = await rules_of(history, agency, request.standard)
    name, alias = await asyncio.to_thread(lambda: (opened(request.name), opened(request.alias)))
    if rules is None or isinstance(name, Erased) or isinstance(alias, Erased):
        return (), ""
    return addresses.candidates(rules, name, request.unit), alias


def _with(ask: Ask, **fields: Any) -> Ask:
    return ask.model_copy(update={"body": {**ask.body, **fields}})
