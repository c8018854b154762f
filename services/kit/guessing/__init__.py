"""Whether a password would be guessed: by what is common here, and by what others know of whoever chose it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Literal

from zxcvbn import zxcvbn

LONGEST = 72
"""What the checker looks at; of longer ones the beginning."""
GOOD = 3
"""Of 4, as the checker counts: some 10^8 to 10^10 tries against a slow hash."""
HERE = (
    "rahasia", "sandi", "kantor", "dinas", "surel", "bupati", "kabupaten", "indonesia", "merdeka", "bismillah",
    "alhamdulillah", "sayang", "cinta", "jakarta", "bandung", "semarang", "banyumas", "pancasila", "garuda", "persib",
    "informatika", "kominfo", "pegawai", "selamat", "terimakasih", "januari", "februari", "maret", "april", "agustus",
    "september", "oktober", "november", "desember", "senin", "selasa", "rabu", "kamis", "jumat", "sabtu", "minggu",
)  # fmt: skip
"""What is tried first here; the checker's own lists are English."""
APART = re.compile(r"[^a-z0-9]+")
DIGITS_AS_LETTERS = str.maketrans("01345678@$!", "oieasgtbasi")
TELLING = 4
"""Letters from which on a word stands for him and is no chance."""


@cache
def words() -> tuple[str, ...]:
    """Common Indonesian words of three to seven letters, one a line beside this module."""
    text = Path(__file__).with_name("words.txt").read_text(encoding="ascii")
    return tuple(line for line in text.split() if line)


def guessed(secret: str, known: Sequence[str]) -> Literal["", "plain", "personal"]:
    """Whether it is one of those that are tried first, and why. Blocks for a moment.

    ``known``: what others know of him (login, name, number, unit, office), which is no secret. *personal*: some of it
    is in there, and what is left without it is too little; *plain*: it would be guessed for anybody.

    The checker counts many known words in a row as strong, so they are taken out, and what is left has to be enough.
    """
    parts = dict.fromkeys(part for each in known for part in (joined(each), *APART.split(each.casefold())) if part)
    telling = [each for each in parts if len(each) >= TELLING]
    tried = [*parts, *HERE, *words()]
    text = secret.casefold()
    for written in dict.fromkeys((text, text.translate(DIGITS_AS_LETTERS), joined(text))):
        left = _without(written, telling)
        if left != written and _weak(left, tried):
            return "personal"
    return "plain" if _weak(secret, tried) or _weak(_without(text, HERE), tried) else ""


def _weak(secret: str, tried: list[str]) -> bool:
    return not secret or bool(zxcvbn(secret[:LONGEST], user_inputs=tried)["score"] < GOOD)


def _without(text: str, parts: Sequence[str]) -> str:
    for each in sorted(parts, key=len, reverse=True):
        text = text.replace(each, "")
    return text.strip()


def joined(text: str) -> str:
    """As it is written without signs between: of a number the digits, of a name its letters."""
    return APART.sub("", text.casefold())
