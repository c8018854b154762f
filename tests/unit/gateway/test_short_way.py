"""A command goes straight to where it is served: the same checks, the same answers, the same bytes on the bus."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import httpx
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.approval import InitialLetter
from contracts.base import Accepted, Actor, Ask, Command, Holding, Query, Refusal
from contracts.intake import EnterLetter
from contracts.organisation import Identified, Identify, Principal
from gateway.app import Gateway, build_app
from gateway.edge.client import written
from gateway.edge.principals import Visitor
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
        self.outcome: tuple[bytes, bytes] | Exception = (b"accepted", ACCEPTED.model_dump_json().encode())
        self.carried: list[bytes] = []

    async def carry(
        self,
        kind: type[Command],
        agency: str,
        write: Callable[[str | None], bytes],
        *,
        timeout: float,  # noqa: ASYNC109 - the bus's own signature
    ) -> tuple[bytes, bytes]:
        assert (agency, timeout) == ("pekalongan", 10.0)
        self.carried.append(write(None))
        assert Ask.model_validate_json(self.carried[-1]).kind == kind.kind()
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome

    async def query(self, agency: str, query: Query, answer: type[Any], **_: float) -> Any:
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
def app(bus: PaperBus, tmp_path: Path) -> Gateway:
    settings = Settings(data_dir=tmp_path)
    return build_app(settings, bus, open_blobs(settings, open_keys(settings)), load_keyring(settings))  # type: ignore[arg-type]


async def both_ways(app: Gateway, method: str, path: str, **what: Any) -> httpx.Response:
    """The answer, which is the same when the request comes through the framework's router."""
    said = []
    short = app.short_ways
    for ways in (short, None):
        app.short_ways = ways
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
            said.append(await client.request(method, path, **what))
    app.short_ways = short
    there, here = ((one.status_code, _heads(one), one.content) for one in said)
    assert there == here
    return said[0]


def _heads(answer: httpx.Response) -> list[tuple[bytes, bytes]]:
    """Without the nonce, which is another one each time."""
    policy = answer.headers["content-security-policy"]
    nonce = policy.partition("'nonce-")[2].partition("'")[0]
    assert len(nonce) == 16
    return [(name, value.replace(nonce.encode(), b"-")) for name, value in answer.headers.raw]


def of_machine(**more: str) -> dict[str, str]:
    return {"authorization": f"Bearer {TOKEN}", "idempotency-key": "k-1", **more}


async def test_an_accepted_letter_is_told_with_its_version_and_its_place_in_the_words_of_its_service(
    app: Gateway, bus: PaperBus
) -> None:
    answer = await both_ways(app, "POST", "/api/v1/letters", json=LETTER, headers=of_machine())
    assert (answer.status_code, answer.headers["etag"], answer.headers["caraka-after"]) == (200, '"7"', "0a1b2c.1.33")
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert Accepted.model_validate_json(answer.content) == ACCEPTED
    first, second = (Ask.model_validate_json(one) for one in bus.carried)
    assert first.command_id == second.command_id, "the same key is the same command"
    assert (first.actor.id, first.body["fields"]["sender"]) == ("bench", "Setda")


async def test_an_initial_goes_to_the_case_that_the_path_names(app: Gateway, bus: PaperBus) -> None:
    csrf = app.state.principals.csrf_of(COOKIE)
    headers = {"cookie": f"__Host-caraka={COOKIE}", "x-csrf-token": csrf, "if-match": '"6"'}
    answer = await both_ways(app, "POST", f"/api/v1/approvals/{CASE}/initial", json={}, headers=headers)
    assert answer.status_code == 200
    ask = Ask.model_validate_json(bus.carried[0])
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
        "letters", {"content": b" " * 1_048_577, "headers": {"content-type": "text/plain"}}, 413, "gateway.too-large",
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
async def test_what_is_wrong_is_refused_alike_and_reaches_nobody(app: Gateway, bus: PaperBus, case: str) -> None:
    path, what, status, code = WRONG[case]
    answer = await both_ways(app, "POST", f"/api/v1/{path}", **what)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert not bus.carried


REFUSAL = Refusal(code="intake.not-permitted", status=403, detail={"by": "intake"})
FAILED: Mapping[str, tuple[tuple[bytes, bytes] | Exception, int, str]] = {
    "a rule says no": ((b"refusal", REFUSAL.model_dump_json().encode()), 403, "intake.not-permitted"),
    "nobody serves": (NoResponder("intake"), 503, "gateway.unavailable"),
    "no answer": (BusTimeout("intake"), 504, "gateway.timeout"),
    "a bug there": (RemoteFault("bug"), 500, "gateway.fault"),
    "an answer that is none": ((b"accepted", b"{}"), 500, "gateway.fault"),
    "a bug here": (ZeroDivisionError(), 500, "gateway.fault"),
}


@pytest.mark.parametrize("case", FAILED)
async def test_what_fails_behind_the_gateway_is_told_alike(app: Gateway, bus: PaperBus, case: str) -> None:
    bus.outcome, status, code = FAILED[case]
    answer = await both_ways(app, "POST", "/api/v1/letters", json=LETTER, headers=of_machine())
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("PUT", "/api/v1/letters", 405), ("POST", "/api/v1/letters/none/initial", 404), ("POST", "/letters", 404)],
)
async def test_other_methods_and_paths_are_the_routers(app: Gateway, method: str, path: str, status: int) -> None:
    answer = await both_ways(app, method, path, json={}, headers=of_machine())
    assert answer.status_code == status


async def test_a_body_that_comes_in_pieces_is_read_to_its_end(app: Gateway, bus: PaperBus) -> None:
    pieces = [{"type": "http.request", "body": piece, "more_body": True} for piece in (b"", orjson.dumps(LETTER), b"")]
    pieces.append({"type": "http.request"})
    sent = await _told(app, pieces)
    assert sent[0]["status"] == 200
    assert len(bus.carried) == 1


async def test_who_leaves_before_he_has_said_all_is_not_answered(app: Gateway, bus: PaperBus) -> None:
    left = [{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}]
    assert await _told(app, left) == []
    assert not bus.carried


async def _told(app: Gateway, messages: list[dict[str, Any]]) -> list[Any]:
    heads = [(b"authorization", f"Bearer {TOKEN}".encode()), (b"content-type", b"application/json")]
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


texts = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), min_size=1, max_size=40)


@given(text=texts, name=texts, expected=st.none() | st.integers(0, 2**62), traced=st.booleans())
def test_an_ask_is_written_as_its_class_would_write_it(
    text: str, name: str, expected: int | None, *, traced: bool
) -> None:
    actor = Actor(id="kasi", name=name, roles=("kasi",), holdings=(KASI,))
    visitor = Visitor("pekalongan", actor, frozenset(actor.roles), machine=False, csrf="", secret_sha256="")
    commands: list[Command] = [
        EnterLetter.model_validate({**LETTER, "fields": {**FIELDS, "summary": text}}),
        InitialLetter(letter_id=CASE, note=text),
    ]
    for command in commands:
        identity, at = uuid4(), datetime.now(UTC).replace(microsecond=len(text) % 2 * 120)
        trace = f"00-{'a' * 32}-{'b' * 16}-01" if traced else None
        ask = Ask(
            command_id=identity, agency="pekalongan", kind=command.kind(), actor=actor, asked_at=at,
            correlation_id=getattr(command, "letter_id", identity), expected_version=expected, traceparent=trace,
            body=command.model_dump(mode="json"),
        )  # fmt: skip
        assert (
            written(visitor, command, identity, at, expected, trace) == ask.model_dump_json(exclude_none=True).encode()
        )


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
