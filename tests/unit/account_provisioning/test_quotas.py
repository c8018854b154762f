"""A change may ask for one of the quotas of the standard; what came to nothing is put back as it was."""

from collections.abc import Sequence
from typing import Any

import pytest

from contracts.account_provisioning import AccountChanged, RequestFiled
from contracts.base import Recorded
from services.account_provisioning.adapters.jobs import queues
from services.account_provisioning.domain.provisioning import jobs
from services.account_provisioning.domain.state import request_stream
from services.account_provisioning.ports import Entry
from services.kit.service import WantedJob
from tests.unit.account_provisioning import desk as d
from tests.unit.account_provisioning.desk import CLERK, STAFF, about, approval, done, file, form, key, request_id
from tests.unit.given_when_then import Desk


def bigger(number: int = 2, quota: int = 2048) -> Desk:
    return file(d.received(), number, about("change", quota=quota))


async def payload(desk: Desk, number: int) -> Any:
    """What the worker of the job that waits now is given."""

    async def history(_agency: str, stream: str) -> Sequence[Recorded]:
        return [each for each in desk.log if each.stream == stream]

    place = request_stream(request_id(number))
    (job,) = jobs(place, desk._states[d.ACCOUNTS.name, place])
    wanted = WantedJob(request_id(9), "purbalingga", place, job.name, job.queue, job.body, 0)
    return await queues(history, lambda sealed: sealed.plain, None)["ldap"].finish(wanted)  # type: ignore[arg-type]


@pytest.mark.parametrize("wanted", [about("change", quota=3), about("reset", cause="forgotten", quota=1024)])
def test_what_the_standard_does_not_say_and_what_is_no_change_is_refused(wanted: Any) -> None:
    d.received().when(wanted, CLERK, command_id=key(2)).refused("account_provisioning.quota-unknown")


def test_a_new_account_has_what_the_mail_server_gives() -> None:
    d.counter().when(form(quota=1024), CLERK, command_id=key()).refused("account_provisioning.quota-unknown")


async def test_it_goes_to_the_directory_and_stands_with_the_account() -> None:
    desk = bigger()
    assert desk.fact(RequestFiled).quota == 2048
    desk.when(approval(2), STAFF)
    assert (await payload(desk, 2))["quota"] == 2048
    desk.when(done(2))
    assert desk.fact(AccountChanged).quota == 2048


async def test_a_change_without_one_leaves_it() -> None:
    desk = (
        bigger()
        .when(approval(2), STAFF)
        .when(done(2))
        .when(d.TELL.model_copy(update={"request_id": request_id(2)}), CLERK)
    )
    file(desk, 3, about("change")).when(approval(3), STAFF)
    assert (await payload(desk, 3))["quota"] is None


@pytest.mark.parametrize("given", [None, 1024])
async def test_what_is_given_up_gets_back_what_it_had_before(given: int | None) -> None:
    desk, number = d.received(), 2
    if given:
        desk = bigger(2, given).when(approval(2), STAFF).when(done(2))
        desk.when(d.TELL.model_copy(update={"request_id": request_id(2)}), CLERK)
        number = 3
    file(desk, number, about("change", quota=2048)).when(approval(number), STAFF)
    failed = d.not_done().model_copy(update={"request_id": request_id(number)})
    desk.when(failed).when(d.ABANDON.model_copy(update={"request_id": request_id(number)}), CLERK)
    assert (await payload(desk, number))["quota"] == (given or 0)


def test_an_account_without_a_quota_has_the_digest_that_it_always_had() -> None:
    entry = Entry(None, "a@x", "A", "U", login=True, receives=True)
    assert entry.digest() == Entry(None, "a@x", "A", "U", login=True, receives=True, quota=0).digest()
    assert entry.digest() != Entry(None, "a@x", "A", "U", login=True, receives=True, quota=5).digest()
