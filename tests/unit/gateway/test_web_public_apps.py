"""What a city's own app files and tracks: the pages' road in JSON, with the same rules and the same silence."""

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import altcha
import httpx
import pytest
from fastapi import FastAPI

from contracts import account_provisioning as a
from contracts import complaint as c
from contracts.base import Accepted, Command, Query, Refusal
from contracts.organisation import Standards, StandardsAnswer
from contracts.tracking import TrackCase, Tracked, TrackedAnswer, TrackedStep
from gateway.edge.problems import Problem
from gateway.web.public.app_forms import fields, schema
from gateway.web.public.served import KINDS
from tests.unit.gateway.test_web_public_complaints import AT, CASE
from tests.unit.gateway.web_letters import STANDARD
from tests.unit.gateway.web_office import AGENCY, PaperDesk, web_app

RANDOM = UUID("7c9e6679-7425-40de-944b-e07fc1f90ae7")
PUBLIC = f"/api/v1/public/{AGENCY}"
COMPLAINT = {"complaint_kind": "pengaduan", "words": " Loket tutup.\r\nPukul sembilan. ", "stance": "named"}
REQUEST = {
    "request_kind": "create", "holder": "pns", "name": "Siti", "nip": "198504102010012001", "unit": "Dinas Kesehatan",
    "wishes": ["siti", "siti.nuraini"], "contact": "0812", "letter_number": "800/123", "letter_on": "2026-03-11",
}  # fmt: skip
NUMBERS = {c.FileComplaint: "ADU-7K2QX-M4RTZ", a.FileRequest: "0001/2026"}


@dataclass
class Desk(PaperDesk):
    """Remembers what was filed under which key, as the store does."""

    by_key: dict[Any, Command] = field(default_factory=dict)
    filed: dict[str, Any] = field(default_factory=dict)
    offers: bool = True

    async def do(self, visitor: Any, command: Command, *, key: Any = None, **_: Any) -> Accepted:
        accepted = await super().do(visitor, command, key=key)
        if self.by_key.setdefault(key, command) != command:
            raise Problem.of(Refusal(code="kit.key-reused", status=422))
        number = NUMBERS[type(command)]
        self.filed[number] = command
        return accepted.model_copy(update={"result": {"number": number, "filed_at": AT.isoformat()}})

    def _answer(self, query: Query) -> Any:
        if isinstance(query, Standards):
            rules = {**STANDARD.rules, "complaints": [{"class": "umum"}], "accounts": {"needs": ["letter"]}}
            return StandardsAnswer(standards=(STANDARD.model_copy(update={"rules": rules}),) if self.offers else ())
        if not isinstance(query, TrackCase):
            return super()._answer(query)
        found = self.filed.get(query.number)
        if found is None or found.code_mac != query.code_mac:
            return TrackedAnswer()
        case = Tracked(
            case_id=CASE, number=NUMBERS[type(found)], stage="filed", filed_at=AT, note="Surat kurang",
            replies=("reply",), steps=(TrackedStep(step="filed", at=AT),),
        )  # fmt: skip
        return TrackedAnswer(case=case)


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def app(desk: Desk) -> FastAPI:
    return web_app(desk, KINDS)


@pytest.fixture
async def phone(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=True)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        yield client


async def sent(
    phone: httpx.AsyncClient, body: Mapping[str, Any], key: object = "", resource: str = "complaints"
) -> httpx.Response:
    headers = {"idempotency-key": str(key or uuid4())}
    return await phone.post(f"{PUBLIC}/{resource}", json=dict(body), headers=headers)


def refused(answer: httpx.Response) -> tuple[int, str, list[tuple[str, str]]]:
    assert answer.headers["content-type"] == "application/problem+json"
    said = answer.json()
    return answer.status_code, said["code"], [(each["at"], each["what"]) for each in said.get("errors", [])]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.slug)
def test_every_field_of_the_page_has_its_name_there(kind: Any) -> None:
    assert set(kind.app.names.values()) == {each.name for each in kind.form.asked}
    assert set(schema(kind.form, kind.app)["properties"]) == {*dict(fields(kind.form, kind.app)), "proof"}


