"""Other systems hear of facts: who may subscribe, where a webhook may lead, which secret signs, when it rests."""

import base64
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from hypothesis import given as examples
from hypothesis import strategies as some
from standardwebhooks import Webhook, WebhookVerificationError

from contracts.base import Actor
from contracts.notices import HOOKABLE
from contracts.notifications import (
    AllowHookRange,
    AttemptFailed,
    EndHook,
    HookEnded,
    HookFailing,
    HookRangeAllowed,
    HookRangeWithdrawn,
    HookRecovered,
    HookResumed,
    HookSecretRotated,
    HookSubscribed,
    HookSuspended,
    MarkSeen,
    NoticeAccepted,
    NoticeGivenUp,
    NoticePlanned,
    NoticesPlanned,
    RecordAttempt,
    ResumeHook,
    RotateHookSecret,
    SubscribeHook,
    SuspendHook,
    TestHook,
    TickSent,
    WithdrawHookRange,
)
from services.notifications.adapters.webhook_queue import cloud_event, secret_of, signed
from services.notifications.domain.addresses import NoAddress, checked, may_connect, range_of
from services.notifications.domain.hooks import FAILING, STREAM, Hooks, evolve, timers
from services.notifications.policy import HOOK_FAILS_FOR, HOOK_WAITS_FOR, MOST_HOOKS, MOST_TRIES
from tests.unit.given_when_then import Desk
from tests.unit.notifications.desk import house, notices, rules, standing, state
from tests.unit.office import CITIZEN, COURIER, KASI, OPERATOR, forwarded

ADMIN = Actor(id="admin", roles=("admin",))
HOOK = UUID("00000000-0000-5000-8000-0000000000aa")
OPENED = "approval.RoundOpened"
URL = "https://persuratan.kota.example/caraka?kunci=rahasia"


def subscribe(hook: UUID = HOOK, url: str = URL, kinds: tuple[str, ...] = (OPENED,)) -> SubscribeHook:
    return SubscribeHook(hook_id=hook, url=url, event_kinds=kinds, label="Aplikasi persuratan")


def hooks(desk: Desk) -> Hooks:
    found = Hooks()
    for each in desk.log:
        if each.stream == STREAM:
            found = evolve(found, each.event)
    return found


def told_a_hook() -> tuple[Desk, NoticePlanned]:
    """A letter waits for the Kasi; a hook hears of it, and nobody else."""
    desk = house(rules=rules(routes=())).when(subscribe(), ADMIN)
    forwarded(desk).tell()
    (notice,) = notices(desk)
    return desk, notice


def attempt(notice: UUID, outcome: str, reason: str | None = None) -> RecordAttempt:
    said = {"notice_id": notice, "channel": "webhook", "generation": 1, "outcome": outcome, "reason": reason}
    return RecordAttempt.model_validate(said)


def test_an_administrator_subscribes_and_a_fact_becomes_a_thin_notice_of_its_own() -> None:
    desk, notice = told_a_hook()
    assert (notice.hook_id, notice.channels, notice.position, notice.person_id) == (HOOK, ("webhook",), None, None)
    assert set(notice.values) == {"number", "at"}
    assert notice.not_before == notice.planned_at, "a machine is not disturbed at night"
    summed = [each.event for each in desk.log if isinstance(each.event, NoticesPlanned) and each.event.routes]
    (route,) = summed[0].routes
    assert (route.audience, route.notices) == ("hook", (notice.notice_id,))
    (job,) = standing(desk, notice.notice_id)
    assert job.queue == f"webhook:{HOOK}", "a lane of its own: what is down delays itself alone"


def test_what_it_did_not_subscribe_to_it_does_not_hear() -> None:
    desk = house(rules=rules(routes=())).when(subscribe(kinds=("dispatch.DeliveryFailed",)), ADMIN)
    forwarded(desk).tell()
    assert notices(desk) == []


@pytest.mark.parametrize("actor", [OPERATOR, KASI, COURIER, CITIZEN])
def test_nobody_but_an_administrator_touches_a_hook(actor: Actor) -> None:
    desk = house().when(subscribe(), ADMIN)
    for command in (
        subscribe(uuid4()), RotateHookSecret(hook_id=HOOK), SuspendHook(hook_id=HOOK, reason="mau"),
        ResumeHook(hook_id=HOOK), EndHook(hook_id=HOOK, reason="mau"), TestHook(hook_id=HOOK),
        AllowHookRange(network="10.0.0.0/8", reason="mau"), WithdrawHookRange(network="10.0.0.0/8"),
    ):  # fmt: skip
        desk.when(command, actor).refused("notifications.not-permitted")


