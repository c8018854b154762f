"""Made-up requests for accounts in every stage, for the tests of the pages."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid5

from contracts import projections as p
from contracts.account_provisioning import AddressProposal, RequestSheetAnswer
from contracts.clocks import PauseReason
from tests.unit.gateway.web_letters import NOW, ROOT, letter_id

REVIEWERS = ("operator-transmisi-sandi", "kasi-persandian")
NIP = "198504102010012001"
CONTACT = "0812 3456 7890"
WRITTEN = "Mohon lampirkan surat dari kepala unit."
PEOPLE = (
    ("Hj. Siti Nur'aini, S.Kom.", "Dinas Kesehatan"),
    ("Bambang Setiawan", "Kecamatan Kaligondang"),
    ("Agus Purwanto, S.E., M.M.", "Badan Keuangan Daerah"),
)
HAND_OVERS = {"provisioned": "open", "notified": "sent", "received": "set"}
STAGES = p.REQUEST_STAGES
READ_BY = p.READERS["requests"] | {"unit-admin"}
"""Of which an admin sees those of his unit, the views say (`tests/unit/projections/test_requests.py`)."""
WITH_CLOCK = frozenset(STAGES) - {"incomplete"}


def request_id(number: int) -> UUID:
    """The same ids as letters have: no page may take one for the other."""
    return letter_id(number)


def row(number: int, stage: str) -> p.RequestRow:
    name, unit = PEOPLE[number % len(PEOPLE)]
    made = stage not in {"incomplete", "complete", "asked", "rejected", "withdrawn"}
    over = stage in {"notified", "received", "closed"}
    received = NOW - timedelta(minutes=25 + 3 * number)
    return p.RequestRow(
        kind="requests", case_id=request_id(number), number=f"{number + 1:04d}/2026", title=name, who=unit, stage=stage,
        received_at=received, due_at=NOW + timedelta(minutes=35 - 9 * number) if stage in WITH_CLOCK else None,
        completed_at=NOW - timedelta(minutes=5) if over else None,
        paused_at=NOW - timedelta(minutes=10) if stage == "asked" else None, changed_at=NOW,
        versions={"account_provisioning": 4}, request_id=request_id(number), request_kind="create", holder="pns",
        channel="counter", name=name, unit=unit, address="siti.nuraini@pekalongankota.go.id" if made else "",
        missing=("letter", "contact") if stage == "incomplete" else (),
        failure="foreign-entry" if stage == "failed" else "", how="phone" if over else "",
        step=HAND_OVERS.get(stage, ""),
    )  # fmt: skip


def request(number: int, stage: str) -> p.AccountRequest:
    others = tuple(row(each, "received") for each in (20, 21))
    return p.AccountRequest(
        row=row(number, stage), account_id=uuid5(ROOT, f"account {number}"), standard="060/040/III Tahun 2022 v1",
        connector="embedded", letter_on="2026-11-18", reason="Menunggu kelengkapan" if stage == "asked" else "",
        told_at=NOW if stage in {"notified", "received", "closed"} else None, reviewers=REVIEWERS,
        leftovers=("forward",) if stage == "closed" else (), hand_over=HAND_OVERS.get(stage, "none"),
        hand_over_way="slip" if stage == "provisioned" else "notice", hand_over_ends=NOW + timedelta(hours=20),
        earlier=others[:1], namesakes=others[1:],
    )  # fmt: skip


REQUESTS = {request_id(n): request(n, stage) for n, stage in enumerate(STAGES)}
OF_STAGE = {each.row.stage: each.row.request_id for each in REQUESTS.values()}


def listed(query: p.RequestList) -> p.RequestListAnswer:
    roles = READ_BY & set(query.reader.roles)
    rows = [each.row for each in REQUESTS.values() if roles]
    shown = [each for each in rows if not query.stages or each.stage in query.stages]
    shown = [each for each in shown if query.text.lower() in each.name.lower()]
    return p.RequestListAnswer(
        requests=tuple(shown), counts={each.stage: 1 for each in rows}, cursor="lagi" if query.order == "due" else ""
    )


def account(number: int, state: str) -> p.AccountRow:
    one = row(number, "received")
    return p.AccountRow(
        kind="accounts", case_id=ACCOUNT_IDS[state], number=one.address, title=one.name, who=one.unit, stage=state,
        received_at=one.received_at, changed_at=NOW, account_id=ACCOUNT_IDS[state], address=one.address,
        holder="pns", connector="ldap", secret_at=NOW if state == "active" else None,
        leftovers=("forward", "group") if state == "closed" else (),
        login={"active": "not-yet", "suspended": "seen"}.get(state, "cannot-tell"),
        login_looked_at=NOW, first_login_at=NOW if state == "suspended" else None,
    )  # fmt: skip


ACCOUNT_IDS = {state: uuid5(ROOT, f"account {state}") for state in p.ACCOUNT_STATES}
ACCOUNTS = {ACCOUNT_IDS[state]: account(number, state) for number, state in enumerate(p.ACCOUNT_STATES)}


def directory(query: p.AccountList) -> p.AccountListAnswer:
    rows = list(ACCOUNTS.values()) if READ_BY & set(query.reader.roles) else []
    shown = [each for each in rows if not query.stages or each.stage in query.stages]
    shown = [each for each in shown if query.text.lower() in each.title.lower()]
    return p.AccountListAnswer(accounts=tuple(shown), counts={each.stage: 1 for each in rows}, cursor="lagi")


def one_account(query: p.AccountDetail) -> p.AccountDetailAnswer:
    found = ACCOUNTS.get(query.account_id) if READ_BY & set(query.reader.roles) else None
    if found is None:
        return p.AccountDetailAnswer()
    entries = tuple(history(request(0, "received"), raw=False))
    return p.AccountDetailAnswer(account=p.Account(row=found, requests=(row(0, "received"),), entries=entries))


def detail(query: p.RequestDetail) -> p.RequestDetailAnswer:
    roles = READ_BY & set(query.reader.roles)
    return p.RequestDetailAnswer(request=REQUESTS.get(query.request_id) if roles else None)


def sheet() -> RequestSheetAnswer:
    domain = "pekalongankota.go.id"
    return RequestSheetAnswer(
        nip=NIP, contact=CONTACT, wishes=("siti.nuraini", "sitinur"), letter_number="800/123",
        words={str(uuid5(ROOT, "account_provisioning.CompletionAsked.v1")): WRITTEN}, domain=domain,
        proposals=(
            AddressProposal(address=f"siti.nuraini@{domain}", state="taken"),
            AddressProposal(address=f"siti.nuraini2@{domain}", state="free"),
            AddressProposal(address=f"siti.nuraini3@{domain}", state="alike"),
        ),
        reject=(PauseReason(reason="bukan-pns", title="Pemohon bukan PNS"),),
        pauses=(PauseReason(reason="menunggu-pemohon", title="Menunggu kelengkapan dari pemohon"),),
    )  # fmt: skip


def history(found: p.AccountRequest, *, raw: bool) -> Iterator[p.HistoryEntry]:
    by = {"by_name": "Ratna Kusumawardhani", "by_title": "Staf Bidang Informatika", "by_capacity": "holder"}
    due = (NOW + timedelta(minutes=35)).isoformat()
    rows: list[tuple[str, dict[str, str], dict[str, Any]]] = [
        ("RequestFiled", by, {"number": found.row.number, "request_kind": "create", "who": found.row.name}),
        ("RequestCompleted", {}, {"due_at": due}),
        ("CompletionAsked", by, {"title": "Menunggu kelengkapan dari pemohon"}),
        ("RequestSupplemented", by, {"missing": []}),
        ("RequestApproved", by, {"address": "siti.nuraini2@pekalongankota.go.id"}),
        ("ProvisioningFailed", {}, {"attempt": 1, "reason": "away", "outcome": "temporary"}),
        ("ProvisioningProven", {}, {"connector": "embedded"}),
        ("AccountSuspended", {}, {"leftovers": ["forward"]}),
        ("RequestNotified", by, {"how": "phone"}),
        ("SomethingNew", {}, {}),
    ]
    for at, (name, who, params) in enumerate(rows):
        kind = f"account_provisioning.{name}.v1"
        yield p.HistoryEntry(
            event_id=uuid5(ROOT, kind), service="account_provisioning", position=at + 1, kind=kind,
            at=found.row.received_at + timedelta(minutes=2 * at), params=params,
            raw={"id": str(uuid5(ROOT, kind)), "type": kind} if raw else None, **who,
        )  # fmt: skip


def board() -> p.BoardAnswer:
    keys = {
        "belum-lengkap": ("incomplete", "asked"), "ditinjau": ("complete",), "dibuatkan": ("provisioning", "undoing"),
        "macet": ("failed",), "belum-dikabari": ("provisioned", "rejected", "given-up"),
        "dikabari": ("notified", "received", "closed", "withdrawn"),
    }  # fmt: skip
    columns = []
    for name, stages in keys.items():
        cards = tuple(each.row for each in REQUESTS.values() if each.row.stage in stages)
        columns.append(p.BoardColumn(stages=stages, key=name, count=len(cards), cards=cards))
    return p.BoardAnswer(columns=tuple(columns), change="1.7")
