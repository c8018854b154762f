"""The agencies' files: the seeds' words, the golden deadlines, and every mistake refused with file and place."""

import shutil
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from contracts.organisation import AddUser, AppointHolder, PublishStandard
from services.kit.worktime import Calendar, due
from services.organisation.adapters.standards_files import StandardsRefusedError, load, own_standards, read
from services.organisation.policy import COMPONENTS

WIB = ZoneInfo("Asia/Jakarta")
SANAPATI = "pekalongan/standard-berita-biasa-sanapati.toml"


def _standard(agency: str) -> PublishStandard:
    return next(
        each.command
        for each in read(own_standards())
        if each.agency == agency and isinstance(each.command, PublishStandard)
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(own_standards(), tmp_path / "standards"))


@pytest.mark.parametrize("agency", ["pekalongan", "purbalingga"])
def test_each_standard_has_its_fourteen_components(agency: str) -> None:
    assert set(_standard(agency).components) == set(COMPONENTS)


def test_the_words_of_pekalongan_are_those_that_were_published() -> None:
    said = _standard("pekalongan")
    components = said.components
    assert said.standard.decree == "060/040/III Tahun 2022"
    assert components["requirements"]["text"] == "-"
    assert len(components["procedure"]["items"]) == 11
    assert components["procedure"]["items"][7] == (
        "Surat asli / tembusan untuk Walikota, Sekretaris Daerah, Asisten disampaikan melalui ajudan masing-masing"
    )
    assert components["completion-time"]["text"] == "1 Hari kerja"
    assert components["completion-time"]["superseded"]["items"][0] == "- Senin-Kamis 08.00 - 15.45 WIB"
    assert components["fee"]["text"] == "Tidak dipungut biaya"
    assert components["product"]["text"] == "Pelayanan Peneriman Naskah Berita Biasa Email Sanapati"
    direct = components["complaints"]["sections"][1]["items"]
    assert direct[2] == (
        "Apabila petugas tidak dapat menyelesaiakan masalah, maka pengaduan diteruskan ke Pejabat Dinas Kominfo"
    )
    assert components["staff-number"]["text"] == "1 ( satu) Orang"
    assert components["evaluation"]["text"] == "Dilaksanakan setiap tiga bulan sekali oleh pimpinan"


def test_the_words_of_purbalingga_are_those_that_were_published() -> None:
    said = _standard("purbalingga")
    components = said.components
    assert components["completion-time"]["text"] == "1 jam"
    assert components["facilities"]["items"] == ["Ruang Server", "Server, PC/Laptop, Bandwith", "Data Center"]
    channels = components["complaints"]["sections"][0]["channels"]
    assert {"kind": "whatsapp", "label": "WA"} in channels, "a channel without an address is kept, and not shown"
    assert [each["deadline"]["working_days"] for each in said.rules["complaints"]] == [5, 5, 14, 60]
    assert components["staff-number"]["text"] == "2 (dua) orang Staf"


def test_no_private_name_or_number_is_in_the_files() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in own_standards().rglob("*.toml"))
    assert not [word for word in ("Rusjanah", "0858", "6062") if word in text]


@pytest.mark.parametrize(
    ("days", "expected"), [(5, date(2026, 3, 27)), (14, date(2026, 4, 10)), (60, date(2026, 6, 24))]
)
def test_the_golden_deadlines_hold_with_the_published_calendar(days: int, expected: date) -> None:
    calendar = Calendar.from_rules(_standard("purbalingga").rules)
    received = datetime(2026, 3, 13, 9, 0, tzinfo=WIB)
    assert due(calendar, received, {"working_days": days}).astimezone(WIB).date() == expected


def test_a_letter_of_pekalongan_is_due_within_one_working_day() -> None:
    rules = _standard("pekalongan").rules
    thursday = datetime(2026, 7, 9, 14, 0, tzinfo=WIB)
    assert due(Calendar.from_rules(rules), thursday, rules["deadline"]) == datetime(2026, 7, 10, 11, 0, tzinfo=WIB)


def test_an_account_of_purbalingga_is_due_within_an_hour_of_default_hours() -> None:
    rules = _standard("purbalingga").rules
    assert rules["hours_stated"] is False
    noon = datetime(2026, 7, 10, 11, 0, tzinfo=WIB)  # Friday, 30 minutes before the break
    assert due(Calendar.from_rules(rules), noon, rules["deadline"]) == datetime(2026, 7, 10, 13, 30, tzinfo=WIB)


