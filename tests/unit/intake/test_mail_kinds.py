"""Kinds of odd messages, several of each: what one mailer does wrongly, others do a little otherwise."""

import base64
import binascii
from datetime import UTC, datetime

import pytest

from services.intake.adapters.mail_reading import extract, read
from services.intake.mail import Address, ParsedMessage, ParserOptions
from tests.hostile_mail import EICAR, letter, with_attachment, with_from, with_html, with_subject, zip_of

OPTIONS = ParserOptions()
PDF = b"%PDF-1.4\n% contoh\n"
MIXED = b'Content-Type: multipart/mixed; boundary="b"'


def of(raw: bytes) -> ParsedMessage:
    return read(raw, OPTIONS)


def part(content_type: bytes, body: bytes, *fields: bytes) -> bytes:
    return b"--b\r\n" + b"\r\n".join([b"Content-Type: " + content_type, *fields]) + b"\r\n\r\n" + body + b"\r\n"


def mixed(*parts: bytes, head: bytes = MIXED) -> bytes:
    return letter(head, body=b"".join(parts) + b"--b--\r\n")


def pdf(name: bytes = b"surat.pdf", encoding: bytes = b"base64") -> bytes:
    return part(
        b'application/pdf; name="' + name + b'"',
        base64.encodebytes(PDF).strip(),
        b"Content-Transfer-Encoding: " + encoding,
    )


TEXT = part(b"text/plain; charset=utf-8", b"Mohon hadir.")


@pytest.mark.parametrize(
    "head",
    [
        b'Content-Type: multipart/*; boundary="b"',
        b'Content-Type: multipart; boundary="b"',
        b'Content-Type: multipart/mixed boundary="b"',
        b'Content-Type: multipart/mixed\r\n boundary="b"',
        b"Content-Type: multipart/mixed (campuran); boundary=b",
        b'Content-Type: "multipart/mixed"; boundary="b"',
        b"Content-Type: MULTIPART/MIXED; charset=utf-8 boundary=b",
        b"Content-Type: multipart/mixed;; boundary = b ;",
        b"Content-Type: text/plain\r\nContent-Type: multipart/mixed; boundary=b",
        b"Content-Type: text/plain; boundary=b",
        b"Content-Type: multipart/mixed; boundary*=us-ascii''b",
        b"Content-Type: multipart/mixed; boundary=salah",
        b"Content-Type: multipart/mixed",
    ],
)
def test_no_attachment_hides_behind_an_odd_header(head: bytes) -> None:
    message = of(mixed(TEXT, pdf(), head=head))
    assert ([one.name for one in message.attachments], message.text) == (["surat.pdf"], "Mohon hadir.")
    virus = with_attachment(zip_of({"a.com": EICAR}), "a.zip").replace(b'multipart/mixed; boundary="batas"', head[14:])
    assert of(virus.replace(b"--batas", b"--b")).quarantine == "malware"


@pytest.mark.parametrize(
    "encoding",
    [b"base64 (pdf)", b'"base64"', b"BASE64;", b"base64, 8bit".replace(b",", b" "), b"(x) base64", b"base-64"],
)
def test_an_encoding_is_known_with_whatever_stands_beside_it(encoding: bytes) -> None:
    message = of(mixed(TEXT, pdf(encoding=encoding)))
    assert [one.size for one in message.attachments] == [len(PDF)]
    assert message.warnings == []


def test_an_inner_boundary_that_equals_the_outer_hides_nothing() -> None:
    inner = b'--b\r\nContent-Type: multipart/related; boundary="b"\r\n\r\n' + TEXT + b"--b--\r\n\r\n"
    message = of(mixed(inner, pdf()))
    assert (message.text, [one.name for one in message.attachments]) == ("Mohon hadir.", ["surat.pdf"])


