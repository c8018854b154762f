"""Each wrong setting is named, with what to write there, before anything starts; its value is shown to nobody."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from services.cli import preflight
from services.kit.mistakes import mistakes_in
from services.kit.settings import Settings


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"smtp_host": "127.0.0.1", "smtp_port": "99999"}, ("CARAKA_SMTP_PORT", "paling besar 65535")),
        ({"smtp_host": "127.0.0.1", "smtp_security": "ssl3"}, ("CARAKA_SMTP_SECURITY", "'starttls' atau 'plain'")),
        ({"smtp_host": "127.0.0.1", "smtp_sender": "bukan"}, ("CARAKA_SMTP_SENDER", "alamat surel kantor")),
        ({"smtp_replies": "{"}, ("CARAKA_SMTP_REPLIES", "JSON")),
        ({"smtp_password_file": "/tidak/ada"}, ("CARAKA_SMTP_PASSWORD_FILE", "/tidak/ada")),
        ({"bounces_port": "x"}, ("CARAKA_BOUNCES_PORT", "bilangan bulat")),
        ({"bounces_address": "balik@kota.example"}, ("CARAKA_BOUNCES_ADDRESS", "{token}")),
        ({"webhook_this_machine": "mungkin"}, ("CARAKA_WEBHOOK_THIS_MACHINE", "true atau false")),
        ({"directories": "{"}, ("CARAKA_DIRECTORIES", "JSON")),
        ({"directories": '[{"agency": "purbalingga", "kind": "ad"}]'}, ("CARAKA_DIRECTORIES", "'ldap'")),
        ({"directories": '[{"agency": "purbalingga", "kind": "ldap"}]'}, ("CARAKA_DIRECTORIES", "belum diisi")),
        ({"backup_keep": "7,5"}, ("CARAKA_BACKUP_KEEP", "tiga angka")),
        ({"backup_to": "/cadangan", "backup_recipient": "abc"}, ("CARAKA_BACKUP_RECIPIENT", "age1")),
    ],
)
def test_one_sentence(
    settings: dict[str, str], said: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(f"CARAKA_{name.upper()}", value)
    with pytest.raises(preflight.NotReady) as told:
        preflight.files(Settings(data_dir=tmp_path))
    sentence = str(told.value)
    assert all(word in sentence for word in said), sentence
    assert "\n" not in sentence
    assert "Input should" not in sentence


def test_nothing_is_wrong_where_nothing_is_set(tmp_path: Path) -> None:
    preflight.files(Settings(data_dir=tmp_path))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"public_url": "ftp://surat.example"}, "CARAKA_PUBLIC_URL harus alamat lengkap"),
        ({"public_url": "surat.example"}, "CARAKA_PUBLIC_URL harus alamat lengkap"),
        ({"public_url": "http://surat.example"}, "CARAKA_PUBLIC_URL harus https"),
        ({"database_url": "mysql://rahasia@x"}, "CARAKA_DATABASE_URL harus diawali postgresql://"),
        ({"http_port": "abc"}, "CARAKA_HTTP_PORT: isinya harus bilangan bulat"),
        ({"log_format": "xml"}, "CARAKA_LOG_FORMAT harus auto, json, atau pretty"),
    ],
)
def test_of_the_product_itself(settings: dict[str, str], said: str) -> None:
    with pytest.raises(ValidationError) as wrong:
        Settings(**settings)  # type: ignore[arg-type]
    (sentence,) = mistakes_in(wrong.value)
    assert sentence.startswith(said)
    assert "rahasia" not in sentence
