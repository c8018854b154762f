"""Requests for official e-mail accounts as the views show them. A request's *stage*: incomplete, complete, asked,
provisioning, failed, undoing, provisioned, rejected, given-up, notified, received, withdrawn, closed.

Of the applicant the views hold his name alone; his number, how to reach him, what he wishes and what was written to
him are asked of account provisioning (`contracts.account_provisioning.RequestSheet`).
"""

from uuid import UUID

from pydantic import AwareDatetime

from contracts.base import Query, ReaderQuery, Shape, Slug
from contracts.projections.cases import CaseList, CaseListAnswer, CaseRow
from contracts.words import BlobRef

REQUEST_STAGES = (
    "incomplete", "complete", "asked", "provisioning", "failed", "undoing", "provisioned", "rejected", "given-up",
    "notified", "received", "withdrawn", "closed",
)  # fmt: skip


class RequestRow(CaseRow):
    """A request in a list. ``title`` and ``who`` are the applicant's name and his unit.

    ``address``: of the account, once there is one. ``missing``: what keeps the clock from starting. ``failure``: why
    the directory has not got it. ``seconded_by``: who agreed as the first of two. ``how``: by which way he was told.

    ``step``: of its way in: open (nobody has been told of it), sent (he has: the notice was accepted, or an officer
    told him), opened (he is setting a secret now), set, expired.
    """

    request_id: UUID
    request_kind: Slug
    cause: str = ""
    holder: Slug
    channel: Slug = ""
    name: str = ""
    unit: str = ""
    address: str = ""
    missing: tuple[str, ...] = ()
    failure: str = ""
    seconded_by: str = ""
    how: str = ""
    overdue_at: AwareDatetime | None = None


class AccountRequest(Shape):
    """Everything that the views know of one request.

    ``reviewers``: positions that decide by its standard. ``reason``: the standard's, by which it was refused or asked
    for completion. ``hand_over``: none, or as its row's ``step``; ``confirmed``: who says that it is the holder:
    personnel, unit-admin, slip, contact. ``leftovers``: what still led to or from the account when it was suspended or
    closed, and *sessions* that nobody could end; ``led_before``: what had led there until then. ``earlier``: other
    requests of the same person or about the same account; ``namesakes``: of others who are called alike. ``quota``:
    megabytes that are asked for; None: it stays as it is. ``alias``: the additional address that was agreed to (what is
    asked for, its sheet says); ``alias_ends``: the one that shall end.
    """

    row: RequestRow
    account_id: UUID
    standard: str = ""
    connector: str = ""
    letter_on: str = ""
    scanned: bool = False
    reason: str = ""
    decided_at: AwareDatetime | None = None
    told_at: AwareDatetime | None = None
    reviewers: tuple[Slug, ...] = ()
    leftovers: tuple[str, ...] = ()
    led_before: tuple[str, ...] = ()
    hand_over: Slug = "none"
    hand_over_way: str = ""
    hand_over_ends: AwareDatetime | None = None
    confirmed: str = ""
    quota: int | None = None
    alias: str = ""
    alias_ends: str = ""
    reply_number: str = ""
    reply: BlobRef | None = None
    earlier: tuple[RequestRow, ...] = ()
    namesakes: tuple[RequestRow, ...] = ()


class RequestList(CaseList):
    """Requests, newest change first (``order``: changed, due, received, oldest: by arrival)."""


class RequestListAnswer(CaseListAnswer):
    requests: tuple[RequestRow, ...]


class RequestDetail(ReaderQuery):
    request_id: UUID


class RequestDetailAnswer(Shape):
    request: AccountRequest | None = None


QUERIES: tuple[type[Query], ...] = (RequestList, RequestDetail)
ANSWERS: dict[type[Query], type[Shape]] = {RequestList: RequestListAnswer, RequestDetail: RequestDetailAnswer}
