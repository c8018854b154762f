"""What the office sees of a message: its words where it is ordinary, its defects by name, its reason in quarantine."""

import hashlib
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.web import words
from services.intake.adapters.mail_reading import pack, parse, read
from services.intake.mail import QUARANTINES, WARNINGS, Address, ParsedMessage, ParserOptions
from tests.hostile_mail import HOSTILE, letter, recipients, with_attachment, with_from, with_html, with_subject

OPTIONS = ParserOptions()
REAL_MESSAGES = Path(os.environ.get("CARAKA_TEST_MAIL", Path(__file__).parents[4] / "shared" / "mail"))


def strings_of(message: ParsedMessage) -> list[str]:
    people = [*message.sender, *message.to, *message.cc]
    return [
        message.subject,
        message.text,
        message.message_id or "",
        *(part for one in people for part in (one.name, one.address)),
        *(attachment.name for attachment in message.attachments),
    ]


def assert_storable(message: ParsedMessage) -> None:
    """Every string goes into PostgreSQL and every name into a file system."""
    for text in strings_of(message):
        assert "\0" not in text
        text.encode("utf-8")
    for attachment in message.attachments:
        assert not {"/", "\\"} & set(attachment.name)
        assert attachment.name not in {"", ".", ".."}
        assert len(attachment.name) <= 200
    assert set(message.warnings) <= set(WARNINGS)
    assert message.quarantine is None or message.quarantine in QUARANTINES


def test_an_ordinary_letter_is_read_whole() -> None:
    raw = letter(
        b"Cc: =?utf-8?Q?Dinas_Kes=C3=A9hatan?= <dinkes@contoh.go.id>, (arsip) arsip@contoh.go.id",
        b"Content-Type: text/plain; charset=iso-8859-1",
        body="Dengan hormat,\r\ncafé.\r\n".encode("latin-1"),
    )
    message = read(raw, OPTIONS)
    assert message == ParsedMessage(
        message_id="surat-1@contoh.go.id",
        sender=[Address(name="Sekretariat", address="sekretariat@contoh.go.id")],
        to=[Address(name="Kominfo", address="kominfo@contoh.go.id")],
        cc=[
            Address(name="Dinas Keséhatan", address="dinkes@contoh.go.id"),
            Address(name="arsip", address="arsip@contoh.go.id"),
        ],
        sent_at=datetime(2026, 3, 13, 2, 0, tzinfo=UTC),
        subject="Undangan rapat",
        text="Dengan hormat,\ncafé.",
    )


def test_the_sandbox_speaks_the_same_as_the_parser() -> None:
    assert ParsedMessage.model_validate_json(parse(pack(letter(), OPTIONS))) == read(letter(), OPTIONS)


def test_an_attachment_is_named_measured_and_hashed() -> None:
    content = b"%PDF-1.4 isi"
    (attachment,) = read(with_attachment(content, "Surat tugas.pdf", b"application/pdf"), OPTIONS).attachments
    assert attachment.name == "Surat tugas.pdf"
    assert (attachment.media_type, attachment.size) == ("application/pdf", len(content))
    assert attachment.sha256 == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_message_is_named_for_what_it_is(name: str) -> None:
    hostile = HOSTILE[name]()
    message = read(hostile.raw, OPTIONS)
    assert message.quarantine == hostile.quarantine
    assert hostile.warnings <= set(message.warnings)
    assert_storable(message)


def test_html_becomes_its_words_alone() -> None:
    message = read(HOSTILE["HTML with script, form and remote image"]().raw, OPTIONS)
    assert message.text == "Isi surat & lampiran\nbaris"


def test_plain_text_is_preferred_and_then_nothing_is_said_of_html() -> None:
    body = b"--b\r\n\r\nPolos\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>Kaya</p>\r\n--b--"
    message = read(letter(b"Content-Type: multipart/alternative; boundary=b", body=body), OPTIONS)
    assert (message.text, message.warnings, message.attachments) == ("Polos", [], [])


def test_of_a_classified_message_nothing_is_shown() -> None:
    message = read(letter(b"Sifat: Rahasia", body=b"isi yang dirahasiakan"), OPTIONS)
    assert message.quarantine == "classified"
    assert (message.subject, message.text, message.attachments) == ("", "", [])
    assert message.sender[0].address == "sekretariat@contoh.go.id"


def test_the_words_of_classification_are_the_offices_own() -> None:
    options = ParserOptions(classified={"hanya untuk pimpinan": "anywhere"})
    assert read(with_subject("Hanya untuk PIMPINAN: mutasi"), options).quarantine == "classified"
    assert read(with_subject("RAHASIA"), options).quarantine is None


