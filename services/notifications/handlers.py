"""What notifications is asked: an agency's words are adopted, a fact is planned, a notice goes its way."""

from contracts import notifications as facts
from contracts.notifications import (
    AdoptCalendar,
    AdoptOffice,
    AdoptSeasons,
    AllowHookRange,
    BlockContact,
    EndHook,
    GiveUp,
    MarkSeen,
    NoteTroubles,
    PassOn,
    PlanNotices,
    PublishRoutes,
    RecordAttempt,
    RecordGathered,
    RecordReceipt,
    RenewContact,
    ResumeHook,
    RotateHookSecret,
    SendAgain,
    SetPreferences,
    SubscribeHook,
    SuspendHook,
    TestChannel,
    TestHook,
    TickSent,
    UnblockContact,
    WithdrawHookRange,
)
from contracts.notifications.contacts import ContactNoted, NoteContact, SendContactCode
from services.kit.deciding import Commands, Given, Handles, StreamKind
from services.kit.policy import related, roles
from services.notifications import policy
from services.notifications.domain import (
    codes,
    contacts,
    gathering,
    hooks,
    notice,
    office,
    planning,
    receipts,
    troubles,
    ways,
)
from services.notifications.domain.notice import Open, Settled, Unknown, Unplanned

SERVICE, DESK, KEEPER = roles("service"), roles(*policy.DESK), roles(*policy.KEEPERS)
HIMSELF = related("the person himself")
RECIPIENT = related("whom it is for: the person, or who acts for the position today")


def _office(_command: AdoptOffice | AdoptCalendar | AdoptSeasons | PublishRoutes, _given: Given) -> str:
    return office.STREAM


def _event(command: PlanNotices, _given: Given) -> str:
    return planning.event_stream(command.event_id)


def _case(command: NoteContact, _given: Given) -> str:
    return contacts.stream(command)


def _notice(
    command: RecordAttempt | RecordReceipt | PassOn | TickSent | SendAgain | GiveUp | MarkSeen, _given: Given
) -> str:
    return notice.stream(command.notice_id)


def _code(command: SendContactCode, _given: Given) -> str:
    return notice.stream(codes.notice_id(command.event_id))


def _gathering(command: RecordGathered, _given: Given) -> str:
    return gathering.stream(command.who)


def _test(_command: TestChannel, given: Given) -> str:
    return planning.event_stream(given.command_id)


def _ways(command: SetPreferences | BlockContact | UnblockContact | RenewContact, _given: Given) -> str:
    return ways.stream(command.person_id)


def _machine(_command: NoteTroubles, _given: Given) -> str:
    return troubles.STREAM


def _hooks(_command: object, _given: Given) -> str:
    return hooks.STREAM


