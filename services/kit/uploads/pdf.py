"""PDFs are written anew by qpdf: without metadata, earlier states, scripts, attached files. Runs in the sandbox."""

from __future__ import annotations

import zlib
from io import BytesIO
from typing import Any

import pikepdf

from services.kit.uploads.faults import Locked, TooLarge, UnknownKind, Unreadable
from services.kit.uploads.images import without_segments

MEDIA_TYPE = "application/pdf"
MOST_PAGES = 2_000
MOST_IMAGE = 200_000_000
MOST_DEPTH = 50
"""Deeper than any program nests without a reference."""
LEFT_OUT = ("/Metadata", "/PieceInfo", "/LastModified", "/AA", "/OpenAction", "/Thumb", "/XFA", "/AF", "/Collection")
"""Keys of any dictionary: what programs note of who wrote it and when, what runs by itself, what is attached."""
OF_A_NOTE = ("/T", "/M", "/CreationDate", "/NM", "/Subj", "/RC")
"""Who wrote a remark, and when."""
NOTES_LEFT_OUT = {"/FileAttachment", "/Sound", "/Movie", "/Screen", "/RichMedia", "/3D"}
ACTIONS_KEPT = {"/GoTo", "/URI", "/Named"}
PLAIN_BOXES = {b"jP  ", b"ftyp", b"jp2h", b"jp2c"}


def clean(data: bytes) -> bytes:
    try:
        with pikepdf.open(BytesIO(data)) as pdf:
            if len(pdf.pages) > MOST_PAGES:
                raise TooLarge
            _silence(pdf)
            written = BytesIO()
            pdf.save(written, deterministic_id=True, encryption=False, linearize=False)
    except pikepdf.PasswordError as error:
        raise Locked from error
    except (pikepdf.PdfError, pikepdf.DataDecodingError, zlib.error, ValueError, TypeError, KeyError) as error:
        raise Unreadable from error
    return written.getvalue()


def _silence(pdf: pikepdf.Pdf) -> None:
    if "/Info" in pdf.trailer:
        del pdf.trailer["/Info"]
    names: Any = pdf.Root.get("/Names")
    if isinstance(names, pikepdf.Dictionary):
        _drop(names, ("/JavaScript", "/EmbeddedFiles"))
    for page in pdf.pages:
        notes = page.obj.get("/Annots")
        if isinstance(notes, pikepdf.Array):
            kept = [note for note in notes if not isinstance(note, pikepdf.Dictionary) or _may_stay(note)]  # type: ignore[attr-defined, unused-ignore]  # an array can be walked
            page.obj["/Annots"] = pikepdf.Array(kept)
    for each in pdf.objects:
        _silent(each)


def _silent(each: Any, depth: int = 0) -> None:
    """This object and what lies directly in it."""
    if depth > MOST_DEPTH:
        raise Unreadable
    if isinstance(each, pikepdf.Array):
        inside = list(each)  # type: ignore[call-overload, unused-ignore]  # an array can be walked
    elif isinstance(each, pikepdf.Dictionary | pikepdf.Stream):
        _silent_dictionary(each)
        inside = [each[key] for key in each.keys()]  # noqa: SIM118 - a dictionary of qpdf is no mapping
    else:
        return
    for inner in inside:
        if isinstance(inner, pikepdf.Dictionary | pikepdf.Array) and not inner.is_indirect:
            _silent(inner, depth + 1)


def _silent_dictionary(each: Any) -> None:
    _drop(each, LEFT_OUT)
    action = each.get("/A")
    if isinstance(action, pikepdf.Dictionary) and str(action.get("/S", "")) not in ACTIONS_KEPT:
        del each["/A"]
    if str(each.get("/S", "")) == "/JavaScript":
        _drop(each, ("/JS", "/Next"))
    if "/Subtype" in each and "/Rect" in each and str(each.get("/Subtype")) != "/Widget":
        _drop(each, OF_A_NOTE)
    if isinstance(each, pikepdf.Stream):
        _silent_picture(each)


def _drop(each: Any, keys: tuple[str, ...]) -> None:
    for key in keys:
        if key in each:
            del each[key]


def _may_stay(note: Any) -> bool:
    return str(note.get("/Subtype", "")) not in NOTES_LEFT_OUT


def _silent_picture(stream: Any) -> None:
    """A camera's file lies within a PDF as it was: with its place and serial number."""
    filters = _filters(stream)
    if not {"/DCTDecode", "/JPXDecode"} & set(filters):
        return
    raw = stream.read_raw_bytes()
    if filters[0] == "/FlateDecode" and len(filters) == 2:  # noqa: PLR2004 - as some programs pack them
        raw = _inflated(raw)
    elif len(filters) != 1:
        raise UnknownKind
    picture = filters[-1]
    stripped = without_segments(raw) if picture == "/DCTDecode" else _without_boxes(raw)
    parameters = stream.get("/DecodeParms")
    if isinstance(parameters, pikepdf.Array):
        parameters = parameters[-1] if len(parameters) else None
    kept = parameters if isinstance(parameters, pikepdf.Dictionary) else None
    stream.write(stripped, filter=pikepdf.Name(picture), decode_parms=kept)


def _filters(stream: Any) -> list[str]:
    found = stream.get("/Filter")
    if found is None:
        return []
    return [str(each) for each in found] if isinstance(found, pikepdf.Array) else [str(found)]


def _inflated(raw: bytes) -> bytes:
    unpacking = zlib.decompressobj()
    plain = unpacking.decompress(raw, MOST_IMAGE)
    if unpacking.unconsumed_tail:
        raise TooLarge
    return plain


def _without_boxes(data: bytes) -> bytes:
    """A JPEG 2000 file: its picture and how it is to be read, not what was noted beside it."""
    if data.startswith(b"\xff\x4f\xff\x51"):  # the bare picture
        return data
    kept, at = [], 0
    while at + 8 <= len(data):
        size, kind, head = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8], 8
        if size == 1:
            size, head = int.from_bytes(data[at + 8 : at + 16], "big"), 16
        end = len(data) if size == 0 else at + size
        if end < at + head or end > len(data):
            raise Unreadable
        if kind in PLAIN_BOXES:
            kept.append(data[at:end])
        at = end
    return b"".join(kept)
