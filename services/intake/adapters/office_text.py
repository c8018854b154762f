"""The words of an office file, a line a paragraph or a row: DOCX, XLSX, PPTX and the OpenDocument kinds.

Also what stands in headers, footers, drawn letters (watermarks) and properties, where offices put a marking. What was
deleted with changes kept is no word of it. Nothing outside the file is fetched; entities are not resolved.
"""

import re
from collections.abc import Iterator
from typing import Any
from zipfile import ZipFile

from lxml import etree

MOST_PART = 8_000_000
"""Bytes of one part, unpacked."""
_MOST_PARTS = 60
_MOST_LINES = 4_000
_OOXML = re.compile(
    r"word/(?:document|header\d*|footer\d*|footnotes|comments)\d*\.xml|ppt/slides/slide\d+\.xml"
    r"|ppt/slideMasters/slideMaster\d+\.xml|xl/worksheets/sheet\d+\.xml|xl/drawings/[\w.]+\.(?:xml|vml)"
    r"|docProps/(?:core|custom)\.xml"
)
_ODF = re.compile(r"(?:content|styles|meta)\.xml")
_DELETED = {"f", "del", "moveFrom", "instrText", "delText", "tracked-changes", "script"}
_PROPERTIES = {"property", "user-defined"}
_LINES = {"p", "h", "title", "subject", "keywords", "category", "description", "keyword"} | _PROPERTIES
_PAGE_LINES = re.compile(r"(?:odd|even|first)(?:Header|Footer)")
_ROWS = {"row", "table-row", "tr"}
_BLANKS = {"tab", "s", "br", "line-break", "cr"}
_CODES = re.compile(r"&(?:[LCRBIUESXYPNDTAFZG]|\d{1,3}|\"[^\"]*\"|K[0-9A-Fa-f]{6})")
"""Codes of a spreadsheet's header: places, fonts, fields."""


def is_office(names: frozenset[str]) -> bool:
    """By the parts that every such file has."""
    return "[Content_Types].xml" in names or {"mimetype", "content.xml"} <= names


def office_text(archive: ZipFile) -> Iterator[str]:
    """The text of each part. Raises whatever the library raises where a part is torn or too large."""
    names = archive.namelist()
    pattern = _OOXML if "[Content_Types].xml" in names else _ODF
    shared = _shared(archive) if "xl/sharedStrings.xml" in names else []
    for name in [one for one in names if pattern.fullmatch(one)][:_MOST_PARTS]:
        lines = _lines(_root(archive, name), shared, deep=0)
        yield "\n".join(line for _, line in zip(range(_MOST_LINES), lines, strict=False))


def _root(archive: ZipFile, name: str) -> Any:
    with archive.open(name) as part:
        content = part.read(MOST_PART + 1)
    if len(content) > MOST_PART:
        raise ValueError("too large")
    return etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True, recover=True))


def _shared(archive: ZipFile) -> list[str]:
    """A spreadsheet's words, which its cells name by number."""
    return [_words(one) for one in _root(archive, "xl/sharedStrings.xml") if _kind(one) == "si"]


def _lines(element: Any, shared: list[str], deep: int) -> Iterator[str]:
    """A paragraph within a paragraph (a text box) is a line of its own."""
    kind = _kind(element)
    if kind in _DELETED or deep > 200:  # noqa: PLR2004 - the library reads no deeper either
        return
    if drawn := element.get("string"):  # letters drawn across the page
        yield drawn
    if kind in _ROWS:
        cells = [_cell(one, shared) for one in element]
        yield " | ".join(cell for cell in cells if cell)
        if kind != "tr":
            return
    elif kind in _LINES or _PAGE_LINES.fullmatch(kind):
        name = element.get("name") or next((told for key, told in element.items() if key.endswith("}name")), "")
        words = _CODES.sub(" ", _words(element))
        yield f"{name}: {words}" if name and kind in _PROPERTIES else words
    for child in element:
        yield from _lines(child, shared, deep + 1)


def _cell(cell: Any, shared: list[str]) -> str:
    words = _words(cell)
    if cell.get("t") == "s" and words.isdigit():
        at = int(words)
        return shared[at] if at < len(shared) else ""
    return words


def _words(element: Any) -> str:
    """Its own running text; paragraphs within it are told beside it."""
    return " ".join("".join(_pieces(element)).split())


def _pieces(element: Any) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        kind = _kind(child)
        if kind in _BLANKS:
            yield " "
        elif kind not in _DELETED and kind not in {"txbxContent", "text-box", "annotation", "note"}:
            yield from _pieces(child)
            yield " " if kind in {"p", "h"} else ""
        yield child.tail or ""


def _kind(element: Any) -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""
