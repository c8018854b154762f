"""Whether a PDF does something by itself: its objects are asked (qpdf), not bytes that a picture holds by chance."""

import re
from io import BytesIO
from typing import Any

import pikepdf

_WORDS = re.compile(
    rb"/(?:JavaScript|JS|Launch|ObjStm|RichMedia|SubmitForm|ImportData|Rendition|GoToE|[A-Za-z]{0,12}#[0-9A-Fa-f]{2})"
)
"""Without any of these there is nothing to find; objects may be packed (ObjStm), names written in numbers (#)."""
_ACTING = {"/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/Rendition", "/GoToE"}
_STREAM = re.compile(rb"\bstream\r?\n.*?\bendstream\b", re.DOTALL)
_ACTIVE = re.compile(rb"/(?:JavaScript|JS|Launch|SubmitForm)(?![A-Za-z0-9])")
_NUMBERED = re.compile(rb"#([0-9A-Fa-f]{2})")
_MOST_OBJECTS = 200_000
_MOST_DEPTH = 20


def acts(content: bytes, warnings: set[str]) -> bool:
    """Scripts, programs to start, forms that send, moving media. A PDF with a password cannot be asked: a warning."""
    if _WORDS.search(content) is None:
        return False
    try:
        with pikepdf.open(BytesIO(content)) as pdf:
            return any(_acts(one) for at, one in enumerate(pdf.objects) if at < _MOST_OBJECTS)
    except pikepdf.PasswordError:
        warnings.add("encrypted-archive")
        return False
    except Exception:  # noqa: BLE001 - torn beyond repair: what stands outside the streams is asked
        plain = _NUMBERED.sub(lambda found: bytes((int(found.group(1), 16),)), _STREAM.sub(b"", content))
        return _ACTIVE.search(plain) is not None


def _acts(one: Any, depth: int = 0) -> bool:
    if depth > _MOST_DEPTH or not isinstance(one, pikepdf.Dictionary | pikepdf.Stream | pikepdf.Array):
        return False
    if isinstance(one, pikepdf.Array):
        return any(_acts(each, depth + 1) for each in one if _is_direct(each))  # type: ignore[attr-defined, unused-ignore]  # an array can be walked
    if "/JS" in one or str(one.get("/S", "")) in _ACTING or str(one.get("/Subtype", "")) == "/RichMedia":
        return True
    return any(_acts(one[key], depth + 1) for key in one.keys() if _is_direct(one[key]))  # noqa: SIM118 - no mapping


def _is_direct(each: Any) -> bool:
    return isinstance(each, pikepdf.Dictionary | pikepdf.Array) and not each.is_indirect
