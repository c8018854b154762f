"""Where the standard wants it, an answer is approved and goes out as a numbered letter; and text modules."""

import io
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pikepdf
import pytest

from services.kit.sealing.keys import open_keys
from services.kit.secrets import code_of
from services.organisation.adapters.standards_files import own_standards
from tests.journeys.test_complaints import PHONE, refused
from tests.parts.product import Product, start_product

pytestmark = pytest.mark.real
WORDS = "Terima kasih atas laporannya.\n\nMulai besok loket buka pukul 07.30."
RULES = """
letter = "{number:03d}/ADU/{year}"
approval = "kadis"

[[rules.answers.modules]]
module = "salam"
title = "Pembuka"
words = "Terima kasih atas laporannya."

[[rules.answers.modules]]
module = "kapan"
title = "Tanya waktu"
use = "question"
words = "Hari dan pukul berapa kejadiannya?"
"""


@pytest.fixture
def product(tmp_path: Path) -> Iterator[Product]:
    """An office whose standard says that answers are letters."""
    standards = tmp_path / "standards"
    shutil.copytree(own_standards(), standards, ignore=shutil.ignore_patterns("*.py", "__pycache__", "samples"))
    file = standards / "purbalingga" / "standard-email-kedinasan.toml"
    rules = file.read_text(encoding="utf-8")
    marked = 'pauses = [{ reason = "menunggu-pelapor", title = "Menunggu keterangan dari pelapor" }]\ndefault = true\n'
    assert marked in rules
    file.write_text(rules.replace(marked, marked + RULES), encoding="utf-8")
    running = start_product(tmp_path / "product", env={"CARAKA_STANDARDS_DIR": str(standards)})
    yield running
    running.discard()


async def test_an_answer_is_approved_and_goes_out_as_a_letter(product: Product) -> None:
    names = ("operator", "pengaduan", "tim-pengaduan", "kadis")
    async with product.people(*names, agency="purbalingga") as (operator, officer, team, kadis):
        first: dict[str, Any] = {}
        for number in (1, 2):
            filed = await operator.do("/complaints", PHONE)
            first = filed if number == 1 else first
            case = f"/complaints/{filed['result']['complaint_id']}"
            await officer.do(f"{case}/classify", {"complaint_class": "ringan", "gist": "Jam buka loket"})
            await officer.do(f"{case}/assign", {"position": "tim-pengelola-pengaduan"})
            assert await refused(team, f"{case}/answer", {"words": WORDS}) == (409, "complaint.approval-needed")
            assert (await refused(team, f"{case}/answer", {"words": WORDS, "letter_number": 7}))[0] == 422
            sheet = await team.see(f"{case}/sheet")
            assert [each["module"] for each in sheet["modules"]] == ["salam", "kapan"]
            await team.do(f"{case}/propose", {"words": WORDS, "template": "salam"})
            assert (await kadis.send("GET", f"{case}/answer-letter")).status_code == 404
            await kadis.do(f"{case}/approve")
            answer = await team.send("GET", f"{case}/answer-letter")
            assert answer.headers["content-type"] == "application/pdf"
            assert f"jawaban-00{number}-ADU" in answer.headers["content-disposition"]
            with pikepdf.open(io.BytesIO(answer.content)) as pdf:
                assert f"00{number}/ADU" in str(pdf.docinfo["/Title"])
        filed = await operator.do("/complaints", PHONE)
        complaint_id = filed["result"]["complaint_id"]
        await officer.do(
            f"/complaints/{complaint_id}/classify", {"complaint_class": "ringan", "gist": "Jam buka loket"}
        )
        await officer.do(f"/complaints/{complaint_id}/assign", {"position": "tim-pengelola-pengaduan"})
        written = {"answer": "Yth. Ibu,", "modul": "salam", "untuk": "complaints.propose"}
        page = await team._client.post(
            f"/pengaduan/{complaint_id}/sisipkan", data=written, headers={**team._headers, "Accept": "text/html"}
        )
        assert page.status_code == 200
        assert "Yth. Ibu,\n\nTerima kasih atas laporannya.</textarea>" in page.text
        assert (await team.see(f"/complaints/{complaint_id}"))["row"]["stage"] == "assigned", "nothing was stored"
        await the_reporter_takes_it_home(product, first)
    await product.until_quiet()
    assert await product.breaches() == []


async def the_reporter_takes_it_home(product: Product, filed: dict[str, Any]) -> None:
    """By number and code; with another code there is nothing."""
    keys = open_keys(product.settings)
    code = code_of(keys.purpose("purbalingga", "codes"), UUID(filed["command_id"]))
    keys.dispose()
    number = filed["result"]["number"]
    async with product.client(headers={"Accept": "text/html"}) as stranger:
        there = "/purbalingga/lacak/surat-jawaban"
        got = await stranger.post(there, data={"nomor": number, "kode": code})
        assert (got.status_code, got.headers["content-type"]) == (200, "application/pdf")
        none = await stranger.post(there, data={"nomor": number, "kode": "AAAA-AAAA-AAAA"})
        assert none.status_code == 404
