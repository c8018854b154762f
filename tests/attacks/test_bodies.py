"""Bodies that are unkind to whoever reads them: too deep, too long, of thousands of signs that match nothing."""

import asyncio
import os
import time
from collections.abc import Iterator

import httpx
import pytest

from gateway.edge.bodies import MOST, MOST_BRACKETS, too_deep
from services.cli.demo import message
from tests.attacks.attackers import ATTACKER, MIB, client, cpu, looking_on, memory, say
from tests.parts.product import Product, start_product

JSON = {"Content-Type": "application/json"}
UNKIND = {
    "escaped quotes": b'"' + b'\\"' * 400_000 + b"[" * 300,
    "open strings": b'"\\' * 400_000 + b"[" * 300,
    "quotes": b'"' * 800_000 + b"[" * 300,
    "backslashes": b"\\" * 800_000 + b"[" * 300,
    "open brackets": b"[" * 900_000,
    "brackets side by side": b"[" + b"[]," * 250_000 + b"[]]",
    "objects within each other": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "a huge number": b'{"login": ' + b"9" * 900_000 + b"}",
    "a huge exponent": b'{"login": 1e' + b"9" * 900_000 + b"}",
    "spaces": b" " * 900_000,
    "the same name again and again": b"{" + b'"a":1,' * 140_000 + b'"a":1}',
    "many names": b"{" + b",".join(b'"%x":1' % n for n in range(70_000)) + b"}",
    "half signs": b'{"login": "' + b"\\ud800" * 120_000 + b'", "password": "x"}',
    "no text": b"\xff" * 900_000,
}


@pytest.mark.parametrize("what", UNKIND)
async def test_whoever_sends_it_is_refused_and_others_are_answered(product: Product, what: str) -> None:
    """Nobody has logged in. Each goes to a route that reads JSON before it knows who asks, and to the login."""
    used = cpu(product)
    async with looking_on(product) as seen, client(product, ATTACKER) as anybody:
        answers = await asyncio.gather(
            *(
                anybody.post(path, content=UNKIND[what], headers={**JSON, **more})
                for path in ("/api/v1/letters", "/api/v1/standards/preview", "/api/v1/sessions")
                for more in ({}, {"Content-Type": "text/plain"}, {"Content-Type": "application/x-www-form-urlencoded"})
                for _ in range(2)
            )
        )
    assert {answer.status_code for answer in answers} <= {401, 413, 422}, {a.text for a in answers}
    assert {answer.headers["content-type"] for answer in answers} == {"application/problem+json"}
    assert {status for status, _ in seen.answers} == {200}
    assert seen.grown < 96 * MIB
    used = cpu(product) - used
    assert used < 6, "eighteen requests"
    say(f"{what}: {used:.2f} s, others' p99 {seen.p99() * 1000:.0f} ms, +{seen.grown / MIB:.0f} MB")


