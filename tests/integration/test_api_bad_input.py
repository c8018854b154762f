"""Whatever a client sends, it gets the right problem with its stable code: never a fault, never its own values back."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio

from services.cli.demo import FIELDS, Person, message, until
from tests.journeys.road import Office, office, uploaded
from tests.parts.product import Product

CANARY = "kenari-7f3a"
DEEP = "[" * 10_000 + "]" * 10_000
ARCHIVED = {"classification": "005", "place": "Rak 1"}
JSON = {"Content-Type": "application/json"}


@pytest_asyncio.fixture
async def people(product: Product) -> AsyncIterator[Office]:
    async with office(product) as found:
        yield found


def is_problem(answer: httpx.Response, status: int, code: str) -> None:
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text
    said = answer.json()
    assert (said["code"], said["status"]) == (code, status)
    assert said["type"] == f"urn:caraka:problem:{code}"
    assert said["title"] not in {"", "Permintaan ditolak."}, "every code has its sentence"
    assert CANARY not in answer.text
    assert "Traceback" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_unknown_ids(people: Office) -> None:
    nobody = uuid4()
    for path in ("letters", "approvals", "dispatches"):
        is_problem(await people.operator.send("GET", f"/{path}/{nobody}"), 404, "gateway.not-found")
        is_problem(await people.operator.send("GET", f"/{path}/{nobody}/events"), 404, "gateway.not-found")
        is_problem(await people.operator.send("GET", f"/{path}/{CANARY}"), 422, "gateway.malformed")
    is_problem(await people.operator.send("GET", f"/letters/{nobody}/raw"), 404, "gateway.not-found")
    is_problem(await people.operator.send("GET", f"/letters/{nobody}/print-pack"), 404, "gateway.not-found")
    for who, path, body, code in (
        (people.operator, f"/letters/{nobody}/examine", {"fields": FIELDS}, "intake.unknown-letter"),
        (people.operator, f"/letters/{nobody}/register", {}, "intake.unknown-letter"),
        (people.operator, f"/letters/{nobody}/print", {}, "intake.unknown-letter"),
        (people.operator, f"/letters/{nobody}/forward", {}, "intake.unknown-letter"),
        (people.kasi, f"/approvals/{nobody}/initial", {}, "approval.unknown-letter"),
        (people.kasi, f"/dispatches/{nobody}/assign", {"courier_id": "caraka-1"}, "dispatch.unknown-letter"),
        (people.operator, f"/dispatches/{nobody}/archive", ARCHIVED, "dispatch.unknown-letter"),
    ):  # fmt: skip
        is_problem(await who.send("POST", path, json=body), 404, code)
    is_problem(await people.operator.send("GET", "/tidak-ada"), 404, "gateway.not-found")
    is_problem(await people.operator.send("PATCH", f"/letters/{nobody}"), 405, "gateway.method")


async def test_wrong_states_and_wrong_positions(people: Office) -> None:
    letter = await people.upload()
    for path, body, code in (
        ("register", {}, "intake.not-examined"),
        ("print", {}, "intake.not-examined"),
        ("forward", {}, "intake.not-examined"),
        ("revise", {"fields": FIELDS}, "intake.not-examined"),
    ):
        is_problem(await people.operator.send("POST", f"/letters/{letter}/{path}", json=body), 409, code)
    await people.printed(letter)
    again = await people.operator.send("POST", f"/letters/{letter}/print")
    if again.status_code != 200:  # the very same pack is no reprint; one of another minute is
        is_problem(again, 422, "intake.reprint-needs-reason")
    assert again.json().get("result", again.json())["print_number"] == 1
    revised = {"fields": {**FIELDS, "summary": "Lain"}}
    await people.operator.do(f"/letters/{letter}/revise", revised)
    is_problem(await people.operator.send("POST", f"/letters/{letter}/forward"), 409, "intake.not-printed")
    await people.operator.do(f"/letters/{letter}/print", {"reason": "Ringkasan diperbaiki"})
    await people.operator.do(f"/letters/{letter}/forward")
    await people.initial(letter, "kasi")
    is_problem(
        await people.kasi.send("POST", f"/approvals/{letter}/initial", json={"note": "lagi"}),
        409,
        "approval.not-your-turn",
    )
    is_problem(await people.kadis.send("POST", f"/approvals/{letter}/initial"), 409, "approval.not-your-turn")
    is_problem(
        await people.kadis.send("POST", f"/dispatches/{letter}/assign", json={"courier_id": "caraka-1"}),
        403,
        "gateway.forbidden",
    )
    is_problem(
        await people.kasi.send("POST", f"/dispatches/{letter}/assign", json={"courier_id": "caraka-1"}),
        409,
        "dispatch.not-released",
    )
    is_problem(
        await people.kasi.send("POST", f"/dispatches/{letter}/assign", json={"courier_id": "caraka-9"}),
        422,
        "gateway.no-such-courier",
    )


async def test_a_stale_version(people: Office) -> None:
    letter = await people.upload()
    examine = f"/letters/{letter}/examine"
    first = await people.operator.send("POST", examine, json={"fields": FIELDS}, headers={"If-Match": '"1"'})
    assert (first.status_code, first.headers["etag"]) == (200, '"2"')
    is_problem(
        await people.operator.send("POST", examine, json={"fields": FIELDS}, headers={"If-Match": '"1"'}),
        412,
        "kit.stale-version",
    )
    for wrong in ('"satu"', '"-1"', '"1.5"', '"' + "9" * 19 + '"', '""', '"\u00b2"'):
        headers = {"If-Match": wrong.encode("latin-1")}
        is_problem(
            await people.operator.send("POST", examine, json={"fields": FIELDS}, headers=headers),
            422,
            "gateway.bad-if-match",
        )


async def test_a_repeated_key(people: Office) -> None:
    letter = await people.upload()
    examine, key = f"/letters/{letter}/examine", {"Idempotency-Key": f"kunci-{letter}"}
    first = await people.operator.send("POST", examine, json={"fields": FIELDS}, headers=key)
    again = await people.operator.send("POST", examine, json={"fields": FIELDS}, headers=key)
    assert (first.status_code, again.status_code, again.json()) == (200, 200, first.json())
    other = {"fields": {**FIELDS, "subject": CANARY}}
    is_problem(await people.operator.send("POST", examine, json=other, headers=key), 422, "kit.key-reused")
    is_problem(await people.operator.send("POST", f"/letters/{letter}/register", headers=key), 422, "kit.key-reused")
    for wrong in (b"", b"x" * 201, b"a\xa0b", b"a\tb"):
        answer = await people.operator.send(
            "POST", examine, json={"fields": FIELDS}, headers={"Idempotency-Key": wrong}
        )
        is_problem(answer, 422, "gateway.bad-idempotency-key")


def with_fields(**changed: Any) -> str:
    return json.dumps({"fields": {**FIELDS, **changed}})


BODIES: dict[str, str | bytes] = {
    "no JSON": CANARY,
    "half of it": '{"fields": {',
    "a list": "[]",
    "a number": "7",
    "null": "null",
    "NaN": with_fields(summary=0).replace('"summary": 0', '"summary": NaN'),
    "Infinity": with_fields(summary=0).replace('"summary": 0', '"summary": -Infinity'),
    "a huge number": with_fields(summary=0).replace('"summary": 0', '"summary": 1' + "0" * 5_000),
    "a huge exponent": with_fields(summary=0).replace('"summary": 0', '"summary": 1e999999'),
    "depth of 10,000": '{"fields": ' + DEEP + "}",
    "depth of 10,000 in objects": '{"fields": ' + '{"a":' * 10_000 + "1" + "}" * 10_000 + "}",
    "a lone surrogate": with_fields(subject=CANARY).replace(CANARY, CANARY + "\\ud800"),
    "not UTF-8": with_fields(subject=CANARY).encode().replace(b"kenari", b"\xff\xfe"),
    "UTF-16": with_fields().encode("utf-16"),
    "NUL in a line": with_fields(subject=CANARY + "\0"),
    "NUL in a text": with_fields(summary=CANARY + "\0"),
    "NUL in a number": with_fields(letter_number=CANARY + "\0"),
    "an unknown field": json.dumps({"fields": FIELDS, CANARY[:6]: CANARY}),
    "a hidden field": json.dumps({"fields": FIELDS, "letter_id": str(uuid4())}),
    "a wrong type": with_fields(subject=[CANARY]),
    "a number for a line": with_fields(subject=5),
    "an empty line": with_fields(subject="  "),
    "a line of 501": with_fields(subject="x" * 501),
    "no recipients' shape": with_fields(recipients=CANARY),
    "a recipient of nothing": with_fields(recipients=[{}]),
    "a slug with spaces": with_fields(urgency=f"{CANARY} !"),
    "nothing": "",
    "an empty object": "{}",
}


@pytest.mark.parametrize("what", BODIES)
async def test_a_malformed_body(people: Office, what: str) -> None:
    answer = await people.operator.send("POST", f"/letters/{uuid4()}/examine", content=BODIES[what], headers=JSON)
    is_problem(answer, 422, "gateway.malformed")


async def test_what_is_well_formed_and_still_wrong(people: Office) -> None:
    letter = await people.upload()
    for changed, code in (
        ({"urgency": "kilat"}, "intake.urgency-unknown"),
        ({"recipients": []}, "intake.recipients-missing"),
        ({"letter_on": "kemarin"}, "intake.letter-date"),
        ({"recipients": [FIELDS["recipients"][0]] * 2}, "intake.recipient-twice"),
    ):
        answer = await people.operator.send(
            "POST", f"/letters/{letter}/examine", content=with_fields(**changed), headers=JSON
        )
        is_problem(answer, 422, code)


async def test_what_looks_like_an_attack_is_kept_as_it_was_written(people: Office) -> None:
    letter = await people.upload()
    nasty = '\'; DROP TABLE letters; -- %_\\ <script>alert(1)</script> =HYPERLINK("x") e\u0301 {{7*7}} ${x}'
    said = await people.operator.do(
        f"/letters/{letter}/examine", {"fields": {**FIELDS, "subject": nasty, "summary": nasty}}
    )
    shown = await people.operator.see(f"/letters/{letter}", after=said["after"])
    assert shown["row"]["subject"] == nasty
    for text in ("' OR 1=1 --", "%", "_", "\\", "(", "[", "*", "a" * 200, '"', "NEAR(", "sub:ject"):
        answer = await people.operator.send("GET", "/letters", params={"text": text})
        assert answer.status_code == 200, (text, answer.text)
    found = await people.operator.see("/letters", text="DROP TABLE")
    assert [row["letter_id"] for row in found["letters"]] == [letter]


async def test_bad_questions(people: Office) -> None:
    for params in (
        {"limit": "0"}, {"limit": "201"}, {"limit": CANARY}, {"order": CANARY}, {"text": "x" * 201},
        {"cursor": "x" * 401}, {"text": "\0"}, {"after": "\0"}, {"cursor": "\0"}, {"limit": "1" + "0" * 5_000},
    ):  # fmt: skip
        is_problem(await people.operator.send("GET", "/letters", params=params), 422, "gateway.malformed")
    is_problem(
        await people.operator.send("GET", "/letters", params={"stage": CANARY[:6]}), 422, "gateway.unknown-stage"
    )
    for cursor in ("", "x", "1:2", "\u00b2", "-1", "null", "9" * 100, "eyJhIjoxfQ==", "1.2.3"):
        answer = await people.operator.send("GET", "/letters", params={"cursor": cursor})
        assert answer.status_code in {200, 422}, (cursor, answer.text)
    for after in (
        CANARY,
        "a.b.c",
        "x.1.99999999999999999999",
        "..",
        "\0",
        "a.1.-5",
        "x" * 5_000,
        "\u00b2.\u00b2.\u00b2",
    ):
        answer = await people.operator.send("GET", "/letters", params={"after": after, "limit": "1"})
        assert answer.status_code in {200, 422}, (after, answer.text)
    is_problem(
        await people.courier.send("GET", "/deliveries", params={"courier": "caraka-2"}), 403, "gateway.forbidden"
    )


async def test_bad_uploads(people: Office) -> None:
    mail = {"Content-Type": "message/rfc822"}
    is_problem(
        await people.operator.send("POST", "/letters/upload", content=b"", headers=mail), 422, "gateway.empty-upload"
    )
    big = b"Subject: x\r\n\r\n" + b"x" * (31 * 1024 * 1024)
    is_problem(
        await people.operator.send("POST", "/letters/upload", content=big, headers=mail), 413, "gateway.too-large"
    )
    for when in (
        "kemarin",
        "2026-01-01T00:00:00",
        "2999-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "0001-01-01T00:00:00Z",
        "9" * 30,
    ):
        answer = await people.operator.send(
            "POST", "/letters/upload", content=message(), headers={**mail, "Received-At": when}
        )
        assert answer.status_code == 422, (when, answer.text)
        assert answer.json()["code"] in {"gateway.malformed", "gateway.bad-received-at"}
        answer = await people.operator.send("POST", "/letters", json={"received_at": when, "fields": FIELDS})
        assert answer.status_code == 422, (when, answer.text)
    assert (await people.operator.send("GET", "/letters")).status_code == 200, "and nobody's list is spoiled"


async def test_a_body_that_is_too_large(people: Office) -> None:
    body = with_fields(summary="x" * 2_000_000)
    is_problem(
        await people.operator.send("POST", f"/letters/{uuid4()}/examine", content=body, headers=JSON),
        413,
        "gateway.too-large",
    )


async def test_credentials_that_are_none(product: Product) -> None:
    async with product.client() as client:
        is_problem(await client.get("/api/v1/letters"), 401, "gateway.login-needed")
        for cookie in (
            CANARY,
            "pekalongan.",
            f"pekalongan.{CANARY}",
            f"PEKALONGAN.{CANARY}",
            f"../x.{CANARY}",
            "." * 4_000,
        ):
            answer = await client.get("/api/v1/letters", headers={"Cookie": f"__Host-caraka={cookie}"})
            is_problem(answer, 401, "gateway.login-needed")
        for header in (
            CANARY, f"Bearer {CANARY}", f"Basic {CANARY}", f"Bearer crk_pekalongan_{CANARY}", "Bearer crk_",
            f"Bearer crk_purbalingga_t-1_{CANARY}", f"Bearer crk__t_{CANARY}", "Bearer eyJhbGciOiJub25lIn0.e30.",
        ):  # fmt: skip
            is_problem(
                await client.get("/api/v1/letters", headers={"Authorization": header}), 401, "gateway.bad-credentials"
            )
        answer = await client.get("/api/v1/letters", headers={"Authorization": f"Bearer {CANARY}"})
        assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_logins_that_are_none(product: Product) -> None:
    async with product.client() as client:
        for login in (
            f"{CANARY}@pekalongan",
            "operator@lain",
            "operator",
            "@",
            "operator@PEKALONGAN@x",
            "' OR 1=1 --@pekalongan",
        ):
            body = {"login": login, "password": CANARY}
            is_problem(await client.post("/api/v1/sessions", json=body), 401, "organisation.login-failed")
        for body in (
            {},
            {"login": 5, "password": []},
            {"login": "x" * 121, "password": CANARY},
            {"login": "a", "password": "x" * 401},
            {"login": "operator@pekalongan", "password": CANARY, "roles": ["admin"]},
        ):
            is_problem(await client.post("/api/v1/sessions", json=body), 422, "gateway.malformed")
        for raw in (
            b'{"login": "a\\u0000@pekalongan", "password": "x"}',
            b'{"login": "a\\ud800@pekalongan", "password": "\\ud800"}',
        ):
            answer = await client.post("/api/v1/sessions", content=raw, headers=JSON)
            assert answer.status_code in {401, 422}, answer.text
        answer = await client.post("/api/v1/sessions", content=DEEP, headers=JSON)
        is_problem(answer, 413, "gateway.too-large")
        answer = await client.post("/api/v1/sessions", content="[" * 300 + "]" * 300, headers=JSON)
        is_problem(answer, 422, "gateway.malformed")


async def test_a_request_from_elsewhere(product: Product, people: Office) -> None:
    letter = await uploaded(people.operator)
    examine, body = f"/letters/{letter}/examine", {"fields": FIELDS}
    async with product.client() as client:
        cookie = {"Cookie": people.operator._headers["Cookie"]}
        is_problem(await client.post(f"/api/v1{examine}", json=body, headers=cookie), 403, "gateway.csrf")
        wrong = {**cookie, "X-CSRF-Token": "0" * 32}
        is_problem(await client.post(f"/api/v1{examine}", json=body, headers=wrong), 403, "gateway.csrf")
        wrong = {**cookie, "X-CSRF-Token": "\u00e9".encode()}
        is_problem(await client.post(f"/api/v1{examine}", json=body, headers=wrong), 403, "gateway.csrf")
        other = {**cookie, "X-CSRF-Token": people.kasi._headers["X-CSRF-Token"]}
        is_problem(await client.post(f"/api/v1{examine}", json=body, headers=other), 403, "gateway.csrf")
        is_problem(await client.delete("/api/v1/sessions/own", headers=cookie), 403, "gateway.csrf")
    for origin in ("https://lain.example", "null", "http://127.0.0.1.lain.example", product.base_url + ".lain.example"):
        answer = await people.operator.send("POST", examine, json=body, headers={"Origin": origin})
        is_problem(answer, 403, "gateway.foreign-origin")
    answer = await people.operator.send("POST", examine, json=body, headers={"Origin": product.base_url})
    assert answer.status_code == 200
    foreign = await people.operator.send(
        "POST", examine, json=body, headers={"Origin": "http://lain.example", "Host": "lain.example"}
    )
    is_problem(foreign, 403, "gateway.foreign-origin")


async def test_fifty_initials_at_once_are_one(people: Office) -> None:
    letter = await people.forwarded()
    await people.initial(letter, "kasi")
    answers = await asyncio.gather(
        *(people.kabid.send("POST", f"/approvals/{letter}/initial", json={"note": ""}) for _ in range(50))
    )
    assert {answer.status_code for answer in answers} == {200}
    await people.initial(letter, "kadis")
    await until(people.kasi, letter, "released")
    assert (await people.story(letter)).count("TierInitialled") == 3


async def test_dead_requests_leave_no_trace_in_the_log(product: Product, people: Office) -> None:
    assert isinstance(people.operator, Person)
    said = product.said()
    assert CANARY not in said
    assert "Traceback" not in said
    assert "request.bug" not in said
