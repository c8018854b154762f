"""Lini masa: a case told by its events, one sentence each, with who, when, the elapsed working time and the proof."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contracts.base import ERASED
from contracts.projections import HistoryEntry, Letter
from gateway.edge.i18n import mark as _
from gateway.edge.i18n import translate
from gateway.web import words
from gateway.web.moments import Moments

ERASED_WORDS = _("(dihapus)")
UNKNOWN = _("Peristiwa {kind}.")
MACHINE = "machine"

# Kind without version → icon, tone, sentence. Places are filled from `_places`.
SENTENCES: Mapping[str, tuple[str, str, str]] = {
    "intake.MessageCaptured": ("inbox", "busy", _("Pesan dari {who} diterima: “{what}”.")),
    "intake.MessageQuarantined": ("shield", "bad", _("Pesan dikarantina: {quarantine}")),
    "intake.MessageReleased": ("check", "warn", _("Dikeluarkan dari karantina: dari {who}, “{what}”.")),
    "intake.QuarantineConfirmed": ("shield", "bad", _("Karantina diteguhkan; diserahkan ke prosedur sandi.")),
    "intake.MessageTaken": ("shield", "warn", _("Pesan diambil dari karantina dalam keadaan tertutup.")),
    "intake.TwinLinked": ("twin", "warn", _("Pesan kembar dari {who} ditautkan: “{what}”.")),
    "intake.MessageExamined": ("check", "busy", _("Surat diperiksa: dari {who}, “{what}”.")),
    "intake.AgendaNumberTaken": ("book", "busy", _("Nomor {number} diambil dari buku {book} tahun {year}.")),
    "intake.LetterRegistered": ("book", "good", _("Didaftarkan dengan nomor agenda {agenda}; jatuh tempo {due}.")),
    "intake.PrintPackProduced": ("print", "busy", _("Berkas cetak ke-{print_number} dibuat, {pages} halaman.")),
    "intake.LetterForwarded": ("send", "busy", _("Diteruskan untuk paraf (putaran {revision}).")),
    "intake.LetterRevised": ("edit", "warn", _("Isian diperbaiki untuk putaran {revision}.")),
    "intake.LetterCancelled": ("cross", "bad", _("Surat dibatalkan.")),
    "intake.LetterShut": ("archive", "quiet", _("Surat ditutup: arsip tidak diubah lagi.")),
    "intake.DeadlineMoved": ("clock", "warn", _("Jatuh tempo dipindah ke {due}.")),
    "intake.WorkingTimeChanged": ("clock", "busy", _("Batas paraf dan antar mengikuti kalender yang berubah.")),
    "intake.ClockPaused": ("clock", "warn", _("Hitungan waktu dijeda.")),
    "intake.ClockResumed": ("clock", "busy", _("Hitungan waktu dilanjutkan.")),
    "intake.ClockStopped": ("clock", "good", _("Hitungan waktu selesai.")),
    "intake.LetterDueSoon": ("clock", "warn", _("Batas waktu hampir tiba: {due}.")),
    "intake.LetterOverdue": ("alert", "bad", _("Batas waktu terlampaui: {due}.")),
    "approval.TierReminded": ("clock", "warn", _("{title} diingatkan: batas parafnya {due}.")),
    "approval.TierOverdue": ("alert", "bad", _("Batas paraf {title} terlampaui.")),
    "approval.RoundRetimed": ("clock", "quiet", _("Batas paraf putaran ini dihitung dengan kalender yang berubah.")),
    "approval.TierLimitMoved": ("clock", "warn", _("Batas paraf {title} dipindah ke {due}.")),
    "dispatch.DispatchRetimed": ("clock", "quiet", _("Batas antar dihitung dengan kalender yang berubah.")),
    "dispatch.DeliveryLimitMoved": ("clock", "warn", _("Batas antar salinan untuk {office} dipindah ke {due}.")),
    "dispatch.DeliveryOverdue": ("alert", "bad", _("Salinan untuk {office} dibawa lebih lama dari batas standar.")),
    "approval.RoundOpened": ("pen", "busy", _("Putaran paraf {revision} dibuka: {tiers}.")),
    "approval.TierInitialled": ("pen", "good", _("Diparaf oleh {title}.")),
    "approval.ApprovalCompleted": ("check", "good", _("Semua paraf lengkap.")),
    "approval.TierReturned": ("back", "warn", _("Dikembalikan {title} ke pejabat sebelumnya.")),
    "approval.ApprovalReturned": ("back", "warn", _("Dikembalikan {title} ke operator.")),
    "approval.RoundClosed": ("cross", "quiet", _("Putaran paraf ditutup.")),
    "dispatch.DispatchPlanned": ("letter", "busy", _("Pengantaran direncanakan: {count} salinan.")),
    "dispatch.ApprovalNoted": ("check", "busy", _("Paraf lengkap dicatat sebelum rencana antar tiba.")),
    "dispatch.DispatchReleased": ("send", "good", _("Surat siap diantar.")),
    "dispatch.CourierAssigned": ("courier", "busy", _("Caraka {who} ditugaskan untuk {count} salinan.")),
    "dispatch.CopyDelivered": ("check", "good", _("Salinan untuk {office} diterima {who}, {receiver_position}.")),
    "dispatch.DeliveryFailed": ("cross", "bad", _("Salinan untuk {office} gagal diantar.")),
    "dispatch.CopyTransmitted": ("send", "good", _("Salinan untuk {office} dikirim lewat {route}: {reference}.")),
    "dispatch.ProofWaived": ("check", "warn", _("Bukti salinan untuk {office} dibebaskan.")),
    "dispatch.DispatchProven": ("check", "good", _("Semua salinan terbukti diterima.")),
    "dispatch.LetterArchived": ("archive", "good", _("Diarsipkan di {place}, klasifikasi {classification}.")),
    "organisation.OperationNoted": ("gauge", "warn", _("Ruang operasi: {done}")),
    "dispatch.DispatchClosed": ("cross", "quiet", _("Pengantaran dihentikan.")),
    "dispatch.DispatchHeld": ("alert", "warn", _("Pengantaran ditahan: isian diperbaiki untuk putaran {revision}.")),
    "dispatch.DispatchRecalled": (
        "back",
        "warn",
        _("Salinan putaran {revision} ditarik; putaran {by_revision} diparaf dan diantar dari awal."),
    ),
    "dispatch.RevisionRefused": ("cross", "bad", _("Perbaikan putaran {revision} ditolak: surat sudah diarsipkan.")),
}

# What came by no mail has no sender of a mail.
WITHOUT_SENDER: Mapping[str, str] = {"intake.MessageCaptured": _("Surat diterima dan dicatat: “{what}”.")}

# What stands below the sentence in the officer's own words.
NOTES = ("note", "reason")
PROOFS: Mapping[str, tuple[str, str]] = {
    "intake.MessageCaptured": ("raw", _("Pesan asli (.eml)")),
    "intake.TwinLinked": ("raw", _("Pesan asli (.eml)")),
    "intake.PrintPackProduced": ("print-pack", _("Berkas cetak terbaru (PDF)")),
    "approval.ApprovalCompleted": ("initials-sheet", _("Lembar paraf (PDF)")),
}


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One entry of the timeline, ready to show. ``proof``: what `/api/v1/letters/{id}/…` gives, and its label.
    ``place``: where it stands in the log; ``mark``: the same in words.
    """

    sentence: str
    icon: str
    tone: str
    by: str
    note: str
    at: datetime
    elapsed: str
    proof: tuple[str, str] | None
    mark: str
    place: str
    raw: str


