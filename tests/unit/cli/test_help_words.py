"""The console explains itself in the office's language."""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
import structlog
import typer

from services.__main__ import app
from services.cli.catalogue import SERVICES
from services.cli.clock import told_at
from services.cli.help_words import WORDS, commands, parted, spoken
from services.cli.jobs import listed_words
from services.cli.usage_words import run
from services.kit.settings import Settings


def test_every_command_and_every_word_of_it_has_its_indonesian() -> None:
    told = [
        (path, parted(text)[0])
        for path, command in commands(typer.main.get_command(app))
        for text in (command.help, *(getattr(each, "help", None) for each in command.params))
        if text and not set(text.split()) <= {*SERVICES}  # names are the same in every language
    ]
    assert len(told) > 100
    assert [(path, text) for path, text in told if text not in WORDS] == []
    assert set(WORDS) - {text for _, text in told} == set(), "said by nobody"


def test_the_help_of_a_command_is_indonesian_with_its_example() -> None:
    from click.testing import CliRunner as Plain

    shown = Plain().invoke(spoken(app), ["backup", "now", "--help"])
    assert shown.exit_code == 0
    assert "Menyalin semuanya ke tempat lain" in shown.output
    assert "Contoh: caraka backup /mnt/cadangan" in shown.output
    assert "Tampilkan bantuan ini." in shown.output
    assert "Example" not in shown.output


REPORTS = {
    "audit breaches": "", "backup now": None, "backup check": None, "bench": None,
    "calendar explain": "--standard berita-biasa-sanapati --from 2026-03-13", "demo": None, "doctor": "",
    "hooks list": "--agency pekalongan", "jobs list": "", "replay": "", "restore": None,
    "standard check": "contracts/standards", "standard export": "--agency nobody --to x",
    "substitute list": "--agency pekalongan", "verify": "",
    "why-notice": "2f0d9c1e-8b1a-4f6b-9d1c-1b2a3c4d5e6f --agency pekalongan",
}  # fmt: skip
"""Commands that print a list or a report, with what they are told; None: tried where they have something to do."""


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    yield
    structlog.reset_defaults()


def test_every_command_has_an_example_and_every_report_can_be_read_by_a_machine() -> None:
    leaves = {
        path.removeprefix("caraka "): command
        for path, command in commands(typer.main.get_command(app))
        if not hasattr(command, "commands")
    }
    assert [path for path, command in leaves.items() if not parted(command.help)[1]] == []
    wrong = [path for path, command in leaves.items() if f"caraka {path.removesuffix(' now')}" not in command.help]
    assert wrong == [], "an example of another command"
    assert {path for path, command in leaves.items() if "--json" in str([each.opts for each in command.params])} == set(
        REPORTS
    )


@pytest.mark.parametrize(("path", "more"), [(path, more) for path, more in REPORTS.items() if more is not None])
def test_a_report_is_one_object_that_says_whether_all_is_well(
    path: str, more: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CARAKA_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("CARAKA_NATS_URL", "nats://127.0.0.1:1")  # nothing runs
    status = run(spoken(app), [*path.split(), *more.split(), "--json"])
    told = json.loads(capsys.readouterr().out)
    assert told["ok"] is (status == 0)
    assert len(told) > 1


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("docter", "Perintah 'docter' tidak ada. Maksud Anda 'doctor'?"),
        ("rabbit", "Perintah 'rabbit' tidak ada."),
        ("user add", "--agency belum diisi."),
        ("health", "service belum diisi."),
        ("user add --person", "--person memerlukan isi sesudahnya."),
        ("up --hlp", "Pilihan --hlp tidak ada. Maksud Anda --help?"),
        ("doctor x", "Kelebihan isian: x."),
        ("calendar draft abc", "year harus bilangan."),
        ("bench --rounds x", "--rounds harus bilangan."),
    ],
)
def test_a_wrong_line_is_answered_in_indonesian_with_the_way_on(
    line: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(spoken(app), line.split()) == 2
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == said
    assert all(not each.startswith(("Usage", "Error", "Try")) for each in lines)


def test_what_waits_outside_is_told_in_words(tmp_path: Path) -> None:
    queue = {"queue": "email", "waiting": 1, "sent": 0, "parked": 1, "discarded": 0, "oldest_at": "2026-11-30T03:10"}
    job = {"job_id": "2f0d", "queue": "email", "agency": "pekalongan", "state": "parked", "tries": 3, "reason": "mati"}
    answer = {"queues": [queue | {"broken_since": None, "paused": ["*"]}], "jobs": [job]}
    when = partial(told_at, settings=Settings(data_dir=tmp_path))
    assert listed_words("notifications", json.dumps(answer), when).splitlines() == [
        (
            "notifications email: menunggu 1, sedang dikerjakan 0, terparkir 1, dikesampingkan 0, "
            "yang tertua sejak 2026-11-30 10.10 WIB, dijeda"
        ),
        "  2f0d (email, pekalongan): terparkir, dicoba 3 kali: mati",
    ]
    assert listed_words("notifications", "Tidak ada layanan.", when) == "notifications: Tidak ada layanan."


def test_a_group_alone_shows_what_it_can(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(spoken(app), ["user"]) == 2
    shown = "".join(capfd.readouterr())
    assert "Pakai: caraka user [PILIHAN] PERINTAH [ISIAN]..." in shown
    assert "Menambah orang" in shown
