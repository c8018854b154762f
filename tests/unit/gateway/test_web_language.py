"""Both languages are whole: every text is marked, every mark has its English, every place in it is kept."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from jinja2 import Environment

from gateway.edge import i18n

ROOT = Path(__file__).parents[3]
TEMPLATES = ROOT / "gateway/web/templates"
METHODS = [("gateway/**.py", "python"), ("gateway/web/templates/**.html", "jinja2")]
KEYWORDS = {"_": None, "mark": None, "_t": None}
# Names and signs that are the same in every language.
UNMARKED = {
    "Caraka",
    "English",
    "Bahasa Indonesia",
    "Enter",
    "Esc",
    "a",
    "j",
    "k",
    "d",
    "u",
    "i",
    "lt",
    "gt",
    "amp",
    "id",
}
TAGS = re.compile(r"<[^>]*>|<!doctype html>", re.DOTALL)
NO_TEXT = re.compile(r"\b[a-z-]+=\"[^\"]*\"|\bpage-[a-z]+|\bhas-chosen\b")


@pytest.fixture(scope="module")
def english() -> Catalog:
    with (i18n.LOCALE / "en/LC_MESSAGES/caraka.po").open("rb") as file:
        return read_po(file)


def marked() -> set[str]:
    found = extract_from_dir(ROOT, METHODS, {"**.html": {"trimmed": "true"}}, keywords=KEYWORDS)
    return {message for _, _, message, _, _ in found if isinstance(message, str)}


def test_every_marked_text_has_its_english(english: Catalog) -> None:
    missing = {text for text in marked() if not (message := english.get(text)) or not message.string}
    assert missing == set()


def test_the_catalogue_holds_nothing_that_nobody_says(english: Catalog) -> None:
    assert {message.id for message in english if message.id} - marked() == set()


def test_a_translation_keeps_every_place(english: Catalog) -> None:
    for message in english:
        if message.id:
            places = [sorted(re.findall(r"\{[a-z_]+\}", str(text))) for text in (message.id, message.string)]
            assert places[0] == places[1], message.id


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.name)
def test_a_template_holds_no_word_outside_a_mark(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    plain = "".join(
        value if kind == "data" else "\x00" for _, kind, value in Environment(autoescape=True).lex(source)
        if kind in {"data", "variable_begin", "block_begin"}
    )  # fmt: skip
    words = set(re.findall(r"[^\W\d_]+", NO_TEXT.sub(" ", TAGS.sub(" ", plain))))
    allowed = {part for text in UNMARKED for part in text.split()}
    assert words - allowed == set()


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.name)
def test_attributes_that_are_read_aloud_are_marked_too(path: Path) -> None:
    said = re.findall(r'(?:aria-label|title|placeholder|alt)="([^"]*)"', path.read_text(encoding="utf-8"))
    assert [text for text in said if re.search(r"[A-Za-z]{2}", text) and "{{" not in text] == []
