"""The timeline of a complaint: one sentence for each of its facts; what was written stands below it, from the sheet."""

from collections.abc import Mapping, Sequence

from contracts.projections import Complaint, HistoryEntry
from gateway.edge.i18n import mark as _
from gateway.edge.i18n import translate
from gateway.web import complaint_words as words
from gateway.web.moments import Moments
from gateway.web.story import SENTENCES, UNKNOWN, Places, TimelineEntry, inside, line, own_places, readable
from gateway.web.words import Word, text, word

# Kind without version → icon, tone, sentence.
TOLD: Mapping[str, tuple[str, str, str]] = {
    "complaint.ComplaintFiled": ("inbox", "busy", _("{kind} {number} diterima lewat {channel}; pelapor: {stance}.")),
    "complaint.EntryCorrected": (
        "edit",
        "warn",
        _(
            "Catatan diperbaiki: diterima {received} (semula {was_received}), lewat {channel}, {kind}{papers}. "
            "Jatuh tempo {due}."
        ),
    ),
    "complaint.ComplaintAcknowledged": ("check", "busy", _("Penerimaan diakui kepada pelapor.")),
    "complaint.AcknowledgementOverdue": ("alert", "bad", _("Belum diakui sampai batasnya: {due}.")),
    "complaint.ComplaintClassified": ("flag", "good", _("Digolongkan: {title}; jatuh tempo {due}. Pokok: “{what}”.")),
    "complaint.ComplaintReclassified": (
        "flag",
        "warn",
        _("Digolongkan ulang: {title}; jatuh tempo {due}. Pokok: “{what}”."),
    ),
    "complaint.ComplainedAboutNamed": (
        "shield",
        "warn",
        _("Yang diadukan dicatat dan tidak lagi melihat."),
    ),
    "complaint.ComplaintAssigned": ("person", "busy", _("Ditangani {position}, {why}.")),
    "complaint.ComplaintEscalated": ("alert", "warn", _("Dinaikkan ke {position}, {why}.")),
    "complaint.NoteAdded": ("edit", "quiet", _("Catatan dalam.")),
    "complaint.ReporterAsked": ("send", "warn", _("Pelapor ditanya: {title}.")),
    "complaint.ReporterSilent": ("clock", "warn", _("Pelapor belum membalas.")),
    "complaint.ReporterWrote": ("inbox", "busy", _("Pelapor menulis.")),
    "complaint.MessageLeft": ("inbox", "quiet", _("Ada balasan surel otomatis; tidak dibaca sebagai jawaban pelapor.")),
    "complaint.AnswerProposed": ("pen", "busy", _("Jawaban diusulkan; menunggu persetujuan {position}.")),
    "complaint.AnswerReturned": ("back", "warn", _("Usul jawaban dikembalikan.")),
    "complaint.ComplaintAnswered": ("send", "good", _("Dijawab, {late}.")),
    "complaint.ObjectionRaised": ("back", "warn", _("Pelapor keberatan, ke-{count}.")),
    "complaint.StanceChanged": ("shield", "warn", _("Pelapor sekarang: {stance}.")),
    "complaint.ComplaintReferred": ("send", "quiet", _("Diteruskan ke instansi yang berwenang.")),
    "complaint.ComplaintSetAside": ("cross", "quiet", _("Tidak ditindaklanjuti: {aside}.")),
    "complaint.ComplaintWithdrawn": ("back", "quiet", _("Ditarik pelapor.")),
    "complaint.ComplaintClosed": ("check", "good", _("Selesai. {outcome}.")),
    "complaint.ReporterRetentionEnded": ("shield", "quiet", _("Data pelapor dihapus; pokok dan jawabannya tetap.")),
    "complaint.ComplaintDueSoon": ("clock", "warn", _("Batas waktu hampir tiba: {due}.")),
    "complaint.ComplaintOverdue": ("alert", "bad", _("Batas waktu terlampaui: {due}.")),
    "complaint.DeadlineMoved": ("clock", "warn", _("Jatuh tempo dipindah ke {due}.")),
    "complaint.ClockPaused": ("clock", "warn", _("Hitungan waktu dijeda.")),
    "complaint.ClockResumed": ("clock", "busy", _("Hitungan waktu dilanjutkan.")),
    "complaint.ClockStopped": ("clock", "good", _("Hitungan waktu selesai.")),
    "organisation.OperationNoted": SENTENCES["organisation.OperationNoted"],
}
LATE: Mapping[bool, str] = {True: _("setelah batas waktu"), False: _("dalam batas waktu")}
HANDED_UP = _("Yang diadukan dicatat dan tidak lagi melihat; pengaduan ini dipilah {position}.")
PAPER = _(", nomor kertas {now}")
PAPER_CHANGED = _(", nomor kertas {now} (semula {before})")
BY_LETTER = _("Dijawab dengan surat nomor {letter_number}, {late}.")
ABOUT_OFFICER = _("Menurut pelapor ini tentang {officer}, yang tidak melihatnya; {position} yang memilahnya.")
FILES = _("{n} lampiran tetap di kotak surel.")
NOBODY = _("petugas pengaduan")
RESTRICTED = _("{title} (terbatas)")
HOUSE = _("{title} (batas waktu bawaan, tidak dinyatakan standar)")


