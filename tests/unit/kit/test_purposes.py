"""Keys with a purpose, codes of public cases and links: computed, never stored, and never destroyed."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from services.kit import secrets
from services.kit.links import Link, standing, token_of
from services.kit.sealing import PURPOSES
from services.kit.sealing.keys import KEYS, Keys, open_keys
from services.kit.secrets import DUMMY, code_of, framed, mac_of, person_of, proves, read_code
from services.kit.settings import Settings

OLD, NEW = "m1:" + "A" * 43 + "=", "m2:" + "B" * 42 + "A="
NOON = datetime(2026, 11, 29, 5, 0, tzinfo=UTC)
LINK = Link("claim", "8f14e45f", 3, NOON)
KEY = bytes(range(32))
COMMAND = UUID("6f0c2a0e-5d0f-5c58-9a53-0c61ca7aca00")


def keys_under(tmp_path: Path, keyring: str) -> Keys:
    opened = open_keys(Settings(data_dir=tmp_path, keyring=SecretStr(keyring)))
    opened.migrate()
    return opened


def test_each_agency_and_purpose_has_a_key_of_its_own_which_stays(tmp_path: Path) -> None:
    keys = keys_under(tmp_path, OLD)
    made = {(agency, each): keys.purpose(agency, each) for agency in ("pekalongan", "purbalingga") for each in PURPOSES}
    assert len(set(made.values())) == len(made) == 2 * len(PURPOSES)
    after_a_start = keys_under(tmp_path, OLD)
    assert {place: after_a_start.purpose(*place) for place in made} == made


def test_a_new_master_key_changes_none_of_them(tmp_path: Path) -> None:
    before = keys_under(tmp_path, OLD).purpose("pekalongan", "codes")
    rotated = keys_under(tmp_path, f"{NEW},{OLD}")
    assert rotated.purpose("pekalongan", "codes") == before
    assert rotated.purpose("pekalongan", "links") != before


def test_no_erasure_destroys_them(tmp_path: Path) -> None:
    keys = keys_under(tmp_path, OLD)
    before = {each: keys.purpose("pekalongan", each) for each in PURPOSES}
    keys.ensure([("pekalongan", "applicant", "budi")])
    for subject in ("budi", *PURPOSES):
        keys.destroy("pekalongan", subject)
    with pytest.raises(ValueError, match="not destroyed"):
        keys.destroy("pekalongan", "agency")
    again = keys_under(tmp_path, OLD)
    assert {each: again.purpose("pekalongan", each) for each in PURPOSES} == before
    with again._engine.connect() as connection:
        left = connection.execute(select(KEYS.c.wrapped).where(KEYS.c.seal_class.in_(PURPOSES))).scalars().all()
    assert len(left) == len(PURPOSES)
    assert None not in left


def test_a_code_is_computed_again_from_its_command_and_reads_as_it_was_written_down() -> None:
    code = code_of(KEY, COMMAND)
    assert code == code_of(KEY, COMMAND)
    assert code == "RPPY-MS9G-SMK7"  # codes on paper stay true: the way they are computed never changes
    groups = code.split("-")
    assert [len(group) for group in groups] == [4, 4, 4]
    for typed in (code.lower(), code.replace("-", " "), f" {code.replace('-', '')} ", code.replace("-", " – ")):
        assert mac_of(KEY, typed) == mac_of(KEY, code)


def test_a_code_has_no_letters_that_look_alike_and_takes_them_for_what_they_look_like() -> None:
    spelled = "".join(code_of(KEY, uuid4()) for _ in range(500))
    assert not set(spelled) & set("ILOU")
    assert read_code("iLo0-1111-2222") == "110011112222"


@pytest.mark.parametrize(
    "text", ["", "K7QM", "K7QM-3XWD-9HTU", "K7QM-3XWD-9HTRR", "K7QM-3XWD-9HT\x00", "9" * 10_000, "é" * 12]
)
def test_what_can_be_no_code_is_read_as_none_and_proves_nothing(text: str) -> None:
    assert read_code(text) == ""
    assert not proves(mac_of(KEY, text), mac_of(KEY, code_of(KEY, COMMAND)))


def test_a_code_proves_its_own_case_and_no_other() -> None:
    mine, other = (mac_of(KEY, code_of(KEY, each)) for each in (COMMAND, uuid4()))
    assert proves(mine, mine)
    assert not proves(other, mine)
    assert mac_of(bytes(32), code_of(KEY, COMMAND)) != mine


@pytest.mark.parametrize("stored", [None, mac_of(KEY, "K7QM-3XWD-9HTR")])
def test_an_unknown_number_costs_the_same_comparison_as_a_wrong_code(
    stored: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[tuple[int, int]] = []
    real = secrets.hmac.compare_digest

    def watched(one: bytes, other: bytes) -> bool:
        compared.append((len(one), len(other)))
        return real(one, other)

    monkeypatch.setattr(secrets.hmac, "compare_digest", watched)
    assert not proves(mac_of(KEY, code_of(KEY, COMMAND)), stored)
    assert compared == [(64, 64)]


def test_nobody_proves_a_case_that_does_not_exist() -> None:
    assert not proves(DUMMY, None)


def test_a_persons_subject_cannot_be_counted_through_and_does_not_depend_on_spaces() -> None:
    nip = "198501012010011001"
    assert person_of(KEY, nip) == person_of(KEY, " 19850101 201001 1 001 ")
    assert person_of(KEY, nip) != person_of(bytes(32), nip)
    assert len(person_of(KEY, nip)) == 40
    with pytest.raises(ValueError, match="empty"):
        person_of(KEY, " - ")


def test_words_do_not_run_into_each_other() -> None:
    assert framed("ab", "c") != framed("a", "bc") != framed("a", "b", "c")


def test_a_link_is_good_until_it_ends_and_expired_only_to_who_has_it() -> None:
    token = token_of(KEY, LINK)
    assert token == token_of(KEY, LINK)
    assert len(token) == 26
    assert token.isalnum()
    assert standing(KEY, LINK, token, NOON - timedelta(seconds=1)) == "valid"
    assert standing(KEY, LINK, f" {token.upper()}\n", NOON - timedelta(seconds=1)) == "valid"
    assert standing(KEY, LINK, token, NOON) == "expired"
    assert standing(KEY, LINK, "0" * 26, NOON) == "unknown"


@pytest.mark.parametrize(
    "other",
    [
        Link("survey", "8f14e45f", 3, NOON),
        Link("claim", "8f14e45e", 3, NOON),
        Link("claim", "8f14e45f", 4, NOON),
        Link("claim", "8f14e45f", 3, NOON + timedelta(days=1)),
        Link("claim", "8f14e45f", 3, None),
        None,
    ],
)
def test_a_token_opens_nothing_but_what_it_was_made_for(other: Link | None) -> None:
    assert standing(KEY, other, token_of(KEY, LINK), NOON - timedelta(hours=1)) == "unknown"
    assert standing(KEY, other, "", NOON) == "unknown"


def test_a_link_without_an_end_does_not_end_and_the_end_is_a_moment_not_a_zone() -> None:
    forever = Link("survey", "1", 1, None)
    assert standing(KEY, forever, token_of(KEY, forever), NOON + timedelta(days=10_000)) == "valid"
    jakarta = datetime.fromisoformat("2026-11-29T12:00:00+07:00")
    assert token_of(KEY, Link("claim", "8f14e45f", 3, jakarta)) == token_of(KEY, LINK)


def test_nothing_is_the_link_of_no_case() -> None:
    """What stands for a missing link has a token too: it must not be a key to anything."""
    assert standing(KEY, None, token_of(KEY, Link("", "", 0, None)), NOON) == "unknown"
