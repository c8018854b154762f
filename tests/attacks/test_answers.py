"""What every route answers to what no client means: a problem that names the field, never a fault, never its words."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import httpx
import pytest
from httpx import AsyncClient

from gateway.app import API
from gateway.edge.rights import PUBLIC, RIGHTS
from services.cli.demo import Person, until
from tests.attacks.attackers import client
from tests.integration.test_api_rights import LEFT_OUT, made_up, routes
from tests.journeys.road import uploaded
from tests.parts.product import Product

CANARY = "kenari-9c1e"
ROLES = ("operator", "kadis", "admin", "inspektorat", "caraka-1", "sekretaris")
HOSTILE = (
    f"{CANARY}\0", f"{CANARY} !", f"{CANARY}'--", f"../{CANARY}", f"{CANARY}\r\nx: y", "\u202e" + CANARY, "9" * 5_000,
    "-1", "1e999", "NaN", "2" * 30, CANARY * 300, "%", "\U0001f600", "9999-12-31T23:59:59Z", "0001-01-01",
    "00000000-0000-0000-0000-000000000000", "", " ", "[]", "{}", "null", "\u00b2",
)  # fmt: skip
OF_PAGES = (
    "after", "versi", "dari", "ke", "tahun", "pada", "caraka", "terdaftar", "baru", "lanjut", "selesai", "q", "tahap",
    "urut", "cursor", "semua", "cara", "disisihkan", "tercatat",
)  # fmt: skip
RAW = ("%00", "%ff%fe", "%ed%a0%80", "%c0%80", "%", "%zz", "%25%30%30", "%0a", "..%2f..%2f", "%u0000")


def parameters(document: dict[str, Any], method: str, path: str) -> list[tuple[str, ...]]:
    """The names of a route's query parameters, each by itself; those of pages, which are in no document, together."""
    if method != "GET":
        return []
    operation = document["paths"].get(path, {}).get("get")
    if operation is None:
        return [OF_PAGES]
    return [(each["name"],) for each in operation.get("parameters", ()) if each["in"] == "query"]


def asked_of(document: dict[str, Any], method: str, path: str) -> Iterator[str]:
    """Addresses below that of one route."""
    for names in parameters(document, method, path):
        for value in HOSTILE:
            yield f"{made_up(path)}?{urlencode(dict.fromkeys(names, value[: 6_000 // len(names)]))}"
        for raw in RAW:
            yield f"{made_up(path)}?{'&'.join(f'{name}={raw}' for name in names)}"
    if "{" in path:
        for raw in (*RAW, "9" * 400, "-1", "%20", "A" * 70):
            yield replaced(path, raw)


async def published(product: Product) -> dict[str, Any]:
    async with client(product, "127.0.0.41") as anybody:
        document: dict[str, Any] = (await anybody.get("/api/openapi.json")).json()
        return document


async def sessions(product: Product, reader: AsyncClient) -> dict[str, Person]:
    return {role: await product.session(reader, role) for role in ROLES}


def who_may(name: str, people: dict[str, Person], roles: dict[str, frozenset[str]]) -> Person | None:
    """Somebody whom the guard lets in; None on a public route."""
    right = RIGHTS[name]
    if right.roles is PUBLIC:
        return None
    return next((person for role, person in people.items() if right.allows(roles[role])), None)


async def fine(answer: httpx.Response, *, of: str) -> str:
    """What is wrong with it, or "". The live stream has no end: its body is not waited for."""
    if answer.status_code >= 500 and answer.status_code != 503:
        return f"{of}: {answer.status_code}"
    if answer.headers.get("content-type") == "application/problem+json":
        await answer.aread()
        if CANARY in answer.text or not answer.json()["code"]:
            return f"{of}: {answer.text}"
    if answer.url.path.startswith("/api/") and "cache-control" not in answer.headers:
        return f"{of}: anybody may keep it"
    return ""


async def test_no_parameter_of_any_route_makes_a_fault(product: Product, tmp_path: Path) -> None:
    document, wrong = await published(product), []
    async with product.client() as reader:
        people = await sessions(product, reader)
        roles = {role: frozenset((await person.see("/me"))["roles"]) for role, person in people.items()}
        reading = asyncio.Semaphore(8)

        async def ask(method: str, url: str, person: Person | None) -> None:
            headers = {**(person._headers if person else {}), "Accept": "application/json"}
            body = {"json": {}} if method in {"POST", "PUT", "PATCH"} else {}
            async with reading, reader.stream(method, url, headers=headers, **body) as answer:
                if said := await fine(answer, of=f"{method} {url[:200]}"):
                    wrong.append(said)

        asked = []
        for route in routes(tmp_path):
            method, path, name = route.method, route.path, route.name
            if name in LEFT_OUT or name in {"static", "login.submit", "sessions.open", "sessions.first"}:
                continue
            person = who_may(name, people, roles)
            asked += [ask(method, url, person) for url in asked_of(document, method, path)]
        await asyncio.gather(*asked)
    assert len(asked) > 2_000
    assert wrong == []


def replaced(path: str, value: str) -> str:
    while "{" in path:
        before, _, rest = path.partition("{")
        path = before + value + rest.partition("}")[2]
    return path


