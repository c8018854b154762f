"""A wrong setting is one sentence in Indonesian that names it and says what to do, and an exit status; no traceback."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.parts.ports import free_port
from tests.parts.product import Product


@pytest.fixture
def busy() -> Iterator[int]:
    """A port on which another program listens."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield int(other.getsockname()[1])


def up(folder: Path, *words: str, **settings: object) -> tuple[int, str]:
    """Exit status and what was said to the person."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("CARAKA_")}
    ports = {"http_port": free_port(), "nats_port": free_port(), "data_dir": folder / "var"}
    env |= {f"CARAKA_{name.upper()}": str(value) for name, value in {**ports, **settings}.items()}
    done = subprocess.run(
        [sys.executable, "-m", "services", *(words or ("up",))], env=env, capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip
    return done.returncode, (done.stdout + done.stderr).strip()


def one_sentence(told: tuple[int, str], *words: str) -> None:
    status, said = told
    assert status != 0
    assert "Traceback" not in said
    assert len(said.splitlines()) <= 2, said
    for word in words:
        assert word in said


def test_a_port_that_is_taken(busy: int, tmp_path: Path) -> None:
    one_sentence(up(tmp_path, http_port=busy), f"Port {busy}", "CARAKA_HTTP_PORT")
    one_sentence(up(tmp_path, nats_port=busy), f"Port {busy}", "bus bawaan", "CARAKA_NATS_PORT")


@pytest.mark.parametrize("words", [("worker", "notifications", "email"), ("run", "audit"), ("gateway",)])
def test_a_broker_that_does_not_know_who_asks(product: Product, tmp_path: Path, words: tuple[str, ...]) -> None:
    stranger = f"nats://orang-lain@127.0.0.1:{product.settings.nats_port}"
    status, said = up(tmp_path, *words, nats_url=stranger, log_format="json")
    assert status == 1
    assert said.splitlines()[-1].endswith("menolak nama pengguna atau kata sandinya. Periksa CARAKA_NATS_URL.")
    assert "Traceback" not in said
    assert "orang-lain" not in said


def test_a_database_that_does_not_answer(tmp_path: Path) -> None:
    url = f"postgresql://caraka:rahasia@127.0.0.1:{free_port()}/caraka"
    told = up(tmp_path, database_url=url)
    one_sentence(told, "PostgreSQL", "CARAKA_DATABASE_URL")
    assert "rahasia" not in told[1]


def test_a_database_that_refuses_or_does_not_exist(tmp_path: Path, pg_url: str) -> None:
    gone = pg_url.rsplit("/", 1)[0] + "/tidak-ada"
    one_sentence(up(tmp_path, database_url=gone), "nama basis data tidak cocok", "CARAKA_DATABASE_URL")


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    one_sentence(up(tmp_path, data_dir="/proc/caraka"), "/proc/caraka", "CARAKA_DATA_DIR")
    (tmp_path / "file").write_text("")
    one_sentence(up(tmp_path, data_dir=tmp_path / "file" / "var"), "CARAKA_DATA_DIR")


@pytest.mark.parametrize("words", [("up",), ("run", "intake")])
def test_mailboxes_keys_and_standards_that_cannot_be_read(tmp_path: Path, words: tuple[str, ...]) -> None:
    one_sentence(up(tmp_path, *words, mailboxes="nonsense"), "CARAKA_MAILBOXES")
    one_sentence(up(tmp_path, *words, mailboxes='[{"agency": "pekalongan"}]'), "CARAKA_MAILBOXES")
    told = up(tmp_path, *words, keyring="m1:bukan-kunci")
    one_sentence(told, "CARAKA_KEYRING")
    assert "bukan-kunci" not in told[1]
    one_sentence(up(tmp_path, *words, standards_dir=tmp_path / "none"), "CARAKA_STANDARDS_DIR")
    folder = tmp_path / "own" / "kota"
    folder.mkdir(parents=True)
    (folder / "agency.toml").write_text("nama = [")
    one_sentence(up(tmp_path, *words, standards_dir=tmp_path / "own"), "Berkas standar", ".toml", "standard check")


def test_words_in_place_of_numbers(tmp_path: Path) -> None:
    one_sentence(up(tmp_path, http_port="abc"), "CARAKA_HTTP_PORT", "bilangan bulat")
    one_sentence(up(tmp_path, http_port="99999"), "CARAKA_HTTP_PORT", "paling besar 65535")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"smtp_host": "127.0.0.1", "smtp_port": "99999"}, ("CARAKA_SMTP_PORT", "paling besar 65535")),
        ({"directories": "{"}, ("CARAKA_DIRECTORIES", "JSON")),
        ({"backup_every_hours": "nol"}, ("CARAKA_BACKUP_EVERY_HOURS", "bilangan")),
        ({"public_url": "ftp://surat.example"}, ("CARAKA_PUBLIC_URL", "https://")),
    ],
)
def test_a_setting_of_any_part_is_named(settings: dict[str, str], said: tuple[str, ...], tmp_path: Path) -> None:
    """All of them: `tests.unit.cli.test_settings_are_named`."""
    one_sentence(up(tmp_path, **settings), *said)


def test_the_version(tmp_path: Path) -> None:
    status, said = up(tmp_path, "--version")
    assert (status, said.split()[0]) == (0, "caraka")