async def test_a_complaint_is_filed_once_under_its_key(phone: httpx.AsyncClient, desk: Desk) -> None:
    key = uuid4()
    answer = await sent(phone, COMPLAINT, key)
    assert answer.status_code == 201
    assert "set-cookie" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"
    told = answer.json()
    assert (told["number"], told["filed_at"]) == (NUMBERS[c.FileComplaint], "2026-11-29T03:17:00Z")
    [(command, identity, _)] = desk.done
    assert isinstance(command, c.FileComplaint)
    assert (command.words, command.channel, command.stance) == ("Loket tutup.\nPukul sembilan.", "web", "named")
    assert isinstance(identity, UUID)
    assert identity != key, "nobody finds the command by the key alone"
    assert (desk.askers[0].actor.id, desk.askers[0].roles) == ("public", frozenset({"public"}))
    assert told["code"] not in command.model_dump_json()
    assert (await sent(phone, COMPLAINT, str(key).upper())).json() == told
    assert refused(await sent(phone, {**COMPLAINT, "words": "Lain"}, key)) == (422, "kit.key-reused", [])
    assert len(desk.by_key) == 1
    other = (await sent(phone, COMPLAINT)).json()
    assert other["code"] != told["code"], "the same words under another key are another case"


async def test_a_request_for_an_account_is_what_the_page_would_have_made(phone: httpx.AsyncClient, desk: Desk) -> None:
    assert (await sent(phone, REQUEST, resource="account-requests")).status_code == 201
    [(command, _, _)] = desk.done
    assert isinstance(command, a.FileRequest)
    assert (command.applicant.name, command.applicant.contact) == ("Siti", "0812")
    assert command.wishes == ("siti", "siti.nuraini")
    assert command.letter is not None
    assert (command.letter.number, command.letter.on) == ("800/123", "2026-03-11")


async def test_one_key_for_a_complaint_and_a_request_are_two_cases(phone: httpx.AsyncClient, desk: Desk) -> None:
    key = uuid4()
    codes = [
        (await sent(phone, body, key, resource)).json()["code"]
        for body, resource in ((COMPLAINT, "complaints"), (REQUEST, "account-requests"))
    ]
    assert len({*codes}) == len(desk.by_key) == 2


@pytest.mark.parametrize(
    "key", ["", "1", "hallo", str(UUID(int=1)), "00000000-0000-1000-8000-000000000000", f"{{{RANDOM}}}", RANDOM.hex]
)
async def test_a_key_that_somebody_could_guess_is_none(phone: httpx.AsyncClient, desk: Desk, key: str) -> None:
    headers = {"idempotency-key": key} if key else {}
    for answer in (
        await phone.post(f"{PUBLIC}/complaints", json=COMPLAINT, headers=headers),
        await phone.get(f"{PUBLIC}/complaints/challenge", headers=headers),
        await phone.post(f"{PUBLIC}/complaints/files", files={"file": b"x"}, headers=headers),
    ):
        assert refused(answer) == (422, "gateway.random-key-needed", [])
    assert desk.done == []


@pytest.mark.parametrize("more", [{"contact": "0812"}, {"name": "Wulan"}, {"name": "Wulan", "contact": "0812"}])
async def test_who_stays_anonymous_gives_neither_name_nor_contact(
    phone: httpx.AsyncClient, desk: Desk, more: dict[str, str]
) -> None:
    answer = await sent(phone, {**COMPLAINT, "stance": "anonymous", **more})
    assert refused(answer) == (422, "complaint.anonymous-with-contact", [(name, "not_asked") for name in more])
    assert not any(word in answer.text for word in more.values())
    assert desk.done == []
    assert (await sent(phone, {**COMPLAINT, "stance": "anonymous"})).status_code == 201
    assert (await sent(phone, {**COMPLAINT, "stance": "confidential", **more})).status_code == 201


@pytest.mark.parametrize(
    ("resource", "change", "wrong"),
    [
        ("complaints", {"words": " "}, [("words", "missing")]),
        ("complaints", {"words": "x" * 15_001}, [("words", "string_too_long")]),
        ("complaints", {"words": "x\0"}, [("words", "string_too_long")]),
        ("complaints", {"words": ["x"]}, [("words", "string_type")]),
        ("complaints", {"stance": "secret"}, [("stance", "enum")]),
        ("complaints", {"stance": None}, [("stance", "string_type")]),
        ("complaints", {"attachments": "x"}, [("attachments", "list_type")]),
        ("complaints", {"received_at": "2020-01-01T00:00:00Z"}, [("received_at", "extra_forbidden")]),
        ("complaints", {"code_mac": "0" * 64, "channel": "lapor"}, [("code_mac", "extra_forbidden"),
                                                                    ("channel", "extra_forbidden")]),
        ("complaints", {"proof": 1}, [("proof", "string_type")]),
        ("account-requests", {"wishes": ["a", "b", "c", "d"]}, [("wishes", "too_long")]),
        ("account-requests", {"wishes": [1]}, [("wishes", "list_type")]),
        ("account-requests", {"request_kind": "reset", "wishes": []}, [("cause", "missing"), ("address", "missing")]),
        ("account-requests", {"applicant": {}}, [("applicant", "extra_forbidden")]),
    ],
)  # fmt: skip
async def test_what_is_wrong_is_named_by_its_place(
    phone: httpx.AsyncClient, desk: Desk, resource: str, change: dict[str, Any], wrong: list[tuple[str, str]]
) -> None:
    body = {**(COMPLAINT if resource == "complaints" else REQUEST), **change}
    status, code, named = refused(await sent(phone, body, resource=resource))
    assert (status, code, sorted(named)) == (422, "gateway.malformed", sorted(wrong))
    assert desk.done == []