def story(
    complaint: Complaint,
    entries: Sequence[HistoryEntry],
    written: Mapping[str, str],
    titles: Mapping[str, str],
    time: Moments,
) -> list[TimelineEntry]:
    """Oldest first. ``written``: event id → what was written; ``titles``: position → as people call it."""
    return [_entry(each, complaint, written.get(str(each.event_id), ""), titles, time) for each in entries]


def _entry(
    entry: HistoryEntry, complaint: Complaint, written: str, titles: Mapping[str, str], time: Moments
) -> TimelineEntry:
    icon, tone, sentence = TOLD.get(entry.kind.rpartition(".")[0], ("letter", "quiet", UNKNOWN))
    if entry.params.get("letter_number"):
        sentence = BY_LETTER
    elif entry.params.get("desk"):
        sentence = HANDED_UP
    said = translate(sentence, time.language).format_map(Places(_places(entry, titles, time)))
    since = None if complaint.row.dated else complaint.row.received_at
    look = (icon, tone)
    said += _about_officer(entry, titles, time) + _left_files(entry, time)
    return line(entry, look, said, time, note=written, since=since, with_raw=False)


def _about_officer(entry: HistoryEntry, titles: Mapping[str, str], time: Moments) -> str:
    """Why it is on no other desk."""
    officer, sorts = str(entry.params.get("officer") or ""), str(entry.params.get("told", ""))
    if not officer or not entry.kind.startswith("complaint.ComplaintFiled."):
        return ""
    said = translate(ABOUT_OFFICER, time.language)
    return " " + said.format(officer=titles.get(officer, officer), position=titles.get(sorts, sorts))


def _left_files(entry: HistoryEntry, time: Moments) -> str:
    """What came with a mail stays in its mailbox; whoever reads the case has to know that there is more."""
    files = entry.params.get("left_files")
    return f" {translate(FILES, time.language).format(n=files)}" if files else ""


def _places(entry: HistoryEntry, titles: Mapping[str, str], time: Moments) -> dict[str, str]:
    params = entry.params

    def said(table: Mapping[str, str] | Mapping[str, Word], name: str) -> str:
        slug = str(params.get(name, ""))
        found = table.get(slug)
        return translate(found.text if isinstance(found, Word) else text(table, slug), time.language)  # type: ignore[arg-type]

    position = str(
        params.get("position") or params.get("to_position") or params.get("approver") or params.get("desk") or ""
    )
    found = own_places(entry, time) | {
        "kind": said(words.KINDS, "complaint_kind") if "complaint_kind" in params else entry.kind,
        "channel": inside(said(words.CHANNELS, "channel")),
        "stance": inside(translate(word(words.STANCES, str(params.get("stance", ""))).text, time.language)),
        "why": said(words.WHY, "why"),
        "aside": inside(said(words.ASIDE, "why")),
        "outcome": said(words.OUTCOMES, "outcome"),
        "late": translate(LATE[bool(params.get("late"))], time.language),
        "position": titles.get(position, position) or translate(NOBODY, time.language),
    }
    if "received_on" in params:
        found["received"] = time.civil(str(params["received_on"]))
        found["was_received"] = time.civil(str(params.get("was_received_on", "")))
        found["kind"] = inside(found["kind"])
        now, before = str(params.get("paper_number", "")), str(params.get("was_paper_number", ""))
        said_paper = PAPER if now == before else PAPER_CHANGED
        paper = translate(said_paper, time.language).format(now=now, before=before or "–")
        found["papers"] = paper if now else ""
    for flag, pattern in (("default", HOUSE), ("restricted", RESTRICTED)):
        if params.get(flag):
            found["title"] = translate(pattern, time.language).format(title=found.get("title", ""))
    return readable(found, time.language)
