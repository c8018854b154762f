"""One message to a real mail server, and honestly what came of it: down, slow, busy, TLS wrong, the answer lost."""

import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic import ValidationError

from services.kit.jobs import EffectDone
from services.notifications.adapters import smtp
from services.notifications.adapters.smtp import as_html, composed, mailing
from services.notifications.settings import SmtpSettings
from services.organisation.adapters.contacts import address, number
from tests.parts.mailserver import Postbox, mail_server
from tests.parts.ports import free_port

pytestmark = pytest.mark.real
JOB = UUID("00000000-0000-5000-8000-00000000000a")


def settings(port: int, **changes: Any) -> SmtpSettings:
    said = {"host": "127.0.0.1", "port": port, "security": "plain", "sender": "caraka@kota.example", **changes}
    return SmtpSettings.model_validate(said)


def payload(to: str = "kasi@kota.example", **changes: Any) -> dict[str, Any]:
    return {
        "to": to, "sender": "caraka@kota.example", "subject": "Surat 0844/2026 menunggu paraf Anda",
        "body": "Buka: https://caraka.kota.example/pemberitahuan/1", "language": "id",
        "message_id": f"<{JOB}@kota.example>", "list_id": "Caraka <pekalongan.caraka.kota.example>",
        "sha256": "ab" * 32, **changes,
    }  # fmt: skip


@pytest.fixture
def box() -> Iterator[Postbox]:
    with mail_server() as found:
        yield found


async def sent(said: SmtpSettings, what: dict[str, Any] | None = None) -> EffectDone:
    async with mailing(said) as effects:
        return await effects["email"](uuid4(), "pekalongan", what or payload())


async def test_a_message_arrives_whole_and_the_same_job_has_the_same_name(box: Postbox) -> None:
    done = await sent(settings(box.port))
    assert (done.outcome, done.result["sha256"]) == ("accepted", "ab" * 32)
    await sent(settings(box.port))
    first, second = box.messages
    assert first["Message-ID"] == second["Message-ID"] == f"<{JOB}@kota.example>"
    assert (first["Auto-Submitted"], first["To"]) == ("auto-generated", "kasi@kota.example")
    assert first.get_body(("plain",)).get_content().strip().startswith("Buka: https://")  # type: ignore[union-attr]
    assert {part.get_content_type() for part in first.walk()} == {"multipart/alternative", "text/plain", "text/html"}


async def test_many_messages_share_a_few_connections_and_one_that_was_dropped_is_opened_anew(box: Postbox) -> None:
    async with mailing(settings(box.port, connections=2)) as effects:
        for number_ in range(smtp.PER_CONNECTION + 5):
            done = await effects["email"](uuid4(), "pekalongan", payload(f"nama{number_}@kota.example"))
            assert done.outcome == "accepted"
    assert len(box.came) == smtp.PER_CONNECTION + 5


@pytest.mark.parametrize(
    ("answer", "outcome", "reason"),
    [
        ("550 5.1.1 kasi@kota.example: no such user", "permanent", "mailbox-unknown"),
        ("554 5.7.1 refused", "permanent", "refused"),
        ("552 5.2.2 mailbox full", "permanent", "mailbox-full"),
        ("452 4.2.2 mailbox full", "temporary", "mailbox-full"),
        ("450 4.2.0 greylisted", "temporary", "server-busy"),
        ("454 4.7.1 later", "temporary", "too-many"),
    ],
)
async def test_what_a_server_says_of_the_recipient_is_told_in_a_word_without_his_address(
    box: Postbox, answer: str, outcome: str, reason: str
) -> None:
    box.answers["kasi@kota.example"] = answer
    done = await sent(settings(box.port))
    assert (done.outcome, done.reason) == (outcome, reason)
    assert "kota.example" not in done.reason
    assert box.came == []


@pytest.mark.parametrize(("answer", "outcome"), [("451 4.3.0 try later", "temporary"), ("554 5.6.0 spam", "permanent")])
async def test_a_message_that_was_read_and_refused_was_not_sent(box: Postbox, answer: str, outcome: str) -> None:
    box.at_data = answer
    assert (await sent(settings(box.port))).outcome == outcome
    assert box.came == []


async def test_who_took_it_and_whose_answer_was_lost_may_have_it(box: Postbox) -> None:
    box.at_data = ""
    done = await sent(settings(box.port))
    assert (done.outcome, done.reason) == ("unknown", "answer-lost")
    assert len(box.came) == 1


async def test_a_server_that_does_not_answer_in_time_may_have_it(box: Postbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "ANSWER_SECONDS", 0.3)
    box.pause = 1.0
    assert (await sent(settings(box.port))).outcome == "unknown"