def test_the_address_is_sealed_and_only_its_place_stands_open() -> None:
    desk = house().when(subscribe(), ADMIN).then(HookSubscribed)
    fact = desk.fact(HookSubscribed)
    assert fact.place == "persuratan.kota.example:443"
    assert (fact.url.seal_class, fact.url.subject_id) == ("contact", f"hook-{HOOK}")
    assert "rahasia" not in str(fact.model_dump(exclude={"url"}))


def test_an_id_is_nobody_elses_also_after_its_end_and_there_are_not_too_many() -> None:
    desk = house().when(subscribe(), ADMIN)
    desk.when(subscribe(), ADMIN).refused("notifications.hook-known")
    desk.when(EndHook(hook_id=HOOK, reason="selesai"), ADMIN).then(HookEnded)
    desk.when(EndHook(hook_id=HOOK, reason="selesai"), ADMIN).then()
    desk.when(subscribe(), ADMIN).refused("notifications.hook-known")
    for _ in range(MOST_HOOKS):
        desk.when(subscribe(uuid4()), ADMIN).then(HookSubscribed)
    desk.when(subscribe(uuid4()), ADMIN).refused("notifications.too-many-hooks")


def test_an_unknown_kind_is_refused_and_so_is_an_unknown_hook() -> None:
    desk = house().when(subscribe(kinds=("organisation.ContactStated",)), ADMIN).refused("notifications.kind-unknown")
    for command in (
        RotateHookSecret(hook_id=HOOK), SuspendHook(hook_id=HOOK, reason="x"), ResumeHook(hook_id=HOOK),
        EndHook(hook_id=HOOK, reason="x"), TestHook(hook_id=HOOK),
    ):  # fmt: skip
        desk.when(command, ADMIN).refused("notifications.hook-unknown")


def test_after_a_rotation_both_secrets_sign_for_a_day() -> None:
    desk = house().when(subscribe(), ADMIN)
    desk.when(RotateHookSecret(hook_id=HOOK), ADMIN).then(HookSecretRotated)
    hook = hooks(desk).standing[HOOK]
    assert hook.generations(desk.now) == (2, 1)
    assert hook.generations(desk.now + timedelta(hours=23, minutes=59)) == (2, 1)
    assert hook.generations(desk.now + timedelta(hours=24)) == (2,)


def test_a_foreign_library_verifies_either_secret_and_no_other() -> None:
    _, notice = told_a_hook()
    body, now = cloud_event(notice, "pekalongan", "https://caraka.kota.example"), datetime.now(UTC)
    secrets = [secret_of(b"k" * 32, HOOK, generation) for generation in (2, 1)]
    headers = signed(body, str(notice.notice_id), secrets, now)
    assert headers["webhook-id"] == str(notice.notice_id)
    for secret in secrets:
        said = Webhook(secret).verify(body, headers)
        assert said["id"] == str(notice.notice_id)
    for other in (secret_of(b"k" * 32, HOOK, 3), secret_of(b"k" * 32, uuid4(), 1), secret_of(b"x" * 32, HOOK, 1)):
        with pytest.raises(WebhookVerificationError):
            Webhook(other).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(secrets[0]).verify(body.replace(b"0844", b"0845"), headers)
    assert len(base64.b64decode(secrets[0].removeprefix("whsec_"))) == 32


def test_what_is_sent_says_kind_case_number_and_time_and_nothing_else() -> None:
    _, notice = told_a_hook()
    said = orjson.loads(cloud_event(notice, "pekalongan", "https://caraka.kota.example"))
    assert set(said) == {"specversion", "id", "source", "type", "subject", "time", "datacontenttype", "data"}
    assert set(said["data"]) == {"case_kind", "case_id", "number"}
    assert (said["type"], said["data"]["number"]) == (OPENED, "0844/2026")
    assert datetime.fromisoformat(said["time"]).tzinfo is not None


