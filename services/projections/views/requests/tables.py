"""The tables of requests; account provisioning's events alone write them. Moments are microseconds since 1970 (UTC)."""

import sqlalchemy as sa

from services.kit.projections import TEXT, WHOLE, Computed, Mine, Pass, Tables, View, case_columns, companion

STREAMS = {"account_provisioning": "request"}
OVER = ("withdrawn",)


def stage(requests: sa.Table) -> sa.ColumnElement[str | None]:
    """Where it stands: ``phase``, and whether the applicant has heard of it."""
    told = requests.c.told_at.is_not(None)
    return sa.case(
        (requests.c.phase.is_(None), sa.null()),
        (requests.c.received.is_not(None), sa.literal("received")),
        (told & (requests.c.phase == "provisioned"), sa.literal("notified")),
        (told, sa.literal("closed")),
        ((requests.c.phase == "provisioning") & (requests.c.undoing == 1), sa.literal("undoing")),
        else_=requests.c.phase,
    )


def due_order(requests: sa.Table) -> sa.ColumnElement[int]:
    return sa.func.coalesce(requests.c.due_at, requests.c.received_at)


def limit_at(requests: sa.Table) -> sa.ColumnElement[int | None]:
    """When it is due, while its clock runs."""
    over = requests.c.told_at.is_not(None) | requests.c.stopped_at.is_not(None) | requests.c.phase.in_(OVER)
    return sa.case((over | requests.c.paused_at.is_not(None), sa.null()), else_=requests.c.due_at)


REQUESTS = View(
    "requests",
    key={"agency": TEXT, "request_id": TEXT},
    columns={
        "number": TEXT, "request_kind": TEXT, "cause": TEXT, "holder": TEXT, "channel": TEXT, "received_at": WHOLE,
        "standard": TEXT, "calendar_of": TEXT, "subject_id": TEXT, "account_id": TEXT, "name": TEXT, "unit": TEXT,
        "address": TEXT, "letter_on": TEXT, "scanned": WHOLE, "missing": TEXT, "phase": TEXT, "undoing": WHOLE,
        "due_at": WHOLE, "due_soon_at": WHOLE, "overdue_at": WHOLE, "paused_at": WHOLE, "stopped_at": WHOLE,
        "reason": TEXT, "seconded_by": TEXT, "connector": TEXT, "failure": TEXT, "leftovers": TEXT, "led_before": TEXT,
        "decided_at": WHOLE, "told_at": WHOLE, "how": TEXT, "received": WHOLE, "hand_over": TEXT,
        "hand_over_told": WHOLE, "hand_over_way": TEXT, "hand_over_ends": WHOLE, "confirmed": TEXT,
        "reply_number": TEXT, "reply": TEXT, "unit_admin": TEXT, "quota": WHOLE,
        "alias": TEXT, "alias_ends": TEXT,
        # the kit
        **case_columns(STREAMS), "visibility": TEXT, "readers": TEXT, "barred": TEXT,
    },
    computed={
        "stage": Computed(TEXT, stage),
        "due_order": Computed(WHOLE, due_order),
        "limit_at": Computed(WHOLE, limit_at),
        "changed_at": Computed(WHOLE, lambda requests: requests.c.account_provisioning_at),
    },
    sealed=frozenset({"name"}),
    indexes=(
        ("agency", "stage", "due_order", "request_id"), ("agency", "stage", "changed_at", "request_id"),
        ("agency", "stage", "received_at", "request_id"), ("agency", "changed_at", "request_id"),
        ("agency", "due_order", "request_id"), ("agency", "received_at", "request_id"), ("agency", "limit_at"),
        ("agency", "subject_id"), ("agency", "account_id"),
    ),
    searched=("number", "name", "unit", "address", "alias"),
)  # fmt: skip

# Who decides on a request, by the version of the standard that it runs under.
REVIEWERS = View(
    "reviewers",
    key={"agency": TEXT, "standard": TEXT, "position": TEXT},
    columns={"place": WHOLE},
    indexes=(("agency", "position"),),
)

# The directory: an account, its address and state. Its holder's name is that of the request ``named_by``.
ACCOUNTS = View(
    "accounts",
    key={"agency": TEXT, "account_id": TEXT},
    columns={
        "address": TEXT, "state": TEXT, "holder": TEXT, "unit": TEXT, "connector": TEXT, "named_by": TEXT,
        "name": TEXT, "made_at": WHOLE, "changed_at": WHOLE, "secret_at": WHOLE, "leftovers": TEXT,
        "login": TEXT, "login_looked_at": WHOLE, "first_login_at": WHOLE, "quota": WHOLE,
        "aliases": TEXT,
        "visibility": TEXT, "readers": TEXT, "barred": TEXT,
    },
    indexes=(
        ("agency", "address", "account_id"), ("agency", "changed_at", "account_id"),
        ("agency", "state", "address", "account_id"), ("agency", "state", "changed_at", "account_id"),
        ("agency", "named_by"), ("agency", "aliases", "account_id"),
    ),
    sealed=frozenset({"name"}),
)  # fmt: skip


def named(tables: Tables, mine: Mine) -> sa.Update:
    """An account's name is its holder's, as the request has it by which he was named last."""
    accounts, requests = tables["accounts"], tables["requests"]
    here = (requests.c.agency == accounts.c.agency) & (requests.c.request_id == accounts.c.named_by)
    said = {each: sa.select(requests.c[each]).where(here).scalar_subquery() for each in ("name", companion("name"))}
    return sa.update(accounts).values(said).where(mine(accounts), accounts.c.named_by.is_not(None))


NAMED = Pass(named, frozenset({"accounts"}))

ALL = (REQUESTS, REVIEWERS, ACCOUNTS)
