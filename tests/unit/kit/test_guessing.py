"""A password that would be guessed, and why: what is common, and what others know of whoever chose it."""

import pytest

from services.kit.guessing import guessed

KASI = ("kasi@pekalongan", "Slamet Widodo Jati, S.Kom.", "Pemerintah Kota Pekalongan", "197803152006041007")


@pytest.mark.parametrize(
    "secret",
    [
        "kasi@pekalongan", "KASI@Pekalongan", "kasi@pekalongan1", "kasi-pekalongan-2026", "pekalongan-kota",
        "SlametWidodo78", "slamet widodo jati", "w1d0d0-slamet", "197803152006041007", "19780315 200604 1 007",
        "nip197803152006041007",
    ],
)  # fmt: skip
def test_what_everybody_knows_of_him_is_no_secret(secret: str) -> None:
    assert guessed(secret, KASI) == "personal"


@pytest.mark.parametrize(
    "secret", ["Rahasia12345!", "Bismillah2026", "qwertyuiop12", "merdeka17081945", "aaaaaaaaaaaaaaa"]
)
def test_what_is_tried_first_here_is_plain_for_anybody(secret: str) -> None:
    assert guessed(secret, KASI) == "plain"


@pytest.mark.parametrize(
    "secret",
    [
        "hujan turun di pasar", "Tujuh ekor burung manyar", "kx7#Lw02vQ!r", "widodo makan bubur hangat tadi pagi",
        "x" * 10 + "hujan turun di pasar batik" + "y" * 400,
    ],
)  # fmt: skip
def test_some_words_of_his_own_are_enough_also_with_his_name_among_them(secret: str) -> None:
    assert guessed(secret, KASI) == ""
