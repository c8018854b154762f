"""Files as offices attach them: PDF set by typst, office files with the parts that Word and LibreOffice write."""

import io
import zipfile
from collections.abc import Mapping
from xml.sax.saxutils import escape

import typst
import xlsxwriter

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:v="urn:schemas-microsoft-com:vml"'
_TYPES = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
_OFFICE = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:meta="urn:oasis:names:tc:opendocument:xmlns:meta:1.0"'
)


def pdf_saying(*pages: str) -> bytes:
    """Each page one text; a table's cells are parted by "|"."""
    told = []
    for page in pages:
        lines = [f"#{line!r}".replace("'", '"') for line in page.split("\n") if "|" not in line]
        rows = [line.split("|") for line in page.split("\n") if "|" in line]
        cells = ", ".join(f"[#{cell.strip()!r}]".replace("'", '"') for row in rows for cell in row)
        table = f"#table(columns: {len(rows[0])}, stroke: none, {cells})\n" if rows else ""
        told.append(table + " \\\n".join(lines))
    return typst.compile("\n#pagebreak()\n".join(told).encode(), format="pdf")


def docx_saying(
    body: str, *, header: str = "", watermark: str = "", properties: Mapping[str, str] | None = None
) -> bytes:
    """``body``: a paragraph a line, written by Word in runs that end within words; "|" parts a table's cells."""
    told = "".join(map(_block, body.split("\n")))
    parts = {
        "[Content_Types].xml": _TYPES,
        "word/document.xml": f"<w:document {_W}><w:body>{told}</w:body></w:document>",
    }
    if header or watermark:
        drawn = f'<w:r><w:pict><v:shape><v:textpath string="{escape(watermark)}"/></v:shape></w:pict></w:r>'
        inner = f"<w:p>{drawn if watermark else ''}{_run(header)}</w:p>"
        parts["word/header1.xml"] = f"<w:hdr {_W}>{inner}</w:hdr>"
    if properties:
        rows = (f'<property name="{name}"><lpwstr>{value}</lpwstr></property>' for name, value in properties.items())
        parts["docProps/custom.xml"] = f"<Properties>{''.join(rows)}</Properties>"
    return _zip(parts)


def odt_saying(body: str, *, header: str = "", properties: Mapping[str, str] | None = None) -> bytes:
    told = f"<office:text>{''.join(map(_paragraph, body.split(chr(10))))}</office:text>"
    parts = {
        "mimetype": "application/vnd.oasis.opendocument.text",
        "content.xml": f"<office:document-content {_OFFICE}><office:body>{told}</office:body>"
        "</office:document-content>",
        "styles.xml": f"<office:document-styles {_OFFICE}><office:master-styles><style:master-page><style:header>"
        f"<text:p>{escape(header)}</text:p></style:header></style:master-page></office:master-styles>"
        "</office:document-styles>",
    }
    if properties:
        rows = (
            f'<meta:user-defined meta:name="{name}">{value}</meta:user-defined>' for name, value in properties.items()
        )
        parts["meta.xml"] = (
            f"<office:document-meta {_OFFICE}><office:meta>{''.join(rows)}</office:meta></office:document-meta>"
        )
    return _zip(parts)


def xlsx_saying(*rows: tuple[str, ...], header: str = "") -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        sheet.set_header(header)
        for at, row in enumerate(rows):
            sheet.write_row(at, 0, row)
    return out.getvalue()


def _block(line: str) -> str:
    if "|" not in line:
        return f"<w:p>{_run(line)}</w:p>"
    cells = (f"<w:tc><w:p>{_run(cell.strip())}</w:p></w:tc>" for cell in line.split("|"))
    return f"<w:tbl><w:tr>{''.join(cells)}</w:tr></w:tbl>"


def _run(text: str) -> str:
    half = len(text) // 2
    runs = (f'<w:r><w:t xml:space="preserve">{escape(each)}</w:t></w:r>' for each in (text[:half], text[half:]) if each)
    return "".join(runs).replace("\t", "</w:t><w:tab/><w:t>")


def _paragraph(line: str) -> str:
    if "|" not in line:
        return f"<text:p>{escape(line)}</text:p>"
    cells = (
        f"<table:table-cell><text:p>{escape(cell.strip())}</text:p></table:table-cell>" for cell in line.split("|")
    )
    return f"<table:table><table:table-row>{''.join(cells)}</table:table-row></table:table>"


def _zip(parts: Mapping[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return out.getvalue()
