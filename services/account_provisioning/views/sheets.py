"""The sheet of a request: its sealed fields opened for who handles it, and what a reviewer decides by."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from contracts.account_provisioning import AddressProposal, RequestFiled, RequestSheet, RequestSheetAnswer
from contracts.base import Erased, Query, Reader, Refusal, Sealed
from contracts.clocks import PauseReason
from services.account_provisioning import policy
from services.account_provisioning.domain.evolve import account_of, evolve_skeleton
from services.account_provisioning.domain.naming import ADDRESSES
from services.account_provisioning.domain.state import Skeleton, account_stream, request_stream, skeleton_stream
from services.account_provisioning.policy import addresses, refuse
from services.account_provisioning.policy.rules import AccountRules
from services.account_provisioning.ports import DirectoryError, History, rules_of
from services.account_provisioning.views import told as views
from services.kit.reservations import FREE, Holding
from services.kit.service import QueryHandler

MOST = 12
"""So many addresses are looked at, whoever has them."""
Opened = Callable[[Sealed], str]


Leading = Callable[[str, str, str], tuple[str, ...]]
"""(agency, connector, address) → what leads there now, asked of the directory; blocks. Raises `DirectoryError`."""
SECONDS = 3.0
"""So long a page waits for a directory."""


def sheets(history: History, opened: Opened, leading: Leading) -> Mapping[type[Query], QueryHandler]:
    async def sheet(agency: str, asked: RequestSheet) -> RequestSheetAnswer | Refusal:
        found = views.told(await history(agency, request_stream(asked.request_id)))
        filed = found.filed
        if filed is None:
            return refuse("unknown-request")
        rules = await rules_of(history, agency, filed.standard)
        if not handles(asked.reader, rules):
            return refuse("not-the-reviewer", positions=list(rules.reviewers if rules else ()))

        def opening() -> tuple[list[str], dict[str, str], str]:
            sealed = (found.nip, found.contact, found.letter_number, filed.wishes, filed.alias)
            fields = [opened(each) for each in sealed]
            words = {event_id: opened(each) for event_id, each in found.words.items()}
            return fields, dict(views.said(words)), opened(filed.name)

        (nip, contact, letter_number, wishes, alias), words, name = await asyncio.to_thread(opening)
        made = (
            addresses.candidates(rules, name, filed.unit)
            if rules and found.asks_address and not isinstance(name, Erased)
            else ()
        )
        wished = "" if found.retained or isinstance(alias, Erased) else alias
        return RequestSheetAnswer(
            nip=nip,
            contact=contact,
            wishes=tuple(wishes.splitlines()),
            letter_number=letter_number,
            words=words,
            proposals=await _offered(history, agency, filed, made, wished if found.asks_address else ""),
            alias=wished,
            leads=await _leads(history, agency, filed, leading) if found.undecided else None,
            files={} if isinstance(name, Erased) or found.retained else found.files,
            erased=isinstance(name, Erased),
            retain_until=None if found.retained else found.retain_until,
            retained=found.retained,
            **_rules(rules),
        )

    return {RequestSheet: sheet}


async def _offered(
    history: History, agency: str, filed: RequestFiled, made: tuple[str, ...], alias: str
) -> tuple[AddressProposal, ...]:
    """What a reviewer chooses from. Of an additional address first the one that was asked for, then what the patterns
    give besides those that the account has.
    """
    if not alias:
        return await _proposals(history, agency, made)
    own = account_of(await history(agency, account_stream(filed.account_id))).own
    (asked,) = await _proposals(history, agency, (alias,))
    if asked.state == "free" and alias not in made:
        asked = asked.model_copy(update={"state": "unusual"})
    others = tuple(each for each in made if each not in {*own, alias})
    return (asked, *await _proposals(history, agency, others))


async def _leads(history: History, agency: str, filed: RequestFiled, leading: Leading) -> tuple[str, ...] | None:
    """Before it is decided: who decides sees what will still lead there."""
    if filed.request_kind not in policy.ENDING:
        return None
    account = account_of(await history(agency, account_stream(filed.account_id)))
    try:
        async with asyncio.timeout(SECONDS):
            return await asyncio.to_thread(leading, agency, account.connector, account.address)
    except (DirectoryError, TimeoutError):
        return None


def handles(reader: Reader, rules: AccountRules | None) -> bool:
    """The counter, and whoever acts for a position that reviews by this standard."""
    reviews = rules is not None and bool(set(rules.reviewers) & set(reader.positions))
    return policy.OPERATOR in reader.roles or reviews


def _rules(rules: AccountRules | None) -> dict[str, object]:
    if rules is None:
        return {}
    return {
        "eyes": rules.eyes,
        "domain": rules.domain,
        "reject": tuple(PauseReason(reason=reason, title=title) for reason, title in rules.reject),
        "pauses": tuple(PauseReason(reason=reason, title=title) for reason, title in rules.pauses),
        "notices": policy.NOTICES,
        "scan_needed": "scan" in rules.needs,
    }


async def _proposals(history: History, agency: str, made: tuple[str, ...]) -> tuple[AddressProposal, ...]:
    """Down to a few that are free; those before them are shown with why they are not."""
    found: list[AddressProposal] = []
    for address in made[:MOST]:
        holding: Holding = FREE
        for each in await history(agency, ADDRESSES.stream(address)):
            holding = ADDRESSES.evolve(holding, each.event)
        skeleton = Skeleton()
        for each in await history(agency, skeleton_stream(addresses.form_of(address))):
            skeleton = evolve_skeleton(skeleton, each.event)
        found.append(views.proposal(address, holding, skeleton))
        if sum(each.state == "free" for each in found) == views.ENOUGH:
            break
    return tuple(found)
