"""Office files (OOXML, OpenDocument) are packed anew without what says who wrote them, and when. Runs in the sandbox.

Left out: properties, thumbnails, printers, custom parts. Made nameless: authors of comments and of tracked changes.
Their photos are drawn anew. What carries a program, or another document, is no kind that can be cleaned.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from io import BytesIO
from posixpath import basename, dirname, normpath
from typing import Any

from lxml import etree

from services.kit.uploads import images
from services.kit.uploads.faults import Locked, TooLarge, UnknownKind, Unreadable

MOST_PARTS = 2_000
MOST_BYTES = 150_000_000
"""Unpacked, all parts together; counted while they are unpacked, whatever they say of themselves."""
BEGINNING = (1980, 1, 1, 0, 0, 0)
TYPES = "[Content_Types].xml"
MAIN = re.compile(
    r"application/vnd\.openxmlformats-officedocument\.(wordprocessingml\.document|spreadsheetml\.sheet|"
    r"presentationml\.presentation)\.main\+xml"
)
OOXML = "application/vnd.openxmlformats-officedocument."
ODF = tuple(f"application/vnd.oasis.opendocument.{kind}" for kind in ("text", "spreadsheet", "presentation"))
MEDIA_TYPES = (
    *(f"{OOXML}{kind}" for kind in ("wordprocessingml.document", "spreadsheetml.sheet", "presentationml.presentation")),
    *ODF,
)

LEFT_OUT = re.compile(
    r"docProps/.*|customXml/.*|.*/printerSettings/.*|_xmlsignatures/.*|"
    r"meta\.xml|settings\.xml|Thumbnails/.*|Configurations2/.*|META-INF/documentsignatures\.xml"
)
NEVER = re.compile(
    r"(.*/)?(vbaProject\.bin|embeddings/.*|activeX/.*|externalLinks/.*|connections\.xml)|"
    r"(Basic|Scripts|Object [^/]*)/.*",
    re.IGNORECASE,
)
PHOTO = re.compile(r".*\.(jpe?g|png|webp|gif|bmp|tiff?|heic|svg)", re.IGNORECASE)
DRAWING = re.compile(r".*\.(emf|wmf)", re.IGNORECASE)
XML = re.compile(r".*\.(xml|rels)", re.IGNORECASE)
OF_SOMEBODY = frozenset(
    {"ins", "del", "moveFrom", "moveTo", "comment", "cm", "cmAuthor", "author", "person", "presenceInfo"}
    | {"threadedComment", "rPrChange", "pPrChange", "sectPrChange", "tblPrChange", "trPrChange", "tcPrChange"}
)
"""Elements that say who wrote or changed something."""
NAMES = frozenset({"author", "name", "initials", "displayName", "userId", "providerId", "userName"})
MOMENTS = frozenset({"date", "dateUtc", "dt", "dT"})
LEFT_OUT_WITHIN = frozenset({"rsids", "attachedTemplate", "absPath"})
"""Sessions of writing, and folders on somebody's machine."""
FULL_PATH = "{urn:oasis:names:tc:opendocument:xmlns:manifest:1.0}full-path"
DC = "{http://purl.org/dc/elements/1.1/}"
RELATION_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
TOLD = frozenset({"initial-creator", "creator-initials", "author-name", "author-initials", "creator"})
"""Elements whose text names somebody: OpenDocument's; `author` too, in the list of a spreadsheet's comments."""