def test_the_running_rules_name_tiers_assigner_routes_and_the_opening_number() -> None:
    rules = _standard("pekalongan").rules
    assert [tier["position"] for tier in rules["tiers"]] == ["kasi-persandian", "kabid-aplikasi-persandian", "kadis"]
    assert rules["assigner"] == "kasi-persandian"
    assert rules["books"]["masuk"]["pattern"].format(number=844, year=2026) == "0844/2026"
    routes = {row["recipient_class"]: row["routes"] for row in rules["delivery"]}
    assert routes["walikota"] == routes["sekda"] == routes["asisten"] == ["aide"]
    assert routes["kepala-opd"] == ["courier", "fax", "online"]
    _, agencies = load(own_standards())
    assert list(agencies["pekalongan"].opening_books()) == [("masuk", 2026, 843)]
    assert list(agencies["purbalingga"].opening_books()) == []


def test_reading_twice_asks_the_same_and_a_changed_word_asks_something_else(folder: Path) -> None:
    first = {each.command_id for each in read(folder)}
    assert {each.command_id for each in read(folder)} == first
    _change(folder / SANAPATI, "Tidak dipungut biaya", "Gratis")
    assert len({each.command_id for each in read(folder)} - first) == 1


def test_a_third_agency_is_a_folder(folder: Path) -> None:
    home = Path(shutil.copytree(folder / "pekalongan", folder / "tegal"))
    _change(home / "agency.toml", 'agency = "pekalongan"', 'agency = "tegal"')
    third = [each.command for each in read(folder) if each.agency == "tegal"]
    assert [type(command) for command in third].count(PublishStandard) == 1
    assert {AddUser, AppointHolder} < {type(command) for command in third}


def test_no_agency_is_named_like_an_address_of_ours(folder: Path) -> None:
    home = Path(shutil.copytree(folder / "pekalongan", folder / "masuk"))
    _change(home / "agency.toml", 'agency = "pekalongan"', 'agency = "masuk"')
    with pytest.raises(StandardsRefusedError, match="dicadangkan"):
        read(folder)


def test_rules_are_plain_json_without_floats() -> None:
    def walk(value: Any) -> None:
        if isinstance(value, dict):
            assert all(isinstance(key, str) for key in value)
            for inner in value.values():
                walk(inner)
        elif isinstance(value, list):
            for inner in value:
                walk(inner)
        else:
            assert value is None or type(value) in {str, int, bool}, value

    for agency in ("pekalongan", "purbalingga"):
        walk(_standard(agency).rules)
        walk(_standard(agency).components)


