"""What `--help` says, in the office's language: the English of the code stands beside the Indonesian of the console."""

from collections.abc import Iterator, Mapping
from typing import Any

import typer
from typer import rich_utils

from services.cli.usage_words import say_usage

PANELS = {"OPTIONS_PANEL_TITLE": "Pilihan", "COMMANDS_PANEL_TITLE": "Perintah", "ARGUMENTS_PANEL_TITLE": "Isian"}
HELP_OPTION = "Tampilkan bantuan ini."
EXAMPLE, CONTOH = "Example:", "Contoh:"

WORDS: Mapping[str, str] = {
    "Caraka: registers, initials, delivers and archives the letters of an ICT office, and proves it.":
        "Caraka: mencatat, memaraf, mengantar, dan mengarsipkan surat kantor TIK, serta membuktikannya.",
    "Tells the version.": "Menyebut versi.",
    "Runs everything in the foreground on embedded defaults.":
        "Menjalankan semuanya di terminal ini dengan setelan bawaan.",
    "Runs one or more services in this process (needs PostgreSQL and a NATS server to share them between processes).":
        "Menjalankan satu atau beberapa layanan dalam proses ini (perlu PostgreSQL dan server NATS "
        "bila prosesnya banyak).",
    "Works on jobs of a service in this process: any number of copies may run, each with the bus and nothing more.":
        "Mengerjakan tugas luar suatu layanan: boleh dijalankan berapa pun, masing-masing hanya perlu NATS.",
    "the service that owns the jobs": "layanan pemilik tugas",
    "its queues; none: all": "antreannya; kosong: semua",
    "Runs the gateway: HTTP, pages, live stream.": "Menjalankan gerbang: HTTP, halaman, siaran langsung.",
    "Keeps the streams of the bus: makes what is missing, and one anew when its service asks (part of `up`).":
        "Menjaga aliran NATS: membuat yang belum ada, dan yang diminta layanannya (bagian dari `up`).",
    "Makes the tables and streams that are missing. Harmless when repeated.":
        "Membuat tabel dan aliran yang belum ada. Aman diulang.",
    "Folder with a file database_url_<service> each: their roles get their rights.":
        "Folder berisi berkas database_url_<layanan>: peran masing-masing mendapat haknya.",
    "Exit status 0 when that service of this machine lives (for container health checks; `services.cli.entry`).":
        "Status keluar 0 bila layanan itu hidup di mesin ini (untuk pemeriksaan kontainer).",
    "gateway, or a service's name": "gateway, atau nama layanan",
    "Tells what runs, how far behind it is, and what is parked.":
        "Menyebut apa yang berjalan, berapa tertinggal, dan apa yang terparkir.",
    "For machines.": "Untuk mesin (JSON).",
    "Carries a sample letter along the whole road, a complaint to its answer, and an application to its mailbox,\n"
    "against the running product.":
        "Membawa surat contoh sepanjang jalannya, pengaduan sampai dijawab, dan permohonan sampai akunnya jadi.",
    "Only give the demo people their password (after migrate).":
        "Hanya memberi kata sandi kepada orang contoh (sesudah migrate).",
    "Checks every invariant and names the first breach; exit status 1 on a breach.":
        "Memeriksa semua janji data dan menyebut pelanggaran pertama; status keluar 1 bila ada.",
    "JSON lines {command_id, after} that a client kept": "baris JSON {command_id, after} yang disimpan klien",
    "seconds to wait until all is quiet": "detik menunggu sampai semuanya tenang",
    "Builds the views anew from the event logs while the old ones serve, then swaps them.":
        "Membangun ulang tampilan dari catatan peristiwa selagi yang lama melayani, lalu menukarnya.",
    "a view, or all": "nama tampilan, atau all",
    "Lists parked cases, tries one again, or sets it aside with a reason.":
        "Mendaftar kasus terparkir, mencoba lagi, atau menyisihkannya dengan alasan.",
    "a parked case, or list": "kasus terparkir, atau list",
    "where it is parked": "layanan tempat terparkir",
    "set it aside instead, with this reason": "sisihkan saja, dengan alasan ini",
    "Measures the product against its peers on this machine; prints figures with ratios, judges nothing.":
        "Mengukur produk dan pembandingnya di mesin ini; mencetak angka dan perbandingan tanpa menilai.",
    "length of a round": "lama satu putaran (detik)",
    "rounds, in turns with the peers": "banyak putaran, bergantian dengan pembanding",
    "one part of it; a wrong word lists them all": "satu bagian; kata yang salah mendaftar semuanya",
    "Brings everything back into an empty data folder (and database), verified, and says what is missing since.":
        "Memulihkan semuanya ke folder data (dan basis data) kosong, diperiksa, dan menyebut apa "
        "yang kurang sejak itu.",
    "the place of the archives": "tempat arsip cadangan",
    "the place of the keys; unset: CARAKA_BACKUP_KEYS_TO, or TO-kunci":
        "tempat kunci; kosong: CARAKA_BACKUP_KEYS_TO, atau TUJUAN-kunci",
    "file with the private key; unset: CARAKA_BACKUP_IDENTITY, or with the keys":
        "berkas kunci pribadi; kosong: CARAKA_BACKUP_IDENTITY, atau di tempat kunci",
    "one of them by its name; unset: the newest": "salah satu menurut namanya; kosong: yang terbaru",
    "agency/book/year=N: the last agenda number that stands on paper":
        "instansi/buku/tahun=N: nomor agenda terakhir yang sudah di kertas",
    "who restores; kept in the history": "siapa yang memulihkan; tercatat dalam riwayat",
    "also where verify names something that was so before the backup":
        "juga bila verify menyebut sesuatu yang sudah begitu sebelum dicadangkan",
    "Deletes a wrong stream of the bus; the service feeds it again from its store. Nothing is lost.":
        "Menghapus aliran NATS yang keliru; layanan mengisinya lagi dari simpanannya. Tidak ada yang hilang.",
    "organisation, intake, approval or dispatch": "salah satu: organisation, intake, approval, atau dispatch",
    "Tells whom a fact was told to, by which way, and why somebody was not.":
        "Menyebut siapa diberi tahu tentang suatu kejadian, lewat apa, dan mengapa seseorang tidak.",
    "the fact's id, from a case's history or the log of notices":
        "pengenal kejadian, dari lini masa atau catatan pemberitahuan",
    "whose fact it is": "instansi pemiliknya",
    "The hash chains.": "Rantai bukti.",
    "What the patrol found changed, and has not been settled.":
        "Perubahan yang ditemukan patroli dan belum diselesaikan.",
    "A person has dealt with a breach: it stays written down, with who and why.":
        "Seseorang sudah menangani perubahan itu: tetap tercatat, beserta siapa dan mengapa.",
    "whose history was changed": "layanan yang riwayatnya berubah",
    "where, as `caraka audit breaches` says it": "letaknya, seperti disebut `caraka audit breaches`",
    "who has dealt with it": "siapa yang menanganinya",
    "After a restore: chains on from what both have in common; the old heads are kept.":
        "Sesudah pemulihan: menyambung rantai dari bagian yang sama; ujung lama disimpan.",
    "the service whose store was restored": "layanan yang simpanannya dipulihkan",
    "who decides this": "siapa yang memutuskan",
    "Backups of everything.": "Cadangan seluruh data.",
    "Copies everything to another place, sealed, while the product runs. `caraka backup TO` says the same.":
        "Menyalin semuanya ke tempat lain, tersegel, selagi produk berjalan. `caraka backup TUJUAN` sama artinya.",
    "also into a place that held backups and is empty now":
        "juga ke tempat yang dulu berisi cadangan dan kini kosong",
    "a folder, or s3://…; unset: CARAKA_BACKUP_TO": "folder, atau s3://…; kosong: CARAKA_BACKUP_TO",
    "age1…: who can open it; unset: CARAKA_BACKUP_RECIPIENT":
        "age1…: siapa yang dapat membuka; kosong: CARAKA_BACKUP_RECIPIENT",
    "Restores aside into a temporary place, verifies, measures, and leaves a report beside the archives.":
        "Memulihkan ke tempat sementara, memeriksa, mengukur, dan menaruh laporan di sisi arsip.",
    "Makes backups by the schedule of CARAKA_BACKUP_*, in the foreground (part of `up`).":
        "Mencadangkan menurut jadwal CARAKA_BACKUP_*, di terminal ini (bagian dari `up`).",
    "Makes a key pair: the private key in a file to keep elsewhere, the public one for CARAKA_BACKUP_RECIPIENT.":
        "Membuat sepasang kunci: yang pribadi dalam berkas untuk disimpan di tempat lain, yang "
        "publik untuk CARAKA_BACKUP_RECIPIENT.",
    "a new file for the private key": "berkas baru untuk kunci pribadi",
    "Agenda books.": "Buku agenda.",
    "The next number is the one after these: none of them is given to a letter again.":
        "Nomor berikutnya sesudah nomor-nomor ini: tidak satu pun diberikan lagi kepada surat.",
    "Where the book begins, if it was opened with a wrong number and none was given out since.":
        "Dari nomor berapa buku mulai, bila pembukaannya salah dan belum ada nomor diberikan sesudahnya.",
    "the last number of the paper book": "nomor terakhir di buku kertas",
    "whose book": "instansi pemilik buku",
    "the last number that stands on paper": "nomor terakhir yang sudah di kertas",
    "why, and who says so": "mengapa, dan menurut siapa",
    "the book's name": "nama buku",
    "its year; unset: this one": "tahunnya; kosong: tahun ini",
    "Effects on the outside world: what waits, and why.":
        "Tugas keluar (surel, direktori, webhook): apa yang menunggu, dan mengapa.",
    "Tells of each queue what waits, and of each parked job why.":
        "Menyebut yang menunggu di setiap antrean, dan mengapa sebuah tugas terparkir.",
    "the service that owns it; where only one has jobs it need not be named":
        "layanan pemiliknya; bila hanya satu yang punya tugas, tidak perlu disebut",
    "only jobs of this agency": "hanya tugas instansi ini",
    "also what only waits or is out": "juga yang hanya menunggu atau sedang dikerjakan",
    "Sends a parked job once more, now.": "Mengirim tugas terparkir sekali lagi, sekarang.",
    "its id, from the list": "pengenalnya, dari daftar",
    "Says that a job will never be done; the case hears of it as a permanent failure.":
        "Menyatakan tugas tidak akan dikerjakan; kasusnya mendengarnya sebagai kegagalan tetap.",
    "why it will not be done": "mengapa tidak dikerjakan",
    "Sends nothing of a queue until it is resumed, also after a restart.":
        "Tidak mengirim apa pun dari antrean sampai dilanjutkan, juga sesudah dijalankan ulang.",
    "Lets a paused queue go on.": "Melanjutkan antrean yang dijeda.",
    "Writes the table of jobs anew from the events, after a loss. What is known of a job stays.":
        "Menulis ulang tabel tugas dari peristiwa, sesudah kehilangan. Yang diketahui tentang tugas tetap ada.",
    "The services' event stores.": "Simpanan peristiwa layanan.",
    "Lets a held service write again, from what its store holds. What it has lost stays lost; the decision is kept.":
        "Mengizinkan layanan yang ditahan menulis lagi dari isi simpanannya. Yang hilang tetap "
        "hilang; keputusan dicatat.",
    "organisation, intake, approval or dispatch; `caraka doctor` says which":
        "salah satu: organisation, intake, approval, atau dispatch; `caraka doctor` menyebut yang mana",
    "what happened, and why it may go on": "apa yang terjadi, dan mengapa boleh dilanjutkan",
    "Reminders and limits.": "Pengingat dan batas waktu.",
    "Writes the tables of timers anew from the events, after a loss. What was asked already is not set again.":
        "Menulis ulang tabel pengingat dari peristiwa, sesudah kehilangan. Yang sudah diminta tidak diulang.",
    "by their names; none: all that have them": "menurut namanya; kosong: semua yang punya",
    "Tokens for machines.": "Token untuk mesin.",
    "Issues a token; it is the last word printed, and is shown only now.":
        "Menerbitkan token; kata terakhir yang tercetak, dan hanya ditampilkan sekali ini.",
    "for example pekalongan": "misalnya pekalongan",
    "operator, kasi, kabid, kadis, courier, admin, inspector, leader":
        "operator, kasi, kabid, kadis, courier, admin, inspector, leader",
    "whose machine it is": "milik siapa mesinnya",
    "People who work with Caraka.": "Orang yang bekerja dengan Caraka.",
    "Adds a person and prints a first password once.":
        "Menambah orang dan mencetak kata sandi pertamanya, sekali saja.",
    "the agency's short name, for example pekalongan": "nama pendek instansi, misalnya pekalongan",
    "the full name, as it is printed": "nama lengkap, seperti yang tercetak",
    "for example operator, kasi, courier, admin, inspector; repeat it for several":
        "misalnya operator, kasi, courier, admin, inspector; diulang untuk beberapa",
    "short name, also the login before the @": "nama pendek, juga nama masuk sebelum @",
    "also for who can log in already; his old password ends":
        "juga bagi yang sudah dapat masuk; kata sandi lamanya berakhir",
    "Service standards as files.": "Standar pelayanan sebagai berkas.",
    "Checks standards, positions and calendars before they are brought in; names file, place and reason.":
        "Memeriksa standar, jabatan, dan kalender sebelum dimasukkan; menyebut berkas, letak, dan alasan.",
    "a standards folder, an agency's folder, or one of its files":
        "folder standar, folder instansi, atau salah satu berkasnya",
    "Writes the running state of one agency as files, in the form in which they are brought in.":
        "Menulis keadaan berjalan satu instansi sebagai berkas, dalam bentuk yang dapat dimasukkan lagi.",
    "a new or empty folder": "folder baru atau kosong",
    "Working time and closed days.": "Waktu kerja dan hari libur.",
    "Tells when something received then is due, and every interval that is counted or left out.":
        "Menyebut kapan jatuh tempo sesuatu yang diterima saat itu, dan setiap rentang yang dihitung atau tidak.",
    "for example berita-biasa-sanapati": "misalnya berita-biasa-sanapati",
    '"2026-03-13 10:30", by the agency\'s clock': '"2026-03-13 10:30", menurut jam instansi',
    "where several agencies have a standard of this name": "bila beberapa instansi punya standar bernama ini",
    "Proposes a year's closed days for calendar.toml; an officer confirms them with the decree's number.":
        "Mengusulkan hari libur setahun untuk calendar.toml; pejabat mengesahkannya dengan nomor keputusan.",
    "Who acts while somebody is away.": "Siapa yang bertindak selama seseorang berhalangan.",
    "Tells who acts for each position on a day, and who would after him.":
        "Menyebut siapa yang bertindak pada setiap jabatan di suatu hari, dan siapa sesudahnya.",
    "2026-03-13; today": "2026-03-13; kosong: hari ini",
    "Names the position whose holder is Plh. while this one's holder is away. Cycles are refused.":
        "Menetapkan jabatan yang pejabatnya menjadi Plh. selama pejabat ini berhalangan. Lingkaran ditolak.",
    "the position whose holder stands in; empty: nobody": "jabatan yang pejabatnya menggantikan; kosong: tidak ada",
    "Enters an absence; on these days the substitutes act.":
        "Mencatat ketidakhadiran; pada hari-hari itu pengganti bertindak.",
    "first day, 2026-03-13": "hari pertama, 2026-03-13",
    "last day": "hari terakhir",
    "Webhooks: other systems that hear of facts.": "Webhook: sistem lain yang mendengar kejadian.",
    "Each with its state, and the private ranges that are allowed.":
        "Setiap webhook dengan keadaannya, dan jaringan internal yang diizinkan.",
    "whose webhooks": "instansi pemilik webhook",
    "Subscribes an address; its secret is shown this once.":
        "Mendaftarkan alamat; rahasianya hanya ditampilkan sekali ini.",
    "https://…": "https://…",
    "a kind of fact; several times for several": "jenis kejadian; diulang untuk beberapa",
    "whose system it is and what for": "milik siapa sistemnya dan untuk apa",
    "A new secret, shown this once; for 24 hours both sign.":
        "Rahasia baru, ditampilkan sekali ini; 24 jam keduanya berlaku.",
    "Nothing is sent to it until it is resumed.": "Tidak ada yang dikirim sampai dilanjutkan.",
    "why; it stands in the event": "mengapa; tercatat dalam peristiwa",
    "Sends what waits, and goes on.": "Mengirim yang menunggu, lalu berjalan terus.",
    "Ends it for good.": "Mengakhirinya untuk seterusnya.",
    "Sends it a message that is about nothing.": "Mengirimi pesan uji.",
    "Lets webhooks lead into a private range.": "Mengizinkan webhook menuju jaringan internal.",
}  # fmt: skip


def spoken(app: typer.Typer) -> Any:
    """The command line, its help in Indonesian; what the table does not know stays as it is."""
    for name, said in PANELS.items():
        setattr(rich_utils, name, said)
    whole = typer.main.get_command(app)
    for _, command in commands(whole):
        say_usage(command)
        command.help = _said(command.help)
        command.short_help = _said(command.short_help)
        for each in command.params:
            if getattr(each, "help", None):
                each.help = _said(each.help)
        asked = command.get_help_option(command.context_class(command))
        if asked is not None:
            asked.help = HELP_OPTION
    return whole


def commands(command: Any, path: str = "caraka") -> Iterator[tuple[str, Any]]:
    """It and all below it, each with the words by which it is called."""
    yield path, command
    for name, below in getattr(command, "commands", {}).items():
        yield from commands(below, f"{path} {name}")


def parted(text: str) -> tuple[str, str]:
    """What is said, and the example below it."""
    said, mark, example = text.strip().partition(f"\n\n{EXAMPLE}")
    return said.strip(), f"\n\n{CONTOH}{example}" if mark else ""


def _said(text: str | None) -> str | None:
    if not text:
        return text
    said, example = parted(text)
    return WORDS.get(said, said) + example