@pytest.mark.parametrize(
    ("said", "hour"),
    [
        ("Fri, 20 Nov 2026 09:15:00 UTC+7", 2),
        ("Fri, 20 Nov 2026 09:15:00 (WIB) +0700", 2),
        ("Fri, 20 Nov 2026 09:15:00 +07.00".replace(".", ":"), 2),
        ("Jumat, 20 November 2026 09.15 WIB", 2),
        ("20 Nop 2026 10:15:00 WITA", 2),
        ("Fri, 20 Nov 2026 11:15 WIT", 2),
        ("Fri, 20 Nov 2026 12:15:00 AM +0000", 0),
        ("Fri, 20 Nov 2026 12:15 p.m. GMT", 12),
        ("2026-11-20T09:15:00+07:00", 2),
        ("2026-11-20 02:15:00Z", 2),
        ("Fri, 20 Nov 2026 03:15:00 CET", 2),
        ("Fri, 20 Nov 2026 02:15:00 -0000", 2),
        ("Fri, 20 Nov 2026 09:15:00 (UTC+07:00)", 2),
        ('Fri, 20 Nov 2026 09:15:00 "WIB"', 2),
        ("Fri Nov 20 09:15:00 WIB 2026", 2),
        ("Fri, 20-Nov-2026 09:15:00.250 +0700", 2),
    ],
)
def test_a_date_means_the_hour_that_its_writer_meant(said: str, hour: int) -> None:
    message = of(letter(b"Date: " + said.encode(), without=(b"date",)))
    assert message.sent_at == datetime(2026, 11, 20, hour, 15, tzinfo=UTC)
    assert message.warnings == []


@pytest.mark.parametrize(
    ("said", "day", "guessed"),
    [
        ("03/11/2026 10:00:00 +0700", 3, True),
        ("3-11-26 10.00 WIB", 3, True),
        ("Sel, 3.11.2026 10:05 WIB", 3, True),
        ("11/25/2026 09:00 +0700", 25, True),
        ("2026/11/03 10:00:00 +0700", 3, False),
    ],
)
def test_a_date_in_numbers_has_its_day_first_and_says_that_it_was_guessed(said: str, day: int, guessed: bool) -> None:  # noqa: FBT001 - a column of the table
    message = read(letter(b"Date: " + said.encode(), without=(b"date",)), ParserOptions())
    assert message.sent_at is not None
    assert (message.sent_at.month, message.sent_at.day) == (11, day)
    assert ("date-guessed" in message.warnings) is guessed


@pytest.mark.parametrize("said", ["13/14/2026 10:00 +0700", "5/0/2026 10:00 +0700", "0/0/0 10:00 +0700"])
def test_numbers_that_are_no_date_are_none(said: str) -> None:
    message = read(letter(b"Date: " + said.encode(), without=(b"date",)), ParserOptions())
    assert (message.sent_at, "date-impossible" in message.warnings) == (None, True)


@pytest.mark.parametrize("said", ["Fri, 20 Nov 2026 02:15:00", "Fri, 20 Nov 2026 02:15:00 XYZ"])
def test_a_zone_that_nobody_knows_is_said(said: str) -> None:
    message = of(letter(b"Date: " + said.encode(), without=(b"date",)))
    assert (message.sent_at, message.warnings) == (datetime(2026, 11, 20, 2, 15, tzinfo=UTC), ["zone-unknown"])


@pytest.mark.parametrize(
    ("said", "people"),
    [
        ("Setda, Bagian Umum <u@a.example>", [("Setda, Bagian Umum", "u@a.example")]),
        ("Wali Kota, u.p. Sekda, Umum <u@a.example>", [("Wali Kota, u.p. Sekda, Umum", "u@a.example")]),
        ("A <a@a.example> B <b@a.example>", [("A", "a@a.example"), ("B", "b@a.example")]),
        ("a@a.example, b@a.example", [("", "a@a.example"), ("", "b@a.example")]),
        ("<a@a.example><b@a.example>", [("", "a@a.example"), ("", "b@a.example")]),
        ("=?utf-8?Q?Umum,_Setda?= <u@a.example>", [("Umum, Setda", "u@a.example")]),
        ("=?utf-8?B?VW11bTsgPGFAYj4=?= <u@a.example>", [("Umum; <a@b>", "u@a.example")]),
        ("Sekretariat: Umum <u@a.example>", [("Sekretariat: Umum", "u@a.example")]),
        ("Umum <u@a.example> (Setda)", [("Umum", "u@a.example")]),
        ("<u@a.example> Umum", [("Umum", "u@a.example")]),
        ('"Umum \\"Setda\\"" <u@a.example>', [('Umum "Setda"', "u@a.example")]),
    ],
)
def test_no_address_is_invented_or_lost(said: str, people: list[tuple[str, str]]) -> None:
    assert of(with_from(said)).sender == [Address(name=name, address=address) for name, address in people]