async def test_a_change_may_ask_for_an_additional_address_and_no_other_request(
    phone: httpx.AsyncClient, desk: Desk
) -> None:
    asked = {"alias": "siti.aminah@x.go.id", "alias_ends": "siti.lama@x.go.id"}
    changes = {**REQUEST, "request_kind": "change", "address": "siti@x.go.id", "wishes": [], **asked}
    assert (await sent(phone, changes, resource="account-requests")).status_code == 201
    [command] = [command for command, *_ in desk.done]
    assert isinstance(command, a.FileRequest)
    assert (command.alias, command.alias_ends) == tuple(asked.values())
    answer = await sent(phone, {**REQUEST, **asked}, resource="account-requests")
    assert refused(answer) == (422, "gateway.not-asked", [(name, "not_asked") for name in asked])


async def test_a_field_that_the_page_would_not_ask_is_refused(phone: httpx.AsyncClient, desk: Desk) -> None:
    answer = await sent(phone, {**REQUEST, "holder": "unit"}, resource="account-requests")
    assert refused(answer) == (422, "gateway.not-asked", [("nip", "not_asked")])
    assert desk.done == []


@pytest.mark.parametrize("body", ["", "[]", "{", "null", '"x"', "\xff"])
async def test_what_is_no_object_is_refused(phone: httpx.AsyncClient, body: str) -> None:
    headers = {"idempotency-key": str(uuid4()), "content-type": "application/json"}
    for resource in ("complaints", "account-requests", "track"):
        answer = await phone.post(f"{PUBLIC}/{resource}", content=body.encode("latin-1"), headers=headers)
        assert refused(answer)[:2] == (422, "gateway.malformed")


async def test_a_form_of_a_foreign_site_is_no_json(phone: httpx.AsyncClient, desk: Desk) -> None:
    """What a browser sends across sites without asking first says so by its type."""
    headers = {"idempotency-key": str(uuid4()), "content-type": "text/plain"}
    for resource in ("complaints", "track"):
        answer = await phone.post(f"{PUBLIC}/{resource}", content=json.dumps(COMPLAINT), headers=headers)
        assert refused(answer) == (422, "gateway.malformed", [("Content-Type", "application_json_expected")])
    assert desk.done == []


async def test_a_session_counts_for_nothing(phone: httpx.AsyncClient, desk: Desk) -> None:
    phone.cookies.set("peran", "kasi")
    assert (await sent(phone, COMPLAINT)).status_code == 201
    assert desk.askers[0].actor.id == "public"


async def test_only_what_an_agency_offers_is_taken(phone: httpx.AsyncClient, desk: Desk) -> None:
    key = {"idempotency-key": str(uuid4())}
    for place in ("/api/v1/public/lama/complaints", "/api/v1/public/lama/track"):
        assert refused(await phone.post(place, json=COMPLAINT, headers=key))[:2] == (404, "gateway.not-found"), place
    for place in (f"{PUBLIC}/letters/challenge", "/api/v1/public/lama/complaints/challenge"):
        assert refused(await phone.get(place, headers=key))[:2] == (404, "gateway.not-found"), place
    desk.offers = False
    for resource in ("complaints", "account-requests"):
        assert refused(await sent(phone, COMPLAINT, resource=resource))[:2] == (404, "gateway.not-found")
        answer = await phone.post(f"{PUBLIC}/{resource}/files", files={"file": b"x"}, headers=key)
        assert refused(answer)[:2] == (404, "gateway.not-found")
    assert desk.done == []


# ── work and budgets ─────────────────────────────────────────────────────────────────────────────────────────────────


