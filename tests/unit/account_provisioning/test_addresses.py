"""Addresses are made of names by the standard's patterns; who cannot have one, and who could be mistaken for whom."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.account_provisioning.policy import addresses
from services.account_provisioning.policy.rules import account_rules
from tests.unit.account_provisioning.desk import DOMAIN, RULES

OWN = account_rules(RULES)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Budi Santoso", ("budi", "santoso")),
        ("dr. Hj. Siti Nur'aini, S.Kom., M.M.", ("siti", "nuraini")),
        ("dr.Siti Aminah", ("siti", "aminah")),
        ("Ir. H. Bambang Setiaji M.M.", ("bambang", "setiaji")),
        ("Drs. R. Agus Wibowo", ("agus", "wibowo")),
        ("M. Arif Hidayat", ("m", "arif", "hidayat")),
        ("Suharto", ("suharto",)),
        ("H.", ("h",)),
        ("José Ñandú Łuk", ("jose", "nandu", "uk")),
        ("Anak Agung Gde Putra", ("anak", "agung", "gde", "putra")),
        ("李小龍", ()),
        ("  \t ", ()),
        ('=HYPERLINK("x")', ("hyperlinkx",)),
        ("*)(uid=*", ("uid",)),
    ],
)
def test_titles_and_signs_fall_away(name: str, words: tuple[str, ...]) -> None:
    assert addresses.words_of(name) == words


def test_a_name_gives_its_addresses_the_nicest_first_and_namesakes_a_number() -> None:
    made = addresses.candidates(OWN, "Budi Santoso", "Dinas Kesehatan")
    assert made[:3] == (f"budi.santoso@{DOMAIN}", f"budi.santoso2@{DOMAIN}", f"budi.santoso3@{DOMAIN}")
    assert len(made) == addresses.MOST_NAMESAKES


def test_who_has_one_name_gets_his_unit_and_the_second_of_them_a_number() -> None:
    made = addresses.candidates(OWN, "Suharto", "Dinas Komunikasi dan Informatika")
    assert made[:2] == (f"suharto.dki@{DOMAIN}", f"suharto.dki2@{DOMAIN}")
    assert addresses.candidates(OWN, "Suharto", "Setda")[0] == f"suharto.setda@{DOMAIN}"


def test_a_name_of_other_letters_gives_none_and_a_person_decides() -> None:
    assert addresses.candidates(OWN, "李小龍", "Setda") == ()


@pytest.mark.parametrize("local", ["postmaster", "post.master", "p0stmaster", "abuse", "adrnin", "no-reply", "noreply",
                                   "dinkominfo", "dink0minfo", "din.kominfo"])  # fmt: skip
def test_names_that_speak_for_the_office_are_nobodys(local: str) -> None:
    assert addresses.fault(OWN, local) == "reserved"


@pytest.mark.parametrize("local", ["", "budi..santoso", ".budi", "budi.", "Budi", "budi santoso", "budi+x", "búdi",
                                   "а.budi", "123", "a" * 41, "budi\n", "budi@x", "budi*", "budi)(uid=*"])  # fmt: skip
def test_what_is_no_address_is_none(local: str) -> None:
    assert addresses.fault(OWN, local) == "pattern"


@pytest.mark.parametrize(
    ("one", "other"),
    [("budi.santoso", "budisantoso"), ("budi-santoso", "budi_santoso"), ("rina.harum", "rina.harurn"),
     ("al.fatih", "a1.fatih"), ("joko", "j0k0"), ("wawan", "vvavvan")],
)  # fmt: skip
def test_who_could_be_mistaken_for_another_looks_alike(one: str, other: str) -> None:
    assert addresses.skeleton(one) == addresses.skeleton(other)


def test_different_names_do_not() -> None:
    names = ["budi.santoso", "budi.santosa", "siti.aminah", "siti.amanah", "budi.santoso2"]
    assert len({addresses.skeleton(each) for each in names}) == len(names)


def test_an_address_is_compared_in_one_form() -> None:
    assert addresses.normal("  Budi.Santoso@PurbalinggaKab.GO.id ") == f"budi.santoso@{DOMAIN}"
    assert addresses.normal("budi@bücher.example") == "budi@xn--bcher-kva.example"
    assert [addresses.normal(each) for each in ("budi", "@x.id", "a@b@c.id", "a@", "a@..", "a\0@x.id")] == [""] * 6


@pytest.mark.parametrize("pattern", ["{name}", "{first!r}", "{first:>9999}", "{first", "budi", "{first.__class__}",
                                     "{first} {last}", "..{first}", "{first}@{last}"])  # fmt: skip
def test_a_pattern_of_nonsense_is_told(pattern: str) -> None:
    assert addresses.unfillable(pattern) is not None


NAMES = st.text(max_size=60)


@given(name=NAMES, unit=NAMES, strip=st.booleans())
def test_whatever_the_name_what_comes_out_may_be_given_to_a_person(name: str, unit: str, *, strip: bool) -> None:
    made = addresses.candidates(replace(OWN, strip_titles=strip), name, unit)
    assert len(set(made)) == len(made)
    for address in made:
        local, _, domain = address.rpartition("@")
        assert domain == DOMAIN
        assert addresses.fault(OWN, local) is None
        assert addresses.normal(address) == address


@given(st.text("abcdefghijklmnopqrstuvwxyz0123456789._-", max_size=40))
def test_what_a_thing_looks_like_looks_like_itself(local: str) -> None:
    looks = addresses.skeleton(local)
    assert addresses.skeleton(looks) == looks
    assert addresses.skeleton(local.upper()) == looks