@pytest.mark.parametrize(
    ("charset", "content", "text"),
    [
        ("iso-8859-1", b"\x93Rapat\x94 \x80 10", "“Rapat” € 10"),
        ("us-ascii", "café".encode(), "café"),
        ("latin1", b"\x85", "…"),
        ("gb2312", "镕".encode("gbk"), "镕"),
        ("ks_c_5601-1987", "똠방각하".encode("cp949"), "똠방각하"),
        ("x-sjis", "①会議".encode("cp932"), "①会議"),
        ("ms932", "髙橋".encode("cp932"), "髙橋"),
        ("iso-2022-jp", b"\x1b$B-!-\x6a\x1b(B", "①㈱"),
        ("iso-2022-jp", b"\x1b(I1\x1b(B", "ｱ"),
        ("big5", "會議".encode("big5"), "會議"),
        ("tis-620", "การ".encode("cp874"), "การ"),
        ("utf8", "é".encode(), "é"),
        ("UTF-16", "é".encode("utf-16"), "é"),
        ("cp850", "é".encode("cp850"), "é"),
        ("koi8-r", "Привет".encode("koi8-r"), "Привет"),
        ("utf-8", b"\x1b$B2q5D\x1b(B", "会議"),
        ("cp50220", b"\x1b$B-!\x1b(B", "①"),
        ("ansi", "é".encode("cp1252"), "é"),
    ],
)
def test_a_character_set_means_what_the_web_means_by_it(charset: str, content: bytes, text: str) -> None:
    message = of(letter(b"Content-Type: text/plain; charset=" + charset.encode(), body=content))
    assert (message.text, message.warnings) == (text, [])


def test_what_is_guessed_of_letters_is_said() -> None:
    assert of(letter(body=b"caf\xe9")).warnings == ["unknown-charset"]
    assert of(letter(b"Content-Type: text/plain; charset=utf-8", body=b"caf\xe9")).warnings == ["undecodable-part"]
    broken = of(letter(b"Content-Type: text/plain; charset=utf-8", body="é – ".encode() + b"\xff"))
    assert (broken.text, broken.warnings) == ("é – \ufffd", ["undecodable-part"])


def test_html_says_its_own_character_set_and_its_mark_goes_first() -> None:
    body = b'<meta charset="windows-1251"><p>' + "Привет".encode("cp1251")
    assert of(letter(b"Content-Type: text/html", body=body)).text == "Привет"
    marked = b"\xef\xbb\xbf<p>\xc3\xa9"
    assert of(letter(b"Content-Type: text/html; charset=iso-8859-1", body=marked)).text == "é"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<head><title>x</title><body><p>Isi", "Isi"),
        ("<head><title>Undangan<body><p>Isi", "Undangan\nIsi"),
        ("<p>Isi<!-- tidak ditutup", "Isi tidak ditutup"),
        ("<head><style>p{}</style><p>Isi</p>", "Isi"),
        ("<p title='a>b'>Isi</p>", "Isi"),
        ("<pre>a  b\nc</pre>d", "a  b\nc\nd"),
        ("<pre>Nomor : 1\r\nHal   : 2</pre>", "Nomor : 1\nHal   : 2"),
        ("<ul><li>satu<li>dua</ul>", "satu\ndua"),
        ("a&nbsp;&nbsp;b &lt;c&gt;", "a b <c>"),
        ("<a href='https://a.example/x'>klik</a> di sini", "klik <https://a.example/x> di sini"),
        ("<a href='https://a.example/'>https://a.example</a>", "https://a.example"),
        ("<a href='mailto:u@a.example'>Umum</a>", "Umum <u@a.example>"),
        ("<a href='#bawah'>turun</a>", "turun"),
        ("<img alt='Peta lokasi' src='cid:1'>", "Peta lokasi"),
        ("<![CDATA[x]]><o:p>Isi</o:p>", "Isi"),
        ("<table><tr><td>Nomor<td>1/2026<tr><td>Hal<td>Rapat</table>", "Nomor 1/2026\nHal Rapat"),
        ("<div>" * 5_000 + "Isi" + "</div>" * 5_000, "Isi"),
    ],
)
def test_html_becomes_its_words(html: str, text: str) -> None:
    assert of(with_html(html)).text == text