def test_a_failure_that_passes_is_tried_for_days_and_then_the_hook_rests() -> None:
    desk, notice = told_a_hook()
    desk.when(attempt(notice.notice_id, "temporary", "server-away")).then(AttemptFailed, HookFailing)
    began = desk.now
    for _ in range(MOST_TRIES + 3):
        desk.when(attempt(notice.notice_id, "temporary", "server-away")).then(AttemptFailed)
    assert standing(desk, notice.notice_id), "people's channels give up after so many; a machine's waits for days"
    (timer,) = timers(STREAM, hooks(desk))
    assert timer.due_at == began + HOOK_FAILS_FOR
    desk.now = timer.due_at - timedelta(seconds=1)
    desk.when(timer.command).then()
    desk.now = timer.due_at
    desk.when(timer.command).then(HookSuspended)
    fact = desk.fact(HookSuspended)
    assert (fact.by, fact.reason, fact.place) == (None, FAILING, "persuratan.kota.example:443")
    assert timers(STREAM, hooks(desk)) == ()


def test_one_success_and_the_days_begin_anew() -> None:
    desk, notice = told_a_hook()
    desk.when(attempt(notice.notice_id, "unknown", "timeout")).then(AttemptFailed, HookFailing)
    (timer,) = timers(STREAM, hooks(desk))
    desk.when(attempt(notice.notice_id, "accepted")).then(NoticeAccepted, HookRecovered)
    desk.now = timer.due_at
    desk.when(timer.command).then()
    assert hooks(desk).standing[HOOK].suspended_at is None


def test_who_says_that_it_is_gone_is_believed_at_once() -> None:
    desk, notice = told_a_hook()
    desk.when(attempt(notice.notice_id, "permanent", "gone")).then(
        AttemptFailed, NoticeGivenUp, HookFailing, HookSuspended
    )
    assert standing(desk, notice.notice_id) == ()


def test_a_suspended_hook_is_kept_its_messages_for_a_while_and_then_it_is_said_why_not() -> None:
    desk = house(rules=rules(routes=())).when(subscribe(), ADMIN)
    desk.when(SuspendHook(hook_id=HOOK, reason="pindah server"), ADMIN).then(HookSuspended)
    desk.when(SuspendHook(hook_id=HOOK, reason="lagi"), ADMIN).then()
    assert desk.fact(HookSuspended).by is not None
    desk.when(TestHook(hook_id=HOOK), ADMIN).refused("notifications.hook-suspended")
    assert hooks(desk).standing[HOOK].hears(desk.now + HOOK_WAITS_FOR - timedelta(seconds=1))
    assert not hooks(desk).standing[HOOK].hears(desk.now + HOOK_WAITS_FOR)
    forwarded(desk).tell()
    assert len(notices(desk)) == 1
    desk.when(ResumeHook(hook_id=HOOK, from_at=desk.now), ADMIN).then(HookResumed)
    desk.when(ResumeHook(hook_id=HOOK), ADMIN).then()
    assert hooks(desk).standing[HOOK].from_at == desk.now


def test_a_test_message_is_a_notice_about_nothing() -> None:
    desk = house().when(subscribe(), ADMIN).when(TestHook(hook_id=HOOK), ADMIN).then(NoticePlanned)
    (notice,) = notices(desk)
    assert (notice.event_kind, notice.purpose, notice.hook_id) == ("notifications.Test", "operations", HOOK)


def test_nobody_ticks_or_sees_what_was_for_a_machine() -> None:
    desk, notice = told_a_hook()
    desk.when(TickSent(notice_id=notice.notice_id, how="phone"), OPERATOR).refused("notifications.channel-unknown")
    desk.when(MarkSeen(notice_id=notice.notice_id), KASI).refused("notifications.not-for-you")
    assert not state(desk, notice.notice_id).accepted


def test_every_kind_that_can_be_heard_is_one_that_is_asked_about() -> None:
    from services.notifications.reactions import REACTIONS

    asked = {f"{kind.service()}.{kind.__name__}" for kind in REACTIONS}
    assert asked >= HOOKABLE


def test_no_other_system_hears_of_a_complaint() -> None:
    assert not [kind for kind in HOOKABLE if kind.startswith("complaint.")]


# ── where it may lead ────────────────────────────────────────────────────────────────────────────────────────────────

