"""The office's words for requests for accounts. Indonesian is the msgid."""

from collections.abc import Mapping, Sequence
from typing import Any

from contracts.organisation import StandardRow
from gateway.edge.i18n import mark as _
from gateway.web.words import Word

STAGES: Mapping[str, Word] = {
    "incomplete": Word(_("Belum lengkap"), "warn", "edit"),
    "complete": Word(_("Menunggu keputusan"), "busy", "pen"),
    "asked": Word(_("Menunggu pemohon"), "warn", "clock"),
    "provisioning": Word(_("Sedang dibuatkan"), "busy", "key"),
    "failed": Word(_("Gagal di direktori"), "bad", "alert"),
    "undoing": Word(_("Sedang dibatalkan"), "warn", "back"),
    "provisioned": Word(_("Selesai, belum dikabari"), "warn", "send"),
    "rejected": Word(_("Ditolak, belum dikabari"), "warn", "send"),
    "given-up": Word(_("Tidak jadi, belum dikabari"), "warn", "send"),
    "notified": Word(_("Sudah dikabari"), "good", "check"),
    "received": Word(_("Diterima pemohon"), "good", "check"),
    "withdrawn": Word(_("Ditarik"), "quiet", "cross"),
    "closed": Word(_("Ditutup"), "quiet", "archive"),
}

COLUMNS: Mapping[str, str] = {
    "belum-lengkap": _("Belum lengkap"),
    "ditinjau": _("Menunggu keputusan"),
    "dibuatkan": _("Sedang dibuatkan"),
    "macet": _("Gagal di direktori"),
    "belum-dikabari": _("Belum dikabari"),
    "dikabari": _("Selesai 7 hari"),
}

ACCOUNT_STATES: Mapping[str, Word] = {
    "active": Word(_("Aktif"), "good", "check"),
    "suspended": Word(_("Dinonaktifkan"), "warn", "shield"),
    "closed": Word(_("Ditutup"), "quiet", "archive"),
}

KINDS: Mapping[str, str] = {
    "create": _("Akun baru"),
    "reset": _("Atur ulang kata sandi"),
    "change": _("Ubah data akun"),
    "suspend": _("Nonaktifkan akun"),
    "resume": _("Aktifkan kembali akun"),
    "close": _("Tutup akun"),
}

CAUSES: Mapping[str, str] = {
    "forgotten": _("Lupa kata sandi"),
    "compromised": _("Kata sandi diketahui orang lain"),
}

HOLDERS: Mapping[str, str] = {"pns": _("PNS"), "pppk": _("PPPK"), "unit": _("Unit kerja")}


def rules_of(standards: Sequence[StandardRow]) -> Mapping[str, Any] | None:
    """All that the standard of accounts says that runs; None: there is none."""
    return next((row.rules for row in standards if row.rules.get("accounts")), None)


def served(rules: Mapping[str, Any] | None, name: str, table: Mapping[str, str]) -> Mapping[str, str]:
    """What this agency serves, in its standard's words; all that there is, where the standard does not say.

    ``name``: kinds, holders.
    """
    named = ((rules or {}).get("accounts") or {}).get(name) or tuple(table)
    return {slug: title for slug, title in table.items() if slug in named}


def keeps_aliases(rules: Mapping[str, Any] | None) -> bool:
    """Whether the directory of new accounts can give additional addresses; that of an older one the service knows."""
    return bool(((rules or {}).get("accounts") or {}).get("connector") != "passwd-file")


MISSING: Mapping[str, str] = {
    "letter": _("Surat permohonan"),
    "scan": _("Pindaian surat permohonan"),
    "nip": _("NIP pemohon"),
    "contact": _("Nomor atau alamat yang dapat dihubungi"),
}

SCAN: Mapping[str, Word] = {
    "needed": Word(_("Belum ada"), "bad", "clip"),
    "wanting": Word(_("Belum ada"), "warn", "clip"),
}

CHANNELS: Mapping[str, str] = {"counter": _("Loket"), "web": _("Situs"), "machine": _("Program")}

WAYS: Mapping[str, str] = {
    "phone": _("Lewat telepon"),
    "whatsapp": _("Lewat WhatsApp"),
    "in-person": _("Bertemu langsung"),
    "letter": _("Lewat surat"),
    "email": _("Lewat surel"),
}

HEARD: Mapping[str, str] = {**WAYS, "claim": _("Lewat tautan serah terima"), "manual": _("Oleh petugas")}
"""How somebody heard, whoever told him."""

PROPOSALS: Mapping[str, Word] = {
    "free": Word(_("Bebas"), "good", "check"),
    "taken": Word(_("Sudah dipakai"), "bad", "cross"),
    "alike": Word(_("Mirip alamat lain"), "warn", "twin"),
    "unusual": Word(_("Di luar pola, perlu alasan"), "warn", "pen"),
}

HAND_OVERS: Mapping[str, Word] = {
    "open": Word(_("Pemegang belum dikabari"), "warn", "key"),
    "sent": Word(_("Terkirim, belum dibuka"), "busy", "send"),
    "opened": Word(_("Sedang dibuka"), "busy", "key"),
    "set": Word(_("Kata sandi sudah dibuat"), "good", "check"),
    "expired": Word(_("Lewat waktu"), "warn", "clock"),
}

HAND_OVER_WAYS: Mapping[str, str] = {"notice": _("Tautan ke kontak pemohon"), "slip": _("Slip tersegel")}

CONFIRMED: Mapping[str, str] = {
    "personnel": _("Oleh kepegawaian"),
    "unit-admin": _("Oleh admin unit kerjanya"),
    "slip": _("Dengan kode pada slip"),
    "contact": _("Dengan kode ke kontak yang terdaftar"),
}

FAILURES: Mapping[str, str] = {
    "away": _("Direktori tidak dapat dihubungi."),
    "foreign-entry": _("Di direktori ada akun orang lain dengan alamat ini."),
    "address-in-directory": _("Di direktori alamat ini sudah menjadi alias, daftar, atau terusan."),
    "refused": _("Direktori menolak perubahan ini."),
    "erased": _("Data pemohon sudah dihapus."),
    "no-login": _("Akunnya tidak boleh masuk."),
    "entry-missing": _("Akunnya tidak ada di direktori."),
    "not-accepted": _("Direktori belum menerima kata sandi yang baru."),
    "timeout": _("Direktori tidak menjawab pada waktunya."),
    "quota-not-kept": _("Direktori ini tidak menyimpan kuota."),
    "alias-not-kept": _("Direktori ini tidak menyimpan alamat tambahan."),
}

LEFTOVERS: Mapping[str, str] = {
    "alias": _("Alias"),
    "forward": _("Terusan"),
    "group": _("Daftar penerima"),
    "catch-all": _("Penampung semua alamat"),
    "sieve": _("Aturan saringan"),
    "sessions": _("Sesi yang sedang masuk, yang tidak dapat diakhiri"),
}

LOGINS: Mapping[str, str] = {
    "awaited": _("Belum diperiksa"),
    "not-yet": _("Belum pernah masuk"),
    "cannot-tell": _("Direktori ini tidak mencatatnya"),
}
"""Of an account whose holder has set a secret and of whom no login has been seen."""

CONNECTORS: Mapping[str, str] = {
    "embedded": _("Direktori sendiri"),
    "ldap": _("LDAP"),
    "passwd-file": _("Berkas Dovecot"),
}
