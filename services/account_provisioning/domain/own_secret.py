"""That the holder of an account changes its secret himself: begun, and what became of it. The secret is never here."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from contracts.account_provisioning import (
    BeginSecretChange,
    EndSecretChange,
    RecordSecretChanged,
    SecretChangeBegun,
    SecretChanged,
    SecretChangeDropped,
    SecretChangeUnknown,
)
from services.account_provisioning.domain.state import Account, Changing, account_stream
from services.account_provisioning.policy import refuse
from services.kit.deciding import Accept, Decision, Given, Timer, accept

GESTURE = timedelta(seconds=60)
"""The directory answers sooner, or not at all."""


def begin(command: BeginSecretChange, account: Account, given: Given) -> Decision:
    """The first of several goes on; whoever comes while it lasts is told to wait."""
    if account.phase == "none":
        return refuse("account-unknown")
    changing = account.changing
    if changing is not None and given.now < changing.until:
        if changing.opening == command.opening:
            return Accept()
        return refuse("secret-change-busy", until=changing.until.isoformat())
    fact = SecretChangeBegun(account_id=command.account_id, opening=command.opening, until=given.now + GESTURE)
    left = () if changing is None else (_unknown(command.account_id, account, changing),)
    return accept(account_stream(command.account_id), *left, fact)


def record(command: RecordSecretChanged, account: Account, given: Given) -> Decision:
    """What the directory did stands, even if the account was suspended a moment later."""
    if account.phase == "none":
        return refuse("account-unknown")
    fact = SecretChanged(
        account_id=command.account_id, address=account.address, changed_at=given.now, opening=command.opening
    )
    return accept(account_stream(command.account_id), fact)


def end(command: EndSecretChange, account: Account, given: Given) -> Decision:
    """Of the one that is under way alone: what has become of it is said once."""
    changing = account.changing
    if changing is None or changing.opening != command.opening:
        return Accept()
    if command.due_at is not None and given.now < command.due_at:
        return refuse("not-due", due_at=command.due_at.isoformat())
    if command.known:
        fact = SecretChangeDropped(account_id=command.account_id, opening=command.opening)
        return accept(account_stream(command.account_id), fact)
    return accept(account_stream(command.account_id), _unknown(command.account_id, account, changing))


def timers(place: str, account: Account) -> tuple[Timer, ...]:
    """Whoever begun it may have died."""
    changing = account.changing
    if changing is None:
        return ()
    account_id = UUID(place.partition(":")[2])
    about = EndSecretChange(account_id=account_id, opening=changing.opening, due_at=changing.until)
    return (Timer(f"secret-{changing.opening}", changing.until, about),)


def _unknown(account_id: UUID, account: Account, changing: Changing) -> SecretChangeUnknown:
    return SecretChangeUnknown(account_id=account_id, address=account.address, opening=changing.opening)
