"""The store's history, and a directory of accounts, whatever it is made of.

What a directory does is repeated until it is done, so it may be repeated.
Every entry of ours carries its account's id (the *marker*). What carries none, or another's, is never changed.
"""

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import structlog

from contracts.account_provisioning import RequestFiled
from contracts.base import Recorded, SealClass
from contracts.words import BlobUpload, StandardRef
from services.account_provisioning.domain.state import request_stream
from services.account_provisioning.policy.rules import AccountRules, account_rules
from services.kit.deadlines import standard_stream, stated

log = structlog.get_logger(__name__)
AreHis = Callable[[str, SealClass, str, Sequence[BlobUpload]], Awaitable[bool]]
"""(agency, class, subject, uploads) → whether all of them lie under his key."""

History = Callable[[str, str], Awaitable[Sequence[Recorded]]]
"""(agency, stream) → its facts, oldest first."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """How an account shall be. ``name`` and ``unit`` empty: as they are.

    ``login``: its holder may log in. ``receives``: letters to it are delivered. ``create``: it may be missing.
    ``revoke``: whatever secret it has ends now, and what is logged in with it. ``quota``: megabytes; 0: as the mail
    server has it for all; None: as it is.

    ``alias``: an additional address under which it receives too; ``unalias``: those that end, as far as they are ours.
    """

    account_id: UUID
    address: str
    name: str = ""
    unit: str = ""
    login: bool = True
    receives: bool = True
    create: bool = False
    revoke: bool = False
    quota: int | None = None
    alias: str = ""
    unalias: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """What stands in the directory. ``marker`` is None for an entry that is not ours.

    ``secret``: it has one. ``leftovers``: what still leads to the address or away from it: alias, forward, group,
    catch-all, as far as the directory can tell; *sessions*: nobody could end what is logged in.

    ``quota``: megabytes; 0: none of its own; None: none is kept here. ``aliases``: additional addresses that we gave
    it; those of another hand are not among them.
    """

    marker: UUID | None
    address: str
    name: str
    unit: str
    login: bool
    receives: bool
    secret: bool = False
    leftovers: tuple[str, ...] = ()
    quota: int | None = None
    aliases: tuple[str, ...] = ()

    def digest(self) -> str:
        """SHA-256 of what was read, without anything of a secret. Of an account without a quota of its own, or without
        additional addresses, it is the same as before there were any.
        """
        beside = {"secret", "leftovers", *(name for name in ("quota", "aliases") if not getattr(self, name))}
        told = {key: value for key, value in asdict(self).items() if key not in beside}
        return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()


class DirectoryError(Exception):
    """``reason``: a slug for a person, without anything personal."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Away(DirectoryError):
    """Not now: nobody knows whether it was done; asked again it is found out."""


class Conflict(DirectoryError):
    """``foreign-entry``: somebody's account has this address; ``address-in-directory``: an alias, a list, a forward."""


class Refused(DirectoryError):
    """It will not do it, whoever asks and how often: a schema, a right, an entry that has gone."""


class Directory(Protocol):
    """Blocking; raises `Away`, `Conflict`, `Refused`. One that was closed is not used again."""

    @property
    def keeps_aliases(self) -> bool:
        """Whether an account may have additional addresses here; asked without reaching it."""
        ...

    def find(self, address: str) -> Entry | None: ...

    def leads(self, address: str) -> tuple[str, ...]:
        """What leads to this account's address or away from it now: as `Entry.leftovers` says it."""
        ...

    def ensure(self, wanted: Wanted) -> Entry:
        """Makes it so and reads it back: what is returned was read after the last change. Who may not even receive
        forwards nothing any more.
        """
        ...

    def remove(self, account_id: UUID, address: str) -> None:
        """Only our own entry; that it is gone already is no error."""
        ...

    def set_secret(self, account_id: UUID, address: str, secret: str) -> None:
        """The old one ends, and what is logged in with it. Proven by `accepts`."""
        ...

    def accepts(self, address: str, secret: str) -> bool:
        """Whether somebody could log in with it now."""
        ...

    def last_login(self, address: str) -> datetime | None:
        """When somebody last logged in to it; None: not yet. Raises `Refused` (*cannot-tell*) where nobody keeps it."""
        ...

    def close(self) -> None: ...


CANNOT_TELL = "cannot-tell"
NO_QUOTA = "quota-not-kept"
NO_ALIAS = "alias-not-kept"
SESSIONS = "sessions"


class Sessions(Protocol):
    """What is logged in to a mailbox, and what a server remembers of secrets. Raises `Away`."""

    def end(self, address: str) -> None: ...

    def last_login(self, address: str) -> datetime | None:
        """As `Directory.last_login`."""
        ...


def shut_out(sessions: Sessions | None, address: str, entry: Entry) -> Entry:
    """Of somebody who shall not be logged in any more: the entry, with *sessions* left where nobody could end them.

    The directory has done its part by then; to wait for a server that is away would keep its holder from a new secret.
    """
    try:
        if sessions is not None:
            sessions.end(address)
            return entry
    except Away as away:
        log.warning("accounts.sessions-not-ended", reason=away.reason)
    return replace(entry, leftovers=tuple(sorted({*entry.leftovers, SESSIONS})))


def agreed(wanted: Wanted, entry: Entry | None) -> Entry:
    """What was read back is what was wanted, and ours. Raises `Conflict` or `Away` (it has changed meanwhile)."""
    if entry is None:
        raise Away("vanished")
    if entry.marker != wanted.account_id:
        raise Conflict("foreign-entry")
    same = (entry.login, entry.receives) == (wanted.login, wanted.receives)
    named = all(not said or said == found for said, found in ((wanted.name, entry.name), (wanted.unit, entry.unit)))
    sized = wanted.quota in {None, entry.quota or 0}
    aliased = wanted.alias in {"", *entry.aliases} and not set(wanted.unalias) & set(entry.aliases)
    if not (same and named and sized and aliased and not (wanted.revoke and entry.secret)):
        raise Away("changed-meanwhile")
    return entry


async def rules_of(history: History, agency: str, ref: StandardRef) -> AccountRules | None:
    """Of the version that a request runs under; None: it was never adopted."""
    rules = await standard_rules_of(history, agency, ref)
    return account_rules(rules) if rules else None


async def standard_rules_of(history: History, agency: str, ref: StandardRef) -> Mapping[str, Any]:
    """All that the version says, with what is the agency's (letterhead, zone); empty: it was never adopted."""
    return stated(await history(agency, standard_stream(ref.standard)), ref.version)


async def papers_of_request(history: History, agency: str, request_id: UUID) -> str:
    """Under whose key its papers lie; empty where there is no such request."""
    told = await history(agency, request_stream(request_id))
    filed = next((each.event for each in told if isinstance(each.event, RequestFiled)), None)
    return "" if filed is None else filed.papers_id or filed.subject_id
