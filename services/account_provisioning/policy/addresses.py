"""How an address is made of a name, by the patterns of the standard; which may not be, and which look alike."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from string import Formatter

from services.account_provisioning.policy.rules import AccountRules
from services.kit import lookalikes

LONGEST = 40
MOST_NAMESAKES = 60
ADDRESS = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*")
RESERVED = frozenset({
    "abuse", "admin", "administrator", "dmarc", "hostmaster", "info", "mailer-daemon", "mailerdaemon", "noc", "nobody",
    "noreply", "no-reply", "operator", "postmaster", "root", "security", "sekretariat", "support", "sysadmin", "system",
    "webmaster", "helpdesk", "bupati", "walikota", "sekda",
})  # fmt: skip
"""Roles of RFC 2142 and names that speak for the office: never a person's, whatever the standard adds."""

TITLES = frozenset({
    "prof", "dr", "drg", "drh", "drs", "dra", "ir", "apt", "h", "hj", "kh", "r", "rr", "ra", "rm", "ny", "tn", "bpk",
    "ibu", "sdr", "sdri", "ns", "dokter",
})  # fmt: skip
"""Before the name. Those after it stand behind a comma."""
_OF_NOTHING = frozenset({"dan", "pada", "di", "ke", "untuk", "serta"})
_LETTERS = re.compile(r"[^a-z0-9]+")


def words_of(name: str, *, strip_titles: bool = True) -> tuple[str, ...]:
    """The words of a name in ASCII letters and digits: ``dr. Hj. Siti Nur'aini, S.Kom.`` → ``siti``, ``nuraini``."""
    every = tuple(filter(None, map(_plain, name.replace(".", ". ").split())))
    return (_untitled(name.partition(",")[0]) or every) if strip_titles else every


def _untitled(text: str) -> tuple[str, ...]:
    """``S.Kom`` behind a name is a degree; ``dr.Siti`` and ``M.Arif`` before it are a title or a name, and a name."""
    found: list[str] = []
    for said in text.split():
        parts = [part for part in said.split(".") if part]
        if found and len(parts) > 1:
            continue
        words = [word for part in parts if (word := _plain(part)) and (found or part.casefold() not in TITLES)]
        found += words
    return tuple(found)


def candidates(rules: AccountRules, name: str, unit: str) -> tuple[str, ...]:
    """Every address that the patterns give for a name, the nicest first, with its namesakes' numbers behind.

    Those that nobody may have are not among them. Empty: nothing of the name can stand in an address.
    """
    words = words_of(name, strip_titles=rules.strip_titles)
    if not words:
        return ()
    found: dict[str, None] = {}
    for local in _filled(rules, words, unit):
        if fault(rules, local) is None:
            found.setdefault(f"{local}@{rules.domain}")
    return tuple(found)


def fault(rules: AccountRules, local: str) -> str | None:
    """``pattern``: it is none; ``reserved``: it speaks for the office; None: a person may have it."""
    if not ADDRESS.fullmatch(local) or len(local) > LONGEST or local.isdecimal():
        return "pattern"
    looks = skeleton(local)
    taken = (skeleton(each) for each in (*RESERVED, *rules.reserved))
    return "reserved" if looks in set(taken) else None


def normal(address: str) -> str:
    """As addresses are compared: lower case, the domain as it travels (IDNA). Empty: it is no address."""
    local, at, domain = unicodedata.normalize("NFC", address.strip()).casefold().rpartition("@")
    try:
        wire = domain.encode("idna").decode("ascii") if at else ""
    except UnicodeError:
        return ""
    return f"{local}@{wire}" if local and wire and "@" not in local and local.isprintable() else ""


def local_of(address: str) -> str:
    return address.rpartition("@")[0]


def skeleton(local: str) -> str:
    """What a reader takes it for: separators fall away, ``rn`` looks like ``m``, ``1`` like ``l``, ``0`` like ``o``,
    and two ``v`` like ``w``.
    """
    return lookalikes.skeleton(_LETTERS.sub("", local.casefold())).replace("vv", "w")


def form_of(address: str) -> str:
    """The skeleton with its domain: by it look-alikes find each other."""
    local, _, domain = address.rpartition("@")
    return f"{skeleton(local)}@{domain}"


def unit_word(unit: str) -> str:
    """A unit in one word: its own if it is one, else the first letters: ``Dinas Komunikasi dan Informatika`` → dki."""
    words = [word for word in map(_plain, unit.split()) if word and word not in _OF_NOTHING]
    return words[0] if len(words) == 1 else "".join(word[0] for word in words)


def unfillable(pattern: str) -> str | None:
    """Why a pattern of a standard cannot be used; None: it can."""
    try:
        fields = [(name, form, how) for _, name, form, how in Formatter().parse(pattern) if name is not None]
    except ValueError:
        return "braces"
    known = {"first", "last", "middle", "initials", "unit", "n"}
    if not fields or any(name not in known or form or how for name, form, how in fields):
        return "fields"
    filled = pattern.format(**dict.fromkeys(known, "a"))
    return None if ADDRESS.fullmatch(filled) else "signs"


def _filled(rules: AccountRules, words: Sequence[str], unit: str) -> Iterator[str]:
    """A pattern that needs what his name has not got says nothing about him."""
    told = {name: word for name, word in _told(words, unit).items() if word}
    patterns = (rules.single_name, *rules.patterns) if len(words) == 1 and rules.single_name else rules.patterns
    usable = [pattern for pattern in patterns if _fields(pattern) <= {*told, "n"}]
    for pattern in usable:
        if "{n}" not in pattern:
            yield pattern.format(**told)
    for pattern in _counting(usable):
        for number in range(2, MOST_NAMESAKES + 1):
            yield pattern.format(**told, n=number)


def _counting(usable: Sequence[str]) -> list[str]:
    """Those with a number; where there is none, a number behind the first: two people may be called alike."""
    return [pattern for pattern in usable if "{n}" in pattern] or [f"{pattern}{{n}}" for pattern in usable[:1]]


def _told(words: Sequence[str], unit: str) -> Mapping[str, str]:
    return {
        "first": words[0],
        "last": words[-1] if len(words) > 1 else "",
        "middle": "".join(words[1:-1]),
        "initials": "".join(word[0] for word in words),
        "unit": unit_word(unit),
    }


def _fields(pattern: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(pattern) if name}


def _plain(said: str) -> str:
    folded = unicodedata.normalize("NFKD", said.casefold()).encode("ascii", "ignore").decode()
    return _LETTERS.sub("", folded)
