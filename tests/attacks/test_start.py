"""Nothing is served to a network without TLS: the start refuses it, in a sentence."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from services.kit.settings import Settings
from tests.parts.product import Product

HTTPS = "https://surat.example.go.id"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "surat.example.go.id"])  # noqa: S104 - refused
def test_elsewhere_than_on_loopback_it_needs_an_https_address(host: str, tmp_path: Path) -> None:
    for wrong in (
        {"http_host": host},
        {"http_host": host, "public_url": "http://127.0.0.1:8080"},
        {"http_host": host, "http_published": host, "public_url": "http://localhost:8080"},
        {"http_published": host},
    ):
        with pytest.raises(ValidationError, match="Gerbang dapat dicapai dari luar mesin ini"):
            Settings(data_dir=tmp_path, **wrong)
    assert Settings(data_dir=tmp_path, http_host=host, public_url=HTTPS).reached_on == host
    in_a_container = Settings(data_dir=tmp_path, http_host=host, http_published="127.0.0.1")
    assert in_a_container.reached_on == "127.0.0.1", "what is published on loopback alone"


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_on_loopback_it_needs_none(host: str, tmp_path: Path) -> None:
    assert Settings(data_dir=tmp_path, http_host=host).reached_on == host


@pytest.mark.parametrize("proxies", ["proksi", "10.0.0.0/33", "10.0.0.1,", "10.0.0.1/24"])
def test_proxies_are_named_by_addresses_and_networks(proxies: str, tmp_path: Path) -> None:
    if proxies == "10.0.0.1,":
        assert Settings(data_dir=tmp_path, trusted_proxies=proxies).proxies == ["10.0.0.1"]
        return
    with pytest.raises(ValidationError, match="CARAKA_TRUSTED_PROXIES"):
        Settings(data_dir=tmp_path, trusted_proxies=proxies)


@pytest.mark.parametrize("command", ["up", "gateway"])
def test_the_console_says_it_in_a_sentence(command: str, tmp_path: Path) -> None:
    product = Product(tmp_path / "product")
    status, said = product.try_command(command, env={"CARAKA_HTTP_HOST": "0.0.0.0"})  # noqa: S104 - refused
    assert status == 2, said
    assert "isi CARAKA_PUBLIC_URL dengan alamat https" in said
    assert "Traceback" not in said
    assert not (product.settings.data_dir / "keyring").exists(), "and nothing was begun"
