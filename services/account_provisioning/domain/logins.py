"""Whether somebody has ever logged in to an account: a few looks after its secret was set, ever further apart."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from contracts.account_provisioning import FirstLoginSeen, LoginAwaited, LoginSought, RecordFirstLogin
from contracts.base import Event
from services.account_provisioning.domain.state import Account, Awaited, account_stream
from services.kit.deciding import Accept, Decision, Given, Job, accept

LOOKS = (
    timedelta(minutes=15), timedelta(hours=2), timedelta(hours=8), timedelta(days=1), timedelta(days=3),
    timedelta(days=7), timedelta(days=14), timedelta(days=30), timedelta(days=90),
)  # fmt: skip
"""After the secret was set; then nobody asks any more, and the account stands as one that was never used."""
PROOF = timedelta(minutes=1)
"""The service itself logs in as the holder when his secret is set, to prove it: that is no login of his."""


def awaited(request_id: UUID, account_id: UUID, account: Account, given: Given) -> tuple[tuple[str, Event], ...]:
    if account.logged_in:
        return ()
    fact = LoginAwaited(account_id=account_id, request_id=request_id, since=given.now)
    return ((account_stream(account_id), fact),)


def jobs(place: str, account: Account) -> tuple[Job, ...]:
    found = account.awaited
    if found is None or not account.connector:
        return ()
    body = {"account_id": place.partition(":")[2], "request_id": str(found.request_id), "look": found.look}
    name = f"login-{found.request_id}-{found.look}"
    return (Job(name, account.connector, found.since + LOOKS[found.look - 1], body),)


def record(command: RecordFirstLogin, account: Account, given: Given) -> Decision:
    sought = account.awaited
    if sought is None or (sought.request_id, sought.look) != (command.request_id, command.look):
        return Accept()
    if command.found == "away":
        return Accept()
    place = account_stream(command.account_id)
    told = {"account_id": command.account_id, "request_id": command.request_id}
    if command.found == "seen" and command.at is not None and command.at > sought.since + PROOF:
        return accept(place, FirstLoginSeen.model_validate({**told, "address": account.address, "at": command.at}))
    more = command.found != "cannot-tell" and command.look < len(LOOKS)
    fact = LoginSought.model_validate({
        **told, "look": command.look, "found": "cannot-tell" if command.found == "cannot-tell" else "not-yet",
        "again_at": max(given.now, sought.since + LOOKS[command.look]) if more else None,
    })  # fmt: skip
    return accept(place, fact)


def evolve(found: Awaited | None, event: Event) -> Awaited | None:
    match event:
        case LoginAwaited():
            return Awaited(event.request_id, event.since)
        case LoginSought() if found is not None:
            return Awaited(found.request_id, found.since, event.look + 1) if event.again_at is not None else None
        case FirstLoginSeen():
            return None
        case _:
            return found
