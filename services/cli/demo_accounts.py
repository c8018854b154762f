"""A part of ``caraka demo``: an application for an e-mail account, carried to the login of its holder."""

import asyncio
import re
import secrets
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from uuid import UUID

import httpx

from contracts.account_provisioning import CLAIM
from services.cli.demo import STEP_SECONDS, DemoFailed, Person, Say, own_address, telling
from services.kit.links import WHOLE, Link, token_of
from services.kit.sealing import open_keys
from services.kit.settings import Settings
from services.organisation.adapters.console import demo_password

AGENCY = "purbalingga"
NAMES = ("operator", "operator-2", "kepegawaian", "kabid")
SECRET = re.compile(r'<dd id="sandi">([a-z-]+)</dd>')


async def carry_account(settings: Settings, say: Say) -> list[dict[str, Any]]:
    """Walks it; returns its steps. The secret is seen by nobody, not even here. Raises DemoFailed."""
    steps: list[dict[str, Any]] = []
    tell = telling(steps, say)
    async with httpx.AsyncClient(base_url=own_address(settings), timeout=60) as client:
        password = demo_password(settings.data_dir)[0]
        logins = (Person.login(client, name, password, AGENCY) for name in NAMES)
        clerk, reviewer, personnel, head = await asyncio.gather(*logins)
        applicant = {
            "name": "Pemohon Contoh, S.Sos.",
            "nip": f"19790102200604{secrets.choice('12')}{1 + secrets.randbelow(998):03d}",
            "unit": "Dinas Contoh", "contact": "0812 0000 1111",
        }  # fmt: skip
        letter = {"number": "800/123", "on": "2026-03-11"}
        filed = await clerk.do(
            "/account-requests", {"request_kind": "create", "applicant": applicant, "letter": letter}
        )
        request_id, number = filed["result"]["request_id"], filed["result"]["number"]
        tell("operator", f"mencatat permohonan surel nomor {number}", request_id=request_id)
        approved = await reviewer.do(f"/account-requests/{request_id}/approve")
        tell("operator-2", f"menyetujui alamat {approved['result']['address']}")
        await until(clerk, request_id, lambda shown: shown["hand_over"] == "open")
        tell("direktori", "memuat akunnya, dibaca kembali; belum ada kata sandi")
        await personnel.do(f"/account-requests/{request_id}/confirm")
        tell("kepegawaian", "memastikan bahwa ini orangnya")
        await clerk.do(f"/account-requests/{request_id}/tell", {"how": "whatsapp"})
        tell("operator", "mengabari pemohon; hitungan waktu selesai")
        await opened(client, settings, request_id)
        tell("pemohon", "membuka tautan dan membuat kata sandinya; hanya ia yang melihatnya")
        await until(clerk, request_id, lambda shown: shown["hand_over"] == "set")
        await clerk.do(f"/account-requests/{request_id}/receive")
        tell("operator", "mencatat bahwa pemohon sudah menerima")
        reply = await head.do(f"/account-requests/{request_id}/reply")
        tell("kabid", f"menerbitkan surat balasan nomor {reply['result']['number']}", request_id=request_id)
    return steps


async def opened(client: httpx.AsyncClient, settings: Settings, request_id: str) -> None:
    """As its holder does it: by the link that he was sent, with a gesture. The directory logs in with it as proof."""
    keys = open_keys(settings)
    try:
        key = await asyncio.to_thread(keys.purpose, AGENCY, "links")
    finally:
        keys.dispose()
    place = f"/{AGENCY}/klaim/{request_id}/{token_of(key, Link(CLAIM, str(UUID(request_id)), 1, None, WHOLE))}"
    looked = await client.get(place)
    answer = await client.post(place, data={"cara": "usul"})
    if (looked.status_code, answer.status_code) != (HTTPStatus.OK, HTTPStatus.OK) or not SECRET.search(answer.text):
        raise DemoFailed(f"the claim page: {looked.status_code}, {answer.status_code}")


async def until(person: Person, request_id: str, holds: Callable[[dict[str, Any]], bool]) -> None:
    """Waits until the views show it."""
    ends = time.monotonic() + STEP_SECONDS
    while True:
        answer = await person.send("GET", f"/account-requests/{request_id}")
        if answer.status_code == HTTPStatus.OK and holds(answer.json()):
            return
        if time.monotonic() > ends:
            raise DemoFailed(f"{request_id}: {answer.status_code} {answer.text[:300]}")
        await asyncio.sleep(0.05)
