"""Before a reply is decided it is set: the request's own events become a letter with the next number upon it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.account_provisioning import AccountClosed, AccountSuspended, RequestFiled, RequestRejected
from contracts.account_provisioning.replies import IssueReply, ReplyIssued
from contracts.base import Ask, Erased, Recorded, Refusal, Sealed
from services.account_provisioning.domain.evolve import request_of
from services.account_provisioning.domain.replies import BOOK, signatory, template_of, undecided
from services.account_provisioning.domain.standards import evolve_letterbook
from services.account_provisioning.domain.state import (
    Absent,
    Letterbook,
    Request,
    account_stream,
    reply_stream,
    request_stream,
)
from services.account_provisioning.policy import refuse
from services.account_provisioning.policy.rules import account_rules
from services.account_provisioning.ports import History, standard_rules_of
from services.kit.letters import Issuing, Wording, day
from services.kit.service import Before

SAID: Mapping[str, str] = {
    "create": "akun surel kedinasan {address} telah dibuat dan dapat digunakan.",
    "reset": "kata sandi akun surel kedinasan {address} telah diatur ulang; kata sandi yang baru dibuat sendiri oleh "
    "pemegang akun.",
    "change": "data akun surel kedinasan {address} telah diubah sesuai permohonan.",
    "suspend": "akun surel kedinasan {address} telah dinonaktifkan; surat yang masuk tetap diterima.",
    "resume": "akun surel kedinasan {address} telah diaktifkan kembali.",
    "close": "akun surel kedinasan {address} telah ditutup.",
    "refused": "permohonan tersebut belum dapat kami penuhi{reason}.",
}
"""By kind; no secret, no link and no code stands in a letter."""
LEADING: Mapping[str, str] = {
    "alias": "alias", "forward": "terusan", "group": "daftar penerima", "catch-all": "penampung semua alamat",
}  # fmt: skip


def replying(history: History, opened: Callable[[Sealed], str], letters: Issuing) -> Before:
    """Completes `IssueReply` with the letter and the number upon it; one that was issued already is not set anew."""

    async def set_letter(ask: Ask) -> Ask | Refusal | None:
        command = IssueReply.model_validate(ask.body)
        told = await history(ask.agency, request_stream(command.request_id))
        state = request_of(told)
        if isinstance(state, Absent) or undecided(state) is not None:
            return None  # the decision says why
        issued = await history(ask.agency, reply_stream(command.request_id))
        if any(isinstance(each.event, ReplyIssued) for each in issued):
            return None
        filed = next(each.event for each in told if isinstance(each.event, RequestFiled))
        rules = await standard_rules_of(history, ask.agency, filed.standard)
        holding = ask.actor.holding(signatory(account_rules(rules)))
        if holding is None:
            return None
        now = letters.today(rules)
        book = Letterbook()
        for each in await history(ask.agency, f"letterbook:{BOOK}:{now.year}"):
            book = evolve_letterbook(book, each.event)
        number = book.last + 1
        name, asked = await asyncio.to_thread(lambda: (opened(filed.name), opened(filed.letter_number)))
        still = leading(await history(ask.agency, account_stream(state.wish.account_id)), command.request_id)
        wording = Wording(
            number=account_rules(rules).reply_number.format(number=number, year=now.year),
            on=now,
            subject="Balasan permohonan surel kedinasan",
            to=(f"Yth. {_plain(name) or 'Pemohon'}", filed.unit),
            paragraphs=(_words(told, state, filed, _plain(asked)) + still,),
        )
        blob = await letters.issue(ask.agency, rules, wording, ask.actor, holding)
        if blob is None:
            return refuse("slip-not-set")
        body: dict[str, Any] = {**ask.body, "blob": blob.model_dump(mode="json"), "number": number}
        return ask.model_copy(update={"body": body})

    return set_letter


def _words(told: Sequence[Recorded], state: Request, filed: RequestFiled, asked: str) -> str:
    by = f" dengan surat nomor {asked}" if asked else ""
    on = f" tanggal {day(datetime.fromisoformat(filed.letter_on))}" if filed.letter_on else ""
    address = "" if isinstance(state, Absent) else state.wish.address
    became = SAID[template_of(state)].format(address=address, reason=_reason(told)) + aliased(state)
    return (
        f"Menindaklanjuti permohonan Saudara{by}{on} yang kami catat dengan nomor {filed.number}, bersama ini kami "
        f"beritahukan bahwa {became}"
    )


def aliased(state: Request) -> str:
    """Of a change that was done: the address that it gave, and the one that it took away."""
    if template_of(state) != "change" or isinstance(state, Absent):
        return ""
    given = f" Surat ke {state.wish.alias} kini masuk ke kotak surat yang sama." if state.wish.alias else ""
    ended = f" Alamat {state.wish.alias_ends} tidak lagi menerima surat." if state.wish.alias_ends else ""
    return given + ended


def _plain(text: str) -> str:
    return "" if isinstance(text, Erased) else text


def leading(account: Sequence[Recorded], request_id: UUID) -> str:
    """Of an account that was suspended or closed by this request: what led to it, and what still does."""
    ended = [
        each.event
        for each in account
        if isinstance(each.event, AccountSuspended | AccountClosed) and each.event.request_id == request_id
    ]
    if not ended:
        return ""
    before, after = (_named(names) for names in (ended[-1].before, ended[-1].leftovers))
    if not before and not after:
        return ""
    had = f" Sebelumnya yang mengarah ke atau dari alamat tersebut: {before}." if before else ""
    return f"{had} Setelahnya: {after or 'tidak ada lagi'}."


def _named(names: Sequence[str]) -> str:
    return ", ".join(LEADING[each] for each in names if each in LEADING)


def _reason(told: Sequence[Recorded]) -> str:
    refused = [each.event for each in told if isinstance(each.event, RequestRejected)]
    return f" ({refused[-1].title})" if refused else ""
