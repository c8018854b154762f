"""A command over HTTP: who may, what is well formed, what goes to its service, and how each outcome is told."""

import re
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import httpx
import orjson
import pytest
import structlog
from fastapi import FastAPI, Request

from contracts.base import Accepted, Actor, Ask, Holding, Query, Refusal
from contracts.intake import EnterLetter
from contracts.organisation import Identified, Identify, Principal
from contracts.projections import ViewsCover, ViewsCoverAnswer
from gateway.api.commands import ROWS
from gateway.app import build_app
from gateway.edge.bodies import MOST_FILES, most_for
from gateway.edge.prefer import wait_of
from gateway.edge.problems import Problem
from gateway.edge.requests import refuse_impossible
from services.kit.blobs import open_blobs
from services.kit.bus.connection import BusTimeout, NoResponder, RemoteFault
from services.kit.sealing.keyring import load_keyring
from services.kit.sealing.keys import open_keys
from services.kit.settings import Settings

TOKEN = "crk_pekalongan_t-1_secret"
COOKIE = "pekalongan.secret-of-a-session"
CASE = UUID("7c2f6a1e-6f4b-4f9a-9c55-0d2a3b1c4d5e")
KASI = Holding(position="kasi-persandian", title="Kepala Seksi “Persandian”", role="kasi")
PEOPLE = {
    sha256(b"crk_pekalongan_t-1_secret").hexdigest(): Actor(id="bench", roles=("operator",)),
    sha256(b"secret-of-a-session").hexdigest(): Actor(
        id="kasi", name='A "B" \\ C', roles=("kasi", "examiner"), holdings=(KASI,)
    ),
}
FIELDS = {"sender": "Setda", "subject": "Undangan", "urgency": "segera", "recipients": []}
LETTER = {"received_at": "2026-03-12T09:30:00+07:00", "fields": FIELDS}
ACCEPTED = Accepted(command_id=CASE, stream="letter:é", version=7, after="0a1b2c.1.33", result={"agenda": "0001/2026"})


class PaperBus:
    """Knows the two people above; answers every command with ``outcome``, or fails with it."""

    connected = True
    tracing = SimpleNamespace(on=False)

    def __init__(self) -> None:
        self.outcome: Accepted | Refusal | Exception = ACCEPTED
        self.asked: list[Ask] = []
        self.shown: list[bool] = []
        self.covers: list[tuple[str, str | None]] = []

    async def ask(self, ask: Ask, *, timeout: float) -> Accepted | Refusal:  # noqa: ASYNC109 - the bus's own signature
        assert (ask.agency, timeout) == ("pekalongan", 10.0)
        self.asked.append(ask)
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome

    async def query(self, agency: str, query: Query, answer: type[Any], **_: float) -> Any:
        if isinstance(query, ViewsCover):
            self.covers.append((agency, query.after))
            if not self.shown:
                raise NoResponder("projections")
            return ViewsCoverAnswer(covered=self.shown.pop(0))
        assert isinstance(query, Identify)
        actor = PEOPLE.get(query.secret_sha256)
        machine = actor is not None and actor.id == "bench"
        ends = datetime.now(UTC) + timedelta(hours=1)
        known = actor and Principal(agency=agency, actor=actor, machine=machine, expires_at=ends)
        return answer.model_validate(Identified(principal=known).model_dump())


@pytest.fixture
def bus() -> PaperBus:
    return PaperBus()


@pytest.fixture
def app(bus: PaperBus, tmp_path: Path) -> FastAPI:
    settings = Settings(data_dir=tmp_path)
    keys = open_keys(settings)
    return build_app(settings, bus, open_blobs(settings, keys), load_keyring(settings), keys)  # type: ignore[arg-type]