@pytest.mark.parametrize("what", UNKIND)
def test_the_look_at_its_depth_takes_time_in_proportion(what: str) -> None:
    body = (b"[]" * 201 + UNKIND[what] * 2)[:MOST]

    def seconds(length: int) -> float:
        began = time.process_time()
        too_deep(body[:length])
        return time.process_time() - began

    whole = min(seconds(MOST) for _ in range(3))
    assert whole < 0.02 or whole < 8 * min(seconds(MOST // 4) for _ in range(3))


def test_what_is_deep_is_told_from_what_is_not() -> None:
    assert not too_deep(b"[" * 200 + b"]" * 200)
    assert too_deep(b"[" * 201 + b"]" * 201)
    assert too_deep(b'{"a":' * 201 + b"1" + b"}" * 201)
    assert not too_deep(b'{"text": "' + b"[" * 5_000 + b'"}'), "brackets in a text are a text"
    assert not too_deep(b'{"text": "' + b'\\"[' * 5_000 + b'"}')
    assert not too_deep(b'["' + b"\\\\" * 301 + b'", "' + b"[" * 1_000 + b'"]')
    assert too_deep(b'["\\\\", ' + b"[" * 300 + b"]" * 300 + b"]"), "an escaped backslash ends no string"
    assert not too_deep(b"[" + b"[]," * 1_000 + b"[]]"), "many side by side are not deep"
    assert too_deep(b"[" + b"[]," * MOST_BRACKETS + b"[]]"), "but nobody sends so many"


async def test_other_encodings_hide_nothing(product: Product) -> None:
    deep = ("[" * 1_000 + "]" * 1_000).encode
    async with client(product, ATTACKER) as anybody:
        for body in (deep("utf-16"), deep("utf-32"), '{"login": "\u0122"}'.encode("utf-16-le"), b"\xef\xbb\xbf{}"):
            for kinds in (["application/json"], ["text/plain", "application/json"], ["Application/JSON"], []):
                headers = [("Content-Type", kind) for kind in kinds]
                answer = await anybody.post("/api/v1/sessions", content=body, headers=headers)
                assert (answer.status_code, answer.json()["code"]) == (422, "gateway.malformed"), (body[:20], kinds)


async def test_forms_are_bounded_too(product: Product) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    parts = {"Content-Type": "multipart/form-data; boundary=x"}
    part = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n'
    async with looking_on(product) as seen, client(product, ATTACKER) as anybody:
        for headers, body in (
            (form, b"a=" + b"x" * 2_000_000),
            (form, b"a&" * 1_000_000),
            (form, b"%" * 1_000_000),
            (parts, part * 40_000),
            (parts, b"--x\r\nContent-Disposition: form-data; name=" + b"a" * 2_000_000),
            (parts, b"--x\r\n" + b"A: b\r\n" * 300_000),
            (parts, b"--x\r\nContent-Disposition: form-data" + b"; a" * 300_000),
        ):
            for path in ("/masuk", "/bahasa", "/masuk/kata-sandi", "/api/v1/sessions"):
                answer = await anybody.post(path, content=body, headers=headers)
                assert answer.status_code == 413, (path, body[:60])
        small = (
            (form, b"a&" * 7_000),
            (form, b"a=%" * 4_000),
            (parts, part * 300),
            (parts, b"--x\r\n" + b"A: b\r\n" * 2_000),
            (parts, b"--x\r\nContent-Disposition: form-data" + b"; a" * 4_000),
            (parts, b"no part at all"),
            ({"Content-Type": "multipart/form-data"}, part),
            ({"Content-Type": "multipart/form-data; boundary=" + "b" * 300}, part),
        )
        for headers, body in small:
            for path in ("/masuk", "/bahasa", "/masuk/kata-sandi"):
                answer = await anybody.post(path, content=body, headers=headers)
                assert answer.status_code < 500, (path, body[:60], answer.text)
    assert {status for status, _ in seen.answers} == {200}
    assert seen.grown < 48 * MIB


async def test_a_cookie_full_of_backslashes_holds_nobody_up(product: Product) -> None:
    """Python's own reader of cookies takes time by the square of them."""
    cookie = {"Cookie": 'a="' + "\\" * 15_000 + '"'}
    used = cpu(product)
    async with looking_on(product) as seen, client(product, ATTACKER) as anybody:
        answers = await asyncio.gather(*(anybody.get("/masuk", headers=cookie) for _ in range(30)))
    assert {answer.status_code for answer in answers} == {200}
    assert {status for status, _ in seen.answers} == {200}
    assert cpu(product) - used < 5, "thirty requests"


@pytest.fixture
def roomy_product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """Its memory is its own: no other test has grown it."""
    running = start_product(tmp_path_factory.mktemp("roomy"))
    yield running
    running.discard()


@pytest.mark.parametrize("way", ["api", "form"])
async def test_eight_uploads_of_29_megabytes_at_once(roomy_product: Product, way: str) -> None:
    """They go to the disk as they come; what reads them reads few at a time."""
    head = message() + b"\r\n"
    async with roomy_product.person("operator") as operator:
        await operator.do("/letters/upload", head, **{"Content-Type": "message/rfc822"})

        async def upload(number: int) -> httpx.Response:
            raw = head + os.urandom(8) + f"{number} ".encode() + b"surat panjang\r\n" * (29 * MIB // 15)
            if way == "api":
                mail = {"Content-Type": "message/rfc822"}
                return await operator.send("POST", "/letters/upload", content=raw, headers=mail)
            files = {"file": ("surat.eml", raw, "message/rfc822")}
            return await operator._client.post("/unggah", files=files, headers=operator._headers)

        async with looking_on(roomy_product) as seen:
            answers = await asyncio.gather(*(upload(number) for number in range(8)))
        assert {answer.status_code for answer in answers} == {200 if way == "api" else 303}, answers[0].text
        assert {status for status, _ in seen.answers} == {200}
        say(f"eight uploads by {way}: +{seen.grown / MIB:.0f} MB, others' p99 {seen.p99() * 1000:.0f} ms")
        assert seen.grown < 400 * MIB
        shown = (await operator.see("/letters", limit="1"))["letters"][0]["letter_id"]
        before = memory(roomy_product)
        async with looking_on(roomy_product) as seen:
            raws = await asyncio.gather(*(operator.send("GET", f"/letters/{shown}/raw") for _ in range(8)))
        assert {len(raw.content) > 29 * MIB // 2 for raw in raws} <= {True, False}
        assert {raw.status_code for raw in raws} == {200}
        assert seen.most - before < 100 * MIB
        say(f"eight downloads: +{(seen.most - before) / MIB:.0f} MB")
