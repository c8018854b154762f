"""Pengaduan for whoever comes by: what is asked, who will see what, how far it is, and what its reporter may do."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from contracts import complaint as c
from contracts.base import Command
from contracts.organisation import StandardRow
from gateway.edge.i18n import mark as _
from gateway.web.complaint_words import KINDS, OUTCOMES
from gateway.web.public.kinds import FILES, AppForm, Asked, Brought, Choice, FormPage, PublicForm, PublicKind, Stage
from gateway.web.words import Word

ANONYMOUS = "anonymous"
WORDS_MOST = 15_000

STANCES = (
    Choice(
        "named",
        _("Dengan nama"),
        _("Petugas yang menangani melihat nama, kontak, dan isi pengaduan Anda. Yang Anda adukan tidak."),
    ),
    Choice(
        "confidential",
        _("Identitas dirahasiakan"),
        _(
            "Petugas membaca isinya, tetapi tidak melihat nama dan kontak Anda; keduanya disimpan tersandi. Kabar "
            "hanya dikirim mesin lewat surel: nomor telepon tidak dihubungi siapa pun. Lihat kabarnya di halaman lacak."
        ),
    ),
    Choice(
        ANONYMOUS,
        _("Tanpa nama (anonim)"),
        _(
            "Nama dan kontak tidak ditanyakan dan tidak disimpan; alamat komputer Anda tidak dicatat; petugas hanya "
            "melihat tanggalnya. Kami hanya dapat menghubungi Anda lewat halaman lacak."
        ),
    ),
)
MORE_SECRET = STANCES[1:]
YES = "ya"
ABOUT_OFFICER = (
    Choice("tidak", _("Tidak"), _("Petugas pengaduan membacanya dan meneruskannya kepada yang menangani.")),
    Choice(
        YES,
        _("Ya, tentang petugas yang menerima pengaduan"),
        _("Ia tidak dapat melihat pengaduan ini dan tidak mendapat kabarnya. Atasannya yang memilahnya."),
    ),
)


def known(values: Mapping[str, str]) -> bool:
    """Whether who reports is asked at all: an anonymous reporter has no field for it."""
    return values.get("sikap") != ANONYMOUS


def _file(brought: Brought) -> Command:
    said = brought.values
    return c.FileComplaint(
        complaint_kind=said["jenis"], channel="web", stance=said["sikap"], words=said["isi"],
        name=said["nama"], contact=said["kontak"], place=said["tempat"], occurred_on=said["kapan"],
        about_officer=said.get("teradu") == YES,
        attachments=brought.files.get("berkas", ()), code_mac=brought.code_mac,
    )  # fmt: skip


def _case(brought: Brought) -> UUID:
    if brought.case_id is None:
        raise ValueError("a reply without its case")
    return brought.case_id


def _reply(brought: Brought) -> Command:
    return c.ReplyAsReporter(
        complaint_id=_case(brought), code_mac=brought.code_mac, words=brought.values["balasan"],
        attachments=brought.files.get("berkas", ()),
    )  # fmt: skip


def _object(brought: Brought) -> Command:
    return c.Object(complaint_id=_case(brought), code_mac=brought.code_mac, reason=brought.values["alasan"])


def _accept(brought: Brought) -> Command:
    return c.AcceptAnswer(complaint_id=_case(brought), code_mac=brought.code_mac)


def _stance(brought: Brought) -> Command:
    return c.ChangeStance.model_validate(
        {"complaint_id": _case(brought), "code_mac": brought.code_mac, "stance": brought.values["sikap"]}
    )


def _withdraw(brought: Brought) -> Command:
    return c.WithdrawComplaint(complaint_id=_case(brought), code_mac=brought.code_mac, reason=brought.values["alasan"])


def offered(standards: Sequence[StandardRow]) -> bool:
    return any(row.rules.get("complaints") or row.rules.get("answers") for row in standards)


def under(form: PublicForm, standards: Sequence[StandardRow]) -> PublicForm:
    """Whether it is about the officer is asked where somebody is above him. Who says so all the same, by an app, is
    refused by the service and not passed over: the field stays, on no page.
    """
    if any(_somebody_above(row) for row in standards):
        return form
    pages = tuple(replace(each, names=tuple(name for name in each.names if name != "teradu")) for each in form.pages)
    return replace(form, pages=pages)


def _somebody_above(row: StandardRow) -> bool:
    own = row.rules.get("answers") or {}
    there = {own.get("superior"), *(step["position"] for step in row.rules.get("ladder") or ())}
    return bool(own.get("officer")) and bool(there - {None, own["officer"]})


PHOTOS = Asked(
    "berkas", _("Foto atau berkas"),
    _("Nama berkas, tempat, dan kamera yang tersimpan di dalamnya dihapus sebelum disimpan."), kind=FILES, need=False,
)  # fmt: skip
FORM = PublicForm(
    title=_("Sampaikan pengaduan, saran, atau apresiasi"),
    lead=_("Tanpa akun, dan boleh tanpa nama. Anda mendapat nomor dan kode untuk membaca jawabannya."),
    send=_("Kirim sekarang"),
    done=_("Sudah kami terima"),
    proved="isi",
    asked=(
        Asked("jenis", _("Yang Anda sampaikan"), choices=tuple(Choice(slug, title) for slug, title in KINDS.items())),
        Asked("isi", _("Ceritakan"), _("Apa yang terjadi, dan apa yang Anda harapkan?"), kind="area", most=WORDS_MOST),
        Asked("tempat", _("Tempat"), _("Kantor, loket, atau halaman yang dimaksud"), need=False, most=200),
        Asked("kapan", _("Waktu kejadian"), kind="date", need=False, most=200),
        PHOTOS,
        Asked("sikap", _("Nama Anda"), choices=STANCES),
        Asked(
            "teradu", _("Apakah ini tentang petugas pengaduan sendiri?"),
            _("Boleh dilewati. Siapa pun selain dia Anda adukan dengan cara biasa."), choices=ABOUT_OFFICER, need=False,
        ),
        Asked("nama", _("Nama lengkap"), need=False, most=200, only=known),
        Asked(
            "kontak", _("Nomor telepon atau alamat surel"),
            _(
                "Untuk memberi tahu bahwa ada kabar. Isinya tidak pernah dikirim ke sana. Bila dirahasiakan: surel "
                "saja."
            ),
            need=False, most=200,
            only=known,
        ),
    ),
    pages=(
        FormPage(_("Apa yang ingin Anda sampaikan?"), "", ("jenis",)),
        FormPage(
            _("Ceritakan dengan kata-kata Anda sendiri"),
            _("Jangan menulis nama Anda di sini bila ingin dirahasiakan."), ("isi",),
        ),
        FormPage(_("Di mana dan kapan?"), _("Boleh dikosongkan."), ("tempat", "kapan")),
        FormPage(
            _("Ada foto atau berkas?"),
            _("Boleh dilewati. Perhatikan apa yang tampak di dalamnya bila ingin dirahasiakan: wajah, nama, nomor."),
            ("berkas",),
        ),
        FormPage(
            _("Siapa yang boleh tahu nama Anda?"),
            _("Nanti masih dapat diubah menjadi lebih rahasia, tidak sebaliknya."), ("sikap", "teradu"),
        ),
        FormPage(
            _("Bagaimana kami memberi kabar?"),
            _("Boleh dikosongkan: jawabannya selalu dapat dibaca di halaman lacak."), ("nama", "kontak"),
        ),
    ),
    command=_file,
)  # fmt: skip

COMPLAINTS = PublicKind(
    slug="pengaduan",
    noun=_("Pengaduan"),
    numbers=re.compile(r"ADU-[0-9A-Z]{5}-[0-9A-Z]{5}"),
    question=c.TrackComplaint,
    thread=c.ReadThread,
    form=FORM,
    stages={
        "filed": Stage(Word(_("Diterima"), "busy", "inbox"), _("Pengaduan Anda menunggu dibaca petugas.")),
        "acknowledged": Stage(Word(_("Diterima"), "busy", "check"), _("Petugas sudah menerima pengaduan Anda.")),
        "classified": Stage(Word(_("Diterima"), "busy", "check"), _("Petugas sedang menentukan siapa yang menangani.")),
        "assigned": Stage(Word(_("Ditangani"), "busy", "pen"), _("Pengaduan Anda sedang ditangani.")),
        "asked": Stage(
            Word(_("Menunggu Anda"), "warn", "clock"), _("Petugas bertanya kepada Anda. Balas di bawah ini.")
        ),
        "answered": Stage(
            Word(_("Dijawab"), "good", "send"), _("Baca jawabannya di bawah, lalu terima atau ajukan keberatan.")
        ),
        "closed": Stage(Word(_("Selesai"), "good", "check"), _("Pengaduan ini selesai.")),
    },
    road=("filed", "assigned", "answered", "closed"),
    steps={"acknowledged": "filed", "classified": "filed", "asked": "assigned"},
    outcomes=OUTCOMES,
    replies={
        "accept": PublicForm(
            _("Terima jawaban"), _("Pengaduan selesai saat ini juga."), _("Ya, saya menerima jawabannya"),
            _("Terima kasih. Pengaduan selesai"), (), _accept,
        ),
        "object": PublicForm(
            _("Ajukan keberatan"), _("Pengaduan dibuka lagi dan ditangani sekali lagi."), _("Kirim keberatan"),
            _("Keberatan Anda kami terima"),
            (Asked("alasan", _("Mengapa jawabannya belum cukup?"), kind="area", most=1_800),), _object,
        ),
        "reply": PublicForm(
            _("Tulis kepada petugas"), _("Untuk menjawab pertanyaan, menambah keterangan, atau mengirim foto."),
            _("Kirim"), _("Tulisan Anda kami terima"),
            (Asked("balasan", _("Tulisan Anda"), kind="area", need=False, most=WORDS_MOST), PHOTOS), _reply,
        ),
        "change-stance": PublicForm(
            _("Rahasiakan nama saya"), _("Tidak dapat dikembalikan. Anonim: nama dan kontak Anda dihapus."), _("Ubah"),
            _("Kerahasiaan sudah diubah"), (Asked("sikap", _("Menjadi"), choices=MORE_SECRET),), _stance,
        ),
        "withdraw": PublicForm(
            _("Tarik pengaduan"), _("Pengaduan tidak diproses lagi. Ini tidak dapat dibatalkan."),
            _("Tarik pengaduan ini"), _("Pengaduan sudah Anda tarik"),
            (Asked("alasan", _("Alasan"), kind="area", need=False, most=1_800),), _withdraw,
        ),
    },
    offered=offered,
    keeps=c.FilesOfComplaint,
    under=under,
    app=AppForm(
        "complaints",
        {
            "complaint_kind": "jenis", "words": "isi", "place": "tempat", "occurred_on": "kapan",
            "attachments": "berkas", "about_officer": "teradu", "stance": "sikap", "name": "nama", "contact": "kontak",
        },
        unasked="complaint.anonymous-with-contact",
    ),
)  # fmt: skip
