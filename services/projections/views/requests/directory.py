"""The directory of accounts: a page of it, and one account with its requests and what happened to it.

It has no facts of its own: those of requests say how an account stands, and a request has its holder's name.
"""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection

from contracts.base import Reader
from contracts.projections import (
    READERS,
    Account,
    AccountDetail,
    AccountDetailAnswer,
    AccountList,
    AccountListAnswer,
    AccountRow,
)
from services.kit.projections import Cases, Generation, find_cases, moment, whole_moment
from services.projections.views.requests import tables
from services.projections.views.requests.kind import REQUESTS, newest_first
from services.projections.views.requests.rows import request_row, words
from services.projections.views.shared.kinds import Asked, CaseKind, Row
from services.projections.views.shared.lists import counts, page
from services.projections.views.shared.timeline import entry

CASES = Cases("accounts", "account_id", "state", passes=(tables.NAMED,), by_rows=True)
LISTED = (
    "account_id", "address", "state", "holder", "name", "unit", "connector", "made_at", "changed_at", "secret_at",
    "leftovers", "login", "login_looked_at", "first_login_at", "quota",
    "aliases",
)  # fmt: skip
SHORTEST = 3
SAMPLE, OFTEN = 2_000, 10
"""Of so many accounts, so many: then a page of fifty is full after some ten thousand rows."""
MOST_REQUESTS, MOST_ENTRIES = 50, 500


def row(found: Row) -> AccountRow:
    return AccountRow(
        kind="accounts",
        case_id=UUID(found["account_id"]),
        number=found["address"] or "",
        title=found["name"] or "",
        who=found["unit"] or "",
        stage=found["state"],
        received_at=whole_moment(found["made_at"]),
        changed_at=whole_moment(found["changed_at"]),
        account_id=UUID(found["account_id"]),
        address=found["address"] or "",
        holder=found["holder"],
        connector=found["connector"],
        secret_at=moment(found["secret_at"]),
        leftovers=words(found["leftovers"]),
        login=found["login"] or "",
        login_looked_at=moment(found["login_looked_at"]),
        first_login_at=moment(found["first_login_at"]),
        quota=found["quota"],
        aliases=words(found["aliases"]),
    )


def no_tasks(_generation: Generation, _agency: str, _reader: Reader) -> Sequence[Asked]:
    """What is to be done about an account is a request's."""
    return ()


def finds(
    connection: Connection, generation: Generation, agency: str, kind: CaseKind, text: str
) -> sa.ColumnElement[bool] | None:
    """By the words of the request that names its holder: they are the account's; and by its additional addresses, which
    few have. What many have is read in order.
    """
    accounts = generation["accounts"]
    if not text:
        return None
    if len(text) < SHORTEST:
        begins = accounts.c.address.startswith(text.lower(), autoescape=True)
        return (accounts.c.address >= text.lower()) & begins
    holds = _holding(accounts, kind.searched, text)
    if _common(connection, accounts, agency, kind.searched, text):
        return holds
    named = find_cases(connection, generation, "requests", agency, text)
    if named is None:
        return holds
    his = sa.select(accounts.c.account_id).where(accounts.c.agency == agency, accounts.c.named_by.in_(named))
    also = accounts.c.aliases.is_not(None) & accounts.c.aliases.icontains(text, autoescape=True)
    by_alias = sa.select(accounts.c.account_id).where(accounts.c.agency == agency, also)
    found = [*(connection.scalars(his) if named else ()), *connection.scalars(by_alias)]
    return accounts.c.account_id.in_(found) if found else sa.false()


def _holding(rows: sa.FromClause, searched: Sequence[str], text: str) -> sa.ColumnElement[bool]:
    return sa.or_(sa.false(), *[rows.c[each].icontains(text, autoescape=True) for each in searched])


def _common(connection: Connection, accounts: sa.Table, agency: str, searched: Sequence[str], text: str) -> bool:
    """Whether so many have it that a page is full before many rows were read, as some of them tell."""
    some = sa.select(accounts).where(accounts.c.agency == agency).limit(SAMPLE).subquery()
    told = sa.select(sa.func.count()).select_from(some).where(_holding(some, searched, text))
    return (connection.scalar(told) or 0) >= OFTEN


ACCOUNTS = CaseKind(
    CASES,
    roles=READERS["requests"],
    listed=LISTED,
    row=row,
    orders={"address": ("address", False), "changed": ("changed_at", True)},
    searched=("address", "name", "unit", "aliases"),
    board=(),
    services=("account_provisioning",),
    tasks=no_tasks,
    finds=finds,
)


def accounts(connection: Connection, generation: Generation, agency: str, query: AccountList) -> AccountListAnswer:
    one = query.model_copy(update={"stages": query.stages[:1]})
    found = page(connection, generation, agency, ACCOUNTS, one)
    return AccountListAnswer.model_construct(
        accounts=tuple(row(each) for each in found.rows),
        cursor=found.cursor,
        counts=counts(connection, generation, agency, ACCOUNTS, query.reader),
    )


def detail(connection: Connection, generation: Generation, agency: str, query: AccountDetail) -> AccountDetailAnswer:
    table, account_id = generation["accounts"], str(query.account_id)
    mine = ACCOUNTS.mine(generation, agency, query.reader) & (table.c.account_id == account_id)
    found = connection.execute(sa.select(*ACCOUNTS.columns(generation)).where(mine)).mappings().first()
    if found is None:
        return AccountDetailAnswer()
    requests = generation["requests"]
    about = REQUESTS.mine(generation, agency, query.reader) & (requests.c.account_id == account_id)
    asked = sa.select(*REQUESTS.columns(generation)).where(about).order_by(*newest_first(requests)).limit(MOST_REQUESTS)
    rows = connection.execute(asked).mappings().all()
    cases = [each["request_id"] for each in rows]
    told = generation["history"]
    his = sa.select(told).where(told.c.agency == agency, told.c.case_id.in_([account_id, *cases]))
    entries = sorted(connection.execute(his).mappings(), key=lambda each: (each["at"], each["position"]))
    return AccountDetailAnswer(
        account=Account(
            row=row(found),
            requests=tuple(request_row(each) for each in rows),
            entries=tuple(entry(each, None) for each in entries[-MOST_ENTRIES:]),
        )
    )