async def worked(phone: httpx.AsyncClient, key: object, resource: str = "complaints") -> str:
    asked = await phone.get(f"{PUBLIC}/{resource}/challenge", headers={"idempotency-key": str(key)})
    assert asked.status_code == 200
    challenge = altcha.Challenge.from_dict(asked.json()["challenge"])
    solution = altcha.solve_challenge(challenge)
    assert solution is not None
    return altcha.Payload(challenge, solution).to_base64()


async def test_work_is_worth_one_form_under_one_key(phone: httpx.AsyncClient, desk: Desk) -> None:
    for _ in range(4):
        assert (await sent(phone, COMPLAINT)).status_code == 201
    waits = await sent(phone, COMPLAINT)
    assert refused(waits)[:2] == (429, "gateway.too-many")
    assert int(waits.headers["retry-after"]) > 0
    key = uuid4()
    proof = await worked(phone, key)
    for other, resource in ((uuid4(), "complaints"), (key, "account-requests")):
        body = {**(COMPLAINT if resource == "complaints" else REQUEST), "proof": proof}
        assert (await sent(phone, body, other, resource)).status_code == 429
    assert (await sent(phone, {**COMPLAINT, "proof": proof}, key)).status_code == 201
    again = await sent(phone, {**COMPLAINT, "proof": proof}, key)
    assert again.status_code == 201, "an answer that was lost is asked for again"
    assert len(desk.by_key) == 5


# ── how far it is ────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_number_and_code_tell_how_far_it_is_and_nothing_else(phone: httpx.AsyncClient) -> None:
    told = (await sent(phone, COMPLAINT)).json()
    said = await phone.post(f"{PUBLIC}/track", json={"number": told["number"].lower(), "code": told["code"]})
    assert said.status_code == 200
    assert said.json() == {
        "number": told["number"], "stage": "filed", "filed_at": "2026-11-29T03:17:00Z", "due_at": None,
        "paused": False, "replies": ["reply"], "steps": [{"step": "filed", "at": "2026-11-29T03:17:00Z"}],
    }  # fmt: skip


async def test_a_number_is_told_as_the_office_writes_it(
    phone: httpx.AsyncClient, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    written, asked = "8 / surel / 2026", "8/SUREL/2026"
    monkeypatch.setitem(NUMBERS, a.FileRequest, written)
    answer = await sent(phone, REQUEST, resource="account-requests")
    assert (answer.status_code, answer.json()["number"]) == (201, written)
    desk.filed[asked] = desk.filed.pop(written)
    said = await phone.post(f"{PUBLIC}/track", json={"number": written, "code": answer.json()["code"]})
    assert (said.status_code, said.json()["number"]) == (200, written)


async def test_a_wrong_code_an_unknown_number_and_nonsense_are_one_answer(phone: httpx.AsyncClient) -> None:
    number = (await sent(phone, COMPLAINT)).json()["number"]
    wrong = [
        await phone.post(f"{PUBLIC}/track", json={"number": each, "code": code})
        for each, code in ((number, "AAAA-BBBB-CCCC"), ("ADU-00000-00000", "AAAA-BBBB-CCCC"), (number, ""), ("x", "y"))
    ]
    assert {(each.status_code, each.text) for each in wrong} == {(404, wrong[0].text)}
    assert refused(wrong[0])[1] == "gateway.unknown-case"
    body = {"number": number, "code": "AAAA-BBBB-CCCC"}
    assert [(await phone.post(f"{PUBLIC}/track", json=body)).status_code for _ in range(17)] == [404] * 16 + [429]
    assert refused(await phone.post(f"{PUBLIC}/track", json={**body, "name": "x", "code": 1}))[2] == [
        ("code", "string_type"), ("name", "extra_forbidden"),
    ]  # fmt: skip


# ── the addresses that outsiders know ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("slug", ["pengaduan", "surel"])
async def test_the_short_address_leads_to_the_form(phone: httpx.AsyncClient, desk: Desk, slug: str) -> None:
    for answer in (await phone.get(f"/{AGENCY}/{slug}"), await phone.head(f"/{AGENCY}/{slug}")):
        assert (answer.status_code, answer.headers["location"]) == (308, f"/{AGENCY}/ajukan/{slug}")
    assert (await phone.get(f"/lama/{slug}")).status_code == 404
    assert (await phone.post(f"/{AGENCY}/{slug}")).status_code == 404
    desk.offers = False
    assert (await phone.get(f"/{AGENCY}/{slug}")).status_code == 404
