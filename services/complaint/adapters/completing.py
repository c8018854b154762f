"""What a command is completed with before it is decided: the mac of a code, and what only an opened name can tell.

Only here are they known, so what a client sends in these fields is replaced, whoever he is.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import Any

from contracts.base import Ask, Command, Erased, Refusal, Sealed
from contracts.complaint import (
    ClassifyComplaint,
    ComplaintFiled,
    FileComplaint,
    ReplyAsReporter,
    SetAside,
    TakeInMessage,
)
from services.complaint.domain.evolve import evolve_complaint
from services.complaint.domain.filing import id_of, number_of
from services.complaint.domain.state import Absent, Closed, Complaint, complaint_stream
from services.complaint.policy import refuse
from services.complaint.ports import AreHis, History, KeyOf, Opened
from services.kit.secrets import code_of, mac_of
from services.kit.service import Before

WORD = re.compile(r"[^\W\d_]{4,}")
"""Of a name, long enough to be more than a title or an initial."""
FEWEST_DIGITS = 6


def completing(history: History, opened: Opened, codes: KeyOf, are_his: AreHis) -> Mapping[type[Command], Before]:
    async def filed(ask: Ask) -> Ask | Refusal | None:
        """The same code as the edge shows for this command, which nobody else can have asked."""
        said = FileComplaint.model_validate(ask.body)
        own = str(id_of(ask.agency, number_of(ask.command_id)))
        if said.attachments and not await are_his(ask.agency, "reporter", own, said.attachments):
            return refuse("file-gone")
        return _with(ask, code_mac=await mac_for(codes, ask))

    async def mailed(ask: Ask) -> Ask | Refusal | None:
        """And whether the complaint that it answers is still open."""
        thread, into = ask.body.get("thread"), None
        if thread is not None:
            state: Complaint = Absent()
            for each in await history(ask.agency, complaint_stream(thread)):
                state = evolve_complaint(state, each.event)
            into = None if isinstance(state, Absent | Closed) else thread
        return _with(ask, code_mac=await mac_for(codes, ask), into=into)

    async def replied(ask: Ask) -> Ask | Refusal | None:
        said = ReplyAsReporter.model_validate(ask.body)
        own = str(said.complaint_id)
        if said.attachments and not await are_his(ask.agency, "reporter", own, said.attachments):
            return refuse("file-gone")
        return None

    return {
        FileComplaint: filed, TakeInMessage: mailed, ReplyAsReporter: replied,
        ClassifyComplaint: looking(ClassifyComplaint, history, opened), SetAside: looking(SetAside, history, opened),
    }  # fmt: skip


def looking(kind: type[ClassifyComplaint | SetAside], history: History, opened: Opened) -> Before:
    """Whether the gist tells who reported."""

    async def looked(ask: Ask) -> Ask | Refusal | None:
        said = kind.model_validate(ask.body)
        told = await history(ask.agency, complaint_stream(said.complaint_id))
        first = next((each.event for each in told if isinstance(each.event, ComplaintFiled)), None)
        fields: tuple[Sealed | None, ...] = (first.name, first.contact) if first else ()
        known = await asyncio.to_thread(lambda: [opened(each) for each in fields if each is not None])
        plain = [each for each in known if each and not isinstance(each, Erased)]
        return _with(ask, names_reporter=any(betrays(said.gist, each) for each in plain))

    return looked


async def mac_for(codes: KeyOf, ask: Ask) -> str:
    key = await asyncio.to_thread(codes, ask.agency)
    return mac_of(key, code_of(key, ask.command_id))


def betrays(gist: str, known: str) -> bool:
    """Whether the summary has a word of his name in it, or his telephone number or address."""
    words = {each.casefold() for each in WORD.findall(gist)}
    if words & {each.casefold() for each in WORD.findall(known) if "@" not in known}:
        return True
    digits, theirs = re.sub(r"\D", "", gist), re.sub(r"\D", "", known)
    return ("@" in known and known.casefold() in gist.casefold()) or (len(theirs) >= FEWEST_DIGITS and theirs in digits)


def _with(ask: Ask, **fields: Any) -> Ask:
    return ask.model_copy(update={"body": {**ask.body, **fields}})
