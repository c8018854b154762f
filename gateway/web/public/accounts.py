"""Permohonan surel for whoever comes by: what is asked, how far it is, and what its applicant may do."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from contracts import account_provisioning as accounts
from contracts.base import Command
from contracts.organisation import StandardRow
from gateway.edge.i18n import mark as _
from gateway.web.public.kinds import FILES, AppForm, Asked, Brought, Choice, FormPage, PublicForm, PublicKind, Stage
from gateway.web.request_words import CAUSES, HOLDERS, KINDS, keeps_aliases, rules_of, served
from gateway.web.words import Word

CREATE, RESET, CHANGE, UNIT = "create", "reset", "change", "unit"
ALIASES = frozenset({"alamat-tambahan", "alamat-berakhir"})


def kind_is(*kinds: str, never: bool = False) -> Callable[[Mapping[str, str]], bool]:
    return lambda values: (values.get("jenis") in kinds) is not never


def has_number(values: Mapping[str, str]) -> bool:
    """A unit has no NIP."""
    return values.get("pemilik") != UNIT


def letter(brought: Brought) -> accounts.ApplicationLetter | None:
    number, on = brought.values.get("nomor-surat", ""), brought.values.get("tanggal-surat", "")
    scans = brought.files.get("pindaian", ())
    return accounts.ApplicationLetter(number=number, on=on, scans=scans) if number or on or scans else None


def _file(brought: Brought) -> Command:
    said = brought.values
    return accounts.FileRequest.model_validate({
        "request_kind": said["jenis"],
        "cause": said["sebab"],
        "holder": said["pemilik"],
        "applicant": accounts.Applicant(
            name=said["nama"], nip=said["nip"], unit=said["unit"], contact=said["kontak"]
        ),
        "address": said["alamat"],
        "letter": letter(brought),
        "wishes": tuple(filter(None, map(str.strip, said["harapan"].replace(",", "\n").splitlines())))[:3],
        "alias": said["alamat-tambahan"],
        "alias_ends": said["alamat-berakhir"],
        "channel": "web",
        "code_mac": brought.code_mac,
    })  # fmt: skip


def _case(brought: Brought) -> UUID:
    if brought.case_id is None:
        raise ValueError("a reply without its case")
    return brought.case_id


def _supplement(brought: Brought) -> Command:
    said = brought.values
    return accounts.SupplementRequest(
        request_id=_case(brought), letter=letter(brought), contact=said["kontak"], note=said["keterangan"],
        nip=said["nip"], code_mac=brought.code_mac,
    )  # fmt: skip


def _withdraw(brought: Brought) -> Command:
    return accounts.WithdrawRequest(
        request_id=_case(brought), reason=brought.values["alasan"], code_mac=brought.code_mac
    )


def _receive(brought: Brought) -> Command:
    return accounts.ConfirmReceipt(request_id=_case(brought), code_mac=brought.code_mac)


def offered(standards: Sequence[StandardRow]) -> bool:
    """Where a standard says how accounts are given out."""
    return any(row.rules.get("accounts") for row in standards)


LETTER = (
    Asked("nomor-surat", _("Nomor surat permohonan"), need=False, most=100),
    Asked("tanggal-surat", _("Tanggal surat"), kind="date", need=False, most=20),
    Asked(
        "pindaian", _("Pindaian atau foto surat"), _("PDF, atau satu foto untuk tiap halaman."), kind=FILES, need=False,
    ),
)  # fmt: skip
FORM = PublicForm(
    title=_("Ajukan permohonan surel kedinasan"),
    lead=_("Akun baru, kata sandi yang lupa atau bocor, atau perubahan. Tanpa masuk."),
    send=_("Kirim permohonan"),
    done=_("Permohonan Anda kami terima"),
    asked=(
        Asked("jenis", _("Yang Anda perlukan"), choices=tuple(Choice(slug, title) for slug, title in KINDS.items())),
        Asked(
            "sebab", _("Sebabnya"), choices=tuple(Choice(slug, title) for slug, title in CAUSES.items()),
            only=kind_is(RESET),
        ),
        Asked(
            "alamat", _("Alamat surel akunnya"), _("Selengkapnya, dengan tanda @."), most=254,
            only=kind_is("", CREATE, never=True),
        ),
        Asked(
            "alamat-tambahan", _("Alamat tambahan yang Anda harapkan"),
            _("Surat ke alamat ini masuk ke kotak surat yang sama, misalnya setelah berganti nama."),
            need=False, most=254, only=kind_is(CHANGE),
        ),
        Asked(
            "alamat-berakhir", _("Alamat tambahan yang tidak dipakai lagi"),
            _("Tidak akan menerima surat lagi."),
            need=False, most=254, only=kind_is(CHANGE),
        ),
        Asked("pemilik", _("Akun ini untuk"), choices=tuple(Choice(slug, title) for slug, title in HOLDERS.items())),
        Asked("nama", _("Nama lengkap dan gelar"), _("Untuk unit kerja: nama unitnya."), most=200),
        Asked("nip", _("NIP"), _("18 angka."), need=False, most=40, only=has_number),
        Asked("unit", _("Unit kerja"), most=200),
        Asked(
            "harapan", _("Alamat yang Anda harapkan"), _("Paling banyak tiga, dipisah koma. Boleh kosong."),
            need=False, most=300, only=kind_is(CREATE),
        ),
        Asked(
            "kontak", _("Nomor telepon atau alamat surel Anda"),
            _("Ke sini kami memberi kabar dan mengirim tautan untuk membuka akun."), need=False, most=200,
        ),
        *LETTER,
    ),
    pages=(
        FormPage(_("Apa yang Anda perlukan?"), "", ("jenis",)),
        FormPage(_("Akun yang mana?"), "", ("sebab", "alamat")),
        FormPage(_("Alamat tambahan"), _("Lewati bila tidak perlu."), ("alamat-tambahan", "alamat-berakhir")),
        FormPage(_("Untuk siapa?"), "", ("pemilik",)),
        FormPage(
            _("Siapa pemilik akunnya?"), _("Petugas mencocokkannya dengan surat permohonan."), ("nama", "nip", "unit")
        ),
        FormPage(_("Alamat yang Anda harapkan"), _("Alamatnya ditetapkan menurut pola standar."), ("harapan",)),
        FormPage(_("Bagaimana kami memberi kabar?"), "", ("kontak",)),
        FormPage(
            _("Surat permohonan"),
            _("Standar pelayanan meminta surat permohonan. Tulis nomor dan tanggalnya, dan lampirkan pindaiannya atau "
              "serahkan suratnya ke kantor kami. Tanpa surat, hitungan waktunya belum dimulai."),
            ("nomor-surat", "tanggal-surat", "pindaian"),
        ),
    ),
    command=_file,
)  # fmt: skip


def under(form: PublicForm, standards: Sequence[StandardRow]) -> PublicForm:
    """The kinds and holders that the standard serves, and the time that it gives."""
    rules = rules_of(standards)
    kept = {"jenis": served(rules, "kinds", KINDS), "pemilik": served(rules, "holders", HOLDERS)}

    def narrowed(each: Asked) -> Asked:
        known = kept.get(each.name)
        return each if known is None else replace(each, choices=tuple(x for x in each.choices if x.value in known))

    def serves(each: Asked) -> Asked:
        """What the directory does not keep is not asked: the field stays, and is read of nobody."""
        return each if each.name not in ALIASES or keeps_aliases(rules) else replace(each, only=lambda _values: False)

    limit = (rules or {}).get("deadline") or {}
    return replace(form, asked=tuple(serves(narrowed(each)) for each in form.asked), limit=limit)


STAGES: Mapping[str, Stage] = {
    "filed": Stage(
        Word(_("Diterima"), "warn", "inbox"), _("Permohonan Anda tercatat, tetapi belum lengkap. Lengkapi di bawah.")
    ),
    "reviewed": Stage(Word(_("Dikaji"), "busy", "pen"), _("Permohonan Anda lengkap dan sedang dikaji petugas.")),
    "asked": Stage(
        Word(_("Menunggu Anda"), "warn", "clock"),
        _("Petugas meminta kelengkapan. Hitungan waktu dihentikan sementara."),
    ),
    "making": Stage(Word(_("Dikerjakan"), "busy", "key"), _("Permohonan Anda disetujui dan sedang dikerjakan.")),
    "ready": Stage(
        Word(_("Dikerjakan"), "good", "check"), _("Sudah selesai; kabarnya sedang kami kirim ke kontak Anda.")
    ),
    "sent": Stage(
        Word(_("Tautan terkirim"), "busy", "send"),
        _("Akun Anda siap. Cara membuat kata sandinya sudah kami kirim; buka sebelum lewat waktu."),
    ),
    "opened": Stage(Word(_("Sedang dibuka"), "busy", "key"), _("Seseorang sedang membuat kata sandi akun Anda.")),
    "lapsed": Stage(
        Word(_("Tautan lewat waktu"), "warn", "clock"),
        _("Akun Anda siap, tetapi tautannya lewat waktu sebelum dibuka. Hubungi kami untuk yang baru."),
    ),
    "done": Stage(Word(_("Selesai"), "good", "check"), _("Permohonan Anda selesai, dan Anda sudah dikabari.")),
    "refused": Stage(Word(_("Tidak dipenuhi"), "bad", "cross"), _("Permohonan ini tidak dapat dipenuhi.")),
    "withdrawn": Stage(Word(_("Ditarik"), "quiet", "cross"), _("Anda menarik permohonan ini.")),
}

ACCOUNTS = PublicKind(
    slug="surel",
    noun=_("Permohonan"),
    numbers=None,
    question=accounts.TrackRequest,
    form=FORM,
    stages=STAGES,
    road=("filed", "reviewed", "making", "done"),
    steps={"asked": "reviewed", **dict.fromkeys(("ready", "sent", "opened", "lapsed"), "making")},
    replies={
        "supplement": PublicForm(
            _("Lengkapi permohonan"), _("Isi yang masih kurang saja."), _("Kirim kelengkapan"),
            _("Kelengkapan Anda kami terima"),
            (
                *LETTER,
                Asked("nip", _("NIP"), _("Bila belum ditulis pada permohonan. 18 angka."), need=False, most=40),
                Asked("kontak", _("Nomor telepon atau alamat surel Anda"), need=False, most=200),
                Asked("keterangan", _("Keterangan"), kind="area", need=False, most=2_000),
            ),
            _supplement,
        ),
        "withdraw": PublicForm(
            _("Tarik permohonan"), _("Tidak ada yang diproses lagi. Ini tidak dapat dibatalkan."),
            _("Tarik permohonan ini"), _("Permohonan Anda sudah ditarik"),
            (Asked("alasan", _("Alasan"), most=500),), _withdraw,
        ),
        "receive": PublicForm(
            _("Sudah saya terima"), _("Katakan bahwa hasilnya sudah di tangan Anda."), _("Sudah saya terima"),
            _("Terima kasih, penerimaan Anda tercatat"), (), _receive,
        ),
    },
    offered=offered,
    keeps=accounts.FilesOfRequest,
    nip="nip",
    app=AppForm(
        "account-requests",
        {
            "request_kind": "jenis", "cause": "sebab", "address": "alamat", "holder": "pemilik", "name": "nama",
            "nip": "nip", "unit": "unit", "wishes": "harapan", "contact": "kontak", "letter_number": "nomor-surat",
            "letter_on": "tanggal-surat", "scans": "pindaian", "alias": "alamat-tambahan",
            "alias_ends": "alamat-berakhir",
        },
        lists={"wishes": 3},
    ),
    under=under,
)  # fmt: skip