async def test_what_is_wrong_is_named(product: Product) -> None:
    async with product.person("operator") as operator:
        for path, params, at in (
            ("/people", {"role": "bukan slug!"}, "role"),
            ("/people", {"role": "a\0b"}, "role"),
            ("/people", {"role": "x" * 65}, "role"),
            ("/deliveries", {"courier": "' OR 1=1"}, "courier"),
            ("/letters", {"limit": "9" * 400}, "limit"),
            ("/letters", {"text": "a\0"}, "text"),
            ("/letters", {"after": "bukan"}, "after"),
            ("/letters", {"stage": "a\0"}, "stage"),
            ("/calendars", {"year": "9" * 30}, "year.0"),
            ("/positions", {"on": "2026-02-30"}, "on"),
            ("/standards/x y/versions", {}, "standard"),
            ("/standards/berita/difference", {"old": "0", "new": "9" * 30}, "old"),
            ("/standards/berita/deadline", {"from": "9999-12-31T23:59:59+00:00"}, "from"),
            ("/letters/bukan-id", {}, "letter_id"),
        ):
            answer = await operator.send("GET", path, params=params)
            assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json"), path
            assert any(each["at"].startswith(at) for each in answer.json()["errors"]), (path, answer.text)


async def test_an_unknown_letter_has_no_deadline(product: Product) -> None:
    async with product.person("operator") as operator, product.person("operator", "purbalingga") as other:
        answer = await operator.send("GET", f"/letters/{uuid4()}/deadline")
        assert (answer.status_code, answer.json()["code"]) == (404, "gateway.not-found")
        letter = await uploaded(operator)
        await until(operator, letter, "captured")
        known = await operator.send("GET", f"/letters/{letter}/deadline")
        assert (known.status_code, known.json()["deadline"]) == (200, None), "captured: it has none yet"
        foreign = await other.send("GET", f"/letters/{letter}/deadline")
        assert foreign.status_code == 404


async def test_a_method_that_is_not_served_is_told_which_are(product: Product) -> None:
    async with product.client() as anybody:
        for path, methods in (
            ("/api/v1/letters", "GET, POST"),
            (f"/api/v1/letters/{uuid4()}", "GET"),
            (f"/api/v1/letters/{uuid4()}/examine", "POST"),
            ("/api/v1/sessions", "POST"),
            ("/api/v1/sessions/own", "DELETE"),
            ("/masuk", "GET, HEAD, POST"),
            ("/healthz", "GET, HEAD"),
        ):
            for method in ("PATCH", "PUT", "OPTIONS"):
                answer = await anybody.request(method, path)
                assert (answer.status_code, answer.headers.get("allow")) == (405, methods), (method, path)
                assert answer.json()["code"] == "gateway.method"
        assert (await anybody.get(f"{API}/tidak-ada")).status_code == 404


async def test_nothing_is_kept_on_the_way_unless_the_answer_says_so(product: Product) -> None:
    async with product.person("operator") as operator, product.client() as anybody:
        for path in ("/letters", "/me", "/people", "/tidak-ada", f"/letters/{uuid4()}"):
            answer = await operator.send("GET", path)
            assert answer.headers["cache-control"] == "no-store", path
        assert (await anybody.get("/api/openapi.json")).headers["cache-control"] == "public, max-age=300"
        assert (await anybody.get("/healthz")).headers["cache-control"] == "no-store"
        assert (await anybody.get("/masuk")).headers["cache-control"] == "no-store"


async def test_the_document_tells_who_may_and_how_one_is_told_no(product: Product) -> None:
    document = await published(product)
    assert set(document["components"]["securitySchemes"]) == {"session", "csrf", "token"}
    names = set()
    for path, item in document["paths"].items():
        for method, operation in item.items():
            name = operation["operationId"]
            names.add(name)
            public = RIGHTS[name].roles is PUBLIC
            assert operation["security"] == [] if public else {"token": []} in operation["security"], (method, path)
            assert {"401", "403", "422", "429", "500", "503"} <= set(operation["responses"]), (method, path)
            assert {"409", "412"} <= set(operation["responses"]) or method == "get"
    assert "HTTPValidationError" not in str(document)
    assert len(names) > 50
    problem = document["components"]["responses"]["Problem422"]["content"]
    assert list(problem) == ["application/problem+json"]


async def test_a_client_that_leaves_in_the_middle_is_no_fault(product: Product) -> None:
    async with product.person("operator") as operator:
        head = "".join(f"{name}: {value}\r\n" for name, value in operator._headers.items())
        for path, kind in (
            ("/api/v1/letters/upload", "message/rfc822"),
            ("/api/v1/letters", "application/json"),
            ("/unggah", "multipart/form-data; boundary=x"),
        ):
            reader, writer = await asyncio.open_connection("127.0.0.1", product.settings.http_port)
            said = f"POST {path} HTTP/1.1\r\nHost: x\r\n{head}Content-Type: {kind}\r\nContent-Length: 90000\r\n\r\n"
            writer.write(said.encode() + b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + b"x" * 5_000)
            await writer.drain()
            await asyncio.sleep(0.3)
            writer.transport.abort()
            del reader
    await asyncio.sleep(0.5)


@pytest.mark.parametrize("word", [CANARY, "Traceback", "request.bug", "bus.bug", "loop.unhandled"])
def test_nothing_of_all_this_is_in_the_log(product: Product, word: str) -> None:
    assert [line for line in product.said().splitlines() if word in line] == []