MISTAKES = [
    (SANAPATI, "[components.evaluation]", "[components.evaluations]", "components: tidak dikenal: evaluations"),
    (
        SANAPATI,
        'title = "Persyaratan"\ntext = "-"',
        'title = "Persyaratan"',
        "components.requirements: komponen ini kosong",
    ),
    (SANAPATI, "version = 1\n", "", "version: belum ada"),
    (SANAPATI, "version = 1\n", 'version = "1"\n', "version: harus bilangan bulat"),
    (SANAPATI, "version = 1\n", "version = \n", "bukan TOML yang benar: Invalid value (pada baris"),
    (SANAPATI, 'assigner = "kasi', 'assigner = "kasi-lain', "rules.assigner: jabatan 'kasi-lain-persandian' tidak ada"),
    (
        SANAPATI,
        '{ position = "kadis"',
        '{ position = "wakadis"',
        "rules.tiers[2].position: jabatan 'wakadis' tidak ada",
    ),
    (SANAPATI, "working_days = 1 }", "working_days = 0 }", "rules.deadline.working_days: terlalu kecil"),
    (SANAPATI, "{ working_days = 1 }", "{}", "rules.deadline: harus tepat satu dari working_days atau service_minutes"),
    (SANAPATI, "close = 11:00:00", "close = 07:00:00", "rules: hours[1].close: jam tutup harus setelah jam buka"),
    (SANAPATI, "close = 11:00:00", "close = 11:00:30", "rules.hours[1].close: jam dan menit saja, tanpa detik"),
    (SANAPATI, 'days = ["fri"]', 'days = ["jumat"]', "rules.hours[1].days[0]: bukan salah satu pilihan ('mon', 'tue'"),
    (
        SANAPATI,
        'routes = ["aide"]',
        'routes = ["fax"]',
        "rules.delivery[0]: jalur 'fax' tidak dapat memberi bukti 'receipt'",
    ),
    (SANAPATI, '"sekda"', '"walikota"', "rules.delivery: recipient_class ('walikota', '*') tertulis 2 kali"),
    (SANAPATI, 'books = ["masuk"]', 'books = ["keluar"]', "rules.books[0]: buku 'keluar' tidak ada di agency.toml"),
    (SANAPATI, 'qualification = "sandi"', 'qualification = "x"', "tidak ada operator dengan kualifikasi 'x'"),
    ("pekalongan/agency.toml", 'zone = "Asia/Jakarta"', 'zone = "WIB"', "rules: zone: zona waktu 'WIB' tidak dikenal"),
    ("pekalongan/agency.toml", 'agency = "pekalongan"', 'agency = "kota"', "agency: harus sama dengan nama folder"),
    ("pekalongan/agency.toml", "{number:04d}/{year}", "{year}", "books[0].pattern: harus memuat {number}"),
    ("pekalongan/agency.toml", "{number:04d}/{year}", "{x}", "books[0].pattern: hanya {number} dan {year}"),
    ("pekalongan/people.toml", "199003142015032901", "19900314201503290", "people[0].nip: bentuknya salah"),
    ("pekalongan/people.toml", 'id = "operator-2"', 'id = "operator"', "people: id 'operator' tertulis 2 kali"),
    ("pekalongan/people.toml", '["courier"]', '["kurir"]', "people[5].roles[0]: peran 'kurir' tidak dikenal"),
    (
        "pekalongan/positions.toml",
        'holder = "kasi"',
        'holder = "x"',
        "positions[2].holder: 'x' tidak ada di people.toml",
    ),
    ("calendar.toml", "on = 2026-01-01", "on = 2025-01-01", "decrees[0]: closed[0]: 2025-01-01 bukan tahun 2026"),
    ("calendar.toml", "on = 2026-01-16", 'on = "2026-01-16"', "decrees[0].closed[1].on: harus tanggal TTTT-BB-HH"),
    ("calendar.toml", "on = 2026-01-16", "on = 2026-01-01", "rules: holidays[1]: tanggal 2026-01-01 tertulis dua kali"),
]


@pytest.mark.parametrize(("file", "words", "instead", "sentence"), MISTAKES, ids=[row[3][:50] for row in MISTAKES])
def test_a_mistake_is_refused_with_its_file_and_place(
    folder: Path, file: str, words: str, instead: str, sentence: str
) -> None:
    _change(folder / file, words, instead)
    with pytest.raises(StandardsRefusedError) as refused:
        read(folder)
    assert any(sentence in told for told in refused.value.sentences), refused.value.sentences
    assert all(".toml: " in told for told in refused.value.sentences)


def test_a_missing_file_and_an_empty_folder_are_refused(folder: Path, tmp_path: Path) -> None:
    (folder / "pekalongan" / "people.toml").unlink()
    with pytest.raises(StandardsRefusedError, match=r"pekalongan/people\.toml: berkas ini belum ada"):
        read(folder)
    with pytest.raises(StandardsRefusedError, match=r"calendar\.toml: berkas ini belum ada"):
        read(tmp_path / "nothing")


def test_two_versions_must_follow_each_other_in_time(folder: Path) -> None:
    second = folder / "pekalongan" / "standard-berita-biasa-sanapati-2.toml"
    shutil.copy(folder / SANAPATI, second)
    with pytest.raises(StandardsRefusedError, match="versi 1 juga ada di"):
        read(folder)
    _change(second, "version = 1", "version = 2")
    with pytest.raises(StandardsRefusedError, match="valid_from: harus setelah 2022-03-01"):
        read(folder)
    _change(second, "valid_from = 2022-03-01", "valid_from = 2026-07-01")
    versions = [
        each.command.standard.version
        for each in read(folder)
        if each.agency == "pekalongan" and isinstance(each.command, PublishStandard)
    ]
    assert versions == [1, 2]


def test_an_import_is_asked_by_the_house_and_not_by_a_person() -> None:
    ask = read(own_standards())[0].ask(datetime(2026, 7, 6, tzinfo=UTC))
    assert (ask.actor.id, ask.actor.roles, ask.kind) == (
        "standards-import",
        ("system",),
        "organisation.DescribeAgency.v1",
    )


def _change(path: Path, words: str, instead: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert words in text
    path.write_text(text.replace(words, instead, 1), encoding="utf-8")
