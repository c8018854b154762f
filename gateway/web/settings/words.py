"""The words of the office's own rules: components, closed days, states of versions, roles of positions."""

from collections.abc import Mapping

from gateway.edge.i18n import mark as _
from gateway.web.words import ROLES as STAFF_ROLES
from gateway.web.words import Word

# The 14 components of Permenpan RB 15/2014, in the order of the regulation; the first six are published.
COMPONENTS: Mapping[str, str] = {
    "requirements": _("Persyaratan"),
    "procedure": _("Sistem, mekanisme, dan prosedur"),
    "completion-time": _("Jangka waktu penyelesaian"),
    "fee": _("Biaya atau tarif"),
    "product": _("Produk pelayanan"),
    "complaints": _("Penanganan pengaduan, saran, dan masukan"),
    "legal-basis": _("Dasar hukum"),
    "facilities": _("Sarana, prasarana, dan fasilitas"),
    "competence": _("Kompetensi pelaksana"),
    "internal-oversight": _("Pengawasan internal"),
    "staff-number": _("Jumlah pelaksana"),
    "service-guarantee": _("Jaminan pelayanan"),
    "safety-guarantee": _("Jaminan keamanan dan keselamatan pelayanan"),
    "evaluation": _("Evaluasi kinerja pelaksana"),
}
PUBLISHED = 6

VERSION_STATES: Mapping[str, Word] = {
    "in-force": Word(_("Berlaku"), "good", "check"),
    "coming": Word(_("Akan berlaku"), "busy", "clock"),
    "past": Word(_("Sudah diganti"), "quiet", "archive"),
}

# ``icon`` is the letter that stands on the day's square beside its colour.
DAY_KINDS: Mapping[str, Word] = {
    "national": Word(_("Libur nasional"), "bad", "N"),
    "joint-leave": Word(_("Cuti bersama"), "warn", "C"),
    "local": Word(_("Libur kantor ini"), "busy", "K"),
}

SEASON_ROWS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "mon-thu": (("mon", "tue", "wed", "thu"), _("Senin sampai Kamis")),
    "fri": (("fri",), _("Jumat")),
    "sat": (("sat",), _("Sabtu")),
}
"""Rows of the form of seasonal hours: the weekdays that share hours, and their words."""

WORK: Mapping[str, str] = {
    "deadline": _("Tenggat"),
    "hours": _("Jam layanan"),
    "tiers": _("Jenjang paraf"),
    "routes": _("Cara pengantaran"),
    "other": _("Pelaksana dan perhitungan waktu"),
}

LIMIT_KINDS: Mapping[str, str] = {"working_days": _("hari kerja"), "service_minutes": _("menit layanan")}

WEEKDAYS: Mapping[str, str] = {
    "mon": _("Senin"),
    "tue": _("Selasa"),
    "wed": _("Rabu"),
    "thu": _("Kamis"),
    "fri": _("Jumat"),
    "sat": _("Sabtu"),
    "sun": _("Minggu"),
}

CAPACITIES: Mapping[str, str] = {
    "holder": _("Pejabat definitif"),
    "plt": _("Pelaksana tugas (Plt.): jabatan kosong"),
    "plh": _("Pelaksana harian (Plh.): pejabat berhalangan"),
}
BARE_CAPACITIES: Mapping[str, str] = {"holder": _("Definitif"), "plt": "Plt.", "plh": "Plh."}

ROLES: Mapping[str, str] = STAFF_ROLES

NOBODY: Mapping[str, str] = {
    "vacant": _("Jabatan kosong dan tidak ada penggantinya."),
    "absent": _("Pejabat berhalangan dan tidak ada penggantinya."),
}

# A channel of these kinds is reached by going there; the others are nothing without an address.
BY_FOOT = frozenset({"tatap-muka", "kotak"})

# Parts of a place inside a standard, as a reader knows them; what is missing here is shown as it is.
PARTS: Mapping[str, str] = {
    "decree": _("Nomor SK"),
    "name": _("Nama pelayanan"),
    "valid_from": _("Tanggal mulai berlaku"),
    "title": _("judul"),
    "text": _("teks"),
    "items": _("butir"),
    "sections": _("bagian"),
    "channels": _("saluran"),
    "flow": _("alur"),
    "numbering": _("penomoran"),
    "superseded": _("naskah lama"),
    "address": _("alamat"),
    "label": _("sebutan"),
    "kind": _("jenis"),
    "rules": _("Aturan kerja"),
    "deadline": _("tenggat"),
    "working_days": _("hari kerja"),
    "service_minutes": _("menit layanan"),
    "hours": _("jam layanan"),
    "open": _("buka"),
    "close": _("tutup"),
    "breaks": _("istirahat"),
    "days": _("hari"),
    "tiers": _("jenjang paraf"),
    "position": _("jabatan"),
    "delivery": _("pengantaran"),
    "routes": _("cara"),
    "proof": _("bukti"),
    "assigner": _("pembagi tugas caraka"),
    "oversight": _("pengawas"),
    "evaluation": _("evaluasi"),
    "complaints": _("pengaduan"),
    "books": _("buku agenda"),
    "pauses": _("alasan henti sementara"),
    "version": _("versi"),
    "standard": _("kode standar"),
}
