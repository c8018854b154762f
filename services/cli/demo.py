"""``caraka demo``: carries one letter along the whole road against the running product, through its API, and says so.

Every person of the road logs in and does his part. It is also how the tests walk the road over the API.
"""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import httpx

from services.kit.settings import Settings
from services.organisation.adapters.access_tables import open_access
from services.organisation.adapters.console import demo_password, open_demonstration
from services.organisation.adapters.standards_files import load, own_standards

Say = Callable[[str], None] | None
Tell = Callable[..., None]
"""``(who, what, **facts)``: a step that was done."""
AGENCY = "pekalongan"
STEP_SECONDS = 30.0
FIELDS: dict[str, Any] = {
    "sender": "Biro Organisasi Setda Provinsi", "letter_number": "005/4471/2026", "letter_on": "2026-11-19",
    "subject": "Undangan Rapat Koordinasi", "summary": "Rapat evaluasi standar pelayanan", "urgency": "biasa",
    "recipients": [
        {"recipient_class": "walikota", "office": "Walikota Pekalongan", "copy_kind": "asli"},
        {"recipient_class": "kepala-opd", "office": "Dinas Kesehatan", "copy_kind": "tembusan"},
    ],
}  # fmt: skip


class DemoFailed(Exception):
    """A step was not answered as the road needs it."""


class Person:
    """A logged-in person; unsafe requests carry the session's CSRF token."""

    def __init__(self, client: httpx.AsyncClient, cookie: str, csrf: str) -> None:
        self._client = client
        self._headers = {"Cookie": cookie, "X-CSRF-Token": csrf}

    @classmethod
    async def login(cls, client: httpx.AsyncClient, name: str, password: str, agency: str = AGENCY) -> "Person":
        answer = await client.post("/api/v1/sessions", json={"login": f"{name}@{agency}", "password": password})
        body = _good(answer)
        cookie = answer.headers["set-cookie"].partition(";")[0]
        return cls(client, cookie, body["csrf"])

    async def send(
        self, method: str, path: str, *, headers: dict[str, str] | None = None, **rest: Any
    ) -> httpx.Response:
        """The answer as it came, also a refusal."""
        headers = {**self._headers, **(headers or {})}
        return await self._client.request(method, f"/api/v1{path}", headers=headers, **rest)

    async def do(self, path: str, body: Any = None, **headers: str) -> dict[str, Any]:
        content = {"content": body} if isinstance(body, bytes) else {"json": body or {}}
        return _good(await self._client.post(f"/api/v1{path}", headers={**self._headers, **headers}, **content))

    async def see(self, path: str, **params: str) -> dict[str, Any]:
        return _good(await self._client.get(f"/api/v1{path}", headers=self._headers, params=params))


async def carry(settings: Settings, say: Say) -> list[dict[str, Any]]:
    """Walks the road; returns its steps with what each answered. Raises DemoFailed with the step that failed."""
    steps: list[dict[str, Any]] = []
    tell = telling(steps, say)
    trace = {"traceparent": f"00-{uuid4().hex}-{uuid4().hex[:16]}-01"}  # the whole walk is one trace, where they are on
    async with httpx.AsyncClient(base_url=own_address(settings), timeout=60, headers=trace) as client:
        password = demo_password(settings.data_dir)[0]
        names = ("operator", "kasi", "kabid", "kadis", "caraka-1")
        people = dict(
            zip(names, await asyncio.gather(*(Person.login(client, n, password) for n in names)), strict=True)
        )
        operator, kasi = people["operator"], people["kasi"]

        raw = message()
        captured = await operator.do("/letters/upload", raw, **{"Content-Type": "message/rfc822"})
        letter = captured["result"]["letter_id"]
        tell("operator", "mengunggah surat dari email Sanapati", letter_id=letter)
        await operator.do(f"/letters/{letter}/examine", {"fields": FIELDS})
        tell("operator", "meneliti surat dan menetapkan dua penerima")
        registered = await operator.do(f"/letters/{letter}/register")
        tell(
            "operator", f"mengagendakan: nomor {registered['result']['agenda']}", agenda=registered["result"]["agenda"]
        )
        await operator.do(f"/letters/{letter}/print")
        tell("operator", "mencetak lembar pengantar dan salinan")
        await operator.do(f"/letters/{letter}/forward")
        tell("operator", "meneruskan kepada Kepala Seksi")
        for name in ("kasi", "kabid", "kadis"):
            await until(people[name], letter, "forwarded")
            await patiently(people[name], f"/approvals/{letter}/initial", {"note": ""})
            tell(name, "memberi paraf")
        await until(kasi, letter, "released")
        await patiently(kasi, f"/dispatches/{letter}/assign", {"courier_id": "caraka-1"})
        tell("kasi", "menugaskan caraka-1")
        courier = people["caraka-1"]
        shown = await until(operator, letter, "assigned")
        for copy in shown["copies"]:
            receiver = {"receiver_name": "Penerima Contoh", "receiver_position": "Staf Tata Usaha"}
            await courier.do(
                f"/deliveries/{copy['copy_id']}/record", {"letter_id": letter, "delivered": True, **receiver}
            )
            tell("caraka-1", f"menyerahkan kepada {copy['office']} dan mendapat tanda terima")
        await until(operator, letter, "proven")
        await operator.do(f"/dispatches/{letter}/archive", {"classification": "005", "place": "Rak 1, map 4"})
        tell("operator", "mengarsipkan surat beserta lembar pengantar dan tanda terima")
        await until(operator, letter, "archived")
        history = await operator.see(f"/letters/{letter}/events")
        tell("operator", f"lini masa memuat {len(history['entries'])} kejadian", letter_id=letter)
    return steps