@pytest.mark.parametrize(
    ("plain", "html", "shown"),
    [
        ("Mohon hadir rapat Senin.", "<p>Mohon hadir <b>rapat</b> Senin.</p>", "Mohon hadir rapat Senin."),
        ("", "<p>Mohon hadir rapat</p>", "Mohon hadir rapat"),
        (
            "Lihat versi HTML.",
            "<p>" + "Mohon hadir rapat Senin pukul 09.00. " * 3 + "</p>",
            "Mohon hadir rapat Senin pukul 09.00.",
        ),
        ("Mohon hadir rapat", "<img src='cid:1'>", "Mohon hadir rapat"),
    ],
)
def test_of_alternatives_the_fuller_is_shown(plain: str, html: str, shown: str) -> None:
    raw = mixed(
        part(b"text/plain; charset=utf-8", plain.encode()), part(b"text/html; charset=utf-8", html.encode()),
        head=b"Content-Type: multipart/alternative; boundary=b",
    )  # fmt: skip
    assert of(raw).text.startswith(shown)


def test_a_plain_text_without_addresses_is_given_those_of_its_html() -> None:
    raw = mixed(
        part(b"text/plain", b"Rapat daring: klik di sini."),
        part(b"text/html", b"<p>Rapat daring: <a href='https://rapat.example/j/1'>klik di sini</a>.</p>"),
        head=b"Content-Type: multipart/alternative; boundary=b",
    )
    assert of(raw).text == "Rapat daring: klik di sini.\n\nhttps://rapat.example/j/1"


def test_a_message_that_is_nothing_but_a_text_to_be_attached_is_shown_and_can_be_opened() -> None:
    message = of(letter(b"Content-Type: text/plain", b"Content-Disposition: attachment; filename=pesan.txt"))
    assert (message.text, [one.name for one in message.attachments]) == ("Isi surat.", ["pesan.txt"])


def test_what_stands_beside_html_outside_alternatives_is_shown_with_it() -> None:
    message = of(mixed(part(b"text/html", b"<p>Mohon hadir.</p>"), part(b"text/plain", b"____\r\nMilis")))
    assert message.text == "Mohon hadir.\n\n____\nMilis"


def test_a_named_text_after_the_body_is_shown_and_can_be_opened() -> None:
    message = of(mixed(TEXT, part(b'text/plain; name="daftar.txt"', b"satu")))
    assert (message.text, [one.name for one in message.attachments]) == ("Mohon hadir.\n\nsatu", ["daftar.txt"])
    declared = part(b"text/plain", b"satu", b"Content-Disposition: attachment; filename=daftar.txt")
    assert of(mixed(TEXT, declared)).text == "Mohon hadir."


