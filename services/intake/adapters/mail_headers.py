"""Header fields: unfolded, decoded, and read with a bound on every list.

Own code, because the standard library's header parser raises on some real messages and takes seconds on others.
"""

import base64
import binascii
import re
from urllib.parse import unquote_to_bytes

from services.intake.adapters.mail_charsets import decode, guess
from services.intake.adapters.mail_text import clean_line

Fields = list[tuple[str, str]]

SHOWN = {"from", "to", "cc", "subject", "content-type", "content-disposition"}
"""Fields whose words a person sees: a warning about others would be about nothing that is there."""
MAX_BLOCK = 1_000_000
_MAX_FIELDS = 2_000
_MAX_VALUE = 65_536
_MAX_WORDS = 1_000
_NAME = re.compile(rb"([!-9;-~]{1,100})[ \t]*:")
_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?=")
_RAW_WORD = re.compile(rb"=\?[^?\s]{1,60}\?[qQ]\?[^?]*\?=")
_KNOWN = r"boundary|charset|name|filename|format|delsp|type|start|method|size|protocol|micalg|smime-type|report-type"
_PARAMETER = re.compile(
    rf""";\s*([^=;\s"]{{1,80}})\s*=\s*("(?:\\.|[^"\\])*"|[^;]*?(?=\s{{0,8}}(?:;|$)|\s{{1,8}}(?:{_KNOWN})[*\d]{{0,8}}\s{{0,8}}=))"""
    rf"""|\s((?:{_KNOWN})[*\d]*)\s*=\s*("(?:\\.|[^"\\])*"|[^;\s]*)""",
    re.IGNORECASE,
)
"""The second way: the semicolon before a parameter that everybody knows was forgotten."""
_NOTE = re.compile(r"\([^()]{0,200}\)")
_ID = re.compile(r"<\s*([^<>\s]{1,500})\s*>")


def read_fields(block: bytes, warnings: set[str]) -> Fields:
    """Names in lower case with raw unfolded values (bytes above ASCII as UTF-8, else as Windows-1252)."""
    if len(block) > MAX_BLOCK:
        block = block[:MAX_BLOCK]
        warnings.add("headers-truncated")
    fields: list[tuple[str, list[bytes]]] = []
    for line in block.split(b"\n"):
        line = line.rstrip(b"\r")  # noqa: PLW2901 - the same line without its end
        if line[:1] in {b" ", b"\t"} and fields:
            fields[-1][1].append(line)
            continue
        named = _NAME.match(line)
        if named is None:
            if line.strip() and not line.startswith((b"From ", b">From ")):
                warnings.add("headers-malformed")
            continue
        if len(fields) >= _MAX_FIELDS:
            warnings.add("headers-truncated")
            break
        fields.append((named.group(1).decode("ascii").lower(), [line[named.end() :]]))
    return [(name, _unfold(name, pieces, warnings)) for name, pieces in fields]


def _unfold(name: str, pieces: list[bytes], warnings: set[str]) -> str:
    joined = b"".join(pieces)
    if joined.isascii() and b"\x1b" not in joined:
        return joined.decode("ascii").strip()
    if b"=?" in joined:  # a byte that its word should have written as =XX means what the word's charset says
        joined = _RAW_WORD.sub(_encoded_whole, joined)
    return guess(joined, warnings if name in SHOWN else set()).strip()


def _encoded_whole(word: re.Match[bytes]) -> bytes:
    return re.sub(rb"[\x80-\xff]", lambda byte: b"=%02X" % byte.group()[0], word.group())


def first(fields: Fields, name: str) -> str:
    return next((value for field, value in fields if field == name), "")


def every(fields: Fields, name: str) -> list[str]:
    return [value for field, value in fields if field == name]


def words(value: str, warnings: set[str]) -> str:
    """RFC 2047: neighbouring words of one charset are joined before decoding, as real senders cut characters apart."""
    value = value[:_MAX_VALUE]
    if "=?" not in value:
        return value
    out: list[str] = []
    held, charset, at = b"", "", 0
    for word in _WORD.finditer(value):
        between = value[at : word.start()]
        named = word.group(1).partition("*")[0].lower()
        if held and (between.strip() or named != charset):
            out.append(decode(held, charset, warnings))
            held = b""
            out.append(between if between.strip() else "")
        elif not held:
            out.append(between)
        held, charset, at = held + _encoded(word.group(2), word.group(3), warnings), named, word.end()
    if held:
        out.append(decode(held, charset, warnings))
    return "".join([*out, value[at:]])


def _encoded(kind: str, text: str, warnings: set[str]) -> bytes:
    if kind in "qQ":
        return binascii.a2b_qp(text.replace("_", " ").encode("utf-8", "replace"), header=False)
    letters = re.sub(r"[^A-Za-z0-9+/]", "", text)
    if len(letters) % 4 == 1:
        warnings.add("undecodable-part")
        letters = letters[:-1]
    return base64.b64decode(letters + "=" * (-len(letters) % 4))


def parameters(value: str, warnings: set[str]) -> tuple[str, dict[str, str]]:
    """`text/plain; charset=x` as its first word in lower case and the parameters, RFC 2231 pieces joined."""
    value = value[:_MAX_VALUE]
    main = _NOTE.sub(" ", re.split(r";|(?<=\S)\s+(?=[\w-]+\s*=)", value, maxsplit=1)[0]).strip().strip('"').lower()
    plain: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[bool, str]]] = {}
    for found in _PARAMETER.finditer(value):
        name, text = (found.group(1) or found.group(3)).lower(), (found.group(2) or found.group(4) or "").strip()
        if text.startswith('"'):
            text = re.sub(r'\\(["\\])', r"\1", text.strip('"'))  # before anything else it is a Windows path's
        base, star, rest = name.partition("*")
        if not star:
            plain.setdefault(name, words(text, warnings))
            continue
        number = rest.rstrip("*")
        order = int(number) if number.isascii() and number.isdigit() and len(number) < 4 else 0  # noqa: PLR2004 - three digits
        pieces.setdefault(base, {}).setdefault(order, (name.endswith("*"), text))
    for base, parts in pieces.items():
        plain[base] = _joined(parts, warnings)
    return main, plain


def _joined(parts: dict[int, tuple[bool, str]], warnings: set[str]) -> str:
    charset, content = "utf-8", b""
    for order, (encoded, text) in sorted(parts.items()):
        rest = text
        if encoded and order == min(parts) and text.count("'") > 1:
            charset, _, rest = text.split("'", 2)
        content += unquote_to_bytes(rest) if encoded else rest.encode("utf-8", "replace")
    return decode(content, charset, warnings)


def message_id(fields: Fields, warnings: set[str]) -> str | None:
    """Without its angle brackets; None (and a warning) where there is none worth the name."""
    values = every(fields, "message-id")
    if len(values) > 1:
        warnings.add("message-id-repeated")
    for value in values:
        found = _ID.search(value[:2000]) or re.fullmatch(r"([^<>\s]{1,500})", value[:2000])
        if found and (one := clean_line(found.group(1), 500, warnings)):
            return one
    warnings.add("message-id-missing")
    return None