def story(letter: Letter, entries: Sequence[HistoryEntry], time: Moments) -> list[TimelineEntry]:
    """Oldest first. Elapsed working time counts from the receipt of the letter."""
    offices = {str(copy.copy_id): copy.office for copy in letter.copies}
    return [_entry(entry, letter, offices, time) for entry in entries]


def _entry(entry: HistoryEntry, letter: Letter, offices: Mapping[str, str], time: Moments) -> TimelineEntry:
    bare = entry.kind.rpartition(".")[0]
    icon, tone, sentence = SENTENCES.get(bare, ("letter", "quiet", UNKNOWN))
    if bare in WITHOUT_SENDER and not entry.params.get("who"):
        sentence = WITHOUT_SENDER[bare]
    places = Places(_places(entry, offices, time))
    note = next((str(entry.params[name]) for name in NOTES if entry.params.get(name)), "")
    if bare == "intake.MessageQuarantined":
        note = ""
    said = translate(sentence, time.language).format_map(places)
    since, proof = letter.row.received_at, _proof(bare, letter)
    return line(entry, (icon, tone), said, time, note=note, since=since, proof=proof)


def line(  # noqa: PLR0913 - what an entry is shown by
    entry: HistoryEntry,
    look: tuple[str, str],
    sentence: str,
    time: Moments,
    *,
    note: str,
    since: datetime | None,
    proof: tuple[str, str] | None = None,
    with_raw: bool = True,
) -> TimelineEntry:
    """``look``: icon and tone. ``since``: from when the working time is counted; None: it is not."""
    raw = json.dumps(entry.raw, indent=2, ensure_ascii=False, sort_keys=True) if entry.raw and with_raw else ""
    return TimelineEntry(
        sentence=sentence,
        icon=look[0],
        tone=look[1],
        by=signed(entry.by_name, entry.by_title, entry.by_capacity, time.language),
        note=translate(ERASED_WORDS, time.language) if note == ERASED else note,
        at=entry.at,
        elapsed=time.worked(since, entry.at) if since is not None and entry.at > since else "",
        proof=proof,
        mark=f"{translate(words.text(words.SERVICES, entry.service), time.language)} #{entry.position}",
        place=f"{entry.service} #{entry.position}",
        raw=raw,
    )


