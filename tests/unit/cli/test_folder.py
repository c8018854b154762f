"""The data folder: closed to others, mended with a word, never somebody else's, and one product at a time."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from services.cli.folder import close, held
from services.kit.settings import TOKEN_FILE, Settings, local_token

Said = Callable[[], str]


def modes(folder: Path) -> dict[str, int]:
    return {
        str(path.relative_to(folder)): stat.S_IMODE(path.lstat().st_mode)
        for path in folder.rglob("*")
        if not path.is_symlink()
    }


def open_to_all(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() else 0o644)


@pytest.fixture
def said(settings: Settings, capsys: pytest.CaptureFixture[str]) -> Said:
    """Closes the folder; what it says."""

    def closed() -> str:
        close(settings)
        return capsys.readouterr().out

    return closed


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "var")


def test_a_new_folder_is_closed_and_nothing_is_said_of_it(settings: Settings, said: Said) -> None:
    settings.data_dir.mkdir(mode=0o755)
    assert said() == ""
    assert stat.S_IMODE(settings.data_dir.stat().st_mode) == 0o700


def test_an_open_folder_is_closed_with_all_in_it(settings: Settings, said: Said) -> None:
    local_token(settings.data_dir)
    (settings.data_dir / "intake.sqlite").touch()
    (settings.data_dir / "mailbox" / "pekalongan" / "new").mkdir(parents=True)
    (settings.data_dir / "mailbox" / "pekalongan" / "new" / "1.eml").touch()
    open_to_all(settings.data_dir)
    first, second = said().splitlines()
    assert "kini ditutup (7 berkas dan folder)" in first
    assert "gantilah" in second
    assert not any(mode & 0o077 for mode in modes(settings.data_dir).values())
    assert said() == ""


def test_the_token_of_a_folder_that_others_could_read_is_not_used_again(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    token = local_token(settings.data_dir)
    with held(settings):
        assert local_token(settings.data_dir) == token
    open_to_all(settings.data_dir)
    close(settings)  # beside a running broker: it goes on with its token
    assert local_token(settings.data_dir) == token
    open_to_all(settings.data_dir)
    with held(settings):
        assert local_token(settings.data_dir) != token
    assert "Token bus diganti" in capsys.readouterr().out


def test_a_file_that_was_opened_in_a_closed_folder_is_mended_too(settings: Settings, said: Said) -> None:
    token = local_token(settings.data_dir)
    (settings.data_dir / TOKEN_FILE).chmod(0o644)
    assert (
        said() == f"Hak baca pengguna lain dicabut dari 1 berkas dan folder di dalam folder data {settings.data_dir}.\n"
    )
    assert local_token(settings.data_dir) == token  # nobody could come so far


def test_what_a_link_points_to_and_the_secrets_of_the_container_stack_are_left_alone(
    settings: Settings, said: Said
) -> None:
    local_token(settings.data_dir)
    elsewhere = settings.data_dir.parent / "elsewhere"
    elsewhere.touch()
    (settings.data_dir / "link").symlink_to(elsewhere)
    (settings.data_dir / "secrets").mkdir()
    (settings.data_dir / "secrets" / "keyring").touch()
    open_to_all(settings.data_dir)
    elsewhere.chmod(0o644)
    close(settings)
    assert stat.S_IMODE(elsewhere.stat().st_mode) == 0o644
    assert modes(settings.data_dir)["secrets/keyring"] == 0o644


def test_a_folder_that_holds_something_else_is_not_touched(settings: Settings, said: Said) -> None:
    settings.data_dir.mkdir(mode=0o755)
    (settings.data_dir / "budget.ods").touch(mode=0o644)
    with pytest.raises(SystemExit, match="berisi hal lain selain data Caraka"):
        close(settings)
    with pytest.raises(SystemExit, match="berisi hal lain"), held(settings):
        pass
    assert modes(settings.data_dir) == {"budget.ods": 0o644}
    settings.data_dir.chmod(0o700)  # closed by hand: then it is used
    assert (
        said() == f"Hak baca pengguna lain dicabut dari 1 berkas dan folder di dalam folder data {settings.data_dir}.\n"
    )


def test_a_folder_is_held_once_and_whoever_comes_second_changes_nothing(settings: Settings) -> None:
    with held(settings):
        (settings.data_dir / "intake.sqlite").touch(mode=0o644)
        before = modes(settings.data_dir)
        refused = rf"sudah berjalan pada folder data .* \(proses {os.getpid()}\)"
        with pytest.raises(SystemExit, match=refused), held(settings):
            raise AssertionError("it was taken twice")
        assert modes(settings.data_dir) == before
    with held(settings):
        assert modes(settings.data_dir)["intake.sqlite"] == 0o600


def test_a_link_in_the_place_of_the_lock_is_not_followed(settings: Settings) -> None:
    settings.data_dir.mkdir(mode=0o700)
    (settings.data_dir / "caraka.lock").symlink_to(settings.data_dir.parent / "elsewhere")
    with pytest.raises(SystemExit, match="symbolic links"), held(settings):
        pass
    assert not (settings.data_dir.parent / "elsewhere").exists()
