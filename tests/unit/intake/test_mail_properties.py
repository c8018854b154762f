"""Properties of the reader: what is written is read however it is spelled, and where a second parser says otherwise.

The second parser is the standard library's `email`. Each message about which the two disagree is named with why it is
the second that is wrong.
"""

import base64
import binascii
import hashlib
import os
import quopri
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.intake.adapters.mail_reading import extract, read
from services.intake.mail import ParserOptions
from tests.unit.intake.test_mail_reading import REAL_MESSAGES, assert_storable

OPTIONS = ParserOptions()
CASES = Path(os.environ.get("CARAKA_TEST_MAIL_CASES", Path(__file__).parents[4] / "shared" / "mail-cases"))
FILES = {file.stem: file for folder in (REAL_MESSAGES, CASES) for file in sorted(folder.glob("*.eml"))}

WHY_THE_SECOND_IS_WRONG = {
    "K05-jis-baris-13-perihal": "it leaves the encoded word as it is: its codec has no row 13",
    "K11-koma-tanpa-kutip": "it takes the first word of the name for an address",
    "K12-tanpa-titik-koma": "it sees no boundary, and so no attachment",
    "K13-batas-sama-bersarang": "it stops at the inner end, and the PDF is lost",
    "K14-base64-komentar": "it leaves the content encoded",
    "K19-winmail": "it does not open winmail.dat",
    "K21-smime-tertutup": "it does not open the signed message",
    "K22-BOM-di-depan-From": "it takes the mark for the end of the headers",
    "K32-virus-uji-base64-komentar": "it leaves the content encoded",
    "K32-virus-uji-batas-sama": "it stops at the inner end, and the virus is not seen",
    "mikel-attachment_message_rfc822_inline_image": "a multipart of which nothing came is no attachment",
    "mikel-bad_date_header2": "a multipart of which nothing came is no attachment",
    "mikel-empty_in_reply_to": "a multipart of which nothing came is no attachment",
    "mikel-example13": "a blank in a header's name ends its headers",
    "mikel-invalid_subject_characters": "bytes of the title are lost, though they are Windows-1252",
    "mikel-missing_body": "a multipart of which nothing came is no attachment",
    "mikel-mix_caps_content_type": "it makes an address of a name and an address",
    "mikel-must_supply_encoding": "a multipart of which nothing came is no attachment",
    "mikel-raw_email_bad_time": "a boundary with = in it is not seen without quotes",
    "mikel-raw_email_incorrect_header": "a line that is no header ends its headers",
    "mikel-raw_email_with_binary_encoded": "a boundary with = in it is not seen without quotes",
    "mikel-raw_email_with_illegal_boundary": "a boundary with = in it is not seen without quotes",
    "mikel-utf8_headers": "bytes of the address become surrogates, which no database takes",
}


@pytest.mark.skipif(len(FILES) < 152, reason="the folders of real messages and cases (../shared) are not here")
def test_a_second_parser_disagrees_only_where_it_is_wrong() -> None:
    assert {name for name in FILES if not agree(FILES[name].read_bytes())} == set(WHY_THE_SECOND_IS_WRONG)


def agree(raw: bytes) -> bool:
    """About the title, the first sender's address, and the content of every attachment that the second sees."""
    ours = read(raw, ParserOptions(classified={}))
    theirs = message_from_bytes(raw, policy=policy.default)
    sender = theirs["from"].addresses[0].addr_spec if theirs["from"] and theirs["from"].addresses else ""
    title = " ".join(str(theirs["subject"] or "").split())
    return (title, sender) == (
        " ".join(ours.subject.split()),
        ours.sender[0].address if ours.sender else "",
    ) and attached_of(theirs) <= {one.sha256 for one in ours.attachments}


def attached_of(message: EmailMessage) -> set[str]:
    found = set()
    for part in message.walk():
        running = (
            part.get_content_type() in {"text/plain", "text/html"} and part.get_content_disposition() != "attachment"
        )
        if not (part.is_multipart() or running):
            content = part.get_payload(decode=True)
            found.add(hashlib.sha256(content if isinstance(content, bytes) else b"").hexdigest())
    return found


@pytest.mark.parametrize("name", FILES)
def test_no_wound_of_a_real_message_raises_or_breaks_a_store(name: str) -> None:
    whole = FILES[name].read_bytes()[:20_000]

    @settings(max_examples=6)
    @given(st.integers(0, max(1, len(whole))), st.binary(max_size=12), st.integers(0, 40))
    def wounded(at: int, wound: bytes, lost: int) -> None:
        assert_storable(read(whole[:at] + wound + whole[at + lost :], OPTIONS))

    wounded()