def test_a_letter_in_a_letter_in_a_letter_is_shown_with_its_attachments() -> None:
    inner = letter(MIXED.replace(b"b", b"b", 1), body=TEXT + pdf(b"undangan.pdf") + b"--b--\r\n")
    middle = inner.replace(b'"b"', b'"c"').replace(b"--b", b"--c").replace(b"Undangan rapat", b"Undangan HUT")
    message = of(mixed(TEXT, part(b"message/rfc822", middle)))
    assert "Surat terlampir: Undangan HUT.eml" in message.text
    assert "Perihal: Undangan HUT" in message.text
    assert [(one.name, one.within) for one in message.attachments] == [
        ("Undangan HUT.eml", ""),
        ("undangan.pdf", "Undangan HUT.eml"),
    ]
    outer = of(mixed(TEXT, part(b"message/rfc822", letter(b"Content-Type: message/rfc822", body=middle))))
    assert [one.within for one in outer.attachments] == ["", "Undangan rapat.eml", "Undangan HUT.eml"]


@pytest.mark.parametrize("line", [b"begin 644 surat.txt", b"begin 0644 surat.txt"])
def test_files_in_running_text_are_attachments_and_can_be_taken_out(line: bytes) -> None:
    body = (
        b"Terlampir.\r\n\r\n"
        + line
        + b"\r\n"
        + binascii.b2a_uu(b"Halo dunia\n").strip(b"\n")
        + b"\r\n`\r\nend\r\nSalam\r\n"
    )
    raw = letter(body=body)
    message = of(raw)
    (one,) = message.attachments
    assert (one.name, one.size, message.text) == ("surat.txt", 11, "Terlampir.\n\n\nSalam")
    assert extract(bytes.fromhex(one.sha256) + raw) == b"Halo dunia\n"
    assert of(letter(body=b"We begin 644 things\r\nbegin 10 rapat\r\nend\r\n")).attachments == []


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"TW9ob24=\r\nIGhhZGly", "Mohon hadir"),
        (b"TW9ob24=IGhhZGly", "Mohon hadir"),
        (b"TW9ob24gaGFkaXI=\r\n____\r\nMilis perangkat daerah\r\n", "Mohon hadir"),
        (b"TW9o\r\nb24g\r\naGFkaXI", "Mohon hadir"),
    ],
)
def test_base64_in_pieces_is_put_together(body: bytes, text: str) -> None:
    assert of(letter(b"Content-Transfer-Encoding: base64", body=body)).text == text


def test_an_invitation_says_what_when_and_where() -> None:
    ics = b"\r\n".join(
        [
            *(b"BEGIN:VCALENDAR", b"VERSION:2.0", b"METHOD:CANCEL", b"BEGIN:VEVENT", b"UID:1"),
            *(b"DTSTART;TZID=Asia/Makassar:20261123T090000", b"SUMMARY:Rapat\\, koordinasi", b"LOCATION:Ruang Kresna"),
            *(b"END:VEVENT", b"END:VCALENDAR"),
        ]
    )
    message = of(mixed(TEXT, part(b"text/calendar; method=CANCEL", ics)))
    assert "Pembatalan undangan: Rapat, koordinasi\nWaktu: 23-11-2026, 09.00 WITA\nTempat: Ruang Kresna" in message.text
    assert [one.name for one in message.attachments] == ["lampiran-1.ics"]
    assert of(mixed(TEXT, part(b"text/calendar", b"bukan kalender"))).warnings == ["undecodable-part"]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (b"C:\\dokumen\\surat.pdf", "surat.pdf"),
        (b"\\\\server\\bagi\\surat.pdf", "surat.pdf"),
        (b"../dokumen/surat.pdf", "surat.pdf"),
    ],
)
def test_of_a_path_the_name_is_kept(path: bytes, name: str) -> None:
    message = of(mixed(TEXT, pdf(path)))
    assert ([one.name for one in message.attachments], message.warnings) == ([name], ["name-unsafe"])


@pytest.mark.parametrize("subject", ["=?iso-8859-1?Q?Pan\xf6rama?=", "=?iso-8859-1?q?_Pan\xf6rama_?="])
def test_a_raw_byte_in_an_encoded_word_means_what_its_charset_says(subject: str) -> None:
    raw = letter(b"Subject: " + subject.encode("latin-1"), without=(b"subject",))
    assert of(raw).subject == "Panörama"


