"""Messages that were never meant well, made in code. Each maker names what the office should see of it."""

import base64
import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import NamedTuple

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-" + b"TEST-FILE!$H+H*"


class Hostile(NamedTuple):
    """`quarantine` and `warnings` (at least these) as the parser should tell them."""

    raw: bytes
    quarantine: str | None = None
    warnings: frozenset[str] = frozenset()


def letter(*extra: bytes, body: bytes = b"Isi surat.\r\n", without: tuple[bytes, ...] = ()) -> bytes:
    """An ordinary letter with more header lines, and without some of the usual ones (by name)."""
    usual = [
        b"From: Sekretariat <sekretariat@contoh.go.id>",
        b"To: Kominfo <kominfo@contoh.go.id>",
        b"Subject: Undangan rapat",
        b"Message-ID: <surat-1@contoh.go.id>",
        b"Date: Fri, 13 Mar 2026 09:00:00 +0700",
    ]
    kept = [line for line in usual if line.split(b":")[0].lower() not in without]
    return b"\r\n".join([*kept, *extra]) + b"\r\n\r\n" + body


def with_subject(subject: str) -> bytes:
    return letter(b"Subject: " + subject.encode(), without=(b"subject",))


def with_from(sender: str) -> bytes:
    return letter(b"From: " + sender.encode(), without=(b"from",))


def with_attachment(
    content: bytes, name: str = "lampiran.zip", media_type: bytes = b"application/octet-stream"
) -> bytes:
    encoded = base64.encodebytes(content).replace(b"\n", b"\r\n")
    body = (
        b"--batas\r\nContent-Type: text/plain\r\n\r\nTerlampir.\r\n--batas\r\nContent-Type: " + media_type + b"\r\n"
        b'Content-Disposition: attachment; filename="' + name.encode() + b'"\r\n'
        b"Content-Transfer-Encoding: base64\r\n\r\n" + encoded + b"\r\n--batas--\r\n"
    )
    return letter(b'Content-Type: multipart/mixed; boundary="batas"', body=body)


def with_html(html: str) -> bytes:
    return letter(b"Content-Type: text/html; charset=utf-8", body=html.encode())


def nested(depth: int) -> bytes:
    opened = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (level, level) for level in range(depth)
    )
    return letter().split(b"\r\n\r\n")[0] + b"\r\n" + opened + b"\r\nisi\r\n"


def nested_messages(depth: int) -> bytes:
    inner = letter()
    head = letter(b"Content-Type: message/rfc822", body=b"")
    return head * depth + inner


def many_parts(count: int) -> bytes:
    body = b"--b\r\n\r\nx\r\n" * count + b"--b--\r\n"
    return letter(b"Content-Type: multipart/mixed; boundary=b", body=body)


def recipients(count: int) -> bytes:
    listed = b",\r\n ".join(b'"Kepala, Dinas %d" <dinas%d@contoh.go.id>' % (n, n) for n in range(count))
    return letter(b"To: " + listed, without=(b"to",))