BOUNDARIES = st.text("abcXYZ019'()+_,-./:=?", min_size=1, max_size=40).map(str.strip).filter(lambda one: one.strip("-"))
WORDS = st.text("abcdefghijklmnopqrstuvwxyz éüñ–“”", min_size=1, max_size=200).map(lambda text: " ".join(text.split()))
CONTENT = st.binary(min_size=1, max_size=400)
SPELLINGS = [
    'Content-Type: multipart/mixed; boundary="{}"',
    'content-type:multipart/mixed;boundary="{}"',
    'Content-Type: Multipart/Mixed;\r\n\tboundary="{}"',
    'Content-Type: multipart/*; boundary="{}"',
    'Content-Type: multipart/mixed boundary="{}"',
    'Content-Type: multipart/mixed; charset=utf-8; boundary="{}"; x=y',
    'Content-Type: multipart/mixed (x); boundary="{}"',
    'X-Lain: 1\r\nContent-Type:\r\n multipart/related; type="text/plain"; boundary="{}"',
]
ENCODINGS = [
    "base64",
    "BASE64",
    '"base64"',
    "base64 (x)",
    "base64;",
    "quoted-printable",
    "Quoted-Printable (x)",
    "x-uuencode",
    "binary",
]
LINE_ENDS = [b"\r\n", b"\n"]


def encoded(content: bytes, encoding: str) -> bytes:
    lower = encoding.lower()
    if "base64" in lower:
        return base64.encodebytes(content)
    if "quoted" in lower:
        written = [b"=%02X" % one for one in content]
        return b"=\n".join(b"".join(written[at : at + 20]) for at in range(0, len(written), 20))
    if "uu" in lower:
        lines = b"".join(binascii.b2a_uu(content[at : at + 45]) for at in range(0, len(content), 45))
        return b"begin 644 berkas.bin\n" + lines + b"`\nend\n"
    return content


@given(
    boundary=BOUNDARIES, inner=BOUNDARIES, text=WORDS, subject=WORDS, content=CONTENT,
    spelling=st.sampled_from(SPELLINGS), encoding=st.sampled_from(ENCODINGS), ends=st.sampled_from(LINE_ENDS),
    nested=st.booleans(), data=st.data(),
)  # fmt: skip
def test_what_is_written_is_read_however_it_is_spelled(
    boundary: str, inner: str, text: str, subject: str, content: bytes, spelling: str, encoding: str, ends: bytes,
    nested: bool, data: st.DataObject,  # noqa: FBT001 - drawn by name
) -> None:  # fmt: skip
    charset = data.draw(st.sampled_from(["utf-8", "UTF8", "windows-1252", "iso-8859-1"]))
    letters = text.encode("cp1252" if charset in {"windows-1252", "iso-8859-1"} else "utf-8")
    first = b'Content-Type: text/plain; charset="%s"\nContent-Transfer-Encoding: quoted-printable\n\n%s' % (
        charset.encode(), quopri.encodestring(letters),
    )  # fmt: skip
    if nested:
        mark = data.draw(st.sampled_from([boundary, inner]))
        first = b'Content-Type: multipart/alternative; boundary="%s"\n\n--%s\n%s\n--%s--\n' % (
            mark.encode(), mark.encode(), first, mark.encode(),
        )  # fmt: skip
    file = (
        b'Content-Type: application/octet-stream; name="berkas.bin"\nContent-Transfer-Encoding: %s\n\n'
        % encoding.encode()
    ).replace(b"\n", ends) + (
        encoded(content, encoding) if encoding == "binary" else encoded(content, encoding).replace(b"\n", ends)
    )
    title = base64.b64encode(subject.encode()).decode()
    head = f"From: Umum <u@a.example>\nMessage-ID: <1@a.example>\nSubject: =?utf-8?B?{title}?=\n".encode()
    head += spelling.format(boundary).replace("\r\n", "\n").encode() + b"\n\n"
    between = ends + b"--" + boundary.encode()
    raw = (
        head.replace(b"\n", ends)
        + between
        + ends
        + first.replace(b"\n", ends)
        + between
        + ends
        + file
        + between
        + b"--"
        + ends
    )
    if encoding == "binary" and (b"--" in content or content.endswith(b"\r")):
        return  # it may hold a delimiter itself
    message = read(raw, ParserOptions(classified={}))
    assert (message.subject, message.text) == (subject, text)
    assert hashlib.sha256(content).hexdigest() in [one.sha256 for one in message.attachments]
    assert extract(hashlib.sha256(content).digest() + raw) == content