COMMANDS: Commands = {
    AdoptOffice: Handles(_office, office.adopt_office, facts=(facts.OfficeAdopted,), askers=SERVICE),
    AdoptCalendar: Handles(_office, office.adopt_calendar, facts=(facts.CalendarAdopted,), askers=SERVICE),
    AdoptSeasons: Handles(_office, office.adopt_seasons, facts=(facts.SeasonsAdopted,), askers=SERVICE),
    PublishRoutes: Handles(
        _office, office.publish_routes, facts=(facts.RoutesPublished,), askers=roles(*policy.PUBLISHING)
    ),
    PlanNotices: Handles(
        _event, planning.plan,
        facts=(facts.CaseNoted, facts.NoticesPlanned, facts.NoticePlanned, facts.NoticeGathered), askers=SERVICE,
    ),
    SendContactCode: Handles(
        _code, codes.send,
        facts=(facts.NoticePlanned,), askers=SERVICE, states=(Unplanned,), repeats=(Open, Unknown, Settled),
    ),
    NoteContact: Handles(_case, contacts.note, facts=(ContactNoted, facts.CaseNoted), askers=SERVICE),
    RecordAttempt: Handles(
        _notice, notice.record,
        facts=(facts.NoticeAccepted, facts.AttemptFailed, facts.AttemptUnknown, facts.NoticeGivenUp),
        askers=SERVICE, states=(Open,),
        elsewhere=(facts.HookFailing, facts.HookRecovered, facts.HookSuspended, facts.ContactBlocked),
    ),
    RecordGathered: Handles(
        _gathering, gathering.record, facts=(facts.BundleSettled, facts.NoticeGathered), askers=SERVICE,
        elsewhere=(
            facts.NoticeAccepted, facts.AttemptFailed, facts.AttemptUnknown, facts.NoticeGivenUp, facts.ContactBlocked,
        ),
    ),
    RecordReceipt: Handles(
        _notice, receipts.record,
        facts=(facts.NoticeAccepted, facts.NoticeDelivered, facts.NoticeBounced, facts.NoticeGivenUp),
        askers=SERVICE, states=(Open, Unknown, Settled), elsewhere=(facts.ContactBlocked,),
    ),
    PassOn: Handles(
        _notice, notice.pass_on, facts=(facts.AttemptFailed,), askers=SERVICE, states=(Open,),
        repeats=(Unplanned, Unknown, Settled),
    ),
    TickSent: Handles(
        _notice, notice.tick, facts=(facts.NoticeAccepted,), askers=DESK, states=(Open, Unknown, Settled)
    ),
    SendAgain: Handles(
        _notice, notice.send_again, facts=(facts.NoticeSentAgain,), askers=DESK, states=(Unknown, Settled)
    ),
    GiveUp: Handles(
        _notice, notice.give_up,
        facts=(facts.NoticeGivenUp,), askers=DESK, states=(Open, Unknown), repeats=(Settled,),
    ),
    MarkSeen: Handles(
        _notice, notice.mark_seen, facts=(facts.NoticeSeen,), askers=RECIPIENT, states=(Open, Unknown, Settled)
    ),
    SubscribeHook: Handles(_hooks, hooks.subscribe, facts=(facts.HookSubscribed,), askers=KEEPER),
    RotateHookSecret: Handles(_hooks, hooks.rotate, facts=(facts.HookSecretRotated,), askers=KEEPER),
    SuspendHook: Handles(
        _hooks, hooks.suspend, facts=(facts.HookSuspended,), askers=roles(*policy.KEEPERS, "service")
    ),
    ResumeHook: Handles(_hooks, hooks.resume, facts=(facts.HookResumed,), askers=KEEPER),
    EndHook: Handles(_hooks, hooks.end, facts=(facts.HookEnded,), askers=KEEPER),
    TestHook: Handles(_hooks, hooks.test, facts=(), elsewhere=(facts.NoticePlanned,), askers=KEEPER),
    AllowHookRange: Handles(_hooks, hooks.allow, facts=(facts.HookRangeAllowed,), askers=KEEPER),
    WithdrawHookRange: Handles(_hooks, hooks.withdraw, facts=(facts.HookRangeWithdrawn,), askers=KEEPER),
    TestChannel: Handles(_test, planning.test, facts=(facts.NoticePlanned,), askers=KEEPER),
    SetPreferences: Handles(_ways, ways.prefer, facts=(facts.PreferencesSet,), askers=HIMSELF),
    BlockContact: Handles(_ways, ways.block, facts=(facts.ContactBlocked,), askers=roles(*policy.LOOKING_AFTER)),
    UnblockContact: Handles(_ways, ways.unblock, facts=(facts.ContactUnblocked,), askers=roles(*policy.LOOKING_AFTER)),
    RenewContact: Handles(_ways, ways.renew, facts=(facts.ContactUnblocked,), askers=SERVICE),
    NoteTroubles: Handles(
        _machine, troubles.note, facts=(facts.TroubleNoted, facts.TroubleEnded), elsewhere=(facts.NoticePlanned,),
        askers=SERVICE,
    ),
}  # fmt: skip

STREAMS: dict[str, StreamKind] = {
    "office": StreamKind(office.Office(), office.evolve),
    "case": StreamKind(planning.Case(), planning.evolve),
    "event": StreamKind(False, planning.evolve_event),
    "contact": StreamKind(ways.Ways(), ways.evolve),
    "gathering": StreamKind(gathering.Gathering(), gathering.evolve, jobs=gathering.jobs),
    "hooks": StreamKind(hooks.Hooks(), hooks.evolve, timers=hooks.timers),
    "machine": StreamKind(troubles.Machine(), troubles.evolve),
    "notice": StreamKind(Unplanned(), notice.evolve, timers=notice.timers, jobs=notice.jobs, unfit=notice.unfit),
}
