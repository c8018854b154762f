"""A person asks to be forgotten: his key is destroyed, his name reads as erased everywhere, the history stays whole."""

import asyncio

from contracts.base import ERASED
from services.cli.demo import until
from tests.hostile_mail import letter as plain_letter
from tests.journeys.road import letters, office, uploaded
from tests.parts.product import Product

ADDRESS = b"From: Siti Pemohon Informasi <siti.pemohon@warga.example>"


def from_siti(number: int) -> bytes:
    lines = (ADDRESS, b"Message-ID: <siti-%d@warga.example>" % number)
    return plain_letter(*lines, without=(b"from", b"message-id"), body=b"Isi surat %d\r\n" % number)


async def test_an_erased_person_is_erased_in_every_view_and_stays_so(fresh_product: Product) -> None:
    async with office(fresh_product) as people, fresh_product.people("admin", "inspektorat") as (admin, inspector):
        one, two = [await uploaded(people.operator, from_siti(number)) for number in (1, 2)]
        other = await people.forwarded()
        shown = await until(people.operator, two, "captured")
        assert (shown["from_name"], shown["from_address"]) == ("Siti Pemohon Informasi", "siti.pemohon@warga.example")
        captured = fresh_product.events("intake", "MessageCaptured")
        own = {f"letter:{one}", f"letter:{two}"}
        (subject,) = {event["data"]["sender_subject"] for event in captured if event["subject"] in own}
        assert b"Siti Pemohon" not in b"".join(row.data for row in fresh_product.rows("intake"))

        kept = await people.operator.send("POST", f"/subjects/{subject}/erase", json={"reason": "bukan wewenang"})
        assert (kept.status_code, kept.json()["code"]) == (403, "gateway.forbidden")
        said = await admin.do(f"/subjects/{subject}/erase", {"reason": "Permohonan pemilik data"})
        again = await admin.do(f"/subjects/{subject}/erase", {"reason": "Permohonan pemilik data"})
        assert again["version"] == said["version"], "twice is once"

        await fresh_product.until_quiet()
        for letter in (one, two):
            shown = await people.operator.see(f"/letters/{letter}", after=said["after"])
            assert (shown["from_name"], shown["from_address"]) == (ERASED, ERASED)
            assert shown["text"].startswith("Isi surat"), "what the archive law keeps is kept"
            told = await people.operator.see(f"/letters/{letter}/events")
            raw = await inspector.see(f"/letters/{letter}/events")
            assert "Siti" not in str(told) + str(raw)
        assert not await letters(people.operator, text="Siti")
        assert (await people.operator.see(f"/letters/{other}"))["from_name"] == "Biro Organisasi"

    await fresh_product.until_quiet()
    assert await fresh_product.breaches() == []
    fresh_product.stop()
    assert holding(fresh_product, b"siti pemohon", b"siti.pemohon") == []
    await asyncio.to_thread(fresh_product.command, "rebuild", "all")
    fresh_product.start()
    async with fresh_product.person("operator") as operator:
        shown = await operator.see(f"/letters/{one}")
        assert (shown["from_name"], shown["from_address"]) == (ERASED, ERASED)
        third = await uploaded(operator, from_siti(3))
        assert (await until(operator, third, "captured"))["from_name"] == "Siti Pemohon Informasi", "with a new key"
    await fresh_product.until_quiet()
    assert await fresh_product.breaches() == []


def holding(product: Product, *plain: bytes) -> list[str]:
    """Files of the product at rest in which the plain text can still be found (the raw message is sealed)."""
    files = [path for path in (*product.settings.data_dir.rglob("*"), *product.home.glob("*.log")) if path.is_file()]
    return [str(path) for path in files if any(word in path.read_bytes().lower() for word in plain)]
