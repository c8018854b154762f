"""Made-up letters in every stage, with their copies, initials and histories, for the tests of the pages."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from contracts import organisation
from contracts import projections as p
from contracts.words import AttachmentRef, BlobRef, StandardRef

NOW = datetime.now(UTC).replace(microsecond=0)
ROOT = UUID("6f0c4ad0-1111-4222-8333-000000000001")
AGENCY = "pekalongan"
HOURS = [
    {"days": ["mon", "tue", "wed", "thu"], "open": "08:00", "close": "15:45", "breaks": [["12:00", "13:00"]]},
    {"days": ["fri"], "open": "08:00", "close": "11:00"},
]
TIERS = (
    ("kasi-persandian", "Kepala Seksi Persandian dan Keamanan Informasi"),
    ("kabid-aplikasi-persandian", "Kepala Bidang Aplikasi dan Persandian"),
    ("kadis", "Kepala Dinas Komunikasi dan Informatika"),
)
STANDARD = organisation.StandardRow(
    standard=StandardRef(standard="berita-biasa-sanapati", version=1, decree="060/040/III Tahun 2022"),
    name="Pelayanan Penerimaan Naskah Berita Biasa Email Sanapati",
    valid_from="2022-03-01",
    components={},
    rules={
        "zone": "Asia/Jakarta",
        "hours": HOURS,
        "books": {"masuk": {}},
        "assigner": "kasi-persandian",
        "letterhead": {"agency": "Pemerintah Kota Pekalongan", "office": "Dinas Komunikasi dan Informatika"},
    },
)
TEXT = """Kepada
Yth. 1. Wali Kota Pekalongan
     2. Kepala Dinas Kesehatan Kota Pekalongan
di Tempat

Nomor : 005/1187/BPBD/2026
Sifat : Segera
Hal   : Undangan rapat koordinasi kesiapsiagaan banjir rob

Dengan hormat, sehubungan dengan prakiraan gelombang tinggi di pesisir utara, kami mengundang Bapak/Ibu hadir
pada rapat koordinasi yang akan diselenggarakan di ruang Amarta. Mohon kehadirannya tepat waktu.