MARKED = [
    "Sifat : Segera/Rahasia", "Sifat: Rahasia (R)", "Sifat Surat : Sangat Rahasia / SR", "SIFAT\t: RAHASIA",
    "Sifat : R", "Klasifikasi Keamanan: Terbatas", "Tingkat Keamanan : RHS", "Nomor : 1   Sifat : Rahasia",
    "Sifat\nRahasia", "Sifat\n:\nRahasia", "Sifat :\nTerbatas", "Sifat Rahasia", "Sifat  Sangat Segera / Rahasia",
    "*** RAHASIA ***", "RAHASIA (R)", "- SANGAT RAHASIA -", "Derajat : Rahasia, Kilat", "Sifat = Konfidensial",
    "Sifat.......: Rahasia", "Sifat Berita : Rahasia", "Surat ini bersifat RAHASIA", "Hal : Data pegawai (RAHASIA)",
]  # fmt: skip


@pytest.mark.parametrize("head", MARKED)
def test_a_marking_in_the_head_of_a_letter_shuts_it_away(head: str) -> None:
    body = f"Nomor : 1/2026\n{head}\nHal : Data\n\nDengan hormat,\n"
    assert of(letter(body=body.encode())).quarantine == "classified"
    assert of(with_html(f"<pre>{body}</pre>")).quarantine == "classified"
    attached = letter(body=body.encode())
    assert of(mixed(TEXT, part(b"message/rfc822", attached))).quarantine == "classified"


@pytest.mark.parametrize(
    "html",
    [
        "<table><tr><td>Sifat</td><td>:</td><td>Rahasia</td></tr></table>",
        "<table><tr><td><p>Sifat</p></td><td><p>:</p></td><td><p>Rahasia</p></td></tr></table>",
        "<p><b>Sifat</b>&nbsp;: <i>Rahasia</i></p>",
        "<div>Sifat</div><div>Rahasia</div>",
    ],
)
def test_a_marking_in_html_alone_shuts_it_away(html: str) -> None:
    raw = mixed(
        part(b"text/plain", b"Dengan hormat, mohon hadir pada rapat Senin."), part(b"text/html", html.encode()),
        head=b"Content-Type: multipart/alternative; boundary=b",
    )  # fmt: skip
    assert of(raw).quarantine == "classified"


@pytest.mark.parametrize(
    "text",
    [
        "Sifat : Biasa", "Sifat : Segera", "Sifat : Biasa/Segera", "Sifat rahasia dagang dibahas dalam rapat.",
        "Sifat : Tidak Rahasia", "Undangan rapat terbatas", "Sifat pertemuan terbatas pada undangan",
        "Mohon menjaga kerahasiaan data.", "Narasumber: Dr. R. Surya", "Lampiran R", "T",
    ],
)  # fmt: skip
def test_what_is_no_marking_leaves_the_letter_open(text: str) -> None:
    assert of(letter(body=f"Nomor : 1\n{text}\n".encode())).quarantine is None


def test_a_field_of_law_in_the_title_is_no_marking_and_a_marking_beside_it_is() -> None:
    assert of(with_subject("Undangan Sosialisasi UU Rahasia Dagang")).quarantine is None
    assert of(with_subject("[RAHASIA] Sosialisasi UU Rahasia Dagang")).quarantine == "classified"


def test_a_script_is_found_where_it_is_one_and_not_in_a_picture() -> None:
    picture = b"%PDF-1.4\n1 0 obj<</Length 9>>\nstream\n\x8f/JS\x02\xd3\nendstream\nendobj\n"
    assert of(with_attachment(picture, "a.pdf", b"application/pdf")).warnings == []
    hidden = b"%PDF-1.4\n1 0 obj<</Type/Catalog/OpenAction<</S/J#61vaScript/#4aS(x)>>>>endobj\ntrailer<</Root 1 0 R>>\n"
    assert of(with_attachment(hidden, "a.pdf", b"application/pdf")).warnings == ["active-content"]
