"""The directory of official e-mail accounts as the views show it. An account's *stage*: active, suspended, closed.

Of its holder it has the name alone, as the request says it by which he was last named.
"""

from uuid import UUID

from pydantic import AwareDatetime

from contracts.base import Query, ReaderQuery, Shape, Slug
from contracts.projections.cases import CaseList, CaseListAnswer, CaseRow, HistoryEntry
from contracts.projections.requests import RequestRow

ACCOUNT_STATES = ("active", "suspended", "closed")


class AccountRow(CaseRow):
    """An account in the directory. ``number``: its address; ``title`` and ``who``: its holder's name and unit.

    ``received_at``: since when the directory has it. ``secret_at``: when its holder last set a secret; None: he never
    did, or the last one was ended. ``leftovers``: what still led somewhere when it was suspended or closed.

    ``login``: whether its holder has ever logged in: seen (``first_login_at``), not-yet (as of ``login_looked_at``),
    awaited (nobody has looked since he set a secret), cannot-tell (this directory keeps no such thing); empty: no
    secret was set since it is asked for. ``quota``: megabytes that a request gave; None: the mail server's own.
    ``aliases``: additional addresses under which it receives.
    """

    account_id: UUID
    address: str
    holder: Slug
    connector: Slug
    secret_at: AwareDatetime | None = None
    leftovers: tuple[str, ...] = ()
    login: str = ""
    login_looked_at: AwareDatetime | None = None
    first_login_at: AwareDatetime | None = None
    quota: int | None = None
    aliases: tuple[str, ...] = ()


class Account(Shape):
    """``requests``: those about it, the newest first; ``entries``: what happened to it, oldest first."""

    row: AccountRow
    requests: tuple[RequestRow, ...] = ()
    entries: tuple[HistoryEntry, ...] = ()


class AccountList(CaseList):
    """Accounts by ``order``: address, changed (newest first). ``text``: of address, name, unit, or the number of the
    request; shorter than three letters: how the address begins. Of ``stages`` the first counts.
    """

    order: Slug = "address"


class AccountListAnswer(CaseListAnswer):
    accounts: tuple[AccountRow, ...]


class AccountDetail(ReaderQuery):
    account_id: UUID


class AccountDetailAnswer(Shape):
    account: Account | None = None


QUERIES: tuple[type[Query], ...] = (AccountList, AccountDetail)
ANSWERS: dict[type[Query], type[Shape]] = {AccountList: AccountListAnswer, AccountDetail: AccountDetailAnswer}
