"""A message of a mailbox that is not for letters is one fact under its sender's own keys, whatever crashed between."""

from typing import Any
from uuid import UUID, uuid5

import pytest

from contracts.intake import PostReceived, PostSource
from contracts.intake.messages import PostRead, ReceivePost
from services.intake.adapters.mail_reading import read
from services.intake.adapters.post import unlocked
from services.intake.mail import ParserOptions
from services.kit.public_numbers import public_case_id
from services.kit.threads import proven, reference_of, references_in
from tests.unit.given_when_then import ROOT, Desk
from tests.unit.office import counter

KEY, OTHER = b"k" * 32, b"o" * 32
NUMBER = "ADU-7K3QM-9XTB2"
CASE = public_case_id("pekalongan", "complaint", NUMBER)


def message_id(number: int) -> UUID:
    return uuid5(ROOT, f"post {number}")


def post(number: int = 1, *, content: str = "", said: str | None = None, **changes: Any) -> ReceivePost:
    return ReceivePost(**{
        "message_id": message_id(number),
        "purpose": "pengaduan",
        "source": PostSource(channel="imap", mailbox="pengaduan", uidvalidity=1, uid=str(number)),
        "received_at": counter().now,
        "content_mac": (content or f"{number:02d}") * (64 // len(content or f"{number:02d}")),
        "message_id_mac": said,
        "size": 10,
        "read": PostRead(from_name="Siti", from_address="siti@contoh.id", subject="Loket", text="Terlambat."),
        **changes,
    })  # fmt: skip


def kept(desk: Desk) -> PostReceived:
    return desk.fact(PostReceived)


def test_what_he_wrote_and_who_he_is_have_keys_apart() -> None:
    fact = kept(counter().when(post()).then(PostReceived))
    words, who = str(message_id(1)), f"{message_id(1)}-identity"
    assert [(each.seal_class, each.subject_id) for each in (fact.text, fact.subject)] == [("reporter", words)] * 2
    assert (fact.from_name.seal_class, fact.from_name.subject_id) == ("reporter", who)
    assert (fact.from_address.seal_class, fact.from_address.subject_id) == ("contact", who)


def test_read_twice_it_is_one() -> None:
    counter().when(post()).when(post()).then()
    counter().when(post()).when(post(message_id=message_id(9))).then()


@pytest.mark.parametrize("again", [{"content": "01"}, {"said": "cd" * 32}])
def test_of_a_twin_nothing_is_kept(again: dict[str, str]) -> None:
    fact = kept(counter().when(post(said="cd" * 32)).when(post(2, **again)))  # type: ignore[arg-type]  # one of two
    assert (fact.withheld, fact.twin_of, fact.text.plain) == ("twin", message_id(1), "")


@pytest.mark.parametrize("changes", [{"automatic": True}, {"withheld": "dmarc", "read": None}])
def test_of_what_no_person_wrote_nothing_is_kept_and_it_is_nobodys_first(changes: dict[str, Any]) -> None:
    desk = counter().when(post(content="aa", **changes)).then(PostReceived)
    assert (kept(desk).text.plain, kept(desk).blob) == ("", None)
    assert kept(desk.when(post(2, content="aa"))).withheld is None


def test_a_message_that_nobody_read_is_refused() -> None:
    counter().when(post(read=None)).refused("intake.nothing-read")


def test_a_reference_lets_in_by_its_key_alone() -> None:
    reference = reference_of(KEY, CASE, NUMBER)
    assert len(f"pengaduan+{reference}") <= 64, "a local part"
    assert proven(KEY, "pekalongan", "complaint", [reference.upper()]) == CASE
    assert proven(OTHER, "pekalongan", "complaint", [reference]) is None
    assert proven(KEY, "purbalingga", "complaint", [reference]) is None
    other = reference.replace("7k3qm", "7k3qn")
    assert proven(KEY, "pekalongan", "complaint", [other, "ADU-7K3QM-9XTB2", "x" * 500]) is None


@pytest.mark.parametrize(
    "place",
    [
        "To: pengaduan+{}@dinas.contoh", "Subject: Re: kabar [{}]", "References: <a@b>\r\n <7f.{}@x>",
        "In-Reply-To: <{}@x>", "Delivered-To: pengaduan+{}@dinas.contoh",
    ],
)  # fmt: skip
def test_mail_programs_bring_the_reference_back_in_these_places(place: str) -> None:
    reference = reference_of(KEY, CASE, NUMBER)
    raw = f"From: siti@contoh.id\r\n{place.format(reference)}\r\n\r\nHari Senin.\r\n".encode()
    assert read(raw, ParserOptions()).threads == [reference]


def test_a_thousand_references_are_looked_at_by_twenty() -> None:
    assert len(references_in(reference_of(KEY, CASE, f"ADU-7K3QM-{at:05d}") for at in range(1000))) == 20


def test_what_opens_the_case_is_not_kept_from_a_quoted_message() -> None:
    reference = reference_of(KEY, CASE, NUMBER)
    hidden = unlocked(f"Hari Senin.\n> Kode: K7QM-3XWD-9HTR\n> {reference}\nPukul 08.30, NIP 1980 0101 2005")
    assert "K7QM" not in hidden
    assert reference.partition(".")[2] not in hidden
    assert "Hari Senin." in hidden
