"""The office's words for complaints. Indonesian is the msgid."""

from collections.abc import Mapping

from gateway.edge.i18n import mark as _
from gateway.web.words import Word

STAGES: Mapping[str, Word] = {
    "filed": Word(_("Baru masuk"), "busy", "inbox"),
    "acknowledged": Word(_("Belum digolongkan"), "busy", "check"),
    "classified": Word(_("Belum ditugaskan"), "warn", "flag"),
    "assigned": Word(_("Ditangani"), "busy", "pen"),
    "asked": Word(_("Menunggu pelapor"), "warn", "clock"),
    "proposed": Word(_("Menunggu persetujuan jawaban"), "busy", "check"),
    "answered": Word(_("Dijawab, menunggu pelapor"), "good", "send"),
    "closed": Word(_("Selesai"), "good", "check"),
    "referred": Word(_("Diteruskan ke instansi lain"), "quiet", "send"),
    "set-aside": Word(_("Tidak ditindaklanjuti"), "quiet", "cross"),
    "withdrawn": Word(_("Ditarik pelapor"), "quiet", "back"),
}

COLUMNS: Mapping[str, str] = {
    "masuk": _("Baru masuk"),
    "ditangani": _("Ditangani"),
    "menunggu-pelapor": _("Menunggu pelapor"),
    "persetujuan": _("Persetujuan jawaban"),
    "dijawab": _("Dijawab"),
    "selesai": _("Selesai 7 hari"),
}

KINDS: Mapping[str, str] = {
    "pengaduan": _("Pengaduan"),
    "saran": _("Saran"),
    "apresiasi": _("Apresiasi"),
    "permintaan-informasi": _("Permintaan informasi"),
}

CHANNELS: Mapping[str, str] = {
    "telepon": _("Telepon"),
    "tatap-muka": _("Tatap muka"),
    "whatsapp": _("WhatsApp"),
    "email": _("Surel"),
    "media-sosial": _("Media sosial"),
    "kotak": _("Kotak pengaduan"),
    "lapor": _("SP4N-LAPOR!"),
    "web": _("Situs"),
}
BY_HAND = ("telepon", "tatap-muka", "whatsapp", "email", "media-sosial", "kotak", "lapor")
"""Channels by which somebody in the office hears of it."""

STANCES: Mapping[str, Word] = {
    "named": Word(_("Bernama"), "quiet", "person"),
    "confidential": Word(_("Identitas dirahasiakan"), "warn", "shield"),
    "anonymous": Word(_("Anonim"), "warn", "shield"),
}
LESS_SECRET: Mapping[str, tuple[str, ...]] = {"named": ("confidential", "anonymous"), "confidential": ("anonymous",)}
"""Stance → those that are more secret."""

ASIDE: Mapping[str, str] = {
    "spam": _("Iklan atau kiriman massal"),
    "unclear": _("Tidak jelas dan tidak dapat dilengkapi"),
    "not-a-complaint": _("Bukan pengaduan"),
}

LEFT_MAIL: Mapping[str, str] = {
    "automatic": _("Balasan otomatis, tidak ditulis orang"),
    "twin": _("Surel yang sama dengan yang sudah dicatat"),
    "dmarc": _("Pengirimnya dipalsukan menurut domainnya"),
    "unparsable": _("Tidak dapat dibaca"),
    "oversize": _("Terlalu besar untuk dibaca"),
    "empty": _("Kosong"),
}
"""Why a message of the complaints' mailbox became nothing."""

OUTCOMES: Mapping[str, str] = {
    "accepted": _("Jawaban diterima pelapor"),
    "silent": _("Selesai: pelapor tidak menanggapi jawaban"),
    "referred": _("Diteruskan ke instansi lain"),
    "set-aside": _("Tidak ditindaklanjuti"),
    "withdrawn": _("Ditarik pelapor"),
}

WHY: Mapping[str, str] = {
    "assigned": _("ditugaskan"),
    "examiner": _("pemeriksa pengaduan terbatas"),
    "objection": _("setelah keberatan pelapor"),
    "complained-about": _("karena yang diadukan tidak boleh menangani"),
    "hand": _("oleh petugas"),
    "time": _("karena batas waktunya tiba"),
}

NEVER_CLASSIFIED = _("Belum digolongkan")
