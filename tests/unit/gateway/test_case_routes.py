"""Every route that carries a case's id asks the one place before it answers; one that does not is found here."""

from collections.abc import AsyncIterator, Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any, get_type_hints

import httpx
import orjson
import pytest
from fastapi import FastAPI

from contracts import intake
from contracts.base import Accepted, Query, Refusal
from contracts.organisation import Identified, Identify, Principal
from contracts.words import BlobRef, BlobUpload
from gateway.api.commands import ROWS
from gateway.app import build_app
from gateway.edge import parts
from gateway.edge.principals import COOKIE
from gateway.edge.rights import PUBLIC, RIGHTS
from services.kit.sealing.keyring import load_keyring
from services.kit.sealing.keys import open_keys
from services.kit.settings import Settings
from tests.parts.routes import Found, routes_of
from tests.unit.gateway.web_letters import AGENCY, NOW, copy_id, letter_id
from tests.unit.gateway.web_office import PEOPLE, full_desk, visitor
from tests.unit.gateway.web_requests import ACCOUNT_IDS
from tests.unit.gateway.web_rules import RulesDesk

# Names in paths that name no case. A name that is not here is taken for one.
NO_CASE = {
    *("agency", "person_id", "position", "standard", "version", "year", "on", "season", "from_on"),
    *("qualification", "token_id", "subject_id", "service", "action", "path", "grant_id"),
    *("claim_id", "token"),  # of a hand-over: its link is its right, which its own service looks at
    *("slug", "reply", "resource"),  # of strangers: which form; their cases are opened by number and code, in a body
    *("sha256", "page"),  # of an attachment: of the letter that stands before it
    *("notice_id", "event_id"),  # of a notice: whoever it is for is found by its own row
    "book",  # of numbers: where it begins tells of no letter
    "job_id",  # of an effect outside the house: found within the agency, and tells of no case
    *("hook_id", "channel", "way"),  # of another system, of a way by which notices leave
}
COMMANDS = {row.right for row in ROWS}
NO_AGENCY = "/s/{copy_id}"  # names no office, so nobody is asked, and every copy is unknown
ON_THE_WAY = 9  # `web_letters`: assigned, so it has everything that a letter can have
FORM = {"version": "1", "key": "satu", "reason": "", "note": ""}


class PaperBus:
    """The office on paper behind the real client; every command is refused, so that pages say what they say then."""

    connected = True
    tracing = SimpleNamespace(on=False)

    def __init__(self) -> None:
        self.refusal = Refusal(code="kit.stale-version", status=412, detail={"version": 7})
        self.desk = RulesDesk(full_desk().letters, quiet=True)  # counters of tasks ask too; here they have nothing

    async def query(self, agency: str, query: Query, answer: type[Any], **_: float) -> Any:
        if isinstance(query, Identify):
            actor = visitor(ROLES[query.secret_sha256]).actor
            known = Principal(agency=agency, actor=actor, machine=False, expires_at=NOW.replace(year=NOW.year + 1))
            return Identified(principal=known)
        if isinstance(query, intake.InitialsSheet):
            blob = BlobRef(sha256="d" * 64, size=4, media_type="application/pdf")
            return intake.InitialsSheetAnswer(blob=blob)
        blob = BlobRef(sha256="d" * 64, size=4, media_type="image/jpeg")
        if isinstance(query, intake.AttachmentFile):
            return intake.AttachmentFileAnswer(blob=blob)
        if isinstance(query, intake.AttachmentShown):
            return intake.AttachmentShownAnswer(form="pages", pages=2, picture=blob)
        return await self.desk.ask_for(agency, query, answer)

    async def ask(self, *_: object, **__: object) -> Refusal:
        return self.refusal


