"""Uploads are cleaned in the sandbox: what is seen stays, what betrays is gone, what would harm is not taken."""

from __future__ import annotations

import asyncio
import os
import tracemalloc
import zipfile
import zlib
from collections.abc import AsyncIterator, Mapping
from io import BytesIO
from pathlib import Path
from struct import pack
from tempfile import TemporaryFile

import pikepdf
import pytest
import pytest_asyncio
from PIL import Image, ImageCms, PngImagePlugin

from services.kit.sandbox import SandboxFailure
from services.kit.uploads import KINDS, UploadCleaner, UploadRefused, cleaner, upload_sandbox
from services.kit.uploads.faults import Unreadable
from services.kit.uploads.images import without_segments

SECRET = "Budi Santoso"
CANARIES = (SECRET.encode(), SECRET.encode("utf-16-be"), SECRET.encode("utf-16-le"), b"Budi", b"SN-4711", b"2026:03:01")
RED, BLUE = (200, 20, 20), (20, 20, 200)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def cleaning() -> AsyncIterator[UploadCleaner]:
    sandbox = upload_sandbox()
    yield UploadCleaner(sandbox)
    await sandbox.close()


pytestmark = pytest.mark.asyncio(loop_scope="module")


async def cleaned(cleaning: UploadCleaner, data: bytes) -> tuple[str, bytes]:
    with TemporaryFile() as sink:
        media_type = await cleaning.clean(BytesIO(data), sink)
        return media_type, sink.read()


async def refused(cleaning: UploadCleaner, data: bytes) -> str:
    with TemporaryFile() as sink, pytest.raises(UploadRefused) as no:
        await cleaning.clean(BytesIO(data), sink)
    return no.value.reason


def silent(data: bytes) -> bool:
    """None of the canaries is in it, nor in what it unpacks to."""
    return not any(canary in each for canary in CANARIES for each in (data, *_inside(data)))


def _inside(data: bytes) -> list[bytes]:
    if data.startswith(b"PK"):
        with zipfile.ZipFile(BytesIO(data)) as packed:
            return [packed.read(name) for name in packed.namelist()]
    if data.startswith(b"%PDF"):
        with pikepdf.open(BytesIO(data)) as pdf:
            streams = [each for each in pdf.objects if isinstance(each, pikepdf.Stream)]
            return [*(each.read_raw_bytes() for each in streams), *(repr(each).encode() for each in pdf.objects)]
    return []


# ---- photos


