"""Whether a letter is marked above biasa: in a header, its title, a file's name, its head, or a letter within it.

Marked is what stands as a marking. A word in a sentence is none; in doubt a letter is shut away, and an officer who is
qualified looks. Levels: Perka ANRI 17/2011 (SR, R, T).
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from services.intake.adapters.mail_headers import Fields, every

_MARKING_FIELDS = (
    "sensitivity",
    "classification",
    "x-classification",
    "x-security-classification",
    "security-label",
    "x-protective-marking",
    "klasifikasi",
    "x-klasifikasi",
    "sifat",
    "x-sifat",
    "tingkat-keamanan",
)
_HEADING = (
    r"(?:sifat|klasifikasi|tingkat (?:keamanan|klasifikasi|kerahasiaan)|derajat(?: keamanan| kerahasiaan)?"
    r"|classification|kategori keamanan)"
    r"(?: (?:surat|naskah|dokumen|keamanan|nota|informasi|dinas|berita|kawat|pesan|ini)){0,2}"
)
_LABELLED = re.compile(rf"(?<!\w){_HEADING} ?[:=] ?(.{{1,80}})")
_BESIDE = re.compile(rf"(?:^|[|;] ?){_HEADING} (.{{1,40}})$")
"""A row of a table: heading and value without a colon. Nothing else may stand on the line."""
_HEADED = re.compile(r"sifat|klasifikasi|tingkat|derajat|classification|kategori")
_SAYS_OF_ITSELF = re.compile(r"^(?:surat|naskah|dokumen|nota|berita|pesan)(?: dinas)? ini bersifat (.{1,40})$")
_TITLE_LINE = re.compile(r"^(?:hal|perihal)\b")
_BRACKETED = re.compile(r"[\[(] ?([^\[\]()]{1,40}?) ?[\])]")
_LEADERS = re.compile(r"(?:[._·…] ?){3,}")
"""Dots that lead from a heading to its value."""
_ALONE = re.compile(rf"(?:^|[|;] ?){_HEADING} ?[:=]?$")
_NEXT_FIELD = re.compile(r" [\w/ ]{2,20}? ?:.*$")
_SEPARATOR = re.compile(r"\s{0,8}(?:[/,;&+|()\[\]]|\s[-–—]\s|\bdan\b|\batau\b)\s{0,8}")
_FRAME = " *_=-–—[](){}<>.!#~\"'“”:"
_URGENT = frozenset({"biasa", "segera", "sangat segera", "penting", "amat segera", "kilat", "surat", "dokumen"})
_NOT = re.compile(r"\b(?:tidak|bukan|non)[ -](?:bersifat )?(?:rahasia|terbatas|konfidensial)\b")
_COMMON = re.compile(
    r"\brahasia (?:dagang|bank|medis|kedokteran|jabatan|pajak|perbankan|perusahaan|ilahi|sukses|umum)\b|\buu rahasia\b"
)
"""Fields of law and ordinary phrases, not markings."""
_UNTICKED = re.compile(r"(?:[☐□◻▢❏❑⬜]|\[ ?\]) ?[^☐□◻▢❏❑⬜☑☒■✓✔✅\[|/;:]{1,30}")
"""A choice of a form that nobody made."""
_TICKED = re.compile(r"[☑☒■✓✔✅]|\[ ?[xv✓✔√] ?\]")
_MARKED_LINES = 60
_LINE_CHARS = 200


@dataclass(frozen=True, slots=True)
class Marked:
    """What of one letter may carry a marking: its fields, its title, each of its texts, the names of its files."""

    fields: Fields
    subject: str
    texts: tuple[str, ...]
    names: tuple[str, ...]


def is_marked(table: dict[str, str], letters: Iterable[Marked]) -> bool:
    """``table``: the office's words (`ParserOptions.classified`)."""
    words = _Words(table)
    return any(words.of(letter) for letter in letters)


