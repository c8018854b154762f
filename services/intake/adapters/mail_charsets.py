"""Bytes to text by the names that senders give their character sets: those of the web, as browsers read them.

A label means what the WHATWG Encoding Standard says (gb2312 is gbk, latin-1 is windows-1252); what that standard does
not know is looked up among Python's codecs. Nothing is guessed in silence: each guess adds a warning.
"""

import codecs
import contextlib
import re
from collections.abc import Callable

import webencodings

_UNTEXTUAL = {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"}
_ALIAS = {
    "ansi_x3.110-1983": "latin-1",
    "unicode-1-1-utf-7": "utf-7",
    "x-unknown": "",
    "unknown-8bit": "",
    "default": "",
    "default_charset": "",
    "us-ascii": "",
    "ascii": "",
    "ansi_x3.4-1968": "",
    "utf8mb4": "utf-8",
    "cp-850": "cp850",
}
"""Names of no set of the web; empty: what says ASCII and is none is mostly UTF-8, else it is guessed."""
_WHOLE = {
    "gbk": ("gb18030",),
    "gb18030": ("gb18030",),
    "euc-kr": ("cp949",),
    "shift_jis": ("cp932", "shift_jis_2004"),
    "euc-jp": ("euc_jp", "euc_jis_2004"),
    "big5": ("cp950", "big5hkscs"),
    "windows-874": ("cp874",),
}
"""By the standard's name, Python's codecs that hold all of its characters, tried in this order."""
_UNREAD = {"replacement", "x-user-defined", "iso-2022-jp"}
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_JIS = re.compile(rb"\x1b(?:\$[@B]|\([BJI])")
_META = re.compile(rb"<meta\b[^>]{0,300}?charset\s*=\s*[\"']?\s*([\w.:+-]{1,40})", re.IGNORECASE)
_META_WITHIN = 4_096

Decoder = Callable[[bytes, str], str]


def decode(content: bytes, charset: str | None, warnings: set[str]) -> str:
    """As declared; else what its first bytes say, UTF-8, Windows-1252. Undecodable bytes become U+FFFD."""
    for mark, name in _BOMS:
        if content.startswith(mark):
            return _broken(content[len(mark) :], name, warnings)
    name = (charset or "").strip().strip("\"'").lower().replace(" ", "")
    name = _ALIAS.get(name, name)
    if name in {"utf-8", "utf8"}:
        return _utf8(content, warnings, declared=True)
    if name:
        decoders = _decoders(name)
        for decoder in decoders:
            with contextlib.suppress(UnicodeError):
                return decoder(content, "strict")
        if decoders:
            warnings.add("undecodable-part")
            return decoders[0](content, "replace")
        warnings.add("unknown-charset")
    return guess(content, warnings)


def guess(content: bytes, warnings: set[str]) -> str:
    """Where nothing is declared: JIS by its escapes, UTF-8 as far as it goes, else Windows-1252 (and a warning)."""
    if b"\x1b" in content and _JIS.search(content) and content.isascii():
        return _jis(content, "replace")
    return _utf8(content, warnings, declared=False)


def meta_charset(content: bytes) -> str:
    """What an HTML document says of itself; empty where it says nothing, or (in ASCII letters) UTF-16."""
    found = _META.search(content[:_META_WITHIN])
    name = found.group(1).decode("ascii", "replace").lower() if found else ""
    return "" if name.startswith("utf-16") else name


def _utf8(content: bytes, warnings: set[str], *, declared: bool) -> str:
    """One bad byte costs one character: the rest is UTF-8 where most of it is."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        text = content.decode("utf-8", "replace")
    whole = sum(letter > "\x7f" for letter in text) - text.count("\ufffd")
    if whole >= text.count("\ufffd"):
        warnings.add("undecodable-part")
        return text
    warnings.add("undecodable-part" if declared else "unknown-charset")
    return content.decode("cp1252", "replace")


def _broken(content: bytes, name: str, warnings: set[str]) -> str:
    try:
        return content.decode(name)
    except UnicodeDecodeError:
        warnings.add("undecodable-part")
        return content.decode(name, "replace")


def _decoders(name: str) -> list[Decoder]:
    if not re.fullmatch(r"[a-z0-9_:.+()-]{1,40}", name):
        return []
    web = webencodings.lookup(name)
    if name in {"iso-2022-jp", "csiso2022jp"} or (web is not None and web.name == "iso-2022-jp"):
        return [_jis]
    if web is not None and web.name not in _UNREAD:
        return [_of(codec) for codec in _WHOLE.get(web.name, (web.codec_info.name,))]
    try:
        codec = codecs.lookup(name)
        if codec.name.replace("-", "_") in _UNTEXTUAL:
            return []
        with contextlib.suppress(UnicodeError):  # a letter alone is no text to every codec
            b"a".decode(name)  # LookupError: it transforms bytes
    except (LookupError, ValueError):
        return []
    return [_of(name)]


def _of(codec: str) -> Decoder:
    return lambda content, errors: content.decode(codec, errors)


def _jis(content: bytes, errors: str) -> str:
    """ISO-2022-JP with the rows that its makers added (13: ①, ㈱) and half-width kana, which Python's codec refuses."""
    with contextlib.suppress(UnicodeError):
        return content.decode("iso2022_jp")
    pieces, at, kind = [], 0, b"(B"
    for escape in (*re.finditer(rb"\x1b(\$[@B]|\([BJI])", content), None):
        piece = content[at : escape.start() if escape else len(content)]
        pieces.append(_shifted(piece, errors) if kind[:1] == b"$" else _kana(piece, errors, half=kind == b"(I"))
        if escape:
            kind, at = escape.group(1), escape.end()
    return "".join(pieces)


def _kana(piece: bytes, errors: str, *, half: bool) -> str:
    return bytes(byte | 0x80 for byte in piece).decode("cp932", errors) if half else piece.decode("ascii", errors)


def _shifted(piece: bytes, errors: str) -> str:
    """Two bytes a character, as JIS X 0208 counts them, to Shift-JIS (JIS X 0208:1997, appendix 1)."""
    out, at = bytearray(), 0
    while at < len(piece):
        if piece[at] <= 0x20 or at + 1 == len(piece):  # noqa: PLR2004 - a line ends within
            out.append(piece[at])
            at += 1
            continue
        row, cell = piece[at], piece[at + 1]
        lead = ((row + 1) >> 1) + (0x70 if row < 0x5F else 0xB0)  # noqa: PLR2004 - the standard's rows
        trail = cell + (0x1F + (cell >= 0x60) if row % 2 else 0x7E)  # noqa: PLR2004 - and cells
        out += bytes((lead & 0xFF, trail & 0xFF))
        at += 2
    return bytes(out).decode("cp932", errors)
