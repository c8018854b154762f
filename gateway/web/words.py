"""The office's words for slugs: stages, urgencies, routes, warnings. Indonesian is the msgid."""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.edge.i18n import mark as _


@dataclass(frozen=True, slots=True)
class Word:
    """``tone``: quiet, busy, good, warn, bad; ``icon``: a symbol of static/icons/caraka.svg."""

    text: str
    tone: str = "quiet"
    icon: str = ""


TYPED = (
    "answer", "words", "note_words", "reason", "note", "gist", "office", "how",
    "receiver_name", "receiver_position", "reference", "place"
)  # fmt: skip
"""Fields of the forms about a case in which somebody writes."""
CHOSEN = frozenset(
    (action, "reason") for action in ("letters.pause", "requests.ask", "requests.reject", "complaints.ask")
)
"""Of these, where somebody chooses one of the standard's instead."""

STAGES: Mapping[str, Word] = {
    "captured": Word(_("Baru masuk"), "busy", "inbox"),
    "twin": Word(_("Kembar"), "warn", "twin"),
    "quarantined": Word(_("Karantina"), "bad", "shield"),
    "examined": Word(_("Diperiksa"), "busy", "check"),
    "registered": Word(_("Terdaftar"), "busy", "book"),
    "printed": Word(_("Tercetak"), "busy", "print"),
    "forwarded": Word(_("Menunggu paraf"), "busy", "pen"),
    "returned": Word(_("Dikembalikan"), "warn", "back"),
    "released": Word(_("Siap diantar"), "busy", "send"),
    "assigned": Word(_("Pada caraka"), "busy", "courier"),
    "delivering": Word(_("Sedang diantar"), "busy", "courier"),
    "proven": Word(_("Bukti lengkap"), "good", "check"),
    "archived": Word(_("Diarsipkan"), "good", "archive"),
    "cancelled": Word(_("Batal"), "quiet", "cross"),
}

URGENCIES: Mapping[str, Word] = {
    "biasa": Word(_("Biasa")),
    "penting": Word(_("Penting"), "busy", "flag"),
    "segera": Word(_("Segera"), "warn", "flag"),
    "sangat-segera": Word(_("Sangat segera"), "bad", "flag"),
}

COPY_KINDS: Mapping[str, str] = {"asli": _("Asli"), "tembusan": _("Tembusan")}

CLASSES: Mapping[str, str] = {
    "walikota": _("Wali Kota"),
    "sekda": _("Sekretaris Daerah"),
    "asisten": _("Asisten"),
    "kepala-opd": _("Kepala OPD"),
    "lainnya": _("Lainnya"),
}

ROUTES: Mapping[str, str] = {
    "aide": _("Melalui ajudan"),
    "courier": _("Diantar caraka"),
    "fax": _("Faksimile"),
    "online": _("Aplikasi surat online"),
}

PROOFS: Mapping[str, str] = {
    "receipt": _("Paraf tanda terima"),
    "transmission-report": _("Laporan pengiriman faks"),
    "reference-number": _("Nomor referensi aplikasi"),
}

CHANNELS: Mapping[str, str] = {
    "imap": _("Email"),
    "maildir": _("Email"),
    "upload": _("Unggahan .eml"),
    "paper": _("Kertas"),
    "fax": _("Faksimile"),
    "hand": _("Dicatat tangan"),
}

COPY_STATES: Mapping[str, Word] = {
    "planned": Word(_("Belum ditugaskan"), "quiet", "clock"),
    "assigned": Word(_("Pada caraka"), "busy", "courier"),
    "held": Word(_("Ditarik"), "warn", "back"),
    "delivered": Word(_("Diterima"), "good", "check"),
    "failed": Word(_("Gagal diantar"), "bad", "cross"),
    "transmitted": Word(_("Terkirim"), "good", "check"),
    "waived": Word(_("Bukti dibebaskan"), "good", "check"),
    "closed": Word(_("Dihentikan"), "quiet", "cross"),
}

INITIAL_STATES: Mapping[str, Word] = {
    "waiting": Word(_("Menunggu"), "quiet", "clock"),
    "next": Word(_("Giliran berikutnya"), "busy", "pen"),
    "initialled": Word(_("Sudah diparaf"), "good", "check"),
    "returned": Word(_("Dikembalikan"), "warn", "back"),
}

CAPACITIES: Mapping[str, str] = {"holder": "", "plt": "Plt.", "plh": "Plh.", "machine": _("mesin")}

# Under which the house itself acts, where a person's name would stand.
HOUSE: Mapping[str, str] = {
    "console": _("konsol mesin"),
    "standards-import": _("berkas standar instansi"),
    "organisation": _("sistem"),
}

OPERATIONS: Mapping[str, str] = {
    "replay": _("Kasus terparkir dicoba lagi di layanan {where}."),
    "discard": _("Kasus terparkir dikesampingkan di layanan {where}."),
}
"""What was done to a letter's parked case, as its history tells it."""