def zip_of(entries: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return packed.getvalue()


def nested_zip(depth: int) -> bytes:
    content = b"isi"
    for level in range(depth):
        content = zip_of({f"{level}.zip" if level else "isi.txt": content})
    return content


def encrypted_zip() -> bytes:
    plain = bytearray(zip_of({"isi.txt": b"isi" * 100}))
    at = plain.find(b"PK\x01\x02")
    plain[at + 8] |= 1
    plain[6] |= 1
    return bytes(plain)


def zip_of_many_entries(count: int) -> bytes:
    """A central directory of equal empty entries, 47 bytes each; a million would not fit into 50 MB of mail."""
    entry = struct.pack("<4s4B4HL2L5H2L", b"PK\x01\x02", 20, 3, 20, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"x"
    directory = entry * count
    return directory + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, len(directory), 0, 0)


def lying_zip() -> bytes:
    """Says that it unpacks to ten bytes and unpacks to 200 MB."""
    honest = bytearray(zip_of({"isi.zip": bytes(200_000_000)}))
    at = honest.find(b"PK\x01\x02")
    struct.pack_into("<I", honest, at + 24, 10)
    return bytes(honest)


def gzip_bomb() -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(packer.compress(bytes(1_000_000)) for _ in range(100)) + packer.flush()


def _warned(raw: bytes, *warnings: str) -> Hostile:
    return Hostile(raw, None, frozenset(warnings))


HOSTILE: dict[str, Callable[[], Hostile]] = {
    "empty Message-ID": lambda: _warned(letter(b"Message-ID: <>", without=(b"message-id",)), "message-id-missing"),
    "no Message-ID": lambda: _warned(letter(without=(b"message-id",)), "message-id-missing"),
    "two Message-IDs": lambda: _warned(letter(b"Message-ID: <surat-2@contoh.go.id>"), "message-id-repeated"),
    "two From": lambda: _warned(letter(b"From: Lain <lain@contoh.go.id>"), "several-from"),
    "no From": lambda: _warned(letter(without=(b"from",)), "sender-missing"),
    "name with another address": lambda: _warned(
        with_from('"walikota@contoh.go.id" <penipu@lain.example>'), "display-name-spoof"
    ),
    "name with another address, full-width": lambda: _warned(
        with_from('"walikota＠contoh.go.id" <penipu@lain.example>'), "display-name-spoof"
    ),
    "an office's name at a free mailer": lambda: _warned(
        with_from('"Sekretariat Daerah Kota" <contoh.uji@gmail.com>'), "office-from-freemail"
    ),
    "Cyrillic a in the domain": lambda: _warned(with_from("Bank <info@bаnk.example>"), "homograph-domain"),
    "Cyrillic in punycode": lambda: _warned(with_from("A <info@xn--80ak6aa92e.com>"), "homograph-domain"),
    "right-to-left override in the subject": lambda: _warned(with_subject("Surat \u202efdp.exe"), "bidi-override"),
    "right-to-left override in a file name": lambda: _warned(
        with_attachment(b"isi", "surat\u202efdp.exe"), "bidi-override", "executable-attachment"
    ),
    "formula in the subject": lambda: _warned(with_subject('=HYPERLINK("http://lain.example")'), "formula-subject"),
    "year 20266": lambda: _warned(
        letter(b"Date: Fri, 13 Mar 20266 09:00:00 +0700", without=(b"date",)), "date-impossible"
    ),
    "year 9999 at the end of time": lambda: _warned(
        letter(b"Date: Fri, 31 Dec 9999 23:59:59 -2359", without=(b"date",)), "date-impossible"
    ),
    "no date": lambda: _warned(letter(without=(b"date",)), "date-missing"),
    "a zone of a million hours": lambda: _warned(
        letter(b"Date: Fri, 13 Mar 2026 09:00:00 +99999999999", without=(b"date",)), "date-impossible"
    ),
    "nesting of 5,000": lambda: Hostile(nested(5_000), "too-deep"),
    "messages in messages, 5,000": lambda: Hostile(nested_messages(5_000), "too-deep"),
    "20,000 parts": lambda: Hostile(many_parts(20_000), "too-many-parts"),
    "20,000 recipients": lambda: _warned(recipients(20_000), "recipients-truncated"),
    "unknown charset": lambda: _warned(
        letter(b"Content-Type: text/plain; charset=x-klingon", body="Rapat di Bali é".encode()), "unknown-charset"
    ),
    "a transformation for a charset": lambda: _warned(
        letter(b"Content-Type: text/plain; charset=zlib_codec", body=b"Isi"), "unknown-charset"
    ),
    "a path for a charset": lambda: _warned(
        letter(b"Content-Type: text/plain; charset=../../x", body=b"Isi"), "unknown-charset"
    ),
    "broken base64": lambda: _warned(
        letter(b"Content-Transfer-Encoding: base64", body=b"SXNpIHN1cmF0$$%%Lg=\r\n=!"), "undecodable-part"
    ),
    "broken encoded word": lambda: _warned(with_subject("=?utf-8?B?SXNpI?= dan =?utf-8?Q?=ZZ?="), "undecodable-part"),
    "multipart without a boundary": lambda: _warned(letter(b"Content-Type: multipart/mixed"), "boundary-missing"),
    "zip bomb": lambda: Hostile(with_attachment(zip_of({"nol.bin": bytes(200_000_000)})), "archive-bomb"),
    "zip that lies": lambda: Hostile(with_attachment(lying_zip()), "archive-bomb"),
    "gzip bomb": lambda: Hostile(with_attachment(gzip_bomb(), "isi.gz"), "archive-bomb"),
    "zip within zip within zip": lambda: Hostile(with_attachment(nested_zip(12)), "archive-bomb"),
    "zip with 700,000 entries": lambda: Hostile(with_attachment(zip_of_many_entries(700_000)), "archive-bomb"),
    "encrypted zip": lambda: _warned(with_attachment(encrypted_zip()), "encrypted-archive"),
    "torn zip": lambda: _warned(with_attachment(zip_of({"a.txt": b"isi" * 99})[20:])),
    "7z": lambda: _warned(with_attachment(b"7z\xbc\xaf\x27\x1c" + bytes(50), "a.7z"), "archive-unread"),
    "EICAR": lambda: Hostile(with_attachment(EICAR, "surat.txt"), "malware"),
    "EICAR in a zip": lambda: Hostile(with_attachment(zip_of({"a.txt": EICAR})), "malware"),
    "EICAR in a zip in a zip": lambda: Hostile(with_attachment(zip_of({"a.zip": zip_of({"b.com": EICAR})})), "malware"),
    "EICAR in the text": lambda: Hostile(letter(body=EICAR), "malware"),
    "program in a zip": lambda: _warned(with_attachment(zip_of({"surat.pdf.exe": b"MZ"})), "executable-attachment"),
    "macros": lambda: _warned(with_attachment(zip_of({"word/vbaProject.bin": b"x"}), "a.docm"), "active-content"),
    "PDF with JavaScript": lambda: _warned(
        with_attachment(b"%PDF-1.7\n1 0 obj<</S/JavaScript/JS(app.alert)>>", "a.pdf"), "active-content"
    ),
    "name with a path": lambda: _warned(with_attachment(b"isi", "../../x"), "name-unsafe"),
    "name with a drive": lambda: _warned(with_attachment(b"isi", "C:\\\\x\\\\y.txt"), "name-unsafe"),
    "name with NUL": lambda: _warned(with_attachment(b"isi", "a\0b.txt"), "name-unsafe"),
    "name of 400 characters": lambda: _warned(with_attachment(b"isi", "n" * 396 + ".pdf"), "name-unsafe"),
    "name of dots": lambda: _warned(with_attachment(b"isi", ".."), "name-unsafe"),
    "HTML with script, form and remote image": lambda: _warned(
        with_html(
            "<html><head><title>x</title><style>p{}</style></head><body onload='x()'><script>jahat()</script><form>"
            "<p>Isi <b>surat</b> &amp; lampiran<br>baris</p><img src='http://lain.example/a.gif'><!-- x --></form>"
        ),
        "html-only",
        "active-content",
        "remote-content",
    ),
    "HTML of unclosed angles": lambda: _warned(with_html("isi" + "<" * 1_000_000), "html-only"),
    "HTML of unclosed comments": lambda: _warned(with_html("isi" + "<!--" * 300_000), "html-only"),
    "HTML of unclosed scripts": lambda: _warned(with_html("isi" + "<script>" * 300_000), "html-only"),
    "forged Authentication-Results": lambda: _warned(
        b"Received: from a by b; Fri, 13 Mar 2026 09:00:00 +0700\r\n"
        + letter(b"Authentication-Results: mx.contoh.go.id; dmarc=pass"),
        "authentication-forged",
    ),
    "smuggled message": lambda: _warned(letter(body=b"isi\n.\r\nMAIL FROM:<a@lain.example>\r\n"), "smuggled"),
    "NUL and controls in the text": lambda: _warned(letter(body=b"Isi\0 surat\x07\x1b[31m")),
    "lone surrogate in an encoded word": lambda: _warned(with_subject("=?utf-8?B?7aCA?= surat")),
    "line of 10 MB in the text": lambda: _warned(letter(body=b"x" * 10_000_000)),
    "line of 10 MB in the headers": lambda: _warned(letter(b"X-Panjang: " + b"x" * 10_000_000), "headers-truncated"),
    "subject of 2 MB": lambda: Hostile(letter(b"Subject: " + b"=?utf-8?Q?a?= " * 150_000, without=(b"subject",))),
    "100,000 headers": lambda: _warned(letter(*[b"X-Banyak: 1"] * 100_000), "headers-truncated"),
    "0 bytes": lambda: Hostile(b"", "empty"),
    "blank lines": lambda: Hostile(b"\r\n" * 100, "empty"),
    "no headers at all": lambda: Hostile(b"bukan surat\n\nsama sekali", "unparsable"),
    "noise": lambda: Hostile(bytes(range(256)) * 400, "unparsable"),
    "more than is read": lambda: Hostile(letter(body=b"x" * 51_000_000), "oversize"),
    "RAHASIA in the subject": lambda: Hostile(with_subject("Re: Surat RAHASIA tentang X"), "classified"),
    "letterspaced marking": lambda: Hostile(with_subject("R A H A S I A"), "classified"),
    "marking with invisible characters": lambda: Hostile(with_subject("Ra\u200bha\u200bsia"), "classified"),
    "marking in a header": lambda: Hostile(letter(b"Sensitivity: Company-Confidential"), "classified"),
    "TERBATAS as a marking": lambda: Hostile(with_subject("[TERBATAS] Laporan"), "classified"),
    "terbatas as a word": lambda: Hostile(with_subject("Undangan rapat terbatas")),
    "marking in the letter's head": lambda: Hostile(
        letter(body=b"Nomor: 1\r\nSifat : Sangat Rahasia\r\n\r\nIsi"), "classified"
    ),
    "Sifat: biasa": lambda: Hostile(letter(body=b"Nomor: 1\r\nSifat : Biasa\r\n\r\nIsi")),
    "marking in a file name": lambda: Hostile(with_attachment(b"isi", "nota_rahasia.pdf"), "classified"),
    "classified and infected": lambda: Hostile(
        with_attachment(EICAR, "rahasia.txt"), "classified"
    ),
}  # fmt: skip
