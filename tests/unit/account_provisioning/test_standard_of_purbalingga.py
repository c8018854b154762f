"""The rules of the published standard, as organisation hands them over, are rules that requests can run under."""

from datetime import timedelta

from contracts.account_provisioning import AdoptStandard, RequestCompleted, StandardAdopted
from contracts.organisation import PublishStandard
from contracts.words import StandardRef
from services.account_provisioning.policy.rules import account_rules
from services.organisation.adapters.standards_files import own_standards, read
from tests.unit.account_provisioning.desk import ACCOUNTS, CLERK, form, key
from tests.unit.given_when_then import Desk


def adopted() -> AdoptStandard:
    published = [each.command for each in read(own_standards()) if isinstance(each.command, PublishStandard)]
    own = next(each for each in published if each.rules.get("accounts"))
    return AdoptStandard(standard=own.standard, valid_from=own.valid_from, rules=own.rules)


def test_it_is_adopted_and_its_hour_begins_when_all_is_there() -> None:
    desk = Desk("purbalingga", (ACCOUNTS,)).when(adopted()).then(StandardAdopted)
    desk.when(form(), CLERK, command_id=key())
    completed = desk.fact(RequestCompleted)
    assert completed.due_at - completed.completed_at == timedelta(hours=1), "1 jam"
    assert completed.standard == StandardRef(standard="email-kedinasan", version=1, decree="")


def test_what_organisation_leaves_out_is_what_its_shape_says() -> None:
    """Defaults do not travel; both sides have the same."""
    own = account_rules(adopted().rules)
    assert (own.connector, own.eyes, own.reuse, own.book) == ("embedded", 1, False, "{number:04d}/{year}")
    assert own.strip_titles
    assert own.ends == "notified"
    assert own.reviewers == ("staf-informatika-1", "staf-informatika-2")
