"""What a refusal says to a person: one Indonesian sentence per code, with what to do next. English comes from the
catalogue.

A test holds that every code that a service can refuse with has its sentence here.
"""

from collections.abc import Mapping
from typing import Any

from gateway.edge.i18n import mark as _
from gateway.edge.i18n import translate
from gateway.edge.refusals import REFUSALS

SENTENCES: Mapping[str, str] = {
    "gateway.login-needed": _("Silakan masuk terlebih dahulu."),
    "gateway.bad-credentials": _("Token tidak berlaku. Mintalah token baru kepada administrator."),
    "gateway.passwords-differ": _("Kedua kata sandi tidak sama. Ketik keduanya sekali lagi."),
    "gateway.forbidden": _("Jabatan Anda tidak berwenang untuk tindakan ini."),
    "gateway.shut-away": _("Pesan ini dikarantina ({reason}); bagian ini tidak diberikan lewat Caraka."),
    "gateway.quarantine-warning": _(
        "Pesan ini dikarantina ({reason}) dan dapat berbahaya. Ambil dari halaman surat setelah membaca peringatannya."
    ),
    "gateway.csrf": _("Halaman ini sudah kedaluwarsa. Muat ulang halaman, lalu ulangi."),
    "gateway.foreign-origin": _("Permintaan datang dari situs lain dan ditolak."),
    "gateway.not-found": _("Tidak ditemukan. Periksa kembali alamat atau nomornya."),
    "gateway.method": _("Alamat ini tidak melayani cara permintaan itu."),
    "gateway.registered-before": _(
        "Surat ini sudah bernomor {agenda}, didaftarkan oleh {who}. Nomor lain tidak diambil."
    ),
    "gateway.malformed": _("Isian belum benar. Periksa bagian yang ditandai."),
    "gateway.too-large": _("Berkas terlalu besar."),
    "gateway.head-too-large": _("Kepala permintaan terlalu besar."),
    "gateway.malformed-http": _("Itu bukan permintaan HTTP yang benar."),
    "gateway.too-slow": _("Permintaan tidak selesai dikirim pada waktunya. Ulangi."),
    "gateway.busy": _("Layanan sedang penuh. Coba lagi sebentar lagi."),
    "gateway.full": _("Terlalu banyak sambungan. Coba lagi sebentar lagi."),
    "gateway.too-many": _("Terlalu banyak permintaan dari alamat ini. Coba lagi {seconds} detik lagi."),
    "gateway.too-many-streams": _("Terlalu banyak papan yang dibuka sekaligus. Tutup salah satu, lalu coba lagi."),
    "gateway.unknown-copy": _(
        "Tidak ada salinan dengan nomor dan kode itu. Bila keduanya sudah benar, jangan anggap kertas itu asli."
    ),
    "gateway.unknown-case": _("Nomor dan kode itu tidak cocok. Periksa keduanya pada tanda terima Anda."),
    "gateway.slip-over": _("Halaman ini terlalu lama terbuka. Isian Anda masih ada; kirim sekali lagi."),
    "gateway.sent-before": _(
        "Formulir ini sudah terkirim dengan isi lain dan sudah mendapat nomor. Kirim sekali lagi hanya bila Anda"
        " memang mengajukan yang baru."
    ),
    "gateway.receipt-over": _("Tanda terima itu tidak dapat dicetak lagi. Nomor dan kode Anda tetap berlaku."),
    "gateway.reply-over": _("Itu tidak dapat dilakukan lagi pada tahap ini."),
    "gateway.empty-upload": _("Berkas kosong. Pilih berkas .eml yang berisi surat."),
    "gateway.bad-received-at": _("Waktu terima harus lengkap dengan zona waktu dan tidak boleh di masa depan."),
    "gateway.bad-idempotency-key": _("Idempotency-Key harus 1 sampai 200 karakter yang dapat dicetak."),
    "gateway.random-key-needed": _("Idempotency-Key harus ada: UUID acak (versi 4), baru untuk tiap pengajuan."),
    "gateway.not-asked": _("Ada isian yang tidak ditanyakan bersama jawaban lainnya. Hapus isian yang ditandai."),
    "gateway.bad-if-match": _("If-Match harus berisi nomor versi di antara tanda kutip."),
    "gateway.unknown-stage": _("Tahap itu tidak dikenal."),
    "gateway.no-such-courier": _("Caraka itu tidak terdaftar. Pilih caraka dari daftar."),
    "gateway.unavailable": _("Layanan sedang tidak tersedia. Tidak ada yang hilang; coba lagi sebentar lagi."),
    "gateway.operation-refused": _("Layanan {service} tidak melakukannya: {reason}."),
    "gateway.timeout": _("Layanan belum menjawab. Ulangi; permintaan yang sama tidak akan tercatat dua kali."),
    "gateway.fault": _("Terjadi gangguan pada sistem. Tidak ada yang hilang; administrator sudah dapat melihatnya."),
    "gateway.upload-empty": _("Berkasnya kosong."),
    "gateway.upload-kind": _("Jenis berkas ini tidak dapat diterima. Kirim foto (JPEG, PNG, WebP), PDF, atau dokumen."),
    "gateway.upload-locked": _("Berkasnya bersandi. Hapus sandinya, lalu pilih lagi."),
    "gateway.upload-too-large": _("Berkasnya terlalu besar; paling besar {megabytes} MB."),
    "gateway.upload-unreadable": _("Berkasnya rusak, atau isinya bukan seperti namanya."),
    "gateway.upload-gone": _("Berkas yang sudah diunggah tidak tersimpan lagi. Pilih sekali lagi."),
    "gateway.upload-late": _("Halaman ini terbuka terlalu lama. Pilih berkasnya sekali lagi."),
    "gateway.upload-many": _("Paling banyak {most} berkas; yang ini tidak diambil."),
    "gateway.upload-waits": _("Dari jaringan Anda baru saja banyak berkas diunggah. Pilih lagi {minutes} menit lagi."),
    "gateway.erased": _("Berkas ini sudah dihapus bersama data yang bersangkutan."),
    "gateway.blob-lost": _("Berkas tidak dapat dibaca dari penyimpanan. Hubungi administrator."),
    "kit.key-reused": _(
        "Isian ini sudah pernah terkirim dengan isi lain (Idempotency-Key yang sama). Lihat dahulu apakah sudah"
        " tercatat; kirim lagi hanya bila memang yang baru."
    ),
    "kit.job-gone": _("Tugas ini sudah selesai atau sudah dikesampingkan."),
    "kit.sealed-command": _("Perintah ini hanya diberikan oleh sistem sendiri."),
    "kit.store-held": _(
        "Layanan ini ditahan: catatannya tertinggal dari yang sudah pernah diberitakan. Tidak ada yang disimpan sampai"
        " administrator memutuskan (caraka doctor)."
    ),
    "kit.stale-version": _(
        "Ini sudah berubah sejak halaman dibuka, jadi yang baru dikirim tidak dijalankan. Lihat keadaannya sekarang,"
        " lalu ulangi bila masih perlu."
    ),
    "kit.malformed": _("Isian belum benar. Periksa bagian yang ditandai."),
    "kit.unknown-command": _("Perintah itu tidak dikenal."),
    "kit.claimed": _("Data ini sudah dipakai oleh berkas lain."),
    "bus.malformed": _("Isian belum benar. Periksa bagian yang ditandai."),
    "bus.foreign-agency": _("Permintaan menyebut instansi lain dan ditolak."),
    "bus.overloaded": _("Layanan sedang penuh. Coba lagi sebentar lagi."),
    "bus.unknown-kind": _("Perintah itu tidak dikenal."),
    **REFUSALS,
}
UNKNOWN = _("Permintaan ditolak.")


class _Blank(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "…"


def sentence(code: str, detail: Mapping[str, Any], language: str) -> str:
    """The sentence for a code in the reader's language; placeholders are filled from the refusal's detail."""
    return translate(SENTENCES.get(code, UNKNOWN), language).format_map(_Blank(detail))
