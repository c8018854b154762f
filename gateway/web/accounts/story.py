"""The timeline of a request: one sentence for each of its facts; what was written stands below it, from the sheet."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from contracts.projections import HistoryEntry
from gateway.edge.i18n import mark as _
from gateway.edge.i18n import translate
from gateway.web import request_words as words
from gateway.web.moments import Moments
from gateway.web.story import SENTENCES, UNKNOWN, Places, TimelineEntry, inside, line, own_places, readable
from gateway.web.words import text

# Kind without version → icon, tone, sentence.
TOLD: Mapping[str, tuple[str, str, str]] = {
    "account_provisioning.RequestFiled": ("inbox", "busy", _("Permohonan {number} dari {who} dicatat: {kind}.")),
    "account_provisioning.RequestCompleted": ("check", "busy", _("Permohonan lengkap; waktu dihitung sampai {due}.")),
    "account_provisioning.RequestSupplemented": ("edit", "busy", _("Kelengkapan ditambahkan.")),
    "account_provisioning.CompletionAsked": ("clock", "warn", _("Pemohon diminta melengkapi: {title}.")),
    "account_provisioning.RequestWithdrawn": ("cross", "quiet", _("Permohonan ditarik.")),
    "account_provisioning.RequestSeconded": ("pen", "busy", _("Persetujuan pertama diberikan; menunggu orang kedua.")),
    "account_provisioning.RequestApproved": ("check", "good", _("Disetujui dengan alamat {address}.{alias}{ended}")),
    "account_provisioning.RequestRejected": ("cross", "bad", _("Ditolak: {title}.")),
    "account_provisioning.ProvisioningProven": ("key", "good", _("Direktori sudah memuatnya, dibaca kembali.")),
    "account_provisioning.ProvisioningFailed": ("alert", "bad", _("Direktori belum berhasil: {failure}")),
    "account_provisioning.ProvisioningRetried": ("back", "busy", _("Dicoba lagi (percobaan {attempt}).")),
    "account_provisioning.ProvisioningAbandoned": ("cross", "warn", _("Pembuatan dibatalkan; yang sudah ada dihapus.")),
    "account_provisioning.ProvisioningUndone": ("back", "quiet", _("Pembatalan selesai; alamatnya bebas lagi.")),
    "account_provisioning.AccountSuspended": ("shield", "warn", _("Akun dinonaktifkan; surat tetap diterima.{left}")),
    "account_provisioning.AccountClosed": ("archive", "warn", _("Akun ditutup.{left}")),
    "account_provisioning.RequestNotified": ("send", "good", _("Pemohon dikabari {how}.")),
    "account_provisioning.RequestReceived": ("check", "good", _("Pemohon menyatakan sudah menerima.")),
    "account_provisioning.AccessRevoked": ("shield", "warn", _("Kata sandi lama dan sesinya diakhiri.{left}")),
    "account_provisioning.HandOverOpened": ("key", "busy", _("Serah terima dibuka: {way}.")),
    "account_provisioning.ClaimCodeIssued": ("send", "busy", _("Kode pemastian dikirim ke kontak yang terdaftar.")),
    "account_provisioning.ClaimantConfirmed": ("person", "good", _("Pemegang akun dipastikan: {confirmed}.")),
    "account_provisioning.SlipPrinted": ("print", "busy", _("Slip tersegel dicetak.")),
    "account_provisioning.ClaimBegun": ("key", "busy", _("Tautan dibuka oleh pemegangnya.")),
    "account_provisioning.ClaimDropped": ("alert", "warn", _("Kata sandi belum tersimpan: {failure}")),
    "account_provisioning.SecretSet": ("check", "good", _("Pemegang akun membuat kata sandinya.")),
    "account_provisioning.SecretChanged": ("check", "good", _("Pemegang akun mengganti kata sandinya sendiri.")),
    "account_provisioning.SecretChangeUnknown": (
        "alert",
        "warn",
        _("Pemegang akun mulai mengganti kata sandinya; tidak diketahui apakah yang baru tersimpan."),
    ),
    "account_provisioning.FirstLoginSeen": ("person", "good", _("Pemegang akun sudah masuk ke kotak surelnya.")),
    "account_provisioning.ReplyIssued": ("letter", "good", _("Surat balasan nomor {number} diterbitkan.")),
    "account_provisioning.ApplicantRetentionEnded": (
        "shield",
        "quiet",
        _("Surat permohonan dan NIP dihapus; akun dan nomornya tetap."),
    ),
    "account_provisioning.HandOverTold": ("send", "good", _("Pemohon dikabari tentang serah terima yang baru.")),
    "account_provisioning.HandOverExpired": ("clock", "warn", _("Serah terima lewat waktu.")),
    "account_provisioning.RequestDueSoon": ("clock", "warn", _("Batas waktu hampir tiba: {due}.")),
    "account_provisioning.RequestOverdue": ("alert", "bad", _("Batas waktu terlampaui: {due}.")),
    "account_provisioning.DeadlineMoved": ("clock", "warn", _("Jatuh tempo dipindah ke {due}.")),
    "account_provisioning.ClockPaused": ("clock", "warn", _("Hitungan waktu dijeda.")),
    "account_provisioning.ClockResumed": ("clock", "busy", _("Hitungan waktu dilanjutkan.")),
    "account_provisioning.ClockStopped": ("clock", "good", _("Hitungan waktu selesai.")),
    "organisation.OperationNoted": SENTENCES["organisation.OperationNoted"],
}
ALIAS = _(" Alamat tambahan: {what}.")
ENDED = _(" Alamat tambahan yang diakhiri: {what}.")
BEFORE = _(" Sebelumnya mengarah ke sana: {what}.")
SESSIONS = "sessions"
LEFT = _(" Yang masih mengarah ke sana: {what}.")
NOT_ENDED = _(" Sesi yang sedang masuk belum dapat diakhiri.")


def story(
    since: datetime | None, entries: Sequence[HistoryEntry], written: Mapping[str, str], time: Moments
) -> list[TimelineEntry]:
    """Oldest first. ``written``: event id → what was written, for who may read it. ``since``: when its request came,
    from which the working time is counted; None: of several requests.
    """
    return [_entry(each, since, written.get(str(each.event_id), ""), time) for each in entries]


def _entry(entry: HistoryEntry, since: datetime | None, written: str, time: Moments) -> TimelineEntry:
    icon, tone, sentence = TOLD.get(entry.kind.rpartition(".")[0], ("letter", "quiet", UNKNOWN))
    said = translate(sentence, time.language).format_map(Places(_places(entry, time)))
    return line(entry, (icon, tone), said, time, note=written, since=since)


def _places(entry: HistoryEntry, time: Moments) -> dict[str, str]:
    params = entry.params

    def said(table: Mapping[str, str], name: str) -> str:
        return translate(text(table, str(params.get(name, ""))), time.language)

    found = own_places(entry, time) | {
        "kind": inside(said(words.KINDS, "request_kind")) if "request_kind" in params else entry.kind,
        "failure": said(words.FAILURES, "reason"),
        "how": inside(said(words.HEARD, "how")),
        "way": inside(said(words.HAND_OVER_WAYS, "way")),
        "confirmed": inside(said(words.CONFIRMED, "how")),
        "left": _left(params.get("before") or (), params.get("leftovers") or (), time),
    }
    for place, sentence, name in (("alias", ALIAS, "alias"), ("ended", ENDED, "alias_ends")):
        what = str(params.get(name) or "")
        found[place] = translate(sentence, time.language).format(what=what) if what else ""
    return readable(found, time.language)


def _left(before: Sequence[str], after: Sequence[str], time: Moments) -> str:
    """What led to an account, what still does, and whether somebody may still be logged in."""

    def said(sentence: str, names: Sequence[str]) -> str:
        named = ", ".join(translate(text(words.LEFTOVERS, each), time.language) for each in names)
        return translate(sentence, time.language).format(what=named) if names else ""

    leads = [each for each in after if each != SESSIONS]
    ended = translate(NOT_ENDED, time.language) if SESSIONS in after else ""
    return said(BEFORE, before) + said(LEFT, leads) + ended
