"""Twenty people upload at once: the memory of who answers does not grow with what they bring, and others are answered
meanwhile. ``UPLOAD_EACH`` (megabytes) makes the files larger than `make test` has them.
"""

import asyncio
import os
import sys
from pathlib import Path

import httpx
import pikepdf
import pytest

from tests.attacks.attackers import client, memory
from tests.integration.test_files_of_strangers import fields
from tests.parts.product import Product

pytestmark = pytest.mark.real
FORM = "/purbalingga/ajukan/pengaduan"
PEOPLE = 20
EACH = int(os.environ.get("UPLOAD_EACH", "6"))
"""Megabytes."""
MOST = 64 * 1024 * 1024
"""Of the process that answers, whatever they bring: spools of 1 MiB, parts of 256 KiB, forms."""


def pdf(folder: Path) -> Path:
    made = pikepdf.new()
    made.add_blank_page().obj["/Contents"] = made.make_stream(os.urandom(EACH * 1024 * 1024 - 64 * 1024))
    made.save(folder / "big.pdf")
    return folder / "big.pdf"


async def at_files(visitor: httpx.AsyncClient) -> dict[str, str]:
    shown = (await visitor.get(FORM)).text
    for said in ({"jenis": "pengaduan"}, {"isi": "Loket tutup"}, {"tempat": "Loket 3"}):
        shown = (await visitor.post(FORM, data=fields(shown, FORM) | said)).text
    return fields(shown, FORM)


async def test_twenty_people_upload_and_memory_stays(product: Product, tmp_path: Path) -> None:
    big = pdf(tmp_path)

    async def brings(visitor: httpx.AsyncClient, carried: dict[str, str]) -> int:
        with big.open("rb") as file:
            sent = [("berkas-baru", ("besar.pdf", file, "application/pdf"))]
            answer = await visitor.post(FORM, data=carried, files=sent)
        assert "Siapa yang boleh tahu nama Anda?" in answer.text, (answer.status_code, answer.text[-800:])
        return len(fields(answer.text, FORM)["berkas"].split())

    visitors = [client(product, f"127.1.{n}.7", headers={"accept": "text/html"}) for n in range(PEOPLE)]
    for visitor in visitors:
        visitor.timeout = httpx.Timeout(600)
    try:
        forms = [await at_files(visitor) for visitor in visitors]
        assert await brings(visitors[0], forms[0]) == 1  # the sandbox is there
        before = most = memory(product)
        uploading = asyncio.gather(*(brings(*each) for each in zip(visitors, forms, strict=True)))
        pages = 0
        async with client(product, "127.1.99.7", headers={"accept": "text/html"}) as another:
            while not uploading.done():
                assert (await another.get(FORM)).status_code == 200
                pages += 1
                most = max(most, memory(product))
                await asyncio.sleep(0.5)
        assert await uploading == [1] * PEOPLE
        assert pages > 1
        grown = (most - before) // 1024**2
        sys.stdout.write(
            f"{PEOPLE} people, {EACH} MB each: {grown} MB more than {before // 1024**2} MB; {pages} pages meanwhile\n"
        )
        assert most - before < MOST
    finally:
        for visitor in visitors:
            await visitor.aclose()
