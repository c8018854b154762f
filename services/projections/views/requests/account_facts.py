"""What account provisioning's facts do to the directory: each says of its account how it stands now."""

from collections.abc import Iterator

from contracts import account_provisioning as facts
from contracts.account_provisioning.accounts import AccountEvent
from contracts.base import Recorded
from services.kit.access import listed
from services.kit.projections import Operation, Put, Value, micros, packed


def _put(told: Recorded, event: AccountEvent | facts.SecretSet | facts.SecretChanged, **columns: Value) -> Put:
    key: dict[str, str | int] = {"agency": told.agency, "account_id": str(event.account_id)}
    return Put("accounts", key, {"changed_at": micros(told.at), **columns})


def _readers(unit_admin: str | None) -> str | None:
    """Besides those who see all: whoever acts for the position that files for its unit."""
    return listed([f"position:{unit_admin}"]) if unit_admin else None


def made(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, facts.AccountProvisioned):
        yield _put(
            told, event, address=event.address, state="active", holder=event.holder, unit=event.unit,
            connector=event.connector, named_by=str(event.request_id), made_at=micros(told.at),
            readers=_readers(event.unit_admin),
        )  # fmt: skip


def changed(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, facts.AccountChanged):
        said: dict[str, Value] = {} if event.quota is None else {"quota": event.quota}
        if event.aliases is not None:
            said["aliases"] = packed(list(event.aliases)) if event.aliases else None
        yield _put(
            told, event, unit=event.unit, named_by=str(event.request_id), readers=_readers(event.unit_admin), **said
        )  # fmt: skip


def stands(told: Recorded) -> Iterator[Operation]:
    """A secret that became known is none any more."""
    match told.event:
        case facts.AccountSuspended() as event:
            yield _put(told, event, state="suspended", leftovers=packed(list(event.leftovers)))
        case facts.AccountResumed() as event:
            yield _put(told, event, state="active", leftovers=None)
        case facts.AccountClosed() as event:
            yield _put(told, event, state="closed", leftovers=packed(list(event.leftovers)), aliases=None)
        case facts.AccessRevoked() as event:
            yield _put(told, event, secret_at=None, leftovers=packed(list(event.leftovers)))


def logged_in(told: Recorded) -> Iterator[Operation]:
    """``login``: awaited (asked for soon), not-yet, cannot-tell, seen."""
    match told.event:
        case facts.LoginAwaited() as event:
            yield _put(told, event, login="awaited", login_looked_at=None)
        case facts.LoginSought() as event:
            yield _put(told, event, login=event.found, login_looked_at=micros(told.at))
        case facts.FirstLoginSeen() as event:
            yield _put(told, event, login="seen", login_looked_at=micros(told.at), first_login_at=micros(event.at))


def secret_set(told: Recorded) -> Iterator[Operation]:
    """With it whatever was logged in has ended."""
    match told.event:
        case facts.SecretSet() as event:
            yield _put(told, event, secret_at=micros(event.set_at), leftovers=None)
        case facts.SecretChanged() as event:
            yield _put(told, event, secret_at=micros(event.changed_at), leftovers=None)
