"""Grants that widen who sees letters, one in each state, as the organisation tells of them."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid5

from contracts.offices import AccessGrant, AccessGrantRow, AccessGrantsAnswer
from tests.unit.gateway.web_letters import NOW, ROOT

SOON = NOW + timedelta(hours=20)


def grant_id(number: int) -> UUID:
    return uuid5(ROOT, f"grant-{number}")


def _row(number: int, state: str, what: str, said: dict[str, Any], **more: Any) -> AccessGrantRow:
    by = {"asked_at": NOW, "asked_by": "admin", "asked_by_name": "Dimas Arya Nugraha"}
    grant = AccessGrant(what=what, **said)
    return AccessGrantRow(grant_id=grant_id(number), grant=grant, state=state, **{**by, **more})


def grants() -> AccessGrantsAnswer:
    person = {"person_id": "kabid"}
    token = {"token_id": "pemindai", "label": "Pemindai loket", "role": "operator"}
    decided = {"seen": True, "decided_at": NOW, "decided_by": "kadis", "decided_by_name": "Drs. Suryo Adinegoro, M.Si."}
    named, titled = {"person_name": "Endah Pramesti"}, {"position_title": "Kepala Seksi Persandian"}
    seat = {"position": "kasi-persandian", "role": "kasi", "capacity": "plh"}
    rows = (
        _row(0, "waiting", "role", {**person, "role": "operator"}, until_at=SOON, **named),
        _row(1, "waiting", "token", token, until_at=SOON),
        _row(2, "console", "first-password", person, asked_by="console", asked_by_name="", **named),
        _row(3, "released", "seat", {**person, **seat}, decided_at=NOW, **named, **titled),
        _row(4, "confirmed", "renewal", token, ready=True, until_at=SOON, **decided),
        _row(5, "confirmed", "token", {**token, "token_id": "aplikasi-2"}, ready=True, until_at=SOON, **decided),
        _row(6, "refused", "position", {"position": "kasi", "role": "kasi"}, reason="Tidak perlu", **decided, **titled),
        _row(7, "lapsed", "substitute", {"position": "kasi", "substitute": "staf"}, seen=True, **titled),
        _row(8, "confirmed", "first-password", person, ready=True, until_at=SOON, **decided, **named),
    )
    return AccessGrantsAnswer(grants=rows, open=4)