async def test_a_server_that_is_down_or_has_no_name_is_tried_later() -> None:
    done = await sent(settings(free_port()))
    assert (done.outcome, done.reason) == ("temporary", "server-away")
    done = await sent(settings(25, host="no-such-host.invalid", security="starttls"))
    assert (done.outcome, done.reason) == ("temporary", "server-away")


async def test_a_wrong_password_is_the_offices_own_mistake(tmp_path: Path) -> None:
    certificate, context = _certificate(tmp_path)
    (tmp_path / "password").write_text("rahasia")
    with mail_server(context=context, login=True) as box:
        said = {"security": "tls", "ca_file": certificate, "user": "caraka", "password_file": tmp_path / "password"}
        assert (await sent(settings(box.port, **said))).outcome == "accepted"
        (tmp_path / "password").write_text("keliru")
        done = await sent(settings(box.port, **said))
        assert (done.outcome, done.reason) == ("temporary", "login")


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_nothing_is_said_to_a_server_whose_certificate_is_not_its_own(tmp_path: Path, security: str) -> None:
    certificate, context = _certificate(tmp_path)
    with mail_server(context=context, starttls=security == "starttls") as box:
        assert (await sent(settings(box.port, security=security, ca_file=certificate))).outcome == "accepted"
        done = await sent(settings(box.port, security=security))
        assert (done.outcome, done.reason) == ("temporary", "tls")
        assert len(box.came) == 1


async def test_a_server_that_cannot_encrypt_is_told_nothing(box: Postbox) -> None:
    done = await sent(settings(box.port, security="starttls"))
    assert (done.outcome, done.reason) == ("temporary", "tls")
    assert box.came == []


async def test_one_address_that_no_server_takes_harms_no_other(box: Postbox) -> None:
    box.answers["rusak@kota.example"] = "501 5.1.3 bad address"
    async with mailing(settings(box.port)) as effects:
        outcomes = [
            (await effects["email"](uuid4(), "pekalongan", payload(to))).outcome
            for to in ("kasi@kota.example", "rusak@kota.example", "kabid@kota.example")
        ]
    assert outcomes == ["accepted", "permanent", "accepted"]


def test_a_subject_is_one_line_and_html_says_nothing_that_was_not_written() -> None:
    message = composed(payload(subject="Surat\r\nBcc: orang@lain.example"))
    assert message["Subject"] == "Surat Bcc: orang@lain.example"
    assert message["Bcc"] is None
    shown = as_html("<script>x</script> https://a.example/?a=1&b=2", "id")
    assert "<script>" not in shown
    assert 'href="https://a.example/?a=1&amp;b=2"' in shown


def test_in_the_clear_only_to_this_machine() -> None:
    with pytest.raises(ValidationError, match="mesin ini"):
        SmtpSettings.model_validate({"host": "mail.kota.example", "security": "plain", "sender": "a@kota.example"})
    with pytest.raises(ValidationError, match="SENDER"):
        SmtpSettings.model_validate({"host": "mail.kota.example", "sender": "a@b.example\r\nBcc: c@d.example"})


@pytest.mark.parametrize(
    "said", ["08120000 0001", "0812-0000-0001", "+62 812 0000 0001", "62-812-0000-0001", "(0812) 0000.0001"]
)
def test_a_telephone_number_as_people_write_it(said: str) -> None:
    assert number(said) == "+6281200000001"


@pytest.mark.parametrize("said", ["", "12", "rumah", "08", "+62", "0812 0000 0001 0000 0000"])
def test_what_is_no_number_is_refused(said: str) -> None:
    with pytest.raises(ValueError, match="number"):
        number(said)


@pytest.mark.parametrize(
    "said",
    [
        "kasi", "kasi@", "@kota.example", "a b@kota.example", "kasi@kota", "kasi@kota.example, b@c.example",
        "<kasi@kota.example>", "kasi@kota.example\r\nRCPT TO:<b@c.example>", "kasi..x@kota.example",
        '"a b"@kota.example', "kasi@[127.0.0.1]", "kasi@-kota.example", f"{'a' * 65}@kota.example",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(said: str) -> None:
    with pytest.raises(ValueError, match="address"):
        address(said)


def test_an_address_keeps_its_name_and_has_a_plain_host() -> None:
    assert address("Kasi.Sandi+surat@Kota.Example") == "Kasi.Sandi+surat@kota.example"
    assert address("kasi@käse.example") == "kasi@xn--kse-qla.example"


def _certificate(home: Path) -> tuple[Path, ssl.SSLContext]:
    """A certificate for this machine, that is trusted by who is given it."""
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", str(home / "key.pem"), "-out", str(home / "certificate.pem")]
    subprocess.run([*made, *names, *files], check=True, capture_output=True)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(home / "certificate.pem", home / "key.pem")
    return home / "certificate.pem", context