TASKS: Mapping[str, Word] = {
    "examine": Word(_("Periksa dan daftarkan"), "busy", "inbox"),
    "decide-twin": Word(_("Putuskan surat kembar"), "warn", "twin"),
    "register": Word(_("Beri nomor agenda"), "busy", "book"),
    "print": Word(_("Cetak berkas"), "busy", "print"),
    "forward": Word(_("Teruskan untuk paraf"), "busy", "send"),
    "revise": Word(_("Perbaiki yang dikembalikan"), "warn", "back"),
    "initial": Word(_("Beri paraf"), "busy", "pen"),
    "assign": Word(_("Tugaskan caraka"), "busy", "courier"),
    "deliver": Word(_("Antar"), "busy", "courier"),
    "retry": Word(_("Tugaskan ulang: gagal diantar"), "bad", "courier"),
    "transmit": Word(_("Kirim faks atau online"), "busy", "send"),
    "archive": Word(_("Arsipkan"), "good", "archive"),
    "complete": Word(_("Lengkapi permohonan surel"), "warn", "edit"),
    "decide": Word(_("Putuskan permohonan surel"), "busy", "key"),
    "repair": Word(_("Tangani akun yang gagal di direktori"), "bad", "alert"),
    "tell": Word(_("Kabari pemohon surel"), "warn", "send"),
    "acknowledge": Word(_("Akui penerimaan pengaduan"), "warn", "inbox"),
    "classify": Word(_("Golongkan pengaduan"), "busy", "flag"),
    "assign-complaint": Word(_("Tugaskan pengaduan"), "busy", "person"),
    "answer": Word(_("Jawab pengaduan"), "busy", "pen"),
    "approve-answer": Word(_("Setujui jawaban pengaduan"), "busy", "check"),
    "confirm": Word(_("Pastikan pemilik akun surel"), "busy", "person"),
}

COLUMNS: Mapping[str, str] = {
    "masuk": _("Surat masuk"),
    "diperiksa": _("Diperiksa"),
    "terdaftar": _("Terdaftar"),
    "paraf": _("Paraf"),
    "kembali": _("Dikembalikan"),
    "siap": _("Siap diantar"),
    "diantar": _("Diantar"),
    "terbukti": _("Bukti lengkap"),
    "arsip": _("Arsip 7 hari"),
}

# Warnings about a message: what a person must weigh before he trusts it (bad, warn), and what only explains (quiet).
WARNINGS: Mapping[str, Word] = {
    "display-name-spoof": Word(_("Nama pengirim memuat alamat lain. Kemungkinan pengirim palsu."), "bad"),
    "office-from-freemail": Word(
        _("Nama pengirim seperti kantor pemerintah, alamatnya surel gratis. Pastikan lewat saluran lain."), "bad"
    ),
    "homograph-domain": Word(_("Domain pengirim meniru huruf Latin. Kemungkinan pengirim palsu."), "bad"),
    "several-from": Word(_("Ada lebih dari satu pengirim tertulis."), "bad"),
    "smuggled": Word(_("Pesan memuat perintah surat selundupan."), "bad"),
    "authentication-forged": Word(_("Pengirim menulis sendiri hasil pemeriksaan keaslian."), "bad"),
    "bidi-override": Word(_("Ada huruf tersembunyi yang membalik arah tulisan."), "bad"),
    "executable-attachment": Word(_("Ada lampiran yang dapat menjalankan program. Jangan dibuka."), "bad"),
    "spf-weak": Word(_("Server pengirim tidak diakui oleh domainnya (SPF). Pastikan lewat saluran lain."), "warn"),
    "dkim-weak": Word(_("Tanda tangan domain pengirim tidak ada atau gagal (DKIM)."), "warn"),
    "active-content": Word(_("Lampiran atau isi memuat skrip, makro, atau formulir."), "warn"),
    "encrypted-archive": Word(_("Ada arsip atau PDF bersandi yang tidak dapat diperiksa."), "warn"),
    "archive-unread": Word(_("Ada arsip yang tidak dapat diperiksa isinya."), "warn"),
    "attachment-unread": Word(
        _("Sifat sebagian lampiran tidak terbaca di sini (pindaian, bersandi, jenis lain). Lihat dahulu isinya."),
        "warn",
    ),
    "remote-content": Word(_("Isi asli meminta gambar dari luar; di sini tidak diambil."), "warn"),
    "encrypted-message": Word(_("Pesan atau sebagian isinya tersandi dan tidak dapat dibaca di sini."), "warn"),
    "pack-unread": Word(_("Bungkus lampiran (winmail.dat atau S/MIME) tidak dapat dibuka; ada di pesan asli."), "warn"),
    "text-cut": Word(_("Isi terlalu panjang; selebihnya ada di pesan asli."), "warn"),
    "sender-missing": Word(_("Tidak ada alamat pengirim."), "warn"),
    "name-unsafe": Word(_("Nama lampiran dibersihkan karena tidak aman."), "warn"),
    "formula-subject": Word(_("Judul dapat terbaca sebagai rumus oleh lembar kerja."), "warn"),
    "message-id-missing": Word(_("Pesan tidak bernomor pengenal (Message-ID).")),
    "message-id-repeated": Word(_("Pesan bernomor pengenal lebih dari satu.")),
    "date-missing": Word(_("Pesan tidak bertanggal.")),
    "date-guessed": Word(_("Tanggal pesan ditulis dengan angka; dibaca hari dahulu, lalu bulan.")),
    "date-impossible": Word(_("Tanggal pesan tidak masuk akal.")),
    "boundary-guessed": Word(_("Batas bagian pesan salah tulis; batas lain yang tampak dipakai.")),
    "zone-unknown": Word(_("Zona waktu pada tanggal pesan tidak dikenal; dibaca sebagai UTC.")),
    "html-only": Word(_("Isi dibaca dari HTML.")),
    "unknown-charset": Word(_("Sebagian huruf ditebak karena sandi hurufnya tidak dikenal.")),
    "undecodable-part": Word(_("Sebagian isi tidak dapat dibaca.")),
    "headers-malformed": Word(_("Kepala pesan cacat; bagian itu dilewati.")),
    "headers-truncated": Word(_("Kepala pesan terlalu panjang dan dipotong.")),
    "boundary-missing": Word(_("Susunan pesan cacat; dibaca sebagai teks.")),
    "recipients-truncated": Word(_("Penerima terlalu banyak; sebagian tidak dibaca.")),
    "parser-crashed": Word(_("Pembaca pesan berhenti sebelum selesai."), "warn"),
    "parser-memory": Word(_("Pesan terlalu berat untuk dibaca seluruhnya."), "warn"),
    "parser-timeout": Word(_("Pesan terlalu lama dibaca dan dihentikan."), "warn"),
}