OFFICE = (range_of("10.20.0.0/16"),)


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/", "https://127.1/", "https://0x7f000001/", "https://0x7f.0.0.1/", "https://2130706433/",
        "https://0177.0.0.1/", "https://017700000001/", "https://[::1]/", "https://[::ffff:127.0.0.1]/",
        "https://[::ffff:7f00:1]/", "https://[64:ff9b::7f00:1]/", "https://[2002:7f00:1::]/",
        "https://169.254.169.254/latest/meta-data", "https://[fe80::1]/", "https://[fd00::1]/", "https://10.0.0.1/",
        "https://192.168.1.1/", "https://172.16.0.1/", "https://100.64.0.1/", "https://0.0.0.0/", "https://[::]/",
        "https://224.0.0.1/", "https://255.255.255.255/", "http://persuratan.kota.example@127.0.0.1/",
        "https://nama:sandi@persuratan.kota.example/", "https://a.example#@127.0.0.1/", "https://a.example\\@b/",
        "ftp://a.example/", "file:///etc/passwd", "gopher://a.example/", "https:///", "https://", "//a.example/",
        "https://a.example:22/", "https://a.example:0/", "https://a.example:99999/", "https://a.example:25/",
        "https://a..example/", "https://-a.example/", "https://a.example%00.b/", "https://%31%32%37.0.0.1/",
        "https://[::1%25eth0]/", "http://8.8.8.8/",
    ],
)  # fmt: skip
def test_what_leads_inside_or_is_written_to_mislead_is_refused(url: str) -> None:
    with pytest.raises(NoAddress):
        checked(url, OFFICE)
    house().when(subscribe(url=url), ADMIN).refused("notifications.hook-address")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (URL, "https://persuratan.kota.example:443/caraka"),
        ("https://a.example:8443", "https://a.example:8443/"),
        ("https://a.example?x=1", "https://a.example:443/"),
        ("https://8.8.8.8/x", "https://8.8.8.8:443/x"),
        ("http://10.20.3.4:8080/x", "http://10.20.3.4:8080/x"),
        ("https://[2606:4700::1111]/", "https://[2606:4700::1111]:443/"),
        ("https://xn--kse-qla.example./", "https://xn--kse-qla.example.:443/"),
    ],
)
def test_what_leads_outside_or_into_an_allowed_range_is_taken(url: str, shown: str) -> None:
    assert checked(url, OFFICE).shown == shown


@pytest.mark.parametrize(
    "said", ["127.0.0.0/8", "0.0.0.0/0", "169.254.0.0/16", "8.8.8.0/24", "::/0", "fe80::/10", "10.0.0.1/8", "x", "10"]
)
def test_no_row_allows_this_machine_its_wire_or_the_world(said: str) -> None:
    with pytest.raises(NoAddress):
        range_of(said)


def test_a_row_is_an_administrators_and_is_withdrawn() -> None:
    desk = house().when(AllowHookRange(network="127.0.0.0/8", reason="coba"), ADMIN).refused("notifications.hook-range")
    desk.when(AllowHookRange(network="10.20.0.0/16", reason="jaringan kantor"), ADMIN).then(HookRangeAllowed)
    desk.when(AllowHookRange(network="10.20.0.0/16", reason="jaringan kantor"), ADMIN).then()
    desk.when(subscribe(url="http://10.20.1.1:8080/"), ADMIN).then(HookSubscribed)
    desk.when(WithdrawHookRange(network="10.20.0.0/16"), ADMIN).then(HookRangeWithdrawn)
    desk.when(WithdrawHookRange(network="10.20.0.0/16"), ADMIN).then()
    desk.when(subscribe(uuid4(), "http://10.20.1.1:8080/"), ADMIN).refused("notifications.hook-address")


@examples(some.ip_addresses())
def test_without_a_row_only_one_machine_on_the_open_internet_is_reached(address: Any) -> None:
    if may_connect(address, "https", ()):
        assert address.is_global
        assert not any((address.is_private, address.is_loopback, address.is_link_local, address.is_multicast))
    assert not may_connect(address, "http", ())


@examples(some.ip_addresses(v=4))
def test_an_address_in_another_dress_is_the_same_address(address: Any) -> None:
    bare = may_connect(address, "https", ())
    for dress in (f"::ffff:{address}", f"64:ff9b::{address}"):
        assert may_connect(ip_address(dress), "https", ()) == bare
