"""A part of ``caraka demo``: carries a complaint by telephone to its answer, through the API."""

from typing import Any

import httpx

from services.cli.demo import Person, Say, Tell, own_address, patiently, shown_at, telling
from services.kit.settings import Settings
from services.organisation.adapters.console import demo_password

FILED: dict[str, Any] = {
    "complaint_kind": "pengaduan", "channel": "telepon", "stance": "confidential", "name": "Sulastri Contoh",
    "contact": "0812 0000 0000", "words": "Surat kami ke dinas dua kali tidak sampai. Mohon diperiksa.",
}  # fmt: skip
ANSWER = "Surat sudah kami telusuri dan diantarkan hari ini. Mohon maaf atas keterlambatannya."


async def carry_complaint(settings: Settings, say: Say) -> list[dict[str, Any]]:
    """The operator writes it down, the complaint officer classifies, takes it himself and answers."""
    steps: list[dict[str, Any]] = []
    async with httpx.AsyncClient(base_url=own_address(settings), timeout=60) as client:
        password = demo_password(settings.data_dir)[0]
        operator = await Person.login(client, "operator", password)
        officer = await Person.login(client, "pengaduan", password)
        await _answered(operator, officer, telling(steps, say))
    return steps


async def _answered(operator: Person, officer: Person, tell: Tell) -> None:
    filed = (await operator.do("/complaints", FILED))["result"]
    complaint, number = filed["complaint_id"], filed["number"]
    tell("operator", f"mencatat pengaduan lewat telepon: {number}", complaint_id=complaint)
    await shown_at(officer, f"/complaints/{complaint}", "filed")
    sheet = await officer.see(f"/complaints/{complaint}/sheet")
    rows = next(iter(sheet["standards"].values()))
    plain = next(row for row in rows if not row["restricted"])
    gist = {"complaint_class": plain["complaint_class"], "gist": "Surat tidak sampai di dinas"}
    await patiently(officer, f"/complaints/{complaint}/classify", gist)
    tell("pengaduan", f"menggolongkan: {plain['title']}")
    await officer.do(f"/complaints/{complaint}/assign", {"position": "pejabat-pengaduan"})
    tell("pengaduan", "menangani sendiri sebagai Pejabat Pengaduan")
    await officer.do(f"/complaints/{complaint}/answer", {"words": ANSWER})
    shown = await shown_at(officer, f"/complaints/{complaint}", "answered")
    history = await officer.see(f"/complaints/{complaint}/events")
    tell("pengaduan", f"menjawab; lini masa memuat {len(history['entries'])} kejadian", stage=shown["row"]["stage"])