async def in_parts(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


class PaperBlobs:
    async def stream(self, *_: object) -> AsyncIterator[bytes]:
        return in_parts(b"%PDF")

    async def put(self, *_: object) -> BlobRef:
        raise AssertionError("nothing is stored here")


class Listening(Mapping[parts.Part, Any]):
    """The table, which remembers what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[parts.Part] = []
        self._table = parts.TABLE

    def __getitem__(self, part: parts.Part) -> Any:
        self.asked.append(part)
        return self._table[part]

    def __iter__(self) -> Iterator[parts.Part]:
        return iter(self._table)

    def __len__(self) -> int:
        return len(self._table)


def secret(role: str) -> str:
    return f"secret-of-{role}"


ROLES = {sha256(secret(role).encode()).hexdigest(): role for role in PEOPLE}


@pytest.fixture
def app(tmp_path: Path) -> FastAPI:
    settings = Settings(data_dir=tmp_path)
    return build_app(settings, PaperBus(), PaperBlobs(), load_keyring(settings), open_keys(settings))  # type: ignore[arg-type]


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Listening:
    listening = Listening()
    monkeypatch.setattr(parts, "TABLE", listening)
    return listening


def of_a_case(route: Found) -> bool:
    places = {each.split("}")[0].split(":")[0] for each in route.path.split("{")[1:]}
    return bool(places - NO_CASE)


def is_receipt(route: Found) -> bool:
    """By its shape the answer says that a command was accepted, or how the sender's own file is called, and nothing of
    the case. All rows have one handler.
    """
    if route.name in COMMANDS and route.path.startswith("/api/"):
        return True
    return route.method != "GET" and get_type_hints(route.endpoint).get("return") in {Accepted, BlobUpload}


def address(route: Found) -> str:
    known = {"agency": AGENCY, "copy_id": str(copy_id(ON_THE_WAY, 0)), "sha256": "a" * 64, "page": "1"}
    known["account_id"] = str(ACCOUNT_IDS["active"])
    path = route.path
    while "{" in path:
        before, _, rest = path.partition("{")
        place, _, after = rest.partition("}")
        path = before + known.get(place, str(letter_id(ON_THE_WAY))) + after
    return path


async def unasked(app: FastAPI, table: Listening) -> tuple[list[str], list[str]]:
    """Routes of a case that gave something to somebody without asking, or asked for nobody; and those that were walked.

    Whom the views show no such case is told "not found", without a question.
    """
    wrong, walked = [], []
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as client:
        for route in routes_of(app):
            if not of_a_case(route) or is_receipt(route):
                continue  # an API's command is answered by its receipt, or by its refusal (below)
            walked.append(f"{route.method} {route.path}")
            right = RIGHTS[route.name]
            who = [""] if right.roles is PUBLIC else [r for r in PEOPLE if right.allows(visitor(r).roles)]
            assert who, f"nobody may knock at {route.path}"
            asked = route.path == NO_AGENCY
            for role in who:
                table.asked.clear()
                answer = await client.request(route.method, address(route), headers=_headers(app, role), **_form(route))
                asked |= bool(table.asked)
                if not table.asked and answer.status_code != 404:
                    wrong.append(f"{role or 'nobody'} {route.method} {route.path}: {answer.status_code}")
            if not asked:
                wrong.append(f"everybody {route.method} {route.path}: asks for nobody")
    return wrong, walked


def _headers(app: FastAPI, role: str) -> dict[str, str]:
    value = f"{AGENCY}.{secret(role)}"
    return {"Cookie": f"{COOKIE}={value}", "X-CSRF-Token": app.state.principals.csrf_of(value)} if role else {}


def _form(route: Found) -> dict[str, Any]:
    return {} if route.method == "GET" else {"data": FORM}


async def test_every_route_of_a_case_asks_before_it_answers(app: FastAPI, table: Listening) -> None:
    wrong, walked = await unasked(app, table)
    assert wrong == []
    assert len(walked) > 30


async def test_an_account_tells_its_history_below_it(app: FastAPI, table: Listening) -> None:
    place = f"/api/v1/accounts/{ACCOUNT_IDS['active']}"
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://127.0.0.1:8080") as client:
        shown = (await client.get(place, headers=_headers(app, "operator"))).json()
        told = (await client.get(f"{place}/events", headers=_headers(app, "operator"))).json()
        barred = await client.get(f"{place}/events", headers=_headers(app, "courier"))
    assert shown["entries"]
    assert told == {"entries": shown["entries"]}
    assert barred.status_code == 403


async def test_a_new_route_that_does_not_ask_is_found(app: FastAPI, table: Listening) -> None:
    @app.get("/surat/{letter_id}/lain", name="page.letter")
    async def careless(letter_id: str) -> dict[str, str]:
        return {"perihal": letter_id}

    @app.get("/berkas/{berkas}", name="page.letters")
    async def of_another_name(berkas: str) -> dict[str, str]:
        return {"perihal": berkas}

    wrong, _ = await unasked(app, table)
    found = {" ".join(each.split(" ")[1:3]).rstrip(":") for each in wrong}
    assert found == {"GET /surat/{letter_id}/lain", "GET /berkas/{berkas}"}


def test_a_command_of_the_api_is_answered_with_a_receipt(app: FastAPI) -> None:
    commands = [route for route in routes_of(app) if route.method != "GET" and route.path.startswith("/api/")]
    of_cases = [route for route in commands if of_a_case(route)]
    assert len(of_cases) > 10
    assert [route.path for route in of_cases if not is_receipt(route)] == []


@pytest.mark.parametrize("role", sorted(PEOPLE))
async def test_a_refusal_tells_of_a_case_only_to_those_who_read_it(app: FastAPI, role: str) -> None:
    """A courier hears that a letter is closed, not why, nor where it lies."""
    told = Refusal(code="dispatch.archived", detail={"place": "Lemari 2", "copy_id": "k", "needs": ["operator"]})
    shown = parts.refusal_for(visitor(role), told).detail
    reads = (
        not {"courier", "admin", "secretary", "personnel", "unit-admin", "stand-in", "complaint-officer"}
        & visitor(role).roles
    )
    assert shown == (told.detail if reads else {"copy_id": "k", "needs": ["operator"]})


async def test_the_stream_is_not_even_opened_to_who_may_not_hear(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        parts, "TABLE", {each: row for each, row in parts.TABLE.items() if each is not parts.Part.CHANGE}
    )
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as client:
        answer = await client.get("/api/v1/stream", headers=_headers(app, "operator"))
    assert (answer.status_code, answer.json()["code"]) == (403, "gateway.forbidden")


async def test_a_courier_is_not_told_where_a_letter_lies(tmp_path: Path) -> None:
    bus, settings = PaperBus(), Settings(data_dir=tmp_path)
    bus.refusal = Refusal(code="dispatch.archived", detail={"place": "Lemari 2, map 14"})
    app = build_app(settings, bus, PaperBlobs(), load_keyring(settings), open_keys(settings))  # type: ignore[arg-type]
    transport = httpx.ASGITransport(app=app)
    body = orjson.dumps({"letter_id": str(letter_id(ON_THE_WAY)), "receiver_name": "A", "receiver_position": "B"})
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as client:
        said = {
            role: await client.post(
                f"/api/v1/deliveries/{copy_id(ON_THE_WAY, 0)}/record",
                content=body,
                headers={**_headers(app, role), "Content-Type": "application/json"},
            )
            for role in ("courier", "operator")
        }
    assert {answer.json()["code"] for answer in said.values()} == {"dispatch.archived"}
    assert "Lemari" in said["operator"].text
    assert "Lemari" not in said["courier"].text
