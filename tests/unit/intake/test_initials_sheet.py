"""Lembar paraf: what it says of a round, once for who acts twice, and the same bytes for the same round."""

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pypdf
import pytest

from contracts.base import ERASED
from contracts.intake import GivenInitial as Given
from contracts.words import Tier
from services.intake.adapters.print_initials import groups, standing, tiers_of
from services.intake.adapters.print_render import render
from services.intake.print_pack import InitialTier
from tests.unit.intake.test_print_pack import bookmarks, pack, words

AT = datetime(2026, 3, 13, 3, 30, tzinfo=UTC)
TIERS = (
    Tier(position="kasi", title="Kepala Seksi Persandian"),
    Tier(position="kabid", title="Kepala Bidang Aplikasi"),
    Tier(position="kadis", title="Kepala Dinas"),
)
PLH = "Plh. Kepala Bidang Aplikasi"


def given(tier: int, name: str = "Siti Rahmawati", **changes: Any) -> Given:
    return Given(**{"tier": tier, "name": name, "nip": "198205092008011903", "at": AT, **changes})


def sheet(*said: Given) -> pypdf.PdfReader:
    made = pack(tiers=tiers_of(TIERS, said), sheet="initials")
    return pypdf.PdfReader(io.BytesIO(render(made.model_dump_json().encode())))


def text(*said: Given) -> str:
    (page,) = sheet(*said).pages
    return words(page)


def at(moment: datetime) -> str:
    return f"{moment:%H.%M}"


def titles(tiers: tuple[InitialTier, ...]) -> list[list[str]]:
    return [[tier["capacity"] for tier in group["tiers"]] for group in groups(tiers, at)]


def test_each_tier_says_who_when_and_in_which_capacity() -> None:
    said = text(given(0), given(1, "Bagas Utomo", capacity="plh", note="Segera"), given(2, "Suryo", capacity="plt"))
    assert "Siti Rahmawati NIP 198205092008011903" in said
    assert "Bagas Utomo" in said
    assert "Plh. Kepala Bidang" in said
    assert "Pelaksana harian: pejabat jenjang ini berhalangan." in said
    assert "Plt. Kepala Dinas" in said
    assert "Pelaksana tugas: jabatan ini sedang kosong." in said
    assert "“Segera”" in said
    assert said.count("13 Maret 2026, 10.30 WIB") == 4, "three acts, and the foot"
    assert "Semua paraf lengkap pada Jumat, 13 Maret 2026 pukul 10.30 WIB." in said


def test_who_acts_for_two_tiers_stands_once_with_both_capacities() -> None:
    said = text(given(0), given(1, capacity="plh"))
    assert said.count("Siti Rahmawati") == 1
    assert said.count("Diparaf 13") == 1
    tiers = tiers_of(TIERS, [given(0), given(1, capacity="plh")])
    assert titles(tiers) == [["Kepala Seksi Persandian", PLH], [""]]


@pytest.mark.parametrize(
    "second", [given(1, capacity="plh", at=AT + timedelta(seconds=1)), given(1, "Lain"), given(1, state="returned")]
)
def test_two_acts_are_not_printed_as_one(second: Given) -> None:
    assert len(titles(tiers_of(TIERS, [given(0), second]))) == 3


def test_a_tier_that_went_upward_is_initialled_on_behalf_of_its_officer() -> None:
    (first, *_) = tiers_of(TIERS, [given(0, title="Kepala Bidang Aplikasi", passed="upward")])
    assert first.initial is not None
    assert first.initial.capacity == "Kepala Bidang Aplikasi, a.n. Kepala Seksi Persandian"
    assert "naik kepada atasannya" in first.initial.because


def test_a_title_that_says_plh_already_does_not_say_it_twice() -> None:
    (_, second, _) = tiers_of(TIERS, [given(1, capacity="plh", title=PLH)])
    assert second.initial is not None
    assert second.initial.capacity == PLH


def test_an_erased_officer_is_not_named() -> None:
    said = text(given(0, str(ERASED), nip=str(ERASED)))
    assert "(dihapus)" in said
    assert "NIP" not in said


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ([], "Menunggu paraf Kepala Seksi Persandian."),
        ([given(0)], "Menunggu paraf Kepala Bidang Aplikasi."),
        ([given(0), given(1, state="returned")], "Dikembalikan Kepala Bidang Aplikasi pada 03.30 kepada operator."),
        (
            [given(0), given(2, state="returned")],
            "Dikembalikan Kepala Dinas pada 03.30; menunggu paraf lagi dari Kepala Bidang Aplikasi.",
        ),
        ([given(0), given(1), given(2)], "Semua paraf lengkap pada 03.30."),
    ],
)
def test_the_sheet_tells_how_far_the_round_is(said: list[Given], told: str) -> None:
    assert standing(tiers_of(TIERS, said), at) == told


def test_the_same_round_gives_the_same_bytes_as_an_archive_document() -> None:
    made = pack(tiers=tiers_of(TIERS, [given(0)]), sheet="initials").model_dump_json().encode()
    assert render(made) == render(made)
    reader = pypdf.PdfReader(io.BytesIO(render(made)))
    assert reader.xmp_metadata is not None
    assert "<pdfaid:part>2</pdfaid:part>" in reader.xmp_metadata.rdf_root.toxml()
    assert bookmarks(reader) == [(0, "Lembar Paraf")]


@pytest.mark.parametrize("paper", ["a4", "a5", "f4", "half-folio"])
def test_it_is_one_page_on_every_paper(paper: str) -> None:
    made = pack(tiers=tiers_of(TIERS, [given(0), given(1, note="kata " * 60), given(2)]), sheet="initials", paper=paper)
    assert len(pypdf.PdfReader(io.BytesIO(render(made.model_dump_json().encode()))).pages) == 1


def test_a_reprinted_pack_shows_the_initials_over_the_tiers_they_count_for() -> None:
    made = pack(tiers=tiers_of(TIERS, [given(0), given(1, capacity="plh")]))
    reader = pypdf.PdfReader(io.BytesIO(render(made.model_dump_json().encode())))
    said = next(found for page in reader.pages if "LEMBAR DISPOSISI" in (found := words(page)))
    assert said.count("Telah diparaf") == 1
    assert f"Siti Rahmawati Kepala Seksi Persandian {PLH} 13 Maret 2026, 10.30 WIB" in said
    assert said.count("Paraf, tanggal, pukul") == 1
