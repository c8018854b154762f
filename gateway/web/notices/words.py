"""Notices in words: which fact, who, by which way, what came of it."""

from collections.abc import Mapping

from gateway.edge.i18n import mark as _
from gateway.web.words import Word

STAGES: Mapping[str, Word] = {
    "inbox": Word(_("Di kotak pemberitahuan"), "quiet", "bell"),
    "waiting": Word(_("Menunggu dikirim"), "quiet", "clock"),
    "manual": Word(_("Menunggu disampaikan orang"), "warn", "person"),
    "unknown": Word(_("Tidak pasti terkirim"), "warn", "alert"),
    "accepted": Word(_("Diterima penyedia"), "good", "check"),
    "given-up": Word(_("Tidak terkirim"), "bad", "cross"),
}
CHANNELS: Mapping[str, str] = {
    "inbox": _("kotak pemberitahuan"), "email": _("surel"), "manual": _("disampaikan orang"),
    "webhook": _("webhook"),
}  # fmt: skip
WAYS: Mapping[str, str] = {
    "whatsapp": _("lewat WhatsApp"), "phone": _("lewat telepon"), "in-person": _("bertemu langsung"),
}  # fmt: skip
AUDIENCES: Mapping[str, str] = {
    "tier": _("pemaraf"),
    "superior": _("atasan"),
    "registrar": _("pengagenda"),
    "assigner": _("pemberi tugas"),
    "courier": _("caraka"),
    "unit": _("unit penerima"),
    "hook": _("sistem lain"),
    "applicant": _("pemohon"),
    "officer": _("pejabat pengaduan"),
    "handler": _("yang menangani"),
    "approver": _("yang menyetujui"),
    "rung": _("jenjang di atas"),
    "reporter": _("pelapor"),
    "sender": _("pengirim surel"),
    "keeper": _("administrator"),
}
KINDS: Mapping[str, str] = {
    "approval.RoundOpened": _("Giliran paraf pertama"),
    "approval.TierInitialled": _("Giliran paraf berikutnya"),
    "approval.TierReturned": _("Dikembalikan ke pemaraf sebelumnya"),
    "approval.TierReminded": _("Pengingat paraf"),
    "approval.TierOverdue": _("Batas paraf lewat"),
    "approval.ApprovalReturned": _("Dikembalikan kepada operator"),
    "intake.LetterDueSoon": _("Tenggat sudah dekat"),
    "intake.LetterOverdue": _("Tenggat lewat"),
    "dispatch.DispatchReleased": _("Siap ditugaskan"),
    "dispatch.CourierAssigned": _("Penugasan caraka"),
    "dispatch.DeliveryFailed": _("Gagal diserahkan"),
    "dispatch.DeliveryOverdue": _("Batas antar lewat"),
    "intake.LetterRegistered": _("Surat diagendakan"),
    "dispatch.DispatchPlanned": _("Pengantaran direncanakan"),
    "notifications.Test": _("Pesan uji"),
    "account_provisioning.RequestCompleted": _("Permohonan surel lengkap"),
    "account_provisioning.CompletionAsked": _("Permohonan surel perlu dilengkapi"),
    "account_provisioning.RequestRejected": _("Permohonan surel ditolak"),
    "account_provisioning.HandOverOpened": _("Akun surel siap dibuka"),
    "complaint.RegisterNumberTaken": _("Pengaduan masuk"),
    "complaint.ReporterWrote": _("Pelapor menulis"),
    "complaint.ObjectionRaised": _("Keberatan pelapor"),
    "complaint.ComplaintAssigned": _("Pengaduan ditugaskan"),
    "complaint.AnswerProposed": _("Jawaban menunggu persetujuan"),
    "complaint.AcknowledgementOverdue": _("Pengaduan belum diterima"),
    "complaint.ComplaintDueSoon": _("Tenggat pengaduan sudah dekat"),
    "complaint.ComplaintOverdue": _("Tenggat pengaduan lewat"),
    "complaint.ComplaintEscalated": _("Pengaduan naik jenjang"),
    "complaint.ReporterSilent": _("Pelapor belum menjawab"),
    "complaint.ComplaintAcknowledged": _("Pengaduan diterima"),
    "complaint.ReporterAsked": _("Pertanyaan kepada pelapor"),
    "complaint.ComplaintAnswered": _("Pengaduan dijawab"),
    "complaint.ComplaintReferred": _("Pengaduan diteruskan ke instansi lain"),
    "notifications.MailboxTrouble": _("Kotak surat tidak terbaca"),
    "notifications.ChainTrouble": _("Rantai bukti tidak utuh"),
    "notifications.DiskTrouble": _("Ruang penyimpanan hampir habis"),
    "notifications.ParkedTrouble": _("Ada yang terparkir"),
    "notifications.HookTrouble": _("Webhook dihentikan sendiri"),
}
REASONS: Mapping[str, str] = {
    "no-contact": _("kontak belum dicatat"),
    "nobody-acts": _("tidak ada yang bertindak pada jabatan itu"),
    "channel-off": _("server surel belum diatur"),
    "refused": _("ditolak server tujuan"),
    "mailbox-unknown": _("alamat tidak dikenal server tujuan"),
    "mailbox-full": _("kotak surat tujuan penuh"),
    "too-many": _("server membatasi jumlah kiriman"),
    "server-away": _("server tujuan tidak menjawab"),
    "server-busy": _("server tujuan sibuk"),
    "tls": _("sambungan aman ke server tujuan gagal"),
    "login": _("server surel menolak akun kantor"),
    "timeout": _("server tujuan terlalu lama menjawab"),
    "answer-lost": _("jawaban server hilang; mungkin sudah terkirim"),
    "value-empty": _("isian templat kosong"),
    "template-gone": _("templat sudah tidak ada"),
    "muted": _("penerima tidak ingin lewat surel"),
    "contact-blocked": _("kontaknya sudah dinyatakan salah"),
    "address-refused": _("alamatnya mengarah ke jaringan yang tidak diizinkan"),
    "name-unknown": _("nama servernya tidak dikenal"),
    "redirected": _("server tujuan mengalihkan ke alamat lain"),
    "gone": _("server tujuan menyatakan alamat ini sudah tidak ada"),
    "hook-ended": _("webhooknya sudah dihapus"),
    "hook-suspended": _("webhooknya dihentikan"),
    "before-resume": _("direncanakan sebelum webhook dilanjutkan"),
    "erased": _("alamatnya sudah dihapus"),
    "failing-for-days": _("gagal terus selama lima hari"),
}
DONE: Mapping[str, str] = {
    "notices.tick": _("Tercatat: sudah disampaikan."),
    "notices.again": _("Pemberitahuan dikirim lagi."),
    "notices.give-up": _("Pemberitahuan dihentikan."),
    "contacts.prefer": _("Pilihan tersimpan."),
    "channels.test": _("Pesan uji dikirim kepada Anda. Hasilnya ada di Catatan pemberitahuan."),
    "hooks.rotate": _("Rahasia diganti."),
    "hooks.suspend": _("Webhook dihentikan."),
    "hooks.resume": _("Webhook berjalan lagi."),
    "hooks.end": _("Webhook dihapus."),
    "hooks.test": _("Pesan uji dikirim. Hasilnya muncul di bawah webhook itu."),
    "hooks.allow": _("Rentang diizinkan."),
    "hooks.withdraw": _("Izin rentang dicabut."),
}
HOOK_STATES: Mapping[str, Word] = {
    "active": Word(_("Berjalan"), "good", "check"),
    "failing": Word(_("Gagal"), "warn", "alert"),
    "suspended": Word(_("Dihentikan"), "bad", "cross"),
}
SENT_BY: Mapping[str, str] = {"email": _("Surel")}
"""The queues that are shown as a channel of their own."""
