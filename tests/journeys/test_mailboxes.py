"""Whatever lies in a mailbox becomes a letter, a twin or stands in quarantine; none stops the rest."""

import asyncio
import json
import os
from collections import Counter
from pathlib import Path

import httpx

from contracts.intake import MessageCaptured, MessageQuarantined, TwinLinked
from tests.hostile_mail import HOSTILE
from tests.journeys.road import letters, office, until_counted
from tests.parts.dovecot import Dovecot, start_dovecot
from tests.parts.product import Product, start_product

REAL = Path(os.environ.get("CARAKA_TEST_MAIL", Path(__file__).parents[3] / "shared" / "mail"))
KINDS = (MessageCaptured, TwinLinked, MessageQuarantined)


def messages() -> dict[str, bytes]:
    """Every real message that is here, and every one of our own making."""
    found = {path.stem: path.read_bytes() for path in sorted(REAL.glob("*.eml"))} if REAL.is_dir() else {}
    made = {f"buatan-{number}": make().raw for number, make in enumerate(HOSTILE.values())}
    return {**found, **made}


def taken(product: Product) -> dict[str, str]:
    """By UID, what became of each message, from the store itself."""
    return {
        event["data"]["source"]["uid"]: kind.__name__
        for kind in KINDS
        for event in product.events("intake", kind.__name__)
    }


async def test_every_message_ends_as_letter_twin_or_quarantine(fresh_product: Product) -> None:
    dropped = messages()
    for name, raw in dropped.items():
        fresh_product.drop(raw, f"{name}.caraka")
    async with office(fresh_product) as people:
        rows = await until_counted(people.operator, len(dropped), seconds=120)
        assert set(Counter(row["stage"] for row in rows)) == {"captured", "twin", "quarantined"}
        became = taken(fresh_product)
        assert sorted(became) == sorted(f"{name}.caraka" for name in dropped)
        wanted = {f"buatan-{n}.caraka": make().quarantine for n, make in enumerate(HOSTILE.values())}
        reasons = {
            event["data"]["source"]["uid"]: event["data"]["reason"]
            for event in fresh_product.events("intake", MessageQuarantined.__name__)
        }
        assert {uid: reasons.get(uid) for uid, reason in wanted.items() if reason} == {
            uid: reason for uid, reason in wanted.items() if reason
        }
        await people.forwarded()  # and the office works on
        for row in rows:
            shown = await people.operator.send("GET", f"/letters/{row['letter_id']}")
            told = await people.operator.send("GET", f"/letters/{row['letter_id']}/events")
            assert (shown.status_code, told.status_code) == (200, 200), row
            if row["stage"] == "quarantined":
                assert shown.json()["text"] == ""
                if row["quarantine"] == "classified":
                    assert (shown.json()["message_subject"], shown.json()["from_name"]) == ("", "")
    await fresh_product.until_quiet()
    assert await fresh_product.breaches() == []
    assert "Traceback" not in fresh_product.said()


async def test_a_mailbox_on_a_mail_server_is_read_once_and_left_as_it_was(tmp_path: Path) -> None:
    server = start_dovecot(tmp_path / "dovecot")
    (tmp_path / "kata-sandi").write_text(server.password)
    box = {
        "agency": "pekalongan", "name": "kotak-dinas", "kind": "imap", "host": server.host, "port": server.port,
        "user": server.user, "password_file": str(tmp_path / "kata-sandi"), "security": "plain", "poll_seconds": 1.0,
    }  # fmt: skip
    sample = list(messages().values())[:12]
    server.append(*sample[:6])
    product = start_product(tmp_path / "product", env={"CARAKA_MAILBOXES": json.dumps([box])})
    try:
        async with office(product) as people:
            await until_counted(people.operator, 6)
            product.stop()
            server.append(*sample[6:])
            product.start()
        async with office(product) as people:
            rows = await until_counted(people.operator, 12)
            assert {row["channel"] for row in rows} == {"imap"}
            letter = next(row["letter_id"] for row in rows if row["stage"] == "captured")
            await people.printed(letter)
        assert sorted(taken(product), key=int) == [str(uid) for uid in uids(server)]
        assert flags(server) == [b""] * 12
        await a_dead_mail_server_is_seen_everywhere(product, server)
    finally:
        product.discard()
        server.discard()


async def a_dead_mail_server_is_seen_everywhere(product: Product, server: Dovecot) -> None:
    """The product itself stays ready; page, inbox, readiness and doctor name the mailbox; gone when it is back."""
    server.stop()
    async with product.client() as client:
        await until_said(client, "kotak-dinas")
        assert (await client.get("/readyz")).json()["ready"] is True
    said = ("Kotak surat kotak-dinas", "tidak dapat dibaca sejak")
    for name, path in (("operator", "/kotak-masuk"), ("admin", "/operasi")):
        page = await seen(product, name, path)
        assert all(words in page for words in said), path
        assert "Sehat:" not in page
    status, doctor = product.try_command("doctor")
    assert (status, "mailbox-pekalongan-kotak-dinas" in doctor) == (1, True)
    server.start()
    async with product.client() as client:
        await until_said(client, "")


async def seen(product: Product, name: str, path: str) -> str:
    async with product.client(headers={"Accept": "text/html"}) as client:
        person = await product.session(client, name)
        return (await client.get(path, headers={"Cookie": person._headers["Cookie"]})).text


async def until_said(client: httpx.AsyncClient, words: str) -> None:
    """Until readiness warns of this; empty: of nothing. The reader tries for half a minute before it says so."""
    async with asyncio.timeout(90):
        while True:
            warnings = " ".join((await client.get("/readyz")).json()["warnings"])
            if words in warnings if words else not warnings:
                return
            await asyncio.sleep(0.2)


def uids(server: Dovecot) -> list[int]:
    client = server.client()
    client.select("INBOX", readonly=True)
    _, found = client.uid("SEARCH", "ALL")  # type: ignore[arg-type]  # typeshed wants two strings
    client.logout()
    return [int(word) for word in found[0].split()]


def flags(server: Dovecot) -> list[bytes]:
    """Of every message, without the one that the server itself sets at the first sight."""
    client = server.client()
    client.select("INBOX", readonly=True)
    _, found = client.fetch("1:*", "(FLAGS)")
    client.logout()
    bare = [line.partition(b"(FLAGS (")[2].partition(b")")[0] for line in found if isinstance(line, bytes)]
    return [flag.replace(b"\\Recent", b"").strip() for flag in bare]


async def test_a_message_dropped_twice_is_one_letter_and_its_twin(fresh_product: Product) -> None:
    raw = next(iter(messages().values()))
    fresh_product.drop(raw, "satu.caraka")
    fresh_product.drop(raw, "dua.caraka")
    async with office(fresh_product) as people:
        rows = await until_counted(people.operator, 2)
        assert sorted(row["stage"] for row in rows) == ["captured", "twin"]
        one, twin = sorted(rows, key=lambda row: row["stage"])
        assert twin["twin_of"] == one["letter_id"]
        await people.operator.do(f"/letters/{twin['letter_id']}/cancel", {"reason": "Surat yang sama"})
        assert len(await letters(people.operator)) == 2
