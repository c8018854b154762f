"""What the services' refusals say to a person, by code: one sentence each, with what to do next where that helps.

Placeholders are filled from the refusal's detail. `gateway.edge.messages` joins these with the gateway's own.
"""

from collections.abc import Mapping

from gateway.edge.i18n import mark as _

INTAKE: Mapping[str, str] = {
    "intake.not-permitted": _("Hanya operator transmisi sandi yang dapat melakukan tindakan ini."),
    "intake.unknown-letter": _("Surat itu tidak ditemukan."),
    "intake.letter-id-taken": _("Nomor berkas ini sudah dipakai surat lain."),
    "intake.nothing-read": _("Isi pesan tidak dapat dibaca. Unggah ulang berkasnya."),
    "intake.quarantined": _("Pesan ini dikarantina ({reason}) dan tidak dapat diproses sebagai surat."),
    "intake.archived": _("Surat {agenda} sudah diarsipkan dan tidak diubah lagi. Catat surat ralat bila perlu."),
    "intake.cancelled": _("Surat ini sudah dibatalkan: {reason}."),
    "intake.not-examined": _("Teliti surat ini terlebih dahulu, lalu agendakan."),
    "intake.not-registered": _("Surat ini belum diagendakan."),
    "intake.not-printed": _("Cetak lembar pengantar dan salinan terlebih dahulu, lalu teruskan."),
    "intake.already-registered": _("Surat ini sudah diagendakan dengan nomor {agenda}."),
    "intake.not-rendered": _("Lembar cetak tidak dapat dibuat. Ulangi; jika tetap gagal, hubungi administrator."),
    "intake.not-drawn": _("Lampiran itu tidak dapat dibuka di sini. Ambil pesan aslinya lewat operator."),
    "intake.reprint-needs-reason": _("Surat ini sudah pernah dicetak. Isi alasan cetak ulang."),
    "intake.urgency-unknown": _("Derajat kesegeraan itu tidak dikenal."),
    "intake.letter-date": _("Tanggal surat belum benar. Tulis seperti 2026-03-13."),
    "intake.recipients-missing": _("Isi paling sedikit satu penerima."),
    "intake.recipient-twice": _("Penerima {office} tercantum dua kali."),
    "intake.copy-kind-unknown": _("Jenis salinan harus asli atau tembusan."),
    "intake.no-delivery-rule": _("Standar pelayanan tidak mengatur cara pengiriman untuk {office}."),
    "intake.received-in-future": _("Waktu terima tidak boleh di masa depan."),
    "intake.no-standard": _("Belum ada standar pelayanan yang berlaku untuk buku agenda ini."),
    "intake.standard-incomplete": _("Standar pelayanan belum lengkap untuk mengagendakan surat."),
    "intake.standard-version-taken": _("Versi standar itu sudah diterbitkan dengan isi lain."),
    "intake.book-of-another-standard": _("Buku agenda itu dipakai standar pelayanan lain."),
    "intake.unknown-book": _("Buku agenda itu tidak ada dalam standar pelayanan."),
    "intake.book-closed": _("Buku agenda {book} tahun {year} belum dibuka. Buka buku itu terlebih dahulu."),
    "intake.book-open": _(
        "Buku agenda {book} tahun {year} sudah dibuka. Nomor awalnya dapat diperbaiki selama belum ada nomor diberikan."
    ),
    "intake.opening-used": _(
        "Nomor awal buku tahun {year} tidak dapat diubah lagi: nomor {first} sampai {last} sudah diberikan atau"
        " disisihkan. Nomor yang sudah ada di kertas sesudah {last} dapat disisihkan, supaya tidak diberikan dua kali."
    ),
    "intake.too-many-numbers": _(
        "Nomor terakhir buku {book} adalah {last}; paling banyak {most} nomor disisihkan sekaligus."
    ),
    "intake.not-qualified": _("Hanya pegawai dengan kualifikasi {needs} yang dapat mengoperasikan kotak surat ini."),
    "intake.not-quarantined": _("Surat ini tidak (lagi) dikarantina."),
    "intake.not-releasable": _("Pesan ini tetap dikarantina ({reason}) dan tidak dapat dikeluarkan."),
    "intake.pause-not-allowed": _("Standar pelayanan tidak mengizinkan jam dihentikan dengan alasan itu."),
    "intake.clock-paused": _("Jam surat ini sudah dihentikan dengan alasan lain."),
    "intake.clock-stopped": _("Semua salinan sudah terbukti diterima, jadi jam surat ini sudah berakhir."),
    "intake.beyond-calendar": _("Tenggat itu di luar tahun yang dicakup kalender."),
    "intake.not-due": _("Batas waktunya belum tiba."),
}
APPROVAL: Mapping[str, str] = {
    "approval.not-permitted": _("Hanya pejabat pemeriksa yang dapat memberi paraf."),
    "approval.unknown-letter": _("Surat ini belum diteruskan untuk paraf."),
    "approval.not-an-examiner": _("Jabatan Anda tidak termasuk pemeriksa surat ini."),
    "approval.not-your-turn": _("Belum giliran Anda. Berikutnya: {next_title}."),
    "approval.own-letter": _(
        "Anda yang mengagendakan surat ini, jadi parafnya beralih kepada pengganti Anda atau atasan."
    ),
    "approval.returned": _("Surat ini sudah dikembalikan kepada operator."),
    "approval.already-completed": _("Semua paraf surat ini sudah lengkap."),
    "approval.closed": _("Paraf surat ini sudah ditutup: {reason}."),
    "approval.no-tiers": _("Standar pelayanan tidak menyebut jenjang paraf."),
    "approval.limit-unusable": _("Batas waktu jenjang {position} ({place}) tidak dapat dihitung: {reason}."),
    "approval.older-revision": _("Sudah ada perbaikan yang lebih baru dari surat ini."),
    "approval.not-due": _("Batas waktunya belum tiba."),
}
DISPATCH: Mapping[str, str] = {
    "dispatch.not-permitted": _("Peran Anda tidak berwenang untuk tindakan ini."),
    "dispatch.not-the-assigner": _("Hanya pejabat yang menugaskan caraka yang dapat melakukan ini."),
    "dispatch.not-your-copy": _("Salinan ini tidak ditugaskan kepada Anda."),
    "dispatch.unknown-letter": _("Surat ini belum diteruskan untuk dikirim."),
    "dispatch.unknown-copy": _("Salinan itu tidak ada pada surat ini."),
    "dispatch.not-planned": _("Rencana pengiriman surat ini belum ada."),
    "dispatch.not-released": _("Paraf belum lengkap, jadi surat belum boleh dikirim."),
    "dispatch.held": _(
        "Surat ini sedang diperbaiki; salinannya ditarik. Tunggu sampai paraf putaran {revision} lengkap."
    ),
    "dispatch.older-revision": _("Sudah ada perbaikan yang lebih baru dari surat ini."),
    "dispatch.not-due": _("Batas waktunya belum tiba."),
    "dispatch.plan-differs": _("Rencana pengiriman yang lain sudah tercatat untuk perbaikan ini."),
    "dispatch.no-copies": _("Surat ini tidak mempunyai salinan."),
    "dispatch.limit-unusable": _("Batas waktu pengantaran ({place}) tidak dapat dihitung: {reason}."),
    "dispatch.nothing-to-assign": _(
        "Tidak ada salinan yang menunggu caraka. Untuk memindahkan yang sudah ditugaskan, centang salinannya."
    ),
    "dispatch.not-assigned": _("Salinan ini belum ditugaskan kepada caraka."),
    "dispatch.copy-proven": _("Salinan ini sudah mempunyai bukti terima."),
    "dispatch.route-not-by-hand": _("Salinan ini tidak diantar oleh caraka."),
    "dispatch.route-not-allowed": _("Cara pengiriman itu tidak diizinkan standar untuk penerima ini."),
    "dispatch.receiver-missing": _("Isi nama dan jabatan penerima."),
    "dispatch.reason-missing": _("Isi alasan salinan tidak dapat diserahkan."),
    "dispatch.not-proven": _("Belum semua salinan mempunyai bukti terima."),
    "dispatch.archived": _("Surat ini sudah diarsipkan di {place}."),
    "dispatch.closed": _("Pengiriman surat ini sudah ditutup: {reason}."),
}
NOTIFICATIONS: Mapping[str, str] = {
    "notifications.not-permitted": _("Peran Anda tidak berwenang mengurus pemberitahuan."),
    "notifications.unknown": _("Pemberitahuan itu tidak ditemukan."),
    "notifications.not-for-you": _("Pemberitahuan itu bukan untuk Anda."),
    "notifications.kind-unknown": _("Jenis kejadian pada rute pemberitahuan tidak dikenal ({place})."),
    "notifications.channel-unknown": _("Pemberitahuan ini tidak punya cara kirim."),
    "notifications.audience-unknown": _("Penerima pada rute pemberitahuan tidak dikenal ({place})."),
    "notifications.template-unknown": _("Templat pada rute pemberitahuan tidak ada ({place})."),
    "notifications.gather-urgent": _("Yang mendesak tidak dikumpulkan ({place})."),
    "notifications.field-not-allowed": _("Templat memakai isian yang tidak boleh diberitakan ({place})."),
    "notifications.reason-missing": _("Tulis alasannya."),
    "notifications.not-open": _("Pemberitahuan ini tidak sedang menunggu dikirim."),
    "notifications.still-open": _("Pemberitahuan ini masih menunggu dikirim."),
    "notifications.older-attempt": _("Percobaan itu sudah digantikan yang lebih baru."),
    "notifications.identity-hidden": _("Tidak ada jalan yang tidak membuka identitas pelapor."),
    "notifications.hook-unknown": _("Webhook itu tidak ditemukan."),
    "notifications.hook-known": _("Webhook itu sudah terdaftar."),
    "notifications.hook-suspended": _("Webhook ini sedang dihentikan. Lanjutkan dahulu."),
    "notifications.hook-address": _(
        "Alamat webhook ini tidak dapat dipakai. Gunakan https:// dengan nama server; alamat jaringan internal hanya"
        " setelah rentangnya diizinkan di halaman ini."
    ),
    "notifications.hook-range": _(
        "Rentang itu tidak dapat diizinkan. Tulis rentang jaringan internal, misalnya 10.20.0.0/16."
    ),
    "notifications.too-many-hooks": _("Paling banyak {most}. Hapus dahulu yang tidak dipakai."),
}
ORGANISATION: Mapping[str, str] = {
    "organisation.not-your-contact": _("Kontak orang lain hanya dapat diubah oleh administrator."),
    "organisation.way-not-stated": _("Kontak itu belum dicatat."),
    "organisation.no-code": _("Tidak ada kode yang berlaku. Minta kode baru."),
    "organisation.codes-too-often": _("Paling banyak {most} kode dalam sehari. Coba lagi besok."),
    "organisation.contact-unreadable": _("Alamat surel atau nomor telepon belum benar. Periksa penulisannya."),
    "organisation.not-permitted": _("Peran Anda tidak berwenang mengubah data organisasi."),
    "organisation.role-unknown": _("Peran itu tidak dikenal."),
    "organisation.person-unknown": _("Orang itu belum terdaftar."),
    "organisation.date-unreadable": _("Tanggal belum benar. Tulis seperti 2026-03-13."),
    "organisation.term-ends-before-it-begins": _("Tanggal akhir mendahului tanggal mulai."),
    "organisation.acting-without-first-day": _("Plt. atau Plh. harus mempunyai tanggal mulai."),
    "organisation.absence-without-last-day": _("Plh. harus mempunyai tanggal akhir."),
    "organisation.token-known": _("Token dengan nama itu sudah ada."),
    "organisation.token-unknown": _("Token itu tidak ditemukan."),
    "organisation.token-revoked": _("Token itu sudah dicabut. Terbitkan token baru dengan kode lain."),
    "organisation.handed-over": _(
        "Rahasia untuk permintaan ini sudah pernah diserahkan dan tidak disimpan. Jika belum Anda terima, mintalah yang"
        " baru dengan permintaan baru."
    ),
    "organisation.name-reserved": _("Nama {name} dipakai oleh mesin atau sistem. Pilih nama lain."),
    "organisation.role-not-here": _("Instansi pemasangan hanya mengenal peran administrator dan inspektorat."),
    "organisation.agency-reserved": _("Nama instansi {agency} dicadangkan untuk pemasangan."),
    "organisation.leader-needed": _(
        "Versi ini membuat pemegang jabatan yang belum melihat surat menjadi pembacanya. Mintalah Kepala Dinas yang"
        " menerbitkannya."
    ),
    "organisation.people-only": _("Persetujuan hanya dapat diberikan oleh orang, bukan oleh token mesin."),
    "organisation.access-unknown": _("Pemberian akses itu tidak ditemukan."),
    "organisation.access-over": _("Pemberian akses itu sudah diputuskan atau sudah berlaku."),
    "organisation.case-unknown": _("Kasus itu tidak ditemukan."),
    "organisation.not-due": _("Batas waktunya belum tiba."),
    "organisation.version-published": _("Versi itu sudah diterbitkan dengan isi lain. Beri nomor versi berikutnya."),
    "organisation.version-outdated": _("Sudah ada versi yang lebih baru."),
    "organisation.versions-overlap": _("Tanggal berlaku bertumpuk dengan versi lain."),
    "organisation.component-missing": _("Komponen standar pelayanan belum lengkap."),
    "organisation.rules-unsound": _("Aturan standar pelayanan belum benar."),
    "organisation.position-unknown": _("Jabatan {position} belum terdaftar."),
    "organisation.nobody-appointed": _("Belum ada pejabat yang diangkat pada jabatan itu."),
    "organisation.substitute-cycle": _("Pengganti tidak boleh berputar kembali ke jabatan semula. Pilih jabatan lain."),
    "organisation.substitute-chain-too-long": _("Rantai pengganti paling panjang {most} jabatan."),
    "organisation.qualification-unknown": _("Orang itu tidak mempunyai kualifikasi {qualification}."),
    "organisation.decree-older": _("Keputusan ini lebih tua daripada {newest} yang sudah berlaku."),
    "organisation.decree-known": _(
        "Keputusan {number} sudah dikonfirmasi dengan hari lain. Perubahan memakai nomor keputusannya sendiri."
    ),
    "organisation.calendar-empty": _("Belum ada hari libur untuk tahun {year}. Buat usulan dahulu atau isi harinya."),
    "organisation.calendar-too-closed": _("Terlalu banyak hari libur: {reason}."),
    "organisation.decree-in-future": _(
        "Keputusan bertanggal {on} belum ada. Tanggal keputusan paling lambat hari ini."
    ),
    "organisation.day-of-another-year": _("Tanggal {on} bukan tahun {year}."),
    "organisation.day-twice": _("Tanggal {on} tertulis dua kali."),
    "organisation.day-closed": _("Tanggal {on} sudah libur: {because}."),
    "organisation.day-decreed": _(
        "Tanggal {on} libur menurut keputusan bersama ({because}) dan tidak dapat dibuka di sini."
    ),
    "organisation.season-wrong": _("Jam musiman belum benar: {reason}."),
    "organisation.version-unknown": _("Versi standar pelayanan itu tidak ada."),
    "organisation.beyond-calendar": _("Tenggat itu di luar tahun yang dicakup kalender."),
    "organisation.subject-kept": _("Data ini wajib disimpan menurut undang-undang kearsipan dan tidak dapat dihapus."),
    "organisation.login-failed": _("Nama masuk atau kata sandi salah."),
    "organisation.first-password": _("Ini kata sandi pertama. Buat kata sandi Anda sendiri untuk melanjutkan."),
    "organisation.ticket-over": _("Waktu untuk membuat kata sandi sudah habis. Masuk lagi dengan kata sandi pertama."),
    "organisation.password-length": _("Kata sandi harus 12 sampai 400 huruf."),
    "organisation.password-not-new": _("Itu kata sandi yang sudah Anda pakai. Buat yang lain."),
    "organisation.password-wrong": _("Kata sandi yang sekarang tidak cocok."),
    "organisation.own-access": _("Akses Anda sendiri tidak dapat Anda akhiri. Minta administrator lain."),
    "organisation.person-gone": _("Akses orang ini sudah diakhiri. Daftarkan lagi lebih dahulu."),
    "organisation.password-too-plain": _(
        "Kata sandi ini terlalu mudah ditebak. Pakai beberapa kata yang tidak berhubungan."
    ),
    "organisation.password-personal": _(
        "Kata sandi ini memuat nama masuk, nama, jabatan, atau kantor Anda dan mudah ditebak. Pakai beberapa kata lain."
    ),
    "organisation.too-many-attempts": _("Terlalu banyak percobaan. Tunggu sebentar, lalu coba lagi."),
}
ACCOUNTS: Mapping[str, str] = {
    "account_provisioning.not-permitted": _("Peran Anda tidak berwenang untuk permohonan surel."),
    "account_provisioning.unknown-request": _("Permohonan ini tidak ditemukan."),
    "account_provisioning.wrong-code": _("Nomor dan kode ini tidak cocok."),
    "account_provisioning.not-your-unit": _("Anda mengurus permohonan unit kerja Anda saja."),
    "account_provisioning.not-the-reviewer": _(
        "Hanya pejabat yang mengkaji permohonan menurut standar yang dapat melakukan ini."
    ),
    "account_provisioning.kind-unknown": _("Jenis permohonan itu tidak dilayani."),
    "account_provisioning.cause-missing": _(
        "Untuk permohonan reset, pilih sebabnya: lupa atau bocor. Permohonan lain tidak memakai sebab."
    ),
    "account_provisioning.quota-unknown": _(
        "Kuota itu tidak dilayani standar ini, atau bukan untuk jenis permohonan ini."
    ),
    "account_provisioning.holder-unknown": _("Jenis pemilik {holder} tidak dilayani standar ini."),
    "account_provisioning.nip-implausible": _("NIP ini tidak mungkin benar. Periksa lagi 18 angkanya."),
    "account_provisioning.nip-given": _(
        "NIP permohonan ini sudah tercatat. Bila keliru, tarik permohonan ini dan ajukan yang baru."
    ),
    "account_provisioning.file-gone": _("Pindaian surat tidak tersimpan lagi. Pilih sekali lagi."),
    "account_provisioning.letter-date": _("Tanggal surat belum benar. Tulis seperti 2026-03-13."),
    "account_provisioning.received-in-future": _("Waktu terima belum tiba. Periksa tanggal dan jamnya."),
    "account_provisioning.no-standard": _("Standar pelayanan surel instansi ini belum diterbitkan."),
    "account_provisioning.standard-incomplete": _("Aturan surel pada standar pelayanan belum lengkap."),
    "account_provisioning.standard-version-taken": _("Versi {version} standar ini sudah diterbitkan dengan isi lain."),
    "account_provisioning.standard-of-another": _("Instansi ini sudah mempunyai standar surel lain: {standard}."),
    "account_provisioning.account-unknown": _("Tidak ada akun dengan alamat itu."),
    "account_provisioning.account-closed": _("Akun ini sudah ditutup."),
    "account_provisioning.account-suspended": _("Akun ini sedang dinonaktifkan. Aktifkan kembali lebih dahulu."),
    "account_provisioning.account-active": _("Akun ini masih aktif."),
    "account_provisioning.open-request-exists": _("Masih ada permohonan yang berjalan: {number}."),
    "account_provisioning.nothing-supplemented": _("Belum ada yang dilengkapi."),
    "account_provisioning.not-complete": _("Permohonan ini masih menunggu kelengkapan."),
    "account_provisioning.already-decided": _("Permohonan ini sudah diputuskan."),
    "account_provisioning.being-provisioned": _("Permohonan ini sudah disetujui dan sedang dikerjakan di direktori."),
    "account_provisioning.own-request": _("Anda tidak dapat mengkaji permohonan Anda sendiri."),
    "account_provisioning.same-eyes": _("Persetujuan kedua harus diberikan orang lain."),
    "account_provisioning.address-missing": _(
        "Tidak ada alamat yang dapat dibentuk dari nama ini. Tentukan alamatnya beserta alasan."
    ),
    "account_provisioning.address-pattern": _(
        "Alamat harus memakai pola standar dan domain {domain}. Alamat lain memerlukan alasan."
    ),
    "account_provisioning.address-reserved": _("Alamat itu dicadangkan untuk jabatan atau sistem."),
    "account_provisioning.address-taken": _("Alamat itu sudah dipakai atau masih dikarantina."),
    "account_provisioning.address-alike": _(
        "Alamat itu mirip dengan {addresses}. Jika memang dikehendaki, sebutkan alasannya."
    ),
    "account_provisioning.alias-unasked": _("Alamat tambahan hanya diminta lewat permohonan perubahan."),
    "account_provisioning.alias-pattern": _(
        "Alamat tambahan ditulis lengkap: huruf kecil, angka, titik, garis bawah, atau tanda hubung, lalu @{domain}."
    ),
    "account_provisioning.alias-own": _("Alamat itu sudah milik akun ini."),
    "account_provisioning.alias-unknown": _("Akun ini tidak mempunyai alamat tambahan itu."),
    "account_provisioning.alias-not-kept": _(
        "Direktori akun ini tidak menyimpan alamat tambahan, jadi permohonan ini tidak dicatat. Pengelola server surel "
        "dapat membuat terusannya di sana."
    ),
    "account_provisioning.reason-unknown": _("Alasan itu tidak ada pada standar pelayanan."),
    "account_provisioning.not-failed": _("Pembuatan akun masih berjalan; tunggu hasilnya."),
    "account_provisioning.attempt-over": _("Hasil itu milik percobaan yang sudah lewat."),
    "account_provisioning.foreign-entry": _("Di direktori ada akun lain dengan alamat ini."),
    "account_provisioning.not-decided": _("Permohonan ini belum diputuskan."),
    "account_provisioning.not-notified": _("Pemohon belum diberi tahu."),
    "account_provisioning.told-in-future": _("Waktu pemberitahuan belum tiba."),
    "account_provisioning.told-before-decided": _("Waktu pemberitahuan mendahului keputusannya."),
    "account_provisioning.notice-unknown": _("Cara pemberitahuan itu tidak dikenal."),
    "account_provisioning.no-hand-over": _("Untuk permohonan ini tidak ada akun yang diserahterimakan."),
    "account_provisioning.claim-unknown": _("Tautan ini tidak dikenal. Periksa apakah tersalin seluruhnya."),
    "account_provisioning.hand-over-ended": _("Tautan ini sudah tidak berlaku. Mintalah yang baru kepada petugas."),
    "account_provisioning.hand-over-spent": _("Kata sandi sudah dibuat lewat tautan ini."),
    "account_provisioning.hand-over-open": _("Pemegang akun belum membuat kata sandinya."),
    "account_provisioning.hand-over-busy": _("Tautan ini sedang dipakai. Coba lagi sebentar lagi."),
    "account_provisioning.hand-over-not-confirmed": _(
        "Belum ada yang memastikan bahwa ini Anda. Periksa kodenya, atau hubungi bagian kepegawaian."
    ),
    "account_provisioning.not-a-slip": _("Serah terima ini tidak lewat slip. Buka yang baru lewat slip lebih dahulu."),
    "account_provisioning.secret-too-plain": _(
        "Kata sandi ini mudah ditebak. Pakai beberapa kata yang tidak berhubungan dengan Anda."
    ),
    "account_provisioning.secret-personal": _(
        "Kata sandi ini memuat alamat, nama, NIP, unit, atau kantor Anda dan mudah ditebak. Pakai beberapa kata lain."
    ),
    "account_provisioning.secret-form": _("Kata sandi terdiri atas paling banyak 72 tanda yang terlihat."),
    "account_provisioning.secret-change-busy": _(
        "Kata sandi akun ini sedang diganti. Tunggu satu menit, lalu coba dengan kata sandi yang baru atau yang lama."
    ),
    "account_provisioning.secret-not-new": _("Kata sandi yang baru harus lain dari yang sekarang."),
    "account_provisioning.present-secret-wrong": _("Alamat atau kata sandi sekarang tidak cocok."),
    "account_provisioning.connector-away": _("Server surel sedang tidak menjawab. Coba lagi sebentar lagi."),
    "account_provisioning.directory-refused": _("Server surel menolak. Hubungi petugas dengan nomor permohonan Anda."),
    "account_provisioning.slip-not-set": _("Slip belum dapat dicetak. Coba lagi."),
    "account_provisioning.not-the-signatory": _("Surat balasan ditandatangani pejabat lain menurut standar."),
    "account_provisioning.reply-number-taken": _("Nomor surat itu baru saja terpakai. Kirim lagi."),
    "account_provisioning.beyond-calendar": _("Tenggat itu di luar tahun yang dicakup kalender."),
    "account_provisioning.pause-not-allowed": _("Alasan itu tidak menghentikan jam menurut standar."),
    "account_provisioning.clock-paused": _("Jam permohonan ini sudah berhenti."),
    "account_provisioning.clock-stopped": _("Jam permohonan ini sudah berakhir."),
    "account_provisioning.not-due": _("Batas waktunya belum tiba."),
    "complaint.not-permitted": _("Peran Anda tidak berwenang untuk pengaduan."),
    "complaint.unknown": _("Pengaduan ini tidak ditemukan."),
    "complaint.wrong-code": _("Nomor atau kode pengaduan tidak cocok."),
    "complaint.not-the-handler": _("Pengaduan ini ditangani jabatan lain."),
    "complaint.not-the-approver": _("Jawaban ini disetujui oleh jabatan lain."),
    "complaint.own-proposal": _("Jawaban yang Anda usulkan sendiri harus disetujui orang lain."),
    "complaint.kind-unknown": _("Jenis sampaian itu tidak dilayani."),
    "complaint.channel-unknown": _("Saluran itu tidak dikenal."),
    "complaint.file-gone": _("Berkas yang dilampirkan tidak tersimpan lagi. Pilih sekali lagi."),
    "complaint.words-missing": _("Isinya belum ditulis."),
    "complaint.anonymous-with-contact": _(
        "Sampaian tanpa nama tidak boleh memuat nama atau kontak. Kosongkan keduanya, atau pilih cara lain."
    ),
    "complaint.received-in-future": _("Waktu terima belum tiba. Periksa tanggal dan jamnya."),
    "complaint.received-too-old": _("Waktu terima paling lama {days} hari yang lalu."),
    "complaint.received-by-officer": _("Waktu terima hanya dapat diisi petugas."),
    "complaint.paper-number-by-officer": _("Nomor di buku kertas hanya dapat diisi petugas."),
    "complaint.paper-received-missing": _("Isi juga waktu diterimanya: hitungan waktu berjalan sejak itu."),
    "complaint.paper-number-taken": _(
        "Pengaduan dengan nomor buku kertas ini sudah tercatat. Tulis nomor bersama tahunnya, misalnya 17/2025."
    ),
    "complaint.number-taken": _("Nomor acaknya kebetulan sudah dipakai. Kirim sekali lagi."),
    "complaint.register-open": _("Register tahun itu sudah dibuka, nomor terakhirnya {last}."),
    "complaint.register-not-open": _("Nomor terakhir buku kertas tahun {year} belum disimpan. Simpan dahulu."),
    "complaint.opening-used": _(
        "Nomor awal register {year} tidak dapat diubah lagi: nomor {first} sampai {last} sudah diberikan. Register"
        " berjalan terus sesudah {last}; pengaduan dari buku kertas dicatat dengan nomornya di buku kertas."
    ),
    "complaint.no-standard": _("Instansi ini belum menerbitkan standar yang mengatur pengaduan."),
    "complaint.standard-unknown": _("Standar pelayanan itu tidak mengatur pengaduan."),
    "complaint.standard-incomplete": _("Aturan pengaduan pada standar pelayanan belum lengkap."),
    "complaint.standard-version-taken": _("Versi {version} standar ini sudah diterbitkan dengan isi lain."),
    "complaint.class-unknown": _("Golongan itu tidak ada pada standar pelayanan."),
    "complaint.gist-missing": _("Tulis inti pengaduan dengan kata-kata netral, tanpa identitas."),
    "complaint.gist-names-reporter": _(
        "Inti pengaduan memuat nama atau kontak pelapor. Ubah, atau sebutkan alasannya."
    ),
    "complaint.not-entered": _("Yang dikirim pelapor sendiri tidak diperbaiki; hanya yang dicatat petugas."),
    "complaint.gist-reveals": _("Pokok pengaduan memuat nama atau kontak pelapor. Tulis tanpa itu."),
    "complaint.examiner-missing": _("Golongan ini memerlukan pemeriksa. Sebutkan jabatannya."),
    "complaint.not-the-officer": _(
        "Pengaduan ini dipilah oleh petugas pengaduan; bila ia yang diadukan, oleh atasannya."
    ),
    "complaint.handler-barred": _("Jabatan itu tidak boleh menangani pengaduan ini."),
    "complaint.not-classified": _("Pengaduan ini belum digolongkan."),
    "complaint.not-assigned": _("Pengaduan ini belum ditugaskan."),
    "complaint.reporter-asked": _("Pengaduan ini menunggu keterangan pelapor."),
    "complaint.answer-proposed": _("Usulan jawaban pengaduan ini menunggu persetujuan."),
    "complaint.approval-needed": _("Jawaban pengaduan ini harus disetujui dahulu. Usulkan jawabannya."),
    "complaint.approval-not-needed": _("Jawaban pengaduan ini tidak memerlukan persetujuan. Jawab langsung."),
    "complaint.answered": _("Pengaduan ini sudah dijawab."),
    "complaint.not-answered": _("Pengaduan ini belum dijawab."),
    "complaint.letter-not-set": _("Surat jawaban belum dapat dibuat. Coba lagi."),
    "complaint.letter-number-taken": _("Nomor surat itu baru saja terpakai. Kirim lagi."),
    "complaint.closed": _("Pengaduan ini sudah ditutup."),
    "complaint.closed-meanwhile": _("Pengaduan ini baru saja ditutup."),
    "complaint.stance-less-secret": _("Kerahasiaan pelapor hanya dapat ditambah, tidak dikurangi."),
    "complaint.objection-window-over": _("Masa keberatan atas jawaban ini sudah berakhir."),
    "complaint.objections-spent": _("Keberatan atas pengaduan ini sudah {objections} kali, tidak dapat ditambah."),
    "complaint.referral-office-missing": _("Sebutkan instansi yang berwenang dan cara menghubunginya."),
    "complaint.no-rung": _(
        "Tidak ada jenjang di atasnya untuk pengaduan ini. Bila ini soal siapa yang diadukan, pilih jabatan yang "
        "mengambil alih."
    ),
    "complaint.beyond-calendar": _("Tenggat itu di luar tahun yang dicakup kalender."),
    "complaint.pause-not-allowed": _("Alasan itu tidak menghentikan jam menurut standar."),
    "complaint.clock-paused": _("Jam pengaduan ini sudah berhenti."),
    "complaint.clock-stopped": _("Jam pengaduan ini sudah berakhir."),
    "complaint.not-due": _("Batas waktunya belum tiba."),
}
REFUSALS: Mapping[str, str] = {**ACCOUNTS, **INTAKE, **APPROVAL, **DISPATCH, **NOTIFICATIONS, **ORGANISATION}
