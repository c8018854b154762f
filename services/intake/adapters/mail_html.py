"""HTML to its words: a line per block, lines of preformatted text kept, the address of a link beside its words.

libxml2 finds the tags (`lxml`); no tree is built of them, so neither depth nor number of elements costs more than a
word. Nothing is rendered, nothing is fetched.
"""

import re
from typing import Any

from lxml import etree

_HIDDEN = {"script", "style", "title", "template"}
_LINES = {"div", "tr", "li", "ul", "ol", "dl", "dt", "dd", "table", "address", "center", "caption", "tbody", "thead"}
_PARAGRAPHS = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "section", "article", "header", "footer", "blockquote"}
_CELLS = {"td", "th"}
_AS_WRITTEN = {"pre", "listing", "xmp", "plaintext"}
_ACTIVE = {"script", "form", "iframe", "object", "embed", "applet"}
_FETCHED = {"src", "background", "poster", "data", "srcset"}
_SCHEME = re.compile(r"\s*(https?|ftp|mailto|tel):\S", re.IGNORECASE)
_REMOTE = re.compile(r"\s*(?:https?:)?//", re.IGNORECASE)
_REMOTE_STYLE = re.compile(r"url\(\s*+[\"']?\s*+(?:https?:)?//|@import\s*+[\"']\s*+https?:", re.IGNORECASE)
_LONGEST_LINK = 500


def html_to_text(html: str, warnings: set[str]) -> str:
    """The words of an HTML part, without scripts, styles and comments."""
    words = _Words(warnings)
    parser = etree.HTMLParser(target=words, huge_tree=True, recover=True, remove_comments=True, remove_pis=True)
    try:
        parser.feed(html.replace("\0", "\ufffd"))
        return str(parser.close())
    except etree.XMLSyntaxError:
        warnings.add("undecodable-part")
        return words.close()


class _Words:
    """What the tokenizer tells, as lines."""

    def __init__(self, warnings: set[str]) -> None:
        self._warnings = warnings
        self._out: list[str] = []
        self._hidden: list[str] = []
        self._written = 0  # how deep in preformatted text
        self._link: tuple[str, int] | None = None

    def start(self, tag: str, attributes: Any) -> None:
        if self._hidden:
            if tag == self._hidden[-1]:
                self._hidden.append(tag)
            return
        self._weigh(tag, attributes)
        if tag in _HIDDEN:
            self._hidden.append(tag)
        elif tag in _AS_WRITTEN:
            self._written += 1
            self._out.append("\n")
        elif tag in _CELLS:
            self._out.append(" ")
        elif tag in _LINES:
            self._new_line()
        elif tag in _PARAGRAPHS or tag in {"br", "hr"}:
            self._out.append("\n")
        elif tag == "a" and _SCHEME.match(attributes.get("href", "")):
            self._link = (attributes["href"].strip(), len(self._out))
        elif tag == "img" and attributes.get("alt", "").strip():
            self._out.append(f" {attributes['alt'].strip()} ")

    def end(self, tag: str) -> None:
        if self._hidden:
            if tag == self._hidden[-1]:
                self._hidden.pop()
            return
        if tag in _AS_WRITTEN:
            self._written = max(0, self._written - 1)
            self._out.append("\n")
        elif tag in _LINES:
            self._new_line()
        elif tag in _PARAGRAPHS:
            self._out.append("\n")
        elif tag == "a":
            self._tell_link()

    def data(self, text: str) -> None:
        if self._hidden:
            if "style" in self._hidden and _REMOTE_STYLE.search(text):
                self._warnings.add("remote-content")
            return
        self._out.append(_as_written(text) if self._written else _flowing(text))

    def close(self) -> str:
        self._tell_link()
        lines = re.sub("[ \t]+", " ", "".join(self._out)).split("\n")
        text = "\n".join(line.strip(" ").replace("\xa0", " ").rstrip() for line in lines)
        return re.sub(r"\n{3,}", "\n\n", text).strip("\n")

    def _new_line(self) -> None:
        """Unless one has begun."""
        while self._out and not self._out[-1].strip(" "):
            self._out.pop()
        if self._out and not self._out[-1].endswith("\n"):
            self._out.append("\n")

    def _tell_link(self) -> None:
        """Unless the words are the address."""
        if self._link is None:
            return
        address, since = self._link
        self._link = None
        shown = "".join(self._out[since:]).strip()
        bare = re.sub(r"^(?:mailto:|tel:)", "", address, flags=re.IGNORECASE)
        if re.sub(r"^https?://|/$", "", bare.lower()) not in shown.lower():
            self._out.append(f" <{bare[:_LONGEST_LINK]}>")

    def _weigh(self, tag: str, attributes: Any) -> None:
        """What it would run or fetch, were it shown by a mail program."""
        if tag in _ACTIVE or (tag == "meta" and attributes.get("http-equiv", "").lower() == "refresh"):
            self._warnings.add("active-content")
        for name, value in attributes.items():
            if name.startswith("on") or value.lstrip()[:11].lower() == "javascript:":
                self._warnings.add("active-content")
            if (name in _FETCHED and _REMOTE.match(value)) or (name == "style" and _REMOTE_STYLE.search(value)):
                self._warnings.add("remote-content")
        if tag == "link" and _REMOTE.match(attributes.get("href", "")):
            self._warnings.add("remote-content")


def _flowing(text: str) -> str:
    """White space of running text is one blank."""
    return re.sub(r"[ \t\n\r\f\xa0]+", " ", text)


def _as_written(text: str) -> str:
    """Its lines and columns; blanks are marked, so that they are not taken for those of running text."""
    return text.replace("\r\n", "\n").replace("\r", "\n").expandtabs().replace(" ", "\xa0")