async def sent(app: FastAPI, method: str, path: str, **what: Any) -> httpx.Response:
    """The answer, dressed as every answer is."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
        answer = await client.request(method, path, **what)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert len(answer.headers["content-security-policy"].partition("'nonce-")[2].partition("'")[0]) == 16
    return answer


def of_machine(**more: str) -> dict[str, str]:
    return {"authorization": f"Bearer {TOKEN}", "idempotency-key": "k-1", **more}


async def test_an_accepted_letter_is_told_with_its_version_and_its_place_in_the_words_of_its_service(
    app: FastAPI, bus: PaperBus
) -> None:
    answer = await sent(app, "POST", "/api/v1/letters", json=LETTER, headers=of_machine())
    assert (answer.status_code, answer.headers["etag"], answer.headers["caraka-after"]) == (200, '"7"', "0a1b2c.1.33")
    assert answer.headers["content-type"] == "application/json"
    assert Accepted.model_validate_json(answer.content) == ACCEPTED
    assert (bus.asked[0].actor.id, bus.asked[0].body["fields"]["sender"]) == ("bench", "Setda")
    assert bus.asked[0].correlation_id == bus.asked[0].command_id, "it begins a case of its own"


async def test_who_prefers_to_wait_is_answered_when_the_views_have_it(app: FastAPI, bus: PaperBus) -> None:
    bus.shown = [False, True]
    answer = await sent(app, "POST", "/api/v1/letters", json=LETTER, headers=of_machine(prefer="wait=9"))
    assert (answer.status_code, answer.headers["preference-applied"]) == (200, "wait")
    assert bus.covers == [("pekalongan", ACCEPTED.after)] * 2
    assert answer.headers["caraka-after"] == ACCEPTED.after


@pytest.mark.parametrize(
    ("prefer", "asks"),
    [("wait=0", 0), ("respond-async", 0), ("waiting", 0), ("wait=soon", 0), ("wait", 1), ("x, Wait = 3; why=so", 1)],
)
async def test_what_was_done_is_told_all_the_same_when_the_views_are_away_or_nobody_understands_the_wish(
    app: FastAPI, bus: PaperBus, prefer: str, asks: int
) -> None:
    answer = await sent(app, "POST", "/api/v1/letters", json=LETTER, headers=of_machine(prefer=prefer))
    assert (answer.status_code, len(bus.asked), len(bus.covers)) == (200, 1, asks)
    assert "preference-applied" not in answer.headers


def test_what_a_service_fills_in_itself_is_no_field_of_the_interface() -> None:
    open_to_all = {row.right: row.command.filled - set(row.hidden) for row in ROWS if row.command.filled}
    assert open_to_all == dict.fromkeys(open_to_all, frozenset())
    assert "requests.approve" in open_to_all


def test_a_wish_has_its_limits() -> None:
    def wished(*said: str) -> int | None:
        return wait_of(Request({"type": "http", "headers": [(b"prefer", each.encode()) for each in said]}))

    assert [wished("wait"), wished("wait=999999"), wished("a=b", 'wait="7"'), wished()] == [5, 30, 7, None]


async def test_the_same_key_is_the_same_command_and_without_one_each_is_another(app: FastAPI, bus: PaperBus) -> None:
    for key in ("k-1", "k-1", "k-2", None, None):
        headers = of_machine() if key is None else of_machine(**{"idempotency-key": key})
        if key is None:
            del headers["idempotency-key"]
        await sent(app, "POST", "/api/v1/letters", json=LETTER, headers=headers)
    first, again, *others = (ask.command_id for ask in bus.asked)
    assert first == again
    assert len({first, *others}) == 4


async def test_an_initial_goes_to_the_case_that_the_path_names(app: FastAPI, bus: PaperBus) -> None:
    csrf = app.state.principals.csrf_of(COOKIE)
    headers = {"cookie": f"__Host-caraka={COOKIE}", "x-csrf-token": csrf, "if-match": '"6"'}
    answer = await sent(app, "POST", f"/api/v1/approvals/{CASE}/initial", json={}, headers=headers)
    assert answer.status_code == 200
    (ask,) = bus.asked
    assert (ask.correlation_id, ask.body["letter_id"], ask.expected_version) == (CASE, str(CASE), 6)
    assert ask.actor.holdings == (KASI,)


WRONG: Mapping[str, tuple[str, dict[str, Any], int, str]] = {
    "nobody": ("letters", {"json": LETTER}, 401, "gateway.login-needed"),
    "a token that nobody has": (
        "letters", {"json": LETTER, "headers": {"authorization": "Bearer crk_pekalongan_x_y"}}, 401,
        "gateway.bad-credentials",
    ),
    "a role that may not": (
        f"approvals/{CASE}/initial", {"json": {}, "headers": of_machine()}, 403, "gateway.forbidden",
    ),
    "a cookie without the page's token": (
        f"approvals/{CASE}/initial", {"json": {}, "headers": {"cookie": f"__Host-caraka={COOKIE}"}}, 403,
        "gateway.csrf",
    ),
    "a page of another house": (
        f"approvals/{CASE}/initial",
        {"json": {}, "headers": {"cookie": f"__Host-caraka={COOKIE}", "origin": "https://evil.test"}}, 403,
        "gateway.foreign-origin",
    ),
    "no JSON": ("letters", {"content": b"{", "headers": of_machine()}, 422, "gateway.malformed"),
    "no object": ("letters", {"json": [], "headers": of_machine()}, 422, "gateway.malformed"),
    "a form": (
        f"approvals/{CASE}/initial",
        {"data": {"csrf_token": ""}, "headers": {"cookie": f"__Host-caraka={COOKIE}"}}, 422, "gateway.malformed",
    ),
    "a field that is none": (
        "letters", {"json": {**LETTER, "x": 1}, "headers": of_machine()}, 422, "gateway.malformed",
    ),
    "what the path says": (
        f"letters/{CASE}/cancel", {"json": {"letter_id": str(CASE), "reason": "uji"}, "headers": of_machine()}, 422,
        "gateway.malformed",
    ),
    "a path that is no id": (
        "letters/none/cancel", {"json": {"reason": "uji"}, "headers": of_machine()}, 422, "gateway.malformed",
    ),
    "too deep": (
        "letters",
        {"content": b"[" * 300 + b"]" * 300, "headers": of_machine(**{"content-type": "application/json"})}, 422,
        "gateway.malformed",
    ),
    "too large": (
        "letters",
        {"content": b" " * 1_048_577, "headers": of_machine(**{"content-type": "application/json"})}, 413,
        "gateway.too-large",
    ),
    "too large without a name": (
        "letters", {"content": b" " * 1_048_577, "headers": of_machine(**{"content-type": "text/plain"})}, 413,
        "gateway.too-large",
    ),
    "a key that cannot be printed": (
        "letters", {"json": LETTER, "headers": of_machine(**{"idempotency-key": "x" * 201})}, 422,
        "gateway.bad-idempotency-key",
    ),
    "a version that is none": (
        "letters", {"json": LETTER, "headers": of_machine(**{"if-match": "seven"})}, 422, "gateway.bad-if-match",
    ),
    "NUL in a text": (
        "letters", {"json": {**LETTER, "fields": {**FIELDS, "sender": "a\0"}}, "headers": of_machine()}, 422,
        "gateway.malformed",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
async def test_what_is_wrong_is_refused_and_reaches_nobody(app: FastAPI, bus: PaperBus, case: str) -> None:
    path, what, status, code = WRONG[case]
    if "data" in what:  # a page's own form passes the guard: its token is in it
        what = {**what, "data": {"csrf_token": app.state.principals.csrf_of(COOKIE)}}
    answer = await sent(app, "POST", f"/api/v1/{path}", **what)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert not bus.asked


REFUSAL = Refusal(code="intake.not-permitted", status=403, detail={"by": "intake"})
FAILED: Mapping[str, tuple[Refusal | Exception, int, str]] = {
    "a rule says no": (REFUSAL, 403, "intake.not-permitted"),
    "nobody serves": (NoResponder("intake"), 503, "gateway.unavailable"),
    "no answer": (BusTimeout("intake"), 504, "gateway.timeout"),
    "a bug there": (RemoteFault("bug"), 500, "gateway.fault"),
    "a bug here": (ZeroDivisionError(), 500, "gateway.fault"),
}


@pytest.mark.parametrize("case", FAILED)
async def test_what_fails_behind_the_gateway_is_told(app: FastAPI, bus: PaperBus, case: str) -> None:
    bus.outcome, status, code = FAILED[case]
    answer = await sent(app, "POST", "/api/v1/letters", json=LETTER, headers=of_machine())
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("PUT", "/api/v1/letters", 405), ("POST", "/api/v1/letters/none/initial", 404), ("POST", "/letters", 404)],
)
async def test_other_methods_and_paths_are_refused(app: FastAPI, method: str, path: str, status: int) -> None:
    answer = await sent(app, method, path, json={}, headers=of_machine())
    assert answer.status_code == status


async def test_a_body_that_comes_in_pieces_is_read_to_its_end(app: FastAPI, bus: PaperBus) -> None:
    pieces = [{"type": "http.request", "body": piece, "more_body": True} for piece in (b"", orjson.dumps(LETTER), b"")]
    pieces.append({"type": "http.request"})
    sent = await _told(app, pieces)
    assert sent[0]["status"] == 200
    assert len(bus.asked) == 1


@pytest.mark.parametrize("kind", [b"application/json", b"text/plain"])
async def test_who_leaves_before_he_has_said_all_is_no_bug(app: FastAPI, bus: PaperBus, kind: bytes) -> None:
    left = [{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}]
    with structlog.testing.capture_logs() as logs:
        await _told(app, left, kind)
    assert logs == []
    assert not bus.asked


async def _told(app: FastAPI, messages: list[dict[str, Any]], kind: bytes = b"application/json") -> list[Any]:
    heads = [(b"authorization", f"Bearer {TOKEN}".encode()), (b"content-type", kind)]
    scope = {
        "type": "http", "method": "POST", "path": "/api/v1/letters", "headers": heads, "query_string": b"",
        "scheme": "http", "server": ("127.0.0.1", 80), "state": {},
    }  # fmt: skip
    sent = []

    async def receive() -> Any:
        return messages.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return sent


def test_the_field_that_no_store_can_hold_is_named() -> None:
    wrong = EnterLetter.model_construct(
        received_at=datetime(1066, 10, 14, tzinfo=UTC), fields={"sender": "a\0", "recipients": [{"office": "\0"}]}
    )
    with pytest.raises(Problem) as refused:
        refuse_impossible(wrong)
    assert refused.value.detail["errors"] == [
        {"at": "received_at", "what": "datetime_range"},
        {"at": "fields.sender", "what": "string_nul"},
        {"at": "fields.recipients.0.office", "what": "string_nul"},
    ]


async def test_whatever_takes_files_has_room_for_them(app: FastAPI) -> None:
    """A photo is larger than the ceiling of every other body; each address of the published document is looked at."""
    answer = await sent(app, "GET", "/api/openapi.json")
    assert answer.status_code == 200, answer.text
    document = answer.json()
    takes = [
        place
        for place, methods in document["paths"].items()
        if "multipart/form-data" in methods.get("post", {}).get("requestBody", {}).get("content", {})
    ]
    assert len(takes) >= 6
    ids = {"agency": "pekalongan", "resource": "complaints"}
    small = [
        each
        for each in takes
        if most_for(re.sub(r"{(\w+)}", lambda found: ids.get(found[1], str(UUID(int=7))), each)) != MOST_FILES
    ]
    assert small == []


async def test_every_operation_of_the_document_has_a_name_of_its_own(app: FastAPI) -> None:
    """Whoever makes a client from the document makes its functions from these."""
    document = (await sent(app, "GET", "/api/openapi.json")).json()
    names = [each["operationId"] for methods in document["paths"].values() for each in methods.values()]
    assert [name for name, many in Counter(names).items() if many > 1] == []
