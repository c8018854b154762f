"""Header fields: unfolded, decoded, and read with a bound on every list.

Own code, because the standard library's header parser raises on some real messages and takes seconds on others.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_tz
from urllib.parse import unquote_to_bytes

from services.intake.adapters.mail_text import clean_line, decode
from services.intake.mail import Address

Fields = list[tuple[str, str]]

MAX_BLOCK = 1_000_000
_MAX_FIELDS = 2_000
_MAX_VALUE = 65_536
_MAX_WORDS = 1_000
_NAME = re.compile(rb"([!-9;-~]{1,100})[ \t]*:")
_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?=")
_PARAMETER = re.compile(r';\s*([^=;\s"]{1,80})\s*=\s*("(?:\\.|[^"\\])*"|[^;]*)')
_TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|\\.|[(),:;<>]|[^"(),:;<>\\]+|.')
_ID = re.compile(r"<\s*([^<>\s]{1,500})\s*>")
_YEARS = range(1980, 2101)


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
    return [(name, _unfold(pieces)) for name, pieces in fields]


def _unfold(pieces: list[bytes]) -> str:
    joined = b"".join(pieces)
    try:
        return joined.decode("utf-8").strip()
    except UnicodeDecodeError:
        return joined.decode("cp1252", "replace").strip()


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
    main = value.partition(";")[0].strip().lower()
    plain: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[bool, str]]] = {}
    for found in _PARAMETER.finditer(value):
        name, text = found.group(1).lower(), found.group(2).strip()
        if text.startswith('"'):
            text = re.sub(r"\\(.)", r"\1", text.strip('"'))
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


def addresses(values: list[str], limit: int, warnings: set[str]) -> tuple[list[Address], bool]:
    """At most `limit` addresses of the fields; True where there were more. Groups are opened, comments become names."""
    found: list[Address] = []
    for value in values:
        for name, inside, comment in _mailboxes(value):
            one = _address(name, inside, comment, warnings)
            if one is not None and len(found) >= limit:
                return found, True
            if one is not None:
                found.append(one)
    return found, False


def _mailboxes(value: str) -> Iterator[tuple[str, str, str]]:
    """What stands outside brackets, inside `<>`, and in comments, one mailbox at a time; never-closed ones too."""
    held = {"name": "", "inside": "", "comment": ""}
    depth, place = 0, "name"
    for token in _TOKEN.finditer(value):
        text = token.group()
        if text == "(" or (text == ")" and depth):
            depth += 1 if text == "(" else -1
        elif depth:
            held["comment"] = (held["comment"] + text)[:_MAX_WORDS]
        elif text in {"<", ">"}:
            place = "inside" if text == "<" else "name"
        elif text in {",", ";"} and place == "name":
            yield held["name"], held["inside"], held["comment"]
            held = dict.fromkeys(held, "")
        elif text == ":" and place == "name":
            held["name"] = ""  # it was a group's
        else:
            held[place] = (held[place] + text)[:_MAX_WORDS]
    yield held["name"], held["inside"], held["comment"]


def _address(name: str, inside: str, comment: str, warnings: set[str]) -> Address | None:
    address = inside
    if not inside.strip():
        bare = name.split()
        address = next((word for word in bare if "@" in word), "")
        name = " ".join(word for word in bare if word != address) or comment
    address = clean_line(address.rpartition(":")[2] if address.startswith("@") else address, 320, warnings)
    name = re.sub(r"\\(.)", r"\1", name.strip().strip('"'))
    name = clean_line(words(name, warnings), 200, warnings)
    return Address(name=name, address=address.replace(" ", "")) if name or address else None


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


def sent_at(fields: Fields, warnings: set[str]) -> datetime | None:
    """The Date in UTC; None with a warning where it is missing, unreadable or outside 1980 to 2100."""
    value = first(fields, "date")[:200]
    if not value:
        warnings.add("date-missing")
        return None
    try:
        read = parsedate_tz(value)
        if read is not None and read[0] in _YEARS:
            when = datetime(*read[:6], tzinfo=UTC) - timedelta(seconds=read[9] or 0)
            if when.year in _YEARS:
                return when
    except Exception:  # noqa: BLE001, S110 - the library raises many kinds on nonsense; all of them mean "unreadable"
        pass
    warnings.add("date-impossible")
    return None
