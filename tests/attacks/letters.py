"""An office with letters of every kind, each with words of its own in every part, so that whoever has one is found."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from services.cli.demo import FIELDS, Person, patiently, until
from tests.attacks import never
from tests.hostile_mail import EICAR
from tests.parts.product import Product

PARTS_TOO_MANY = 501
CLIENT_PEOPLE = {
    "pekalongan": (
        *("operator", "operator-2", "kasi", "kabid", "kadis", "caraka-1", "caraka-2", "admin", "sekretaris"),
        "inspektorat",
    ),
    "purbalingga": ("operator", "kasi", "kabid", "kadis", "caraka-1", "admin", "inspektorat"),
}
KNOWN_AS = {
    "operator": "operator", "operator-2": "operator", "kasi": "Kasi", "kabid": "Kabid", "kadis": "Kadis",
    "caraka-1": "courier", "caraka-2": "courier", "admin": "administrator", "sekretaris": "secretary",
    "inspektorat": "inspector",
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A letter. ``mark`` is in each of its parts, behind the part's own word; ``has``: the parts that there are."""

    mark: str
    agency: str
    kind: str
    letter_id: str
    has: never.Words
    copies: tuple[str, ...] = ()
    carrier: str = ""
    stand_in: str = ""

    def word(self, part: str) -> str:
        return f"{WORD[part]}-{self.mark}"

    def seen_by(self, person: "Known") -> str:
        """Who this person is to the letter, in the words of `never`."""
        if person.who == "nobody" or person.agency != self.agency:
            return person.who if person.who == "nobody" else "somebody of another agency"
        if person.name and person.name == self.carrier:
            return never.CARRIER
        if person.name and person.name == self.stand_in:
            return never.STAND_IN
        return person.who


@dataclass(frozen=True)
class Known:
    """Somebody who knocks; ``headers`` are his session or his token."""

    who: str
    agency: str = ""
    name: str = ""
    headers: dict[str, str] = field(default_factory=dict)


WORD = {
    never.TITLE: "melati", never.SUMMARY: "ringkas", never.TEXT: "uraian", never.ATTACHED: "lampir",
    never.RAW: "mentah",
}  # fmt: skip
SEARCHED, SEARCHED_TEXT = "kembang", "benih"
"""Words by which a letter is looked for: of its title, of its text."""
ARRIVED = never.words(
    never.ROW, never.CHANGE, never.TITLE, never.TEXT, never.ATTACHED, never.RAW, never.HISTORY, never.STORED
)
QUARANTINED = never.words(never.ROW, never.CHANGE, never.RAW, never.HISTORY, never.STORED)


def message(mark: str, *headers: str, more: bytes = b"") -> bytes:
    lines = (
        f"From: Pengirim melati-{mark} <tu@contoh.example>",
        f"Subject: {SEARCHED}-{mark} melati-{mark}",
        f"Message-ID: <{mark}@contoh.example>",
        f"X-Penanda: mentah-{mark}",
        *headers,
        'Content-Type: multipart/mixed; boundary="batas"',
        "",
        "--batas",
        "Content-Type: text/plain; charset=utf-8",
        "",
        f"Isi uraian-{mark}, {SEARCHED_TEXT}-{mark}.",
        "--batas",
        "Content-Type: application/octet-stream",
        f'Content-Disposition: attachment; filename="lampir-{mark}.bin"',
        "",
        "",
    )
    return "\r\n".join(lines).encode() + more + b"\r\n--batas--\r\n"


def unreadable(mark: str) -> bytes:
    return message(mark, more=b"x" + b"\r\n--batas\r\n\r\ny" * PARTS_TOO_MANY)


def fields(mark: str) -> dict[str, Any]:
    words = {"sender": f"Setda melati-{mark}", "subject": f"{SEARCHED}-{mark} melati-{mark}"}
    return {**FIELDS, **words, "summary": f"ringkas-{mark}", "letter_number": f"melati-{mark}/1"}


async def take_in(operator: Person, raw: bytes) -> str:
    said = await operator.do("/letters/upload", raw, **{"Content-Type": "message/rfc822"})
    letter: str = said["result"]["letter_id"]
    return letter


async def forward(registrar: Person, letter: str, mark: str) -> None:
    await registrar.do(f"/letters/{letter}/examine", {"fields": fields(mark)})
    for step in ("register", "print", "forward"):
        await registrar.do(f"/letters/{letter}/{step}")
    await until(registrar, letter, "forwarded")