def clean(data: bytes) -> tuple[str, bytes]:
    """The media type, and the file."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as packed:
            parts = dict(_unpacked(packed))
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, NotImplementedError, zlib.error) as error:
        raise Unreadable from error
    except RuntimeError as error:  # a password, says the library
        raise Locked from error
    media_type = _media_type(parts)
    if any(NEVER.fullmatch(name) for name in parts):
        raise UnknownKind
    kept = {name: part for name, part in parts.items() if not LEFT_OUT.fullmatch(name)}
    gone = parts.keys() - kept.keys()
    try:
        silent = {name: _silent(name, part, gone) for name, part in kept.items()}
    except etree.XMLSyntaxError as error:
        raise Unreadable from error
    return media_type, _packed(silent)


def _unpacked(packed: zipfile.ZipFile) -> Iterator[tuple[str, bytes]]:
    entries = packed.infolist()
    if len(entries) > MOST_PARTS:
        raise TooLarge
    left, names = MOST_BYTES, set[str]()
    for entry in entries:
        if entry.is_dir():
            continue
        name = entry.filename
        if name in names or name.startswith("/") or normpath(f"/{name}") != f"/{name}" or "\\" in name or "\0" in name:
            raise Unreadable
        names.add(name)
        with packed.open(entry) as part:
            data = part.read(left + 1)
        left -= len(data)
        if left < 0:
            raise TooLarge
        yield name, data


def _media_type(parts: Mapping[str, bytes]) -> str:
    if TYPES in parts:
        found = MAIN.search(parts[TYPES].decode("utf-8", "replace"))
        if found is None:
            raise UnknownKind
        return f"{OOXML}{found[1]}"
    said = parts.get("mimetype", b"").decode("ascii", "replace").strip()
    if said not in ODF or "content.xml" not in parts:
        raise UnknownKind
    if b"encryption-data" in parts.get("META-INF/manifest.xml", b""):
        raise Locked
    return said


def _silent(name: str, part: bytes, gone: set[str]) -> bytes:
    if PHOTO.fullmatch(name):
        media_type = images.kind_of(part)
        if media_type is None:
            raise UnknownKind
        return images.clean(part, media_type)
    if not XML.fullmatch(name):
        if name == "mimetype" or DRAWING.fullmatch(name):
            return part
        raise UnknownKind
    root = _parsed(part)
    if name.endswith(".rels"):
        _without_relations(root, _base_of(name), gone)
    elif name == TYPES:
        _without_children(root, "PartName", lambda said: said.lstrip("/") in gone)
    elif name == "META-INF/manifest.xml":
        full_path = "{urn:oasis:names:tc:opendocument:xmlns:manifest:1.0}full-path"
        _without_children(
            root, full_path, lambda said: said in gone or any(each.startswith(said) for each in gone if said != "/")
        )
    else:
        _nameless(root)
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    return written


def _parsed(part: bytes) -> Any:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_pis=True)
    root = etree.fromstring(part, parser)
    if root.getroottree().docinfo.doctype:
        raise Unreadable
    return root


def _nameless(root: Any) -> None:
    for element in list(root.iter(etree.Element)):
        plain = etree.QName(element).localname
        if plain in LEFT_OUT_WITHIN and element.getparent() is not None:
            element.getparent().remove(element)
            continue
        if element.tag == f"{DC}date":
            element.text = "1980-01-01T00:00:00"
        elif plain in TOLD or (plain == "author" and len(element) == 0 and element.text):
            element.text = "-"
        if plain == "pageSetup":  # of the printer, whose part is left out
            element.attrib.pop(RELATION_ID, None)
        for key in list(element.attrib):
            _nameless_attribute(element, key, of_somebody=plain in OF_SOMEBODY)


def _nameless_attribute(element: Any, key: str, *, of_somebody: bool) -> None:
    """An author must be there, says the schema, and a date need not."""
    plain = etree.QName(key).localname
    if plain.startswith("rsid") or (of_somebody and plain in MOMENTS):
        del element.attrib[key]
    elif of_somebody and plain in NAMES:
        element.set(key, "-")


def _base_of(rels: str) -> str:
    """The folder against which its targets are meant: of ``word/_rels/document.xml.rels`` it is ``word``."""
    return dirname(dirname(rels))


def _without_relations(root: Any, base: str, gone: set[str]) -> None:
    """What is left out, and what would be fetched from elsewhere when the file is opened: a link may stay."""
    for relation in list(root):
        target = str(relation.get("Target", ""))
        if relation.get("TargetMode") == "External":
            fetched = basename(str(relation.get("Type", ""))) != "hyperlink"
        else:
            where = target.lstrip("/") if target.startswith("/") else normpath(f"{base}/{target}" if base else target)
            fetched = where in gone
        if fetched:
            root.remove(relation)


def _without_children(root: Any, attribute: str, unwanted: Any) -> None:
    for child in list(root):
        said = child.get(attribute)
        if said is not None and unwanted(said):
            root.remove(child)


def _packed(parts: Mapping[str, bytes]) -> bytes:
    """OpenDocument wants its type first, and not compressed. No entry says when it was written."""
    written = BytesIO()
    with zipfile.ZipFile(written, "w") as packing:
        for name in sorted(parts, key=lambda each: (each != "mimetype", each != TYPES, each)):
            entry = zipfile.ZipInfo(name, BEGINNING)
            entry.compress_type = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            packing.writestr(entry, parts[name])
    return written.getvalue()