def telling(steps: list[dict[str, Any]], say: Say) -> Tell:
    """Notes each step, and says it."""
    began = time.monotonic()

    def tell(who: str, what: str, **facts: Any) -> None:
        steps.append({"who": who, "what": what, "seconds": round(time.monotonic() - began, 3), **facts})
        if say is not None:
            say(f"{steps[-1]['seconds']:6.2f} s  {who:<10} {what}")

    return tell


def prepared(settings: Settings) -> str:
    """Gives the demo people of this installation their common password, where services run in processes of their own.

    Returns a sentence whose last word is the password; it is kept in the data folder (mode 0600).
    """
    _, agencies = load(settings.standards_dir or own_standards())
    tables = open_access(settings)
    try:
        password, logins = open_demonstration(tables, agencies, settings.data_dir, datetime.now(UTC))
    finally:
        tables.dispose()
    return f"{len(logins)} orang demo dapat masuk. Kata sandi demo: {password}"


def message() -> bytes:
    """A message that no mailbox has had before."""
    now = datetime.now(UTC)
    lines = (
        "From: Biro Organisasi <biro.organisasi@sanapati.example>",
        "To: Sandi Kota Pekalongan <pekalongan@sanapati.example>",
        "Subject: Undangan Rapat Koordinasi",
        f"Date: {now:%a, %d %b %Y %H:%M:%S} +0000",
        f"Message-ID: <demo.{time.time_ns()}@sanapati.example>",
        "Content-Type: text/plain; charset=utf-8",
        "",
        "Mohon kehadiran Saudara pada rapat koordinasi.",
        f"Contoh {time.time_ns()}",
        "",
    )
    return "\r\n".join(lines).encode()


async def until(person: Person, letter: str, stage: str) -> dict[str, Any]:
    """Waits until the views show the letter at this stage (reactions of other services take a moment)."""
    return await shown_at(person, f"/letters/{letter}", stage)


async def shown_at(person: Person, place: str, stage: str) -> dict[str, Any]:
    """The case there, once the views show it at this stage. Raises DemoFailed."""
    ends = time.monotonic() + STEP_SECONDS
    found = "unknown"
    while True:
        answer = await person.send("GET", place)
        if answer.status_code != HTTPStatus.NOT_FOUND:
            shown = _good(answer)
            found = shown["row"]["stage"]
            if found == stage:
                return shown
        if time.monotonic() > ends:
            raise DemoFailed(f"{place} is {found}, not {stage}, after {STEP_SECONDS:g} s")
        await asyncio.sleep(0.05)


async def patiently(person: Person, path: str, body: dict[str, Any]) -> None:
    """A letter may be shown as forwarded a moment before its round has been opened."""
    ends = time.monotonic() + STEP_SECONDS
    while True:
        try:
            await person.do(path, body)
        except DemoFailed as failed:
            if "404" not in str(failed) or time.monotonic() > ends:
                raise
            await asyncio.sleep(0.05)
        else:
            return


def _good(answer: httpx.Response) -> dict[str, Any]:
    if answer.is_error:
        raise DemoFailed(f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {answer.text[:500]}")
    body: dict[str, Any] = answer.json()
    return body


def own_address(settings: Settings) -> str:
    """Where the running product answers on this machine."""
    return f"http://{settings.http_host}:{settings.http_port}"