async def fill(product: Product) -> list[Case]:
    """The letters of both offices; caraka-1 carries one, caraka-2 would initial another."""
    made: list[Case] = []
    async with office(product, "pekalongan") as here, office(product, "purbalingga") as there:
        operator = here["operator-2"]

        async def arrived(kind: str, mark: str, raw: bytes, agency: str = "pekalongan") -> Case:
            who = operator if agency == "pekalongan" else there["operator"]
            letter = await take_in(who, raw)
            stage = "captured" if kind == never.ORDINARY else "quarantined"
            shown = await until(who, letter, stage)
            reason = {never.UNREADABLE: "too-many-parts", never.HARMFUL: "malware", never.CLASSIFIED: "classified"}
            assert shown["row"]["quarantine"] == reason.get(kind)
            case = Case(mark, agency, kind, letter, ARRIVED if kind == never.ORDINARY else QUARANTINED)
            made.append(case)
            return case

        await arrived(never.ORDINARY, "baru", message("baru"))
        await arrived(never.UNREADABLE, "ruwet", unreadable("ruwet"))
        await arrived(never.HARMFUL, "virus", message("virus", more=EICAR))
        await arrived(never.CLASSIFIED, "kawat", message("kawat", "Sifat: Rahasia"))
        both = await arrived(never.CLASSIFIED, "ganda", message("ganda", "Sifat: Rahasia", more=EICAR))
        await operator.do(f"/letters/{both.letter_id}/cancel", {"reason": "diserahkan ke prosedur sandi"})
        for kind, mark, raw in (
            (never.ORDINARY, "tetangga", message("tetangga")),
            (never.UNREADABLE, "semrawut", unreadable("semrawut")),
            (never.CLASSIFIED, "isyarat", message("isyarat", "Sifat: Rahasia")),
        ):
            await arrived(kind, mark, raw, "purbalingga")
        made += [await on_its_way(here), await registered_by_a_head(product, here)]
    await product.until_quiet()
    return made


async def on_its_way(here: dict[str, Person]) -> Case:
    """Initialled by all, with caraka-1: it has every part that a letter can have."""
    letter, operator = await take_in(here["operator-2"], message("jalan")), here["operator-2"]
    await forward(operator, letter, "jalan")
    for head in ("kasi", "kabid", "kadis"):
        await patiently(here[head], f"/approvals/{letter}/initial", {"note": ""})
    await until(here["kasi"], letter, "released")
    await patiently(here["kasi"], f"/dispatches/{letter}/assign", {"courier_id": "caraka-1"})
    copies = tuple(copy["copy_id"] for copy in (await until(operator, letter, "assigned"))["copies"])
    return Case("jalan", "pekalongan", never.ORDINARY, letter, never.ALL, copies, carrier="caraka-1")


async def registered_by_a_head(product: Product, here: dict[str, Person]) -> Case:
    """The Kabid sits at the operator's desk till yesterday's end; so what he registers a stand-in would initial."""
    admin, kabid = here["admin"], here["kabid"]
    today = datetime.now(UTC).date()
    substitute = {"position": "pengganti-kabid", "title": "Pengadministrasi Umum", "role": "courier", "unit": ""}
    await admin.do("/positions", {**substitute, "person_id": "caraka-2"})
    await product.agree()
    await admin.do("/positions/kabid-aplikasi-persandian/substitute", {"substitute": "pengganti-kabid"})
    desk = {"position": "operator-cadangan", "title": "Operator Cadangan", "role": "operator", "person_id": "kabid"}
    await admin.do("/positions", {**desk, "from_on": str(today - timedelta(days=9))})
    await product.agree()
    certified = {"qualification": "sandi", "from_on": str(today - timedelta(days=9))}
    await admin.do("/people/kabid/qualifications", certified)
    letter = await take_in(here["operator-2"], message("ganti"))
    await patiently_allowed(kabid, f"/letters/{letter}/examine", {"fields": fields("ganti")})
    await forward(kabid, letter, "ganti")
    gone = {"on": str(today - timedelta(days=2)), "reason": "tugas selesai"}
    await admin.do("/positions/operator-cadangan/end", gone)
    for _ in range(80):
        if "operator" not in (await kabid.see("/me"))["roles"]:
            break
        await asyncio.sleep(0.1)
    has = never.ALL
    return Case("ganti", "pekalongan", never.ORDINARY, letter, has, stand_in="caraka-2")


async def patiently_allowed(person: Person, path: str, body: dict[str, Any]) -> None:
    """An appointment is known at every door within the seconds for which a visitor is remembered."""
    for _ in range(80):
        answer = await person.send("POST", path, json=body)
        if answer.status_code != 403:
            assert answer.status_code == 200, answer.text
            return
        await asyncio.sleep(0.1)
    raise TimeoutError(answer.text)


@asynccontextmanager
async def office(product: Product, agency: str) -> AsyncIterator[dict[str, Person]]:
    names = CLIENT_PEOPLE[agency]
    async with product.people(*names, agency=agency) as people:
        yield dict(zip(names, people, strict=True))


async def known(product: Product) -> list[Known]:
    """Everybody who can knock: people of both offices, programs with their tokens (certified for nothing), nobody."""
    found = [Known("nobody")]
    for agency in CLIENT_PEOPLE:
        async with office(product, agency) as people:
            for name, person in people.items():
                roles = (await person.see("/me"))["roles"]
                assert ("operator" in roles) is (KNOWN_AS[name] == "operator"), (name, roles)
                who = (
                    never.WITHOUT_SANDI if KNOWN_AS[name] == "operator" and agency == "purbalingga" else KNOWN_AS[name]
                )
                found.append(Known(who, agency, name, dict(person._headers)))
    for role, who in (("operator", never.WITHOUT_SANDI), ("inspector", "inspector"), ("admin", "administrator")):
        said = product.command("token", "create", "--agency", "pekalongan", "--role", role, "--label", f"uji {role}")
        found.append(Known(who, "pekalongan", "", {"Authorization": f"Bearer {said.split()[-1]}"}))
    return found