class _Words:
    def __init__(self, table: dict[str, str]) -> None:
        self._anywhere = {plain(word) for word, where in table.items() if where == "anywhere"}
        self._marks = {plain(word) for word in table}
        self._spelled = {mark for mark in self._marks if len(mark) > 2}  # noqa: PLR2004 - "r" alone on a line is no marking

        self._spelling = re.compile("|".join(map(re.escape, sorted(self._spelled))) or r"(?!)")

    def of(self, letter: Marked) -> bool:
        fields = (plain(value) for name in _MARKING_FIELDS for value in every(letter.fields, name))
        return (
            any(value in self._marks or self._says(value) for value in fields)
            or any(self._says(plain(re.sub(r"[_.-]+", " ", name))) for name in letter.names)
            or self._in_subject(plain(letter.subject))
            or any(self._in_text(text) for text in letter.texts)
        )

    def _in_subject(self, subject: str) -> bool:
        if self._says(subject):
            return True
        bracketed = [each.strip() for each in re.findall(r"[\[({<]([^\[\](){}<>]{1,42})[\])}>]", subject)]
        edges = [re.split(r" ?[:|/] ?| [-–—]+ ", subject, maxsplit=1)[0], re.split(r" [-–—|/]+ ", subject)[-1]]
        whole = {mark for mark in (subject, *bracketed, *edges) if len(mark) > 1}  # "Discover(R) Card" is no marking
        return bool(whole & self._marks) or self._labelled(subject)

    def _in_text(self, text: str) -> bool:
        lines = [plain(line) for line in text.split("\n") if 0 < len(line) < _LINE_CHARS and line.strip()]
        lines = [left for line in lines if (left := _TICKED.sub(" / ", _UNTICKED.sub(" ", line)).strip())]
        ends = lines if len(lines) <= 2 * _MARKED_LINES else lines[:_MARKED_LINES] + lines[-_MARKED_LINES:]
        return any(
            self._alone(line)
            or self._labelled(line)
            or (_ALONE.search(line) is not None and self._below(ends[at + 1 : at + 3]))
            for at, line in enumerate(ends)
        )

    def _alone(self, line: str) -> bool:
        """Nothing but markings and urgencies, at least one of them spelled out."""
        if line[:1].isdigit() or len(line) > 60:  # noqa: PLR2004 - a marking is short
            return False
        if not self._spelling.search(line):
            return False
        parts = _parts(line)
        return bool(parts & self._spelled) and parts <= self._marks | _URGENT

    def _labelled(self, line: str) -> bool:
        if _TITLE_LINE.match(line) and self._anywhere.intersection(_BRACKETED.findall(line)):
            return True
        if _HEADED.search(line) is None:
            return False
        line = " ".join(_LEADERS.sub(" ", line).split())
        said = _SAYS_OF_ITSELF.match(line)
        if said is not None and self._is_value(said.group(1)):
            return True
        for found in _LABELLED.finditer(line):
            value = _NEXT_FIELD.sub("", found.group(1))
            if _parts(value) & self._marks or self._says(value):
                return True
        beside = _BESIDE.search(line)
        return beside is not None and self._is_value(beside.group(1))

    def _below(self, lines: list[str]) -> bool:
        """The value of a heading whose cell was a block of its own; a colon may stand on a line between."""
        values = [value for line in lines if (value := line.strip(" :="))]
        return bool(values) and self._is_value(values[0])

    def _is_value(self, text: str) -> bool:
        parts = _parts(text)
        return bool(parts & self._marks) and parts <= self._marks | _URGENT

    def _says(self, text: str) -> bool:
        """One of the words that are markings wherever they stand; not where they are denied, nor in a field of law."""
        told = _COMMON.sub(" ", _NOT.sub(" ", text))
        return any(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", told) for word in self._anywhere if word in told)


def _parts(text: str) -> set[str]:
    return {part for each in _SEPARATOR.split(_NOT.sub(" ", text)) if (part := each.strip(_FRAME))}


def plain(text: str) -> str:
    """Lower case, compatibility forms folded, invisible characters dropped, letterspaced words closed up."""
    if text.isascii():
        folded = text[:2000].lower()
    else:
        folded = unicodedata.normalize("NFKC", text[:2000]).casefold()
        folded = "".join(letter for letter in folded if unicodedata.category(letter) != "Cf")
    folded = re.sub(r"\b\w(?: \w\b){3,}", lambda found: found.group().replace(" ", ""), folded)
    return " ".join(folded.split())
