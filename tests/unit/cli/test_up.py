"""What `caraka up` says to whoever starts it: how to get in, and where nobody can yet."""

from dataclasses import replace
from pathlib import Path

import pytest

from services.cli.up import WaysIn, put_samples, welcome
from services.kit.settings import Settings
from services.organisation.adapters.standards_files import load, own_standards


def said(**ways: object) -> str:
    return welcome(Settings(), WaysIn(**ways), fresh=0, seconds=1)  # type: ignore[arg-type]


def test_demo_people_are_named_by_their_logins() -> None:
    shown = said(password="abcd-efgh", logins=("operator@tegal", "kasi@tegal", "operator@brebes", "kasi@brebes"))
    assert "  operator@tegal\n  kasi@tegal\n  operator@brebes, …\nKata sandi demo:  abcd-efgh" in shown


def test_where_nobody_can_log_in_the_command_that_mends_it_is_said() -> None:
    assert "caraka user add --agency tegal --person admin" in said(nobody="tegal")
    assert "user add" not in said()


@pytest.mark.parametrize("demo", [True, False])
def test_sample_mail_is_for_a_demonstration_alone(tmp_path: Path, *, demo: bool) -> None:
    agencies = load(own_standards())[1]
    files = agencies["pekalongan"]
    files = replace(files, people=files.people.model_copy(update={"demo": demo}))
    assert put_samples(Settings(data_dir=tmp_path), {"tegal": files}) == 0
    assert bool(put_samples(Settings(data_dir=tmp_path), {"pekalongan": files})) is demo