def photo(form: str = "JPEG", mode: str = "RGB", size: tuple[int, int] = (400, 200), **how: object) -> bytes:
    """Red on the left, blue on the right; from a camera that knows where it is and whose."""
    image = Image.new("RGB", size, RED)
    image.paste(BLUE, (size[0] // 2, 0, *size))
    exif = Image.Exif()
    exif[0x013B], exif[0x010E], exif[0x0132] = SECRET, SECRET, "2026:03:01 10:00:00"
    exif.get_ifd(0x8825).update({1: "S", 2: (6.0, 53.0, 20.0)})
    exif.get_ifd(0x8769)[0xA431] = "SN-4711"
    exif[0x0112] = int(str(how.pop("turned", 1)))
    written = BytesIO()
    image.convert(mode).save(written, form, exif=exif, **how)
    return written.getvalue()


def near(one: object, other: tuple[int, ...]) -> bool:
    assert isinstance(one, tuple)
    return all(abs(a - b) < 30 for a, b in zip(one, other, strict=False))


@pytest.mark.parametrize(("form", "media_type"), [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp")])
async def test_a_photo_keeps_what_is_seen_and_loses_who_when_and_where(
    cleaning: UploadCleaner, form: str, media_type: str
) -> None:
    original = photo(form)
    assert not silent(original), "else this test sees nothing"
    found, clean = await cleaned(cleaning, original)
    assert found == media_type
    assert silent(clean)
    image = Image.open(BytesIO(clean))
    assert (image.size, image.format) == ((400, 200), form)
    assert not image.getexif()
    assert near(image.convert("RGB").getpixel((50, 100)), RED)
    assert near(image.convert("RGB").getpixel((350, 100)), BLUE)


async def test_a_photo_that_was_held_upright_stays_upright(cleaning: UploadCleaner) -> None:
    """Turned by a word of the EXIF, which is gone: so the pixels are turned."""
    _, clean = await cleaned(cleaning, photo(turned=6))
    image = Image.open(BytesIO(clean))
    assert image.size == (200, 400)
    assert near(image.getpixel((100, 50)), RED)


async def test_texts_comments_profiles_and_what_stands_behind_the_end_are_gone(cleaning: UploadCleaner) -> None:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Author", SECRET)
    notes.add_itxt("Comment", SECRET, zip=True)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    pictures = [
        photo("PNG", pnginfo=notes),
        photo(comment=SECRET.encode()),
        photo(icc_profile=profile),
        photo() + b"PK\x03\x04" + SECRET.encode(),
    ]
    for picture in pictures:
        _, clean = await cleaned(cleaning, picture)
        assert silent(clean)
        assert "icc_profile" not in Image.open(BytesIO(clean)).info


@pytest.mark.parametrize(
    ("form", "mode", "expected"),
    [
        ("JPEG", "L", "L"), ("JPEG", "CMYK", "RGB"), ("PNG", "P", "RGBA"), ("PNG", "RGBA", "RGBA"), ("PNG", "1", "L"),
        ("PNG", "LA", "RGBA"), ("PNG", "I;16", "RGB"), ("WEBP", "RGBA", "RGBA"),
    ],
)  # fmt: skip
async def test_every_way_of_writing_colours_is_read(
    cleaning: UploadCleaner, form: str, mode: str, expected: str
) -> None:
    made = Image.new("RGBA" if mode != "I;16" else mode, (40, 20), (200, 20, 20, 128) if mode != "I;16" else 40_000)
    written = BytesIO()
    (made if mode == "I;16" else made.convert(mode)).save(written, form)
    _, clean = await cleaned(cleaning, written.getvalue())
    assert Image.open(BytesIO(clean)).mode == expected


def a_png(width: int, height: int) -> bytes:
    """A bomb: it says that it is so large, and is a few kilobytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return pack(">I", len(data)) + kind + data + pack(">I", zlib.crc32(kind + data))

    head = pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\x00" * 3_000_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


async def test_a_picture_of_thirty_thousand_pixels_is_too_large_before_it_is_unpacked(cleaning: UploadCleaner) -> None:
    assert await refused(cleaning, a_png(30_000, 30_000)) == "too-large"
    assert await refused(cleaning, a_png(1, 60_000)) == "too-large"


async def test_the_largest_photo_that_is_taken_fits_into_the_sandbox(cleaning: UploadCleaner) -> None:
    written = BytesIO()
    Image.new("RGB", (8_660, 5_773), RED).save(written, "JPEG")
    media_type, _ = await cleaned(cleaning, written.getvalue())
    assert media_type == "image/jpeg"


# ---- PDFs


def pdf(*, password: str = "") -> bytes:
    """With everything that a PDF can tell of its author, or do by itself."""
    made = pikepdf.new()
    page = made.add_blank_page(page_size=(200, 200))
    picture, packed = (
        made.make_stream(
            b"", Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=400, Height=200, BitsPerComponent=8,
            ColorSpace=pikepdf.Name.DeviceRGB,
        )
        for _ in range(2)
    )  # fmt: skip
    picture.write(photo(), filter=pikepdf.Name.DCTDecode)
    packed.write(zlib.compress(photo()), filter=pikepdf.Array([pikepdf.Name.FlateDecode, pikepdf.Name.DCTDecode]))
    page.obj["/Resources"] = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=picture, Im1=packed))
    page.obj["/Contents"] = made.make_stream(b"q 200 0 0 100 0 0 cm /Im0 Do Q")
    page.obj["/PieceInfo"] = pikepdf.Dictionary(Word=pikepdf.Dictionary(Private=pikepdf.String(SECRET)))
    page.obj["/Annots"] = pikepdf.Array([
        pikepdf.Dictionary(
            Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Text, Rect=[0, 0, 9, 9], T=pikepdf.String(SECRET),
            Contents=pikepdf.String("lihat foto"), M=pikepdf.String("D:2026"),
        ),
        pikepdf.Dictionary(
            Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[0, 0, 9, 9],
            A=pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String(f"app.alert('{SECRET}')")),
        ),
        pikepdf.Dictionary(
            Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.FileAttachment, Rect=[0, 0, 9, 9],
            FS=pikepdf.Dictionary(F=pikepdf.String(SECRET)),
        ),
    ])  # fmt: skip
    made.Root["/OpenAction"] = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String(SECRET))
    made.attachments["x"] = pikepdf.AttachedFileSpec(made, SECRET.encode(), filename="x.txt")
    with made.open_metadata() as told:
        told["dc:creator"] = [SECRET]
    made.docinfo["/Author"] = SECRET
    written = BytesIO()
    locked = pikepdf.Encryption(user=password, owner=password) if password else False
    made.save(written, encryption=locked)
    return written.getvalue()


async def test_a_pdf_keeps_its_pages_and_loses_author_scripts_files_and_the_cameras_words(
    cleaning: UploadCleaner,
) -> None:
    original = pdf()
    assert not silent(original)
    media_type, clean = await cleaned(cleaning, original)
    assert media_type == "application/pdf"
    assert silent(clean)
    assert b"JavaScript" not in clean
    with pikepdf.open(BytesIO(clean)) as found:
        assert len(found.pages) == 1
        assert "/Info" not in found.trailer
        assert {"/Metadata", "/OpenAction"} & set(found.Root.keys()) == set()
        assert len(found.attachments) == 0
        notes = [str(note.Subtype) for note in found.pages[0].Annots]
        assert notes == ["/Text", "/Link"]
        assert str(found.pages[0].Annots[0].Contents) == "lihat foto"
        for name in ("/Im0", "/Im1"):
            image = pikepdf.PdfImage(found.pages[0].Resources.XObject[name]).as_pil_image()
            assert image.size == (400, 200)
            assert near(image.convert("RGB").getpixel((50, 100)), RED)


async def test_a_camera_file_within_a_pdf_keeps_every_pixel_and_nothing_behind_its_end() -> None:
    for how in ({}, {"progressive": True}, {"restart_marker_rows": 1}, {"mode": "CMYK"}, {"mode": "L"}):
        original = photo(comment=SECRET.encode(), **how)  # type: ignore[arg-type]  # a table of mixed words
        stripped = without_segments(original + SECRET.encode() + b"\xff\xd9")
        assert silent(stripped)
        assert stripped.endswith(b"\xff\xd9")
        assert Image.open(BytesIO(stripped)).tobytes() == Image.open(BytesIO(original)).tobytes()
    for broken in (b"", b"GIF89a", photo()[:100]):
        with pytest.raises(Unreadable):
            without_segments(broken)


async def test_what_a_pdf_said_in_an_earlier_state_is_gone(cleaning: UploadCleaner) -> None:
    made = pikepdf.new()
    made.add_blank_page()
    written = BytesIO()
    made.save(written)
    later = written.getvalue() + f"\n9 0 obj\n({SECRET})\nendobj\n%%EOF\n".encode()
    _, clean = await cleaned(cleaning, later)
    assert silent(clean)


async def test_a_pdf_with_a_password_is_locked_and_one_that_only_forbids_is_opened(cleaning: UploadCleaner) -> None:
    assert await refused(cleaning, pdf(password="rahasia")) == "locked"
    made = pikepdf.open(BytesIO(pdf()))
    written = BytesIO()
    made.save(written, encryption=pikepdf.Encryption(user="", owner="x"))
    _, clean = await cleaned(cleaning, written.getvalue())
    assert silent(clean)


# ---- office files


W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
REL = "http://schemas.openxmlformats.org/package/2006/relationships"
DOCX = {
    "[Content_Types].xml": (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.'
        'wordprocessingml.document.main+xml"/><Override PartName="/docProps/core.xml" ContentType="x"/></Types>'
    ),
    "_rels/.rels": (
        f'<Relationships xmlns="{REL}"><Relationship Id="1" Type="{R}/officeDocument" Target="word/document.xml"/>'
        f'<Relationship Id="2" Type="x/core-properties" Target="docProps/core.xml"/></Relationships>'
    ),
    "word/_rels/document.xml.rels": (
        f'<Relationships xmlns="{REL}"><Relationship Id="1" Type="{R}/image" Target="media/image1.jpeg"/>'
        f'<Relationship Id="2" Type="{R}/hyperlink" TargetMode="External" Target="https://example.test"/>'
        f'<Relationship Id="3" Type="{R}/attachedTemplate" TargetMode="External" Target="file:///C:/Budi/x.dotm"/>'
        f'<Relationship Id="4" Type="{R}/customXml" Target="../customXml/item1.xml"/></Relationships>'
    ),
    "word/document.xml": (
        f'<w:document xmlns:w="{W}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
        'xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml" mc:Ignorable="w14"><w:body>'
        '<w:p w:rsidR="00AB12CD" w14:paraId="1"><w:r><w:t>Jalan rusak di depan pasar</w:t></w:r>'
        f'<w:ins w:id="1" w:author="{SECRET}" w:date="2026-03-01T10:00:00Z"><w:r><w:t>parah</w:t></w:r></w:ins>'
        "</w:p></w:body></w:document>"
    ),
    "word/comments.xml": (
        f'<w:comments xmlns:w="{W}"><w:comment w:id="1" w:author="{SECRET}" w:initials="Budi">'
        "<w:p/></w:comment></w:comments>"
    ),
    "word/settings.xml": (
        f'<w:settings xmlns:w="{W}" xmlns:r="{R}"><w:attachedTemplate r:id="3"/>'
        '<w:rsids><w:rsid w:val="00AB12CD"/></w:rsids></w:settings>'
    ),
    "docProps/core.xml": f"<a><creator>{SECRET}</creator></a>",
    "docProps/thumbnail.jpeg": "Budi",
    "customXml/item1.xml": f"<a>{SECRET}</a>",
}
ODT = {
    "mimetype": "application/vnd.oasis.opendocument.text",
    "content.xml": (
        '<o:c xmlns:o="urn:o" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:t="urn:text"><o:p>Jalan rusak</o:p>'
        f"<o:annotation><dc:creator>{SECRET}</dc:creator><dc:date>2026-03-01T10:00:00</dc:date></o:annotation>"
        "<t:date>1 Maret 2026</t:date></o:c>"
    ),
    "meta.xml": f"<m>{SECRET}</m>",
    "settings.xml": "<s>Printer Budi</s>",
    "Thumbnails/thumbnail.png": "Budi",
    "META-INF/manifest.xml": (
        '<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><m:file-entry m:full-path="/"/>'
        '<m:file-entry m:full-path="content.xml"/><m:file-entry m:full-path="meta.xml"/>'
        '<m:file-entry m:full-path="Thumbnails/"/></m:manifest>'
    ),
}


def office(parts: Mapping[str, str | bytes], more: Mapping[str, str | bytes] | None = None) -> bytes:
    written = BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.comment = SECRET.encode()
        for name, part in {**parts, **(more or {})}.items():
            packed.writestr(name, part)
    return written.getvalue()


async def test_a_word_file_keeps_its_words_and_loses_its_authors(cleaning: UploadCleaner) -> None:
    media_type, clean = await cleaned(cleaning, office(DOCX, {"word/media/image1.jpeg": photo()}))
    assert media_type.endswith("wordprocessingml.document")
    assert silent(clean)
    with zipfile.ZipFile(BytesIO(clean)) as packed:
        assert packed.comment == b""
        assert {entry.date_time[0] for entry in packed.infolist()} == {1980}
        names, document = packed.namelist(), packed.read("word/document.xml").decode()
        relations = packed.read("word/_rels/document.xml.rels").decode()
        assert Image.open(BytesIO(packed.read("word/media/image1.jpeg"))).size == (400, 200)
        types = packed.read("[Content_Types].xml")
    assert names[0] == "[Content_Types].xml"
    assert not any(name.startswith(("docProps", "customXml")) for name in names)
    assert "Jalan rusak di depan pasar" in document
    assert "parah" in document
    assert 'mc:Ignorable="w14"' in document
    assert "xmlns:w14=" in document, "its prefixes are meant by name"
    assert "rsid" not in document
    assert "https://example.test" in relations
    assert "attachedTemplate" not in relations
    assert "docProps" not in types.decode()


async def test_an_opendocument_file_keeps_its_words_and_loses_its_authors(cleaning: UploadCleaner) -> None:
    media_type, clean = await cleaned(cleaning, office(ODT))
    assert media_type == "application/vnd.oasis.opendocument.text"
    assert silent(clean)
    assert clean[30:38] == b"mimetype"
    with zipfile.ZipFile(BytesIO(clean)) as packed:
        assert packed.namelist() == ["mimetype", "META-INF/manifest.xml", "content.xml"]
        content = packed.read("content.xml").decode()
        assert b"Thumbnails" not in packed.read("META-INF/manifest.xml")
    assert "Jalan rusak" in content
    assert "1 Maret 2026" in content


ENTITY = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'
NESTED = "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
LAUGHS = f'<!DOCTYPE a [<!ENTITY a "ha">{NESTED}]><a>&j;</a>'


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"word/vbaProject.bin": "x"}, "kind"),
        ({"word/embeddings/other.docx": "x"}, "kind"),
        ({"word/media/image1.svg": "<svg/>"}, "kind"),
        ({"word/media/image1.png": "no picture"}, "kind"),
        ({"word/media/image1.png": a_png(30_000, 30_000)}, "too-large"),
        ({"word/evil.exe": "MZ"}, "kind"),
        ({"word/styles.xml": ENTITY}, "unreadable"),
        ({"word/styles.xml": LAUGHS}, "unreadable"),
        ({"word/styles.xml": "<a"}, "unreadable"),
        ({"../../x.xml": "<a/>"}, "unreadable"),
        ({"/etc/x.xml": "<a/>"}, "unreadable"),
        ({"word\\x.xml": "<a/>"}, "unreadable"),
        ({"word/big.xml": b"<a>" + b" " * 160_000_000 + b"</a>"}, "too-large"),
        ({f"word/{n}.xml": "<a/>" for n in range(2_100)}, "too-large"),
        ({"word/deep.xml": "<a>" * 5_000 + "</a>" * 5_000}, "unreadable"),
    ],
    ids=lambda value: value if isinstance(value, str) else next(iter(value))[:20],
)
async def test_what_an_office_file_may_not_carry(
    cleaning: UploadCleaner, more: Mapping[str, str | bytes], reason: str
) -> None:
    assert await refused(cleaning, office(DOCX, more)) == reason


# ---- anything


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"x" * (cleaner.MOST_BYTES + 1), "too-large"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>', "kind"),
        (b"<html><script>alert(1)</script></html>", "kind"),
        (b"GIF89a" + b"\x00" * 100, "kind"),
        (b"MZ\x90\x00", "kind"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 512, "kind"),
        (b"\xff\xd8\xff" + b"\x00" * 50, "unreadable"),
        (b"\x89PNG\r\n\x1a\n" + b"<svg/>", "unreadable"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "unreadable"),
        (b"%PDF-1.7\n" + b"\x00" * 500, "unreadable"),
        (b"PK\x03\x04" + b"\x00" * 200, "unreadable"),
        (office({"readme.xml": "<a/>"}), "kind"),
        (photo()[:2000], "unreadable"),
        (photo("PNG")[:300], "unreadable"),
    ],
    ids=range(15),
)
async def test_what_is_no_photo_pdf_or_office_file_is_not_taken(
    cleaning: UploadCleaner, data: bytes, reason: str
) -> None:
    assert await refused(cleaning, data) == reason


async def test_the_kinds_that_can_come_of_it_are_listed(cleaning: UploadCleaner) -> None:
    for data in (photo(), photo("PNG"), photo("WEBP"), pdf(), office(DOCX), office(ODT)):
        media_type, _ = await cleaned(cleaning, data)
        assert media_type in KINDS


async def test_a_closed_sandbox_is_no_fault_of_the_upload() -> None:
    sandbox = upload_sandbox()
    await sandbox.close()
    with TemporaryFile() as sink, pytest.raises(SandboxFailure, match="refused"):
        await UploadCleaner(sandbox).clean(BytesIO(photo()), sink)


async def test_twenty_people_at_once_and_none_of_their_files_is_whole_in_this_process(
    cleaning: UploadCleaner, tmp_path: Path
) -> None:
    made = pikepdf.new()
    made.add_blank_page().obj["/Contents"] = made.make_stream(os.urandom(20 * 1024 * 1024))
    made.save(tmp_path / "big.pdf")

    async def upload(number: int) -> int:
        with (tmp_path / "big.pdf").open("rb") as source, (tmp_path / f"{number}").open("w+b") as sink:
            assert await cleaning.clean(source, sink) == "application/pdf"
            return sink.seek(0, os.SEEK_END)

    tracemalloc.start()
    sizes = await asyncio.gather(*(upload(number) for number in range(20)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert min(sizes) > 20 * 1024 * 1024
    assert peak < 16 * 1024 * 1024  # 400 MiB went in and out
