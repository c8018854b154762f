"""Bytes and HTML to clean text: every step linear in its input, every character one that a database takes."""

import codecs
import contextlib
import re
import unicodedata
from collections.abc import Iterator
from html import unescape

BIDI = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]")
_CONTROL = re.compile("[\x01-\x08\x0b-\x1f\x7f-\x9f]")
_UNTEXTUAL = {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"}
_ALIAS = {
    "ansi_x3.110-1983": "latin-1",
    "unicode-1-1-utf-7": "utf-7",
    "iso-8859-8-i": "iso-8859-8",
    "ks_c_5601-1987": "cp949",
    "cp-850": "cp850",
    "x-unknown": "utf-8",
    "unknown-8bit": "utf-8",
    "us-ascii": "utf-8",
    "ascii": "utf-8",
}  # ASCII that is none is mostly UTF-8
_TAG = re.compile(r"<(/?)([a-zA-Z!?][a-zA-Z0-9]*)[^<>]*>?")
_HIDDEN = {"script", "style", "head", "title", "noscript", "template", "svg", "object"}
_BLOCK = {"br", "p", "div", "tr", "li", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "blockquote"}
_BREAK = dict.fromkeys(_BLOCK, "\n") | {"td": " ", "th": " "}
_ACTIVE = re.compile(
    r"<\s*(?:script|form|iframe|object|embed|meta[^<>]{0,200}refresh)|\son[a-z]{3,20}\s*=|javascript:", re.IGNORECASE
)
_REMOTE = re.compile(
    r"(?:src|background|poster)\s*+=\s*+[\"']?\s*+(?:https?:)?//|url\(\s*+[\"']?\s*+https?:", re.IGNORECASE
)


def clean(text: str, *, lines: bool = False) -> str:
    """NFC without NUL, lone surrogates and controls; one line unless `lines`."""
    text = text.encode("utf-8", "replace").decode("utf-8").replace("\0", "\ufffd")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _CONTROL.sub("", text)
    if not lines:
        text = " ".join(text.split())
    return unicodedata.normalize("NFC", text)


def clean_line(text: str, limit: int, warnings: set[str]) -> str:
    """One line of a header without direction overrides (and a warning where there were some)."""
    if BIDI.search(text):
        warnings.add("bidi-override")
        text = BIDI.sub("", text)
    return clean(text[: limit * 4])[:limit]


def decode(content: bytes, charset: str | None, warnings: set[str]) -> str:
    """As declared; else UTF-8, else Windows-1252. Undecodable bytes become U+FFFD."""
    name = (charset or "").strip().strip("\"'").lower().replace(" ", "")
    name = _ALIAS.get(name, name)
    if name:
        codec = _codec(name)
        if codec is None:
            warnings.add("unknown-charset")
        else:
            try:
                return codec.decode(content)[0]
            except UnicodeError:
                if codec.name == "utf-8":
                    return _guess(content)
                warnings.add("undecodable-part")
                return codec.decode(content, "replace")[0]
    return _guess(content)


def _codec(name: str) -> codecs.CodecInfo | None:
    if not re.fullmatch(r"[a-z0-9_:.+()-]{1,40}", name):
        return None
    try:
        codec = codecs.lookup(name)
        if codec.name.replace("-", "_") in _UNTEXTUAL:
            return None
        with contextlib.suppress(UnicodeError):  # a letter alone is no text to every codec
            b"a".decode(name)  # LookupError: it transforms bytes
    except (LookupError, ValueError):
        return None
    return codec


def _guess(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def html_to_text(html: str, warnings: set[str]) -> str:
    """The words of an HTML part, a line per block, without scripts, styles and comments."""
    if _ACTIVE.search(html):
        warnings.add("active-content")
    if _REMOTE.search(html):
        warnings.add("remote-content")
    text = unescape("".join(_shown(_without_comments(html))))
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _shown(html: str) -> Iterator[str]:
    hidden, at = "", 0
    for tag in _TAG.finditer(html):
        if not hidden:
            yield html[at : tag.start()].replace("\n", " ")
        at = tag.end()
        closing, name = tag.group(1), tag.group(2).lower()
        if hidden:
            hidden = "" if closing and name == hidden else hidden
        elif name in _HIDDEN and not closing:
            hidden = name
        else:
            yield _BREAK.get(name, "")
    if not hidden:
        yield html[at:].replace("\n", " ")


def _without_comments(html: str) -> str:
    kept, at = [], 0
    while (start := html.find("<!--", at)) >= 0:
        kept.append(html[at:start])
        end = html.find("-->", start + 4)
        if end < 0:
            return "".join(kept)
        at = end + 3
    return "".join([*kept, html[at:]])