def test_an_oversize_message_is_known_by_its_headers_and_not_opened() -> None:
    options = ParserOptions(max_bytes=10_000)
    message = read(letter(body=b"x" * 20_000), options)
    assert (message.quarantine, message.subject, message.text) == ("oversize", "Undangan rapat", "")
    assert read(letter(b"Sensitivity: rahasia", body=b"x" * 20_000), options).quarantine == "classified"


def test_a_long_list_of_recipients_is_cut_and_the_letter_stays_a_letter() -> None:
    message = read(recipients(20_000), ParserOptions(max_recipients=50))
    assert len(message.to) == 50
    assert message.to[1] == Address(name="Kepala, Dinas 1", address="dinas1@contoh.go.id")
    assert message.quarantine is None


def test_a_long_text_is_cut_and_says_so() -> None:
    message = read(letter(body=b"kata " * 10_000), ParserOptions(text_chars=100))
    assert (len(message.text), message.truncated) == (100, True)


@pytest.mark.parametrize(
    "field",
    [
        b"Auto-Submitted: auto-replied",
        b"Precedence: bulk",
        b"Return-Path: <>",
        b"List-Id: <daftar.contoh.go.id>",
        b"Content-Type: multipart/report; boundary=b",
    ],
)
def test_automatic_mail_is_known_and_never_answered(field: bytes) -> None:
    assert read(letter(field), OPTIONS).automatic
    assert not read(letter(b"Auto-Submitted: no"), OPTIONS).automatic


def test_only_the_word_of_our_own_mail_server_counts() -> None:
    verdict = b"Authentication-Results: mx.kami.go.id; spf=fail; dkim=none; dmarc=fail (p=REJECT)\r\n"
    hop = b"Received: from luar by mx.kami.go.id; Fri, 13 Mar 2026 09:00:00 +0700\r\n"
    ours = ParserOptions(authserv_id="mx.kami.go.id")
    weak = read(verdict + hop + letter(), ours)
    assert weak.quarantine == "dmarc"
    assert {"spf-weak", "dkim-weak"} <= set(weak.warnings)
    assert read(verdict + hop + letter(), OPTIONS).quarantine is None
    forged = read(hop + hop + verdict + hop + letter(), ours)
    assert (forged.quarantine, forged.warnings) == (None, ["authentication-forged"])


def test_a_name_split_within_a_character_is_put_together_again() -> None:
    assert read(with_subject("=?utf-8?Q?caf=C3?= =?utf-8?Q?=A9?= =?iso-8859-1?Q?_=E9?="), OPTIONS).subject == "café é"


def test_decomposed_letters_are_composed() -> None:
    assert read(with_subject("cafe\u0301"), OPTIONS).subject == "caf\u00e9"


@pytest.mark.parametrize(
    ("said", "name", "address"),
    [
        ("a@contoh.go.id", "", "a@contoh.go.id"),
        ("<a@contoh.go.id>", "", "a@contoh.go.id"),
        ('"Budi, S.H." <a@contoh.go.id>', "Budi, S.H.", "a@contoh.go.id"),
        ("Budi (Kasi) <a@contoh.go.id", "Budi", "a@contoh.go.id"),
        ("a@contoh.go.id (Budi)", "Budi", "a@contoh.go.id"),
        ("Kelompok: Budi <a@contoh.go.id>;", "Budi", "a@contoh.go.id"),
        ("Budi", "Budi", ""),
    ],
)
def test_senders_are_read_as_people_write_them(said: str, name: str, address: str) -> None:
    assert read(with_from(said), OPTIONS).sender == [Address(name=name, address=address)]


@pytest.mark.skipif(not REAL_MESSAGES.is_dir(), reason="the folder of real messages (../shared/mail) is not here")
def test_every_real_message_becomes_a_letter_or_is_quarantined_with_a_reason() -> None:
    files = sorted(REAL_MESSAGES.glob("*.eml"))
    assert len(files) >= 105
    quarantined = {}
    for file in files:
        message = read(file.read_bytes(), OPTIONS)
        assert_storable(message)
        if message.quarantine:
            quarantined[file.name] = message.quarantine
    assert quarantined == {"mikel-sample_output_multipart.eml": "empty"}


def test_every_warning_and_reason_has_its_sentence() -> None:
    assert set(words.WARNINGS) == set(WARNINGS)
    assert set(words.QUARANTINES) == set(QUARANTINES)


@given(st.binary(max_size=3_000))
def test_no_bytes_whatsoever_raise(noise: bytes) -> None:
    assert_storable(read(noise, OPTIONS))


@given(st.data())
def test_no_wound_of_a_real_message_raises(data: st.DataObject) -> None:
    whole = with_attachment(b"PK\x03\x04isi" * 20) if data.draw(st.booleans()) else with_html("<p>a<!-- b --><td>c")
    at = data.draw(st.integers(0, len(whole)))
    wound = data.draw(st.binary(max_size=30))
    assert_storable(read(whole[:at] + wound + whole[at + data.draw(st.integers(0, 30)) :], OPTIONS))