QUARANTINES: Mapping[str, str] = {
    "archive-bomb": _("Arsip yang membengkak saat dibuka."),
    "classified": _("Bertanda di atas biasa. Serahkan ke prosedur sandi; isi tidak ditampilkan."),
    "dmarc": _("Domain pengirim meminta pesan seperti ini ditolak (DMARC)."),
    "empty": _("Pesan kosong."),
    "malware": _("Memuat program jahat."),
    "oversize": _("Lebih besar dari yang dapat dibaca."),
    "too-deep": _("Bagian di dalam bagian terlalu dalam."),
    "too-many-parts": _("Terlalu banyak bagian."),
    "unparsable": _("Pesan tidak dapat dibaca."),
}

ROLES: Mapping[str, str] = {
    "operator": _("Operator"),
    "kasi": _("Kepala Seksi"),
    "kabid": _("Kepala Bidang"),
    "kadis": _("Kepala Dinas"),
    "leader": _("Pimpinan"),
    "courier": _("Caraka"),
    "admin": _("Administrator"),
    "inspector": _("Inspektorat"),
    "secretary": _("Sekretaris"),
    "complaint-officer": _("Pengelola pengaduan"),
    "complaint-handler": _("Tim pengelola pengaduan"),
    "personnel": _("Kepegawaian"),
    "unit-admin": _("Admin surel unit kerja"),
}

SERVICES: Mapping[str, str] = {
    "organisation": _("Organisasi"),
    "intake": _("Surat masuk"),
    "approval": _("Paraf"),
    "dispatch": _("Pengantaran"),
    "projections": _("Tampilan"),
    "audit": _("Audit"),
    "account_provisioning": _("Surel kedinasan"),
    "notifications": _("Pemberitahuan"),
    "complaint": _("Pengaduan"),
}

FOLLOWING: Mapping[str, str] = {
    "relay": _("kotak keluar"),
    "reactions": _("mendengar {service}"),
    "chain": _("rantai {service}"),
    "views": _("dari {service}"),
}
"""Parts of a process that follow a stream, by what stands before the name of the followed service."""

QUEUES: Mapping[str, str] = {
    "email": _("Surel"),
    "webhook": _("Webhook"),
    "ldap": _("Direktori LDAP"),
    "passwd-file": _("Berkas akun Dovecot"),
    "embedded": _("Direktori Caraka sendiri"),
}
"""Where jobs wait; a queue of an agency's own is called by its name."""

STATES: Mapping[str, Word] = {
    "following": Word(_("Mengikuti"), "good", "check"),
    "waiting": Word(_("Menunggu"), "quiet", "clock"),
    "stopped": Word(_("Berhenti"), "bad", "cross"),
    "running": Word(_("Berjalan"), "good", "check"),
}


def word(table: Mapping[str, Word], slug: str) -> Word:
    """An unknown slug is shown as it is: no closed enums on the wire."""
    return table.get(slug) or Word(slug)


def text(table: Mapping[str, str], slug: str) -> str:
    return table.get(slug, slug)
