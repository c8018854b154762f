"""``caraka up`` on a machine with other users: one of them looks for all that he can read and reach."""

from __future__ import annotations

import json
import os
import shutil
import socket
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from services.kit.settings import TOKEN_FILE
from tests.attacks.nobody import as_nobody
from tests.parts.product import Product, start_product

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user to look with his eyes"),
]


@pytest.fixture(scope="module")
def product() -> Iterator[Product]:
    """In a folder that everybody can come to, as `./var` in a checkout is; with sample mail."""
    home = Path(tempfile.mkdtemp(prefix="caraka-open-"))
    home.chmod(0o755)
    running = start_product(home, samples=True)
    yield running
    running.discard()
    shutil.rmtree(home)


def readable(folder: Path) -> list[str]:
    """Every file below that can be opened, and every folder that can be listed."""
    found = []
    for place, _, files in os.walk(folder):
        found.append(place)
        for name in files:
            path = Path(place) / name
            try:
                path.open("rb").close()
            except OSError:
                continue
            found.append(str(path))
    return [each for each in found if os.access(each, os.R_OK)]


def test_nobody_lists_or_opens_anything_in_the_data_folder(product: Product) -> None:
    folder = product.settings.data_dir
    assert len(readable(folder)) > 20  # there is something to be found
    assert as_nobody(lambda: readable(folder)) == []
    known = [str(path) for path in folder.rglob("*")]  # even if he knew every name
    assert as_nobody(lambda: [path for path in known if os.access(path, os.R_OK | os.W_OK)]) == []


def test_every_file_is_its_owners_alone(product: Product) -> None:
    folder = product.settings.data_dir
    modes = {str(path): stat.S_IMODE(path.lstat().st_mode) for path in (folder, *folder.rglob("*"))}
    assert {path: oct(mode) for path, mode in modes.items() if mode & 0o077} == {}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_the_token_stands_on_no_command_line_and_in_no_environment_that_nobody_can_read(product: Product) -> None:
    token = (product.settings.data_dir / TOKEN_FILE).read_text().encode()

    def told() -> list[str]:
        found = []
        for name in ("cmdline", "environ", "status"):
            for path in Path("/proc").glob(f"[0-9]*/{name}"):
                try:
                    if token in path.read_bytes():
                        found.append(str(path))
                except OSError:
                    continue
        return found

    assert as_nobody(told) == []


def _get(port: int, path: str) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=2) as wire:
        wire.settimeout(2)
        wire.sendall(f"GET {path} HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n".encode())
        answer = b""
        try:
            while len(answer) < 100_000 and (more := wire.recv(65_536)):
                answer += more
        except TimeoutError:
            pass
        return answer


def test_the_broker_tells_nobody_anything_who_has_not_the_token(product: Product) -> None:
    (written,) = (product.settings.data_dir / "nats").glob("*.ports")
    pages = urlsplit(json.loads(written.read_bytes())["monitoring"][0]).port or 0  # nobody would try them all
    assert b"404" in _get(pages, "/")

    def asked() -> list[str]:
        wanted = ("/", "/varz", "/connz?auth=1&subs=detail", "/jsz?streams=1&config=1", "/subsz", "/healthz", "/debug/")
        told = [path for path in wanted if b" 200 " in _get(pages, path)[:20]]
        with socket.create_connection(("127.0.0.1", product.settings.nats_port), timeout=2) as wire:
            wire.recv(4096)
            wire.sendall(b'CONNECT {"verbose":true,"auth_token":"x"}\r\nSUB > 1\r\nPING\r\n')
            answer = wire.recv(4096)
        return [*told, *(["came in"] if b"Authorization Violation" not in answer else [])]

    assert as_nobody(asked) == []


def test_a_folder_of_an_earlier_version_is_closed_at_the_start_with_a_word(product: Product) -> None:
    """It stood open, with the token in it; whoever read that has nothing of it now."""
    product.stop()
    folder = product.settings.data_dir
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    conf = folder / "nats" / "nats.conf"
    token = (folder / TOKEN_FILE).read_text()
    assert token in as_nobody(conf.read_text)
    product.start()
    product.wait_ready()
    said = product.services["up"].words().decode()
    assert "dapat dibaca pengguna lain di mesin ini; kini ditutup" in said
    assert as_nobody(lambda: readable(folder)) == []
    test_every_file_is_its_owners_alone(product)
    assert (folder / TOKEN_FILE).read_text() != token
    assert token not in conf.read_text()
