"""Secrets: whether one would be guessed, and words that are proposed. None is kept here, and none is told on."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from zxcvbn import zxcvbn

LONGEST = 72
"""What the checker looks at, and more than anybody types on a phone."""
GOOD = 3
"""Of 4, as the checker counts: some 10^8 to 10^10 tries against a slow hash."""
WORDS = 6
HERE = (
    "rahasia", "sandi", "kantor", "dinas", "surel", "bupati", "kabupaten", "indonesia", "merdeka", "bismillah",
    "alhamdulillah", "sayang", "cinta", "jakarta", "bandung", "semarang", "banyumas", "pancasila", "garuda", "persib",
    "informatika", "kominfo", "pegawai", "selamat", "terimakasih", "januari", "februari", "maret", "april", "agustus",
    "september", "oktober", "november", "desember", "senin", "selasa", "rabu", "kamis", "jumat", "sabtu", "minggu",
)  # fmt: skip
"""What is tried first here; the checker's own lists are English."""
APART = re.compile(r"[^a-z0-9]+")


@cache
def words() -> tuple[str, ...]:
    """Common Indonesian words of three to seven letters, one a line beside this module."""
    text = Path(__file__).with_name("words.txt").read_text(encoding="ascii")
    return tuple(line for line in text.split() if line)


def proposed() -> str:
    """Six words: more than 50 bits, and no sign that a phone's keyboard hides."""
    return "-".join(secrets.choice(words()) for _ in range(WORDS))


def fit(secret: str) -> bool:
    """Whether programs can be given it: not empty, not longer than is looked at, nothing that is no sign."""
    return bool(secret.strip()) and len(secret) <= LONGEST and secret.isprintable()


def too_plain(secret: str, known: Sequence[str]) -> bool:
    """``known``: what others know of him (address, name, unit); a secret made of that is one that is tried first."""
    his = dict.fromkeys(part for each in known for part in APART.split(each.casefold()) if part)
    found = zxcvbn(secret, user_inputs=[*his, *HERE, *words()])
    return bool(found["score"] < GOOD)
