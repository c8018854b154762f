"""The standards as published, as organisation hands them over, are rules that complaints can run under."""

from typing import Any

import pytest

from contracts.complaint import AdoptStandard, ComplaintClassified, ComplaintFiled, StandardAdopted
from contracts.organisation import PublishStandard
from services.complaint.policy.rules import complaint_rules, of_complaints, taken
from services.organisation.adapters.standards_files import own_standards, read
from tests.unit.complaint.desk import CLERK, COMPLAINTS, OFFICER, complaint_id, form, key, sort
from tests.unit.given_when_then import Desk

STANDARDS = {"pekalongan": "berita-biasa-sanapati", "purbalingga": "email-kedinasan"}


def published(agency: str) -> dict[str, Any]:
    found = [each.command for each in read(own_standards()) if isinstance(each.command, PublishStandard)]
    own = next(each for each in found if each.standard.standard == STANDARDS[agency])
    assert taken(own.rules)
    return {"standard": own.standard, "valid_from": own.valid_from, "rules": of_complaints(own.rules)}


@pytest.mark.parametrize("agency", STANDARDS)
def test_it_is_adopted_and_a_complaint_runs_under_it(agency: str) -> None:
    desk = Desk(agency, (COMPLAINTS,)).when(AdoptStandard(**published(agency))).then(StandardAdopted)
    desk.when(form(), CLERK, command_id=key())
    filed = desk.fact(ComplaintFiled)
    assert filed.standard.standard == STANDARDS[agency]
    assert filed.acknowledge_by is not None
    assert filed.acknowledge_by < filed.due_at


def test_purbalinggas_classes_and_limits_are_those_of_its_text() -> None:
    rules = complaint_rules(published("purbalingga")["rules"])
    assert [(each.title, each.deadline["working_days"], each.restricted) for each in rules.classes] == [
        ("Pengaduan ringan", 5, False),
        ("Pengaduan bersifat normatif", 5, False),
        ("Pengaduan tidak berkadar pengawasan", 14, False),
        ("Pengaduan berkadar pengawasan dan memerlukan pemeriksaan", 60, True),
    ]
    assert not any(each.default for each in rules.classes)
    assert rules.officer == "pejabat-pengelola-pengaduan"
    assert [step.position for step in rules.ladder] == ["tim-pengelola-pengaduan", "kadis"]


def test_pekalongan_states_no_clock_so_its_own_is_called_a_default() -> None:
    rules = complaint_rules(published("pekalongan")["rules"])
    assert [(each.slug, each.default) for each in rules.classes] == [("umum", True)]
    assert "tidak dinyatakan dalam standar" in rules.classes[0].title
    assert [step.position for step in rules.ladder] == ["kadis"], "diteruskan ke Pejabat Dinas Kominfo"


def test_the_default_of_a_class_stands_in_the_fact() -> None:
    desk = Desk("purbalingga", (COMPLAINTS,)).when(AdoptStandard(**published("pekalongan")))
    desk.when(form(), CLERK, command_id=key())
    sort(desk, "umum")
    assert desk.fact(ComplaintClassified).default
    assert desk.fact(ComplaintClassified).complaint_id == complaint_id()
    assert OFFICER.id == "retno"


@pytest.mark.parametrize("agency", STANDARDS)
def test_what_the_house_has_added_is_what_the_service_takes_for_a_default(agency: str) -> None:
    """Defaults do not travel; both sides have the same."""
    rules = complaint_rules(published(agency)["rules"])
    assert (rules.acknowledge, rules.objection_window, rules.silence) == (
        {"working_days": 3}, {"working_days": 10}, {"working_days": 10},
    )  # fmt: skip
    assert (rules.objections, rules.retention_days, rules.approval) == (2, 90, None)
    assert rules.pauses == (("menunggu-pelapor", "Menunggu keterangan dari pelapor"),)