def last_of(entries: Sequence[HistoryEntry], written: Mapping[str, str], fact: str) -> str:
    """What was written with the last such fact of a case; empty where there was none, or it may not be read."""
    found = (written.get(str(each.event_id), "") for each in reversed(entries) if each.kind.startswith(f"{fact}."))
    return next(found, "")


def own_places(entry: HistoryEntry, time: Moments) -> dict[str, Any]:
    """What sentences of every kind of case are filled with: the fact's own words and numbers, when it is due, and what
    was done in Ruang operasi.
    """
    found: dict[str, Any] = {name: value for name, value in entry.params.items() if isinstance(value, str | int)}
    if due := entry.params.get("due_at"):
        found["due"] = time.full(datetime.fromisoformat(str(due)))
    if operation := entry.params.get("operation"):
        found["done"] = done(str(operation), str(entry.params.get("of_service", "")), time.language)
    return found


def signed(name: str, title: str, capacity: str, language: str) -> str:
    """“Nama, Plh. Kepala Bidang …” as the office prints it; a machine is called one."""
    shown = translate(ERASED_WORDS, language) if name == ERASED else name
    if capacity == MACHINE:
        return f"{translate(words.CAPACITIES[MACHINE], language)} {shown}"
    acting = words.CAPACITIES.get(capacity, capacity)
    place = f"{acting} {title}".strip() if title else ""
    return ", ".join(part for part in (shown, place) if part)


def _proof(bare: str, letter: Letter) -> tuple[str, str] | None:
    proof = PROOFS.get(bare)
    if proof is None:
        return None
    held = {"raw": letter.blob, "print-pack": letter.print_pack, "initials-sheet": letter.initials}[proof[0]]
    return proof if held else None


def _places(entry: HistoryEntry, offices: Mapping[str, str], time: Moments) -> dict[str, str]:
    params = entry.params
    acting = translate(words.CAPACITIES.get(entry.by_capacity, ""), time.language)
    found = own_places(entry, time) | {
        "kind": entry.kind,
        "title": f"{acting} {entry.by_title or entry.by_name or params.get('title', '')}".strip(),
        "office": offices.get(str(params.get("copy_id", "")), "…"),
        "count": len(params.get("copy_ids") or params.get("copies") or ()),
        "tiers": " → ".join(str(tier.get("title", "")) for tier in params.get("tiers") or ()),
    }
    if route := params.get("route"):
        found["route"] = translate(words.text(words.ROUTES, str(route)), time.language).lower()
    if bare := params.get("reason"):
        found["quarantine"] = translate(words.text(words.QUARANTINES, str(bare)), time.language)
    return readable(found, time.language)


def done(operation: str, service: str, language: str) -> str:
    """What somebody did in Ruang operasi."""
    where = translate(words.text(words.SERVICES, service), language)
    return translate(words.text(words.OPERATIONS, operation), language).format_map(Places(where=where))


def readable(found: Mapping[str, Any], language: str) -> dict[str, str]:
    """Places of a sentence as texts; of what was erased, that it was."""
    erased = translate(ERASED_WORDS, language)
    return {name: erased if value == ERASED else str(value) for name, value in found.items()}


def inside(heading: str) -> str:
    """As it stands within a sentence; names of their own stay as they are."""
    return heading if heading[1:2].isupper() or heading == "WhatsApp" else heading[:1].lower() + heading[1:]


class Places(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "…"