Tembusan:
1. Sekretaris Daerah
"""
SUBJECTS = (
    ("Badan Penanggulangan Bencana Daerah", "Undangan rapat koordinasi kesiapsiagaan banjir rob"),
    ("Dinas Komunikasi dan Informatika Provinsi", "Permintaan isian indeks keamanan informasi semester II"),
    ("Kementerian Dalam Negeri", "Penyampaian surat edaran tata naskah dinas elektronik"),
    ("Badan Siber dan Sandi Negara", "Pemberitahuan pemutakhiran sertifikat elektronik pejabat"),
    ("Sekretariat Daerah Provinsi", "Rapat evaluasi penyelenggaraan persandian triwulan IV"),
)


def letter_id(n: int) -> UUID:
    return uuid5(ROOT, f"letter-{n}")


def copy_id(n: int, of: int) -> UUID:
    return uuid5(ROOT, f"copy-{n}-{of}")


NUMBERED = p.STAGES[p.STAGES.index("registered") :]


def row(n: int, stage: str, **changes: Any) -> p.LetterRow:
    sender, subject = SUBJECTS[n % len(SUBJECTS)]
    numbered = stage in NUMBERED
    facts: dict[str, Any] = {
        "kind": "letters",
        "case_id": letter_id(n),
        "number": f"{844 + n:04d}/2026" if numbered else "",
        "title": subject,
        "who": sender,
        "progress": (3 if stage in {"proven", "archived"} else int(stage == "delivering"), 3) if numbered else None,
        "letter_id": letter_id(n),
        "stage": stage,
        "agenda": f"{844 + n:04d}/2026" if numbered else None,
        "sender": sender,
        "subject": subject,
        "letter_number": f"005/{1180 + n}/2026" if numbered else "",
        "letter_on": "2026-11-18" if numbered else "",
        "urgency": ("biasa", "segera", "penting", "biasa", "sangat-segera")[n % 5],
        "channel": "imap",
        "received_at": NOW - timedelta(hours=3 + 5 * n),
        "due_at": NOW + timedelta(hours=20 - 9 * n) if numbered else None,
        "completed_at": NOW - timedelta(hours=60) if stage in {"proven", "archived"} else None,
        "attachments": n % 3,
        "copies": 3 if numbered else 0,
        "copies_proven": 3 if stage in {"proven", "archived"} else int(stage == "delivering"),
        "waiting_position": "kasi-persandian" if stage == "forwarded" else None,
        "twin_of": letter_id(4) if stage == "twin" else None,
        "quarantine": "classified" if stage == "quarantined" else None,
        "warnings": ("display-name-spoof", "spf-weak", "html-only") if n == 1 else (),
        "changed_at": NOW - timedelta(minutes=7 * n + 1),
        "versions": {"intake": 5, "approval": 2, "dispatch": 3},
    }
    return p.LetterRow(**{**facts, **changes})


COPIES = (
    ("walikota", "Wali Kota Pekalongan", "asli", "aide", ("aide",)),
    ("kepala-opd", "Kepala Dinas Kesehatan", "asli", "courier", ("courier", "fax", "online")),
    ("sekda", "Sekretaris Daerah", "tembusan", "aide", ("aide",)),
)
COPY_STATES = {
    "released": ("planned", "planned", "planned"),
    "assigned": ("assigned", "planned", "assigned"),
    "delivering": ("delivered", "assigned", "failed"),
    "proven": ("delivered", "transmitted", "waived"),
    "archived": ("delivered", "transmitted", "waived"),
}


def copies(letter: p.LetterRow, n: int) -> tuple[p.CopyRow, ...]:
    states = COPY_STATES.get(letter.stage, ("planned",) * 3)
    if letter.agenda is None:
        return ()
    return tuple(
        p.CopyRow(
            copy_id=copy_id(n, at),
            letter_id=letter.letter_id,
            agenda=letter.agenda,
            subject=letter.subject,
            office=office,
            recipient_class=recipient_class,
            copy_kind=kind,
            route=route,
            routes=ways,
            proof="receipt",
            state=state,
            urgency=letter.urgency,
            due_at=letter.due_at,
            courier_id="caraka-1" if state in {"assigned", "failed", "delivered"} else None,
            courier_name="Slamet Widodo Jati" if state in {"assigned", "failed", "delivered"} else "",
            receiver_name="Wulan Maharani" if state == "delivered" else "",
            receiver_position="Ajudan Wali Kota" if state == "delivered" else "",
            reference="REG-2026-00817" if state == "transmitted" else "",
            reason="Kantor tutup sejak pukul 15.00" if state == "failed" else "",
            happened_at=NOW - timedelta(hours=1) if state == "delivered" else None,
        )
        for at, ((recipient_class, office, kind, route, ways), state) in enumerate(zip(COPIES, states, strict=True))
    )


def initials(letter: p.LetterRow) -> tuple[p.InitialRow, ...]:
    if letter.agenda is None or letter.stage in {"registered", "printed", "cancelled"}:
        return ()
    done = {"forwarded": 0, "returned": 1}.get(letter.stage, 3)
    states = ["initialled" if at < done else "waiting" for at in range(3)]
    if letter.stage == "forwarded":
        states[0] = "next"
    if letter.stage == "returned":
        states[1] = "returned"
    return tuple(
        p.InitialRow(
            tier=at,
            position=position,
            title=title,
            state=state,
            by_name="Hendra Wicaksana, S.Kom." if state in {"initialled", "returned"} else "",
            capacity="plh" if at == 1 else "holder",
            at=NOW - timedelta(hours=2) if state in {"initialled", "returned"} else None,
            note="Lampiran halaman 2 belum terbaca." if state == "returned" else "",
        )
        for at, ((position, title), state) in enumerate(zip(TIERS, states, strict=True))
    )


def letter(n: int, stage: str) -> p.Letter:
    line = row(n, stage)
    sealed = stage == "quarantined"
    return p.Letter(
        row=line,
        summary="Rapat koordinasi lintas perangkat daerah; konfirmasi kehadiran paling lambat Jumat."
        if line.agenda
        else "",
        classification="005" if line.agenda else "",
        from_name="" if sealed else line.sender,
        from_address="" if sealed else "tu@bpbd.pekalongankota.go.id",
        message_subject="" if sealed else f"Fwd: {line.subject}",
        text="" if sealed else TEXT,
        sent_at=line.received_at - timedelta(minutes=4),
        attachments=()
        if sealed
        else (AttachmentRef(name="Undangan rapat.pdf", media_type="application/pdf", size=184_320, sha256="a" * 64),),
        blob=BlobRef(sha256="b" * 64, size=20_480, media_type="message/rfc822"),
        print_pack=BlobRef(sha256="c" * 64, size=90_000, media_type="application/pdf")
        if line.agenda and stage != "registered"
        else None,
        print_number=1 if line.agenda and stage != "registered" else 0,
        standard="berita-biasa-sanapati v1 (060/040/III Tahun 2022)" if line.agenda else "",
        revision=1,
        registrar_id="operator" if line.agenda else None,
        returned_note="Lampiran halaman 2 belum terbaca." if stage == "returned" else "",
        cancel_reason="Salah kirim" if stage == "cancelled" else "",
        recipients=tuple({"recipient_class": a, "office": b, "copy_kind": c} for a, b, c, _, _ in COPIES)
        if line.agenda
        else (),
        initials=initials(line),
        copies=copies(line, n),
        archive_place="Lemari 2, map 14" if stage == "archived" else "",
    )


def history(found: p.Letter, *, raw: bool) -> Iterator[p.HistoryEntry]:
    who = {"by_name": "Ratna Kusumawardhani", "by_title": "Operator Transmisi Sandi", "by_capacity": "holder"}
    kasi = {"by_name": "Hendra Wicaksana, S.Kom.", "by_title": TIERS[0][1], "by_capacity": "plh"}
    due = (NOW + timedelta(hours=4)).isoformat()
    tiers = [{"position": position, "title": title} for position, title in TIERS]
    first = str(found.copies[0].copy_id) if found.copies else ""
    rows: list[tuple[str, dict[str, str], dict[str, Any]]] = [
        ("intake.MessageCaptured.v1", {}, {"who": found.row.sender, "what": found.row.subject}),
        ("intake.MessageExamined.v1", who, {"who": found.row.sender, "what": found.row.subject}),
        ("intake.AgendaNumberTaken.v1", {}, {"book": "masuk", "year": 2026, "number": 845}),
        ("intake.LetterRegistered.v1", who, {"agenda": found.row.agenda or "", "due_at": due}),
        ("intake.PrintPackProduced.v1", who, {"pages": 7, "print_number": 1, "reason": ""}),
        ("intake.LetterForwarded.v1", who, {"revision": 1, "tiers": tiers}),
        ("approval.RoundOpened.v1", {}, {"revision": 1, "tiers": tiers}),
        ("approval.TierInitialled.v1", kasi, {"revision": 1, "tier": 0, "note": "Mohon didahulukan."}),
        ("approval.ApprovalReturned.v1", kasi, {"revision": 1, "tier": 1, "note": "Lampiran belum terbaca."}),
        ("intake.LetterRevised.v1", who, {"revision": 2, "note": "Lampiran dipindai ulang."}),
        ("dispatch.CourierAssigned.v1", kasi, {"courier_id": "caraka-1", "copy_ids": [first], "who": "Slamet W."}),
        ("dispatch.CopyDelivered.v1", {}, {"copy_id": first, "receiver_position": "Ajudan", "who": "\u2420erased"}),
        ("dispatch.DeliveryFailed.v1", {}, {"copy_id": first, "reason": "Kantor tutup"}),
        ("dispatch.CopyTransmitted.v1", who, {"copy_id": first, "route": "fax", "reference": "TX 12"}),
        ("later.SomethingNew.v3", {}, {}),
    ]
    for at, (kind, by, params) in enumerate(rows):
        yield p.HistoryEntry(
            event_id=uuid5(ROOT, kind),
            service=kind.partition(".")[0],
            position=at + 1,
            kind=kind,
            at=found.row.received_at + timedelta(minutes=9 * at),
            params=params,
            raw={"id": str(uuid5(ROOT, kind)), "type": kind} if raw else None,
            **by,
        )
