"""Who may do what: the one table. Deny by default; a test holds that every route of the application is in it.

Initials and assignments are a position's, not a login's: *examiner*, *assigner* and *stand-in* are roles that follow
from what somebody acts for today (`contracts.words`), whatever his own role is. A stand-in sees the letters alone in
which he would stand in.

``roles``: who may knock at all (checked here, for every route). ``relation`` and ``state``: what is asked besides, of
a reading by `gateway.edge.parts`, of a command by the service's own rules (in its `policy`, inside the decision).
Inspectors read everything of their agency and change nothing; administrators keep the machine and see no letter;
couriers see their own stops only.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from contracts.words import ASSIGNER, EXAMINER, LEADERS, STAND_IN

PUBLIC = frozenset({"*"})
STAFF = frozenset({"operator", "kasi", "kabid", "kadis", "leader"})
READERS = STAFF | {"inspector", EXAMINER, ASSIGNER}
PERSONNEL = frozenset({"personnel"})
UNIT_ADMIN = frozenset({"unit-admin"})
REQUEST_READERS = STAFF | {"inspector"} | PERSONNEL | UNIT_ADMIN
CASE_READERS = READERS | {STAND_IN}
COMPLAINT_OFFICER = frozenset({"complaint-officer"})
COMPLAINT_HANDLERS = STAFF | {"personnel", "complaint-officer", "complaint-handler"}
COMPLAINT_DESK = frozenset({"operator", "complaint-officer"})
COMPLAINT_SORTERS = COMPLAINT_OFFICER | {"kasi", "kabid", "kadis", "leader", "complaint-handler"}
COMPLAINT_READERS = COMPLAINT_HANDLERS | {"inspector"}
HEARERS = READERS | COMPLAINT_HANDLERS | UNIT_ADMIN
EVERYBODY = CASE_READERS | UNIT_ADMIN | {
    "courier", "admin", "secretary", "personnel", "complaint-officer", "complaint-handler",
}  # fmt: skip
OPERATOR = frozenset({"operator"})
INITIALLERS = frozenset({EXAMINER, STAND_IN})
ASSIGNERS = frozenset({ASSIGNER})
KASI = frozenset({"kasi"})
COURIER = frozenset({"courier", "operator"})
ADMIN = frozenset({"admin"})
INSPECTOR = frozenset({"inspector"})
SECRETARY = frozenset({"secretary"})
OFFICERS = ADMIN | {"kadis"}
RULE_READERS = ADMIN | INSPECTOR | SECRETARY | {"kasi", "kabid", "kadis", EXAMINER}


QUALIFIED = "with the qualification sandi"
HIS = "a stand-in: letters whose registrar he stands in for"
CONFIRMED = "leaves his name in an event; where more people would see letters, a leader confirms, or 24 hours pass"
ITS_READERS = "its handler and approver by position, leaders, the inspector; restricted: its officer and examiner alone"
HANDLER = "the complaint officer, or who acts for the position that handles it; to who is barred there is none"
SORTS = "the complaint officer; where he is complained about, who acts for the position above him; no one barred"
FILES_OF = "its handlers alone, whatever else may be read of it: a photo may show who sent it"
SCANS_OF = "the counter, and who acts for a position that reviews by the standard"
APPROVER = "acts for the position that approves answers; never who proposed it"
ON_BEHALF = "on behalf of the reporter; says so in the event"
ITS_UNIT = "the admin of a unit: those of his unit alone"
FOR_APPLICANT = "on behalf of the applicant, the admin of a unit for it alone; says so in the event"
REVIEWER = "acts for a position that reviews by the standard; never his own request"
BY_KEY = "a random key of the sender's own, once; proof of work, or a network's small budget"
FOR_COMMAND = "for the command that follows under the same key; a network's budget of bytes"
FOR_KEY = "for what the same key files; a network's budget of bytes"
TIER = "acts for the tier's position, or stands in where its officer is the registrar; never the registrar himself"


@dataclass(frozen=True, slots=True)
class Right:
    """A row: the roles that may knock, and in words what the service asks besides.

    ``newcomers``: also who is known and has no role yet, because a leader has still to agree to it.
    """

    roles: frozenset[str]
    relation: str = ""
    state: str = ""
    newcomers: bool = False

    def allows(self, roles: frozenset[str]) -> bool:
        return self.roles is PUBLIC or bool(self.roles & roles) or (self.newcomers and not roles)


RIGHTS: Mapping[str, Right] = {
    # open to all
    "home": Right(PUBLIC),
    "login": Right(PUBLIC),
    "login.submit": Right(PUBLIC),
    "language": Right(PUBLIC),
    "static": Right(PUBLIC),
    "healthz": Right(PUBLIC),
    "readyz": Right(PUBLIC),
    "metrics": Right(PUBLIC, relation="served on loopback, or to the scraper's network by the proxy; counts only"),
    "openapi": Right(PUBLIC),
    "asyncapi": Right(PUBLIC),
    "copy.verify": Right(PUBLIC, relation="whoever holds the paper: genuine or not, number and addressee to compare"),
    "copy.page": Right(PUBLIC),
    "copy.find": Right(PUBLIC, relation="whoever holds the paper: the code below the QR with the letter's number"),
    "page.office": Right(PUBLIC, relation="agencies that publish standards"),
    "filing.address": Right(PUBLIC, relation="leads to the form"),
    "filing.page": Right(PUBLIC, relation="changes nothing; its slip is signed for this form"),
    "filing.submit": Right(PUBLIC, relation="the form's own slip, once; proof of work, or a network's small budget"),
    "filing.receipt": Right(PUBLIC, relation="whoever has just filed it"),
    "tracking.page": Right(PUBLIC, relation="changes nothing"),
    "tracking.show": Right(PUBLIC, relation="number and code; a network's budget of wrong ones; no word of people"),
    "tracking.letter": Right(PUBLIC, relation="number and code; the office's own letter, which names nobody"),
    "tracking.reply": Right(PUBLIC, relation="number and code, the reply's own slip, once", state="as the case allows"),
    "public.challenge": Right(PUBLIC, relation="changes nothing; worth something for one form under one key"),
    "public.account-requests": Right(PUBLIC, relation=BY_KEY),
    "public.account-requests-files": Right(PUBLIC, relation=FOR_KEY),
    "public.complaints": Right(PUBLIC, relation=BY_KEY),
    "public.complaints-files": Right(PUBLIC, relation=FOR_KEY),
    "public.track": Right(PUBLIC, relation="number and code; a network's budget of wrong ones; no word of people"),
    "page.standard": Right(PUBLIC, relation="published components only"),
    "page.pledge": Right(PUBLIC),
    "standard.pdf": Right(PUBLIC),
    "pledge.pdf": Right(PUBLIC),
    "sessions.open": Right(PUBLIC),
    "sessions.first": Right(PUBLIC, relation="whose first password was right a moment ago (ticket)"),
    # every session
    "sessions.close": Right(EVERYBODY, newcomers=True),
    "logout": Right(EVERYBODY, newcomers=True),
    "sessions.password": Right(EVERYBODY, relation="his own, with the one he has; a person, never a machine"),
    "page.password": Right(EVERYBODY, relation="his own"),
    "me": Right(EVERYBODY, newcomers=True),
    "stream": Right(HEARERS),
    # reading letters
    "letters.list": Right(READERS),  # of each case the parts that `gateway.edge.parts` gives him, here and below
    "letters.show": Right(CASE_READERS, relation=HIS),
    "letters.events": Right(CASE_READERS, relation=HIS),
    "letters.raw": Right(OPERATOR | INSPECTOR, state="never what is classified or does harm"),
    "letters.attachment": Right(CASE_READERS, relation=HIS, state="not in quarantine"),
    "letters.attachment-page": Right(CASE_READERS, relation=HIS, state="not in quarantine"),
    "page.attachment": Right(CASE_READERS, relation=HIS, state="not in quarantine"),
    "letters.print-pack": Right(CASE_READERS, relation=HIS, state="printed"),
    "letters.initials-sheet": Right(CASE_READERS, relation=HIS, state="forwarded"),
    "approvals.show": Right(CASE_READERS, relation=HIS),
    "approvals.events": Right(CASE_READERS, relation=HIS),
    "dispatches.show": Right(CASE_READERS, relation=HIS),
    "dispatches.events": Right(CASE_READERS, relation=HIS),
    "deliveries.list": Right(COURIER | READERS, relation="a courier: his own stops"),
    "dashboards.board": Right(HEARERS),
    "dashboards.tasks": Right(EVERYBODY, relation="one's own positions and roles"),
    "dashboards.at-risk": Right(HEARERS),
    "people.list": Right(READERS | ADMIN | SECRETARY),
    "standards.list": Right(EVERYBODY),
    # the road
    "letters.upload": Right(OPERATOR),
    "letters.enter": Right(OPERATOR),
    "letters.examine": Right(OPERATOR, state="captured, twin, examined"),
    "letters.register": Right(OPERATOR, state="examined"),
    "letters.print": Right(OPERATOR, state="registered or later; a reprint with its reason"),
    "letters.forward": Right(OPERATOR, state="printed"),
    "letters.revise": Right(OPERATOR, state="forwarded"),
    "letters.release": Right(OPERATOR, relation=QUALIFIED, state="quarantined: classified, or by the domain's wish"),
    "letters.confirm": Right(OPERATOR, relation=QUALIFIED, state="quarantined"),
    "letters.cancel": Right(OPERATOR, state="before the archive"),
    "books.open": Right(OPERATOR),
    "books.correct": Right(OPERATOR, state="nothing given out or kept back"),
    "books.reserve": Right(OPERATOR),
    "books.show": Right(OPERATOR | INSPECTOR),
    "approvals.initial": Right(INITIALLERS, relation=TIER, state="his turn"),
    "approvals.return": Right(INITIALLERS, relation=TIER, state="his turn"),
    "dispatches.assign": Right(ASSIGNERS, relation="acts for the assigner's position", state="released"),
    "dispatches.waive": Right(ASSIGNERS, relation="acts for the assigner's position", state="released"),
    "dispatches.archive": Right(OPERATOR, state="every copy proven or waived"),
    "deliveries.record": Right(COURIER, relation="the assigned courier, or the operator on behalf", state="assigned"),
    "deliveries.transmit": Right(OPERATOR, state="released; the route is allowed by the delivery rule"),
    # notices
    "notices.list": Right(EVERYBODY, relation="what he was told himself, or as who acts for a position"),
    "notices.seen": Right(EVERYBODY, relation="whom it is for"),
    "notices.log": Right(
        STAFF | COMPLAINT_OFFICER | INSPECTOR | ADMIN,
        relation="of cases that he may see; an administrator: neither whose it was nor which case",
    ),
    "notices.why": Right(STAFF | INSPECTOR, relation="of cases that he may see"),
    "notices.again": Right(
        COMPLAINT_DESK, relation="of cases that he may see", state="accepted, given up, or nobody can tell"
    ),
    "notices.give-up": Right(COMPLAINT_DESK, relation="of cases that he may see", state="waiting, or nobody can tell"),
    "notices.tick": Right(COMPLAINT_DESK, relation="of cases that he may see", state="not accepted yet"),
    "contacts.ways": Right(EVERYBODY, relation="his own; who looks after notices anybody's"),
    "notices.routes": Right(RULE_READERS),
    "notices.preview-routes": Right(OFFICERS),
    "notices.publish-routes": Right(OFFICERS),
    "contacts.own": Right(EVERYBODY, relation="his own"),
    "contacts.code": Right(EVERYBODY, relation="his own; who keeps the people anybody's"),
    "contacts.verify": Right(EVERYBODY, relation="his own"),
    "contacts.prefer": Right(EVERYBODY, relation="his own"),
    "contacts.block": Right(OPERATOR | ADMIN),
    "contacts.unblock": Right(OPERATOR | ADMIN, state="blocked"),
    "contacts.blocked": Right(OPERATOR | ADMIN),
    "channels.test": Right(ADMIN, relation="to himself"),
    "hooks.list": Right(ADMIN),
    "hooks.subscribe": Right(ADMIN, relation="its secret is in the answer, once"),
    "hooks.rotate": Right(ADMIN, relation="its secret is in the answer, once"),
    "hooks.suspend": Right(ADMIN),
    "hooks.resume": Right(ADMIN, state="suspended"),
    "hooks.end": Right(ADMIN),
    "hooks.test": Right(ADMIN, state="not suspended"),
    "hooks.allow": Right(ADMIN, relation="private ranges only, never this machine itself"),
    "hooks.withdraw": Right(ADMIN),
    "people.contact": Right(EVERYBODY, relation="his own; an administrator anybody's"),
    # official e-mail accounts
    "requests.list": Right(REQUEST_READERS, relation=ITS_UNIT),
    "requests.show": Right(REQUEST_READERS, relation=ITS_UNIT),
    "accounts.list": Right(REQUEST_READERS, relation=ITS_UNIT),
    "accounts.show": Right(REQUEST_READERS, relation=ITS_UNIT),
    "accounts.events": Right(REQUEST_READERS, relation=ITS_UNIT),
    "requests.events": Right(REQUEST_READERS, relation=ITS_UNIT),
    "requests.deadline": Right(REQUEST_READERS, relation=ITS_UNIT),
    "requests.sheet": Right(STAFF, relation="the counter, and who acts for a position that reviews by the standard"),
    "requests.file": Right(OPERATOR | UNIT_ADMIN, relation=FOR_APPLICANT),
    "requests.scan": Right(STAFF, relation=SCANS_OF),
    "requests.scan-page": Right(STAFF, relation=SCANS_OF),
    "page.request-scan": Right(STAFF, relation=SCANS_OF),
    "requests.supplement": Right(OPERATOR, state="incomplete, or asked for completion"),
    "requests.file-files": Right(OPERATOR | UNIT_ADMIN, relation=FOR_COMMAND),
    "requests.supplement-files": Right(OPERATOR, relation=FOR_COMMAND),
    "requests.ask": Right(STAFF, relation=REVIEWER, state="complete"),
    "requests.withdraw": Right(OPERATOR, state="before it is decided"),
    "requests.approve": Right(STAFF, relation=REVIEWER, state="complete; another person where two have to agree"),
    "requests.reject": Right(STAFF, relation=REVIEWER, state="complete, or asked for completion"),
    "requests.retry": Right(OPERATOR, state="waits for a person"),
    "requests.abandon": Right(OPERATOR, state="waits for a person"),
    "requests.tell": Right(OPERATOR, state="decided"),
    "requests.receive": Right(OPERATOR, state="told"),
    # complaints, suggestions, praise
    "complaints.list": Right(COMPLAINT_READERS, relation=ITS_READERS),
    "complaints.show": Right(COMPLAINT_READERS, relation=ITS_READERS),
    "complaints.events": Right(COMPLAINT_READERS, relation=ITS_READERS),
    "complaints.deadline": Right(COMPLAINT_READERS, relation=ITS_READERS),
    "complaints.sheet": Right(COMPLAINT_READERS, relation="who sees it; who reported: its handlers, of a named one"),
    "complaints.answer-letter": Right(COMPLAINT_READERS, relation=ITS_READERS, state="answered by a letter"),
    "complaints.insert": Right(COMPLAINT_HANDLERS, relation=HANDLER, state="classified; nothing is stored"),
    "complaints.file": Right(COMPLAINT_HANDLERS, relation=FILES_OF),
    "complaints.file-page": Right(COMPLAINT_HANDLERS, relation=FILES_OF),
    "page.complaint-file": Right(COMPLAINT_HANDLERS, relation=FILES_OF),
    "complaints.book": Right(COMPLAINT_OFFICER | INSPECTOR, relation="no reporter; restricted lines read excluded"),
    "complaints.register": Right(COMPLAINT_OFFICER | INSPECTOR, relation="where the register begins; of no complaint"),
    "complaints.enter": Right(COMPLAINT_DESK, relation=ON_BEHALF),
    "complaints.enter-files": Right(COMPLAINT_DESK, relation=FOR_COMMAND),
    "complaints.reply-files": Right(COMPLAINT_DESK, relation=FOR_COMMAND),
    "complaints.correct-entry": Right(
        COMPLAINT_SORTERS, relation=SORTS, state="an officer wrote it down; nobody has begun to work on it"
    ),
    "complaints.acknowledge": Right(COMPLAINT_SORTERS, relation=SORTS, state="filed"),
    "complaints.classify": Right(COMPLAINT_SORTERS, relation=SORTS, state="not answered"),
    "complaints.about": Right(COMPLAINT_SORTERS, relation=SORTS, state="not closed"),
    "complaints.assign": Right(COMPLAINT_SORTERS, relation=SORTS, state="classified"),
    "complaints.note": Right(COMPLAINT_HANDLERS, relation=HANDLER),
    "complaints.ask": Right(
        COMPLAINT_HANDLERS, relation=HANDLER, state="classified; a reason that the standard allows"
    ),
    "complaints.answer": Right(COMPLAINT_HANDLERS, relation=HANDLER, state="classified"),
    "complaints.propose": Right(COMPLAINT_HANDLERS, relation=HANDLER, state="classified; the standard wants approval"),
    "complaints.approve": Right(COMPLAINT_HANDLERS, relation=APPROVER, state="proposed"),
    "complaints.return": Right(COMPLAINT_HANDLERS, relation=APPROVER, state="proposed"),
    "complaints.refer": Right(COMPLAINT_HANDLERS, relation=HANDLER, state="classified"),
    "complaints.set-aside": Right(COMPLAINT_HANDLERS, relation=HANDLER, state="not answered"),
    "complaints.escalate": Right(COMPLAINT_HANDLERS, relation=HANDLER, state="classified; a rung is left"),
    "complaints.reply": Right(COMPLAINT_DESK, relation=ON_BEHALF, state="not closed"),
    "complaints.stance": Right(COMPLAINT_DESK, relation=ON_BEHALF, state="not closed; more secret only"),
    "complaints.withdraw": Right(COMPLAINT_DESK, relation=ON_BEHALF, state="not closed"),
    "complaints.object": Right(COMPLAINT_DESK, relation=ON_BEHALF, state="answered, within the window"),
    "complaints.accept": Right(COMPLAINT_DESK, relation=ON_BEHALF, state="answered"),
    "complaints.open-register": Right(COMPLAINT_OFFICER, state="before the year's first"),
    "complaints.correct-register": Right(COMPLAINT_OFFICER, state="before the year's first"),
    "requests.confirm": Right(PERSONNEL | UNIT_ADMIN, relation=f"never his own; {ITS_UNIT}", state="a way in is open"),
    "requests.renew": Right(OPERATOR, state="a way in was opened, and no secret set"),
    "requests.slip": Right(OPERATOR, relation="leaves his name in an event", state="a way in by slip is open"),
    "requests.reply": Right(STAFF, relation="acts for the position that signs by the standard", state="decided"),
    "requests.letter": Right(STAFF, relation="the counter, who reviews by the standard, and heads"),
    "claims.page": Right(PUBLIC, relation="whoever has the link; it opens and spends nothing"),
    "claims.set": Right(PUBLIC, relation="link, confirmation and gesture; a network's budget", state="open"),
    "secrets.page": Right(PUBLIC),
    "secrets.change": Right(PUBLIC, relation="whoever knows the present one; few tries", state="active"),
    # keeping the machine, proving what happened
    "operations.jobs": Right(ADMIN, relation="a job of his own agency; leaves his name in an event"),
    "jobs.list": Right(ADMIN | INSPECTOR, relation="of his own agency"),
    "jobs.show": Right(ADMIN | INSPECTOR, relation="of his own agency"),
    "jobs.retry": Right(ADMIN, relation="a job of his own agency; leaves his name in an event"),
    "jobs.discard": Right(ADMIN, relation="a job of his own agency; leaves his name in an event"),
    "operations.replay": Right(ADMIN, relation="a case of his own agency; leaves his name in an event"),
    "operations.housekeep": Right(ADMIN, relation="of the agency deployment; leaves his name in an event"),
    "audit.heads": Right(INSPECTOR | ADMIN),
    "people.add": Right(ADMIN, relation=CONFIRMED),
    "people.password": Right(ADMIN, relation=CONFIRMED),
    "people.end": Right(ADMIN, relation="nobody's own"),
    "positions.appoint": Right(ADMIN, relation=CONFIRMED),
    "positions.establish": Right(ADMIN, relation=CONFIRMED),
    "positions.substitute": Right(ADMIN, relation=CONFIRMED),
    "positions.end": Right(ADMIN),
    "absences.enter": Right(ADMIN | SECRETARY),
    "absences.withdraw": Right(ADMIN | SECRETARY),
    "qualifications.grant": Right(ADMIN),
    "qualifications.withdraw": Right(ADMIN),
    # the office's own rules
    "standards.versions": Right(EVERYBODY),
    "standards.difference": Right(EVERYBODY),
    "standards.deadline": Right(EVERYBODY),
    "standards.preview": Right(OFFICERS),
    "standards.publish": Right(OFFICERS, relation="recorded as the officer who publishes", state="the next version"),
    "calendars.list": Right(EVERYBODY),
    "calendars.draft": Right(OFFICERS | SECRETARY),
    "calendars.confirm": Right(OFFICERS),
    "calendars.close": Right(OFFICERS),
    "calendars.reopen": Right(OFFICERS),
    "seasons.confirm": Right(OFFICERS),
    "seasons.withdraw": Right(OFFICERS),
    "positions.list": Right(EVERYBODY),
    "agency.show": Right(EVERYBODY),
    "tokens.list": Right(ADMIN),
    "letters.deadline": Right(CASE_READERS, relation=HIS),
    "letters.pause": Right(OPERATOR | KASI, state="registered, the clock runs; a reason that the standard allows"),
    "letters.resume": Right(OPERATOR | KASI, state="paused"),
    "tokens.issue": Right(ADMIN, relation=CONFIRMED),
    "tokens.renew": Right(ADMIN, relation=CONFIRMED),
    "tokens.revoke": Right(ADMIN),
    "access.list": Right(LEADERS | ADMIN | INSPECTOR),
    "access.confirm": Right(LEADERS, relation="a person, never a machine", state="waiting, or not seen by a leader"),
    "access.refuse": Right(LEADERS | ADMIN, state="waiting"),
    "subjects.erase": Right(ADMIN),
    # pages (each shows what the rows above allow)
    "page.inbox": Right(OPERATOR | INSPECTOR),
    "page.tasks": Right(EVERYBODY, newcomers=True),
    "page.notices": Right(EVERYBODY, relation="what he was told himself"),
    "page.ways": Right(EVERYBODY, relation="his own"),
    "page.notice-log": Right(STAFF | COMPLAINT_OFFICER | INSPECTOR | ADMIN, relation="of cases that he may see"),
    "page.channels": Right(ADMIN),
    "page.blocked-contacts": Right(OPERATOR | ADMIN),
    "page.notice-tell": Right(
        COMPLAINT_DESK, relation="of cases that he may see; shows how to reach the recipient, and is kept nowhere"
    ),
    "page.board": Right(READERS),
    "page.letters": Right(READERS),
    "page.letter": Right(CASE_READERS, relation=HIS),
    "page.initial": Right(INITIALLERS),
    "page.courier": Right(COURIER),
    "page.operations": Right(ADMIN | INSPECTOR),
    "page.deadline": Right(CASE_READERS, relation=HIS),
    "page.risk": Right(HEARERS),
    "page.requests": Right(REQUEST_READERS, relation=ITS_UNIT),
    "page.directory": Right(REQUEST_READERS, relation=ITS_UNIT),
    "page.account": Right(REQUEST_READERS, relation=ITS_UNIT),
    "page.request": Right(REQUEST_READERS, relation=ITS_UNIT),
    "page.request-deadline": Right(REQUEST_READERS, relation=ITS_UNIT),
    "page.board.requests": Right(REQUEST_READERS, relation=ITS_UNIT),
    "page.complaints": Right(COMPLAINT_READERS, relation=ITS_READERS),
    "page.complaint": Right(COMPLAINT_READERS, relation=ITS_READERS),
    "page.complaint-deadline": Right(COMPLAINT_READERS, relation=ITS_READERS),
    "page.board.complaints": Right(COMPLAINT_READERS, relation=ITS_READERS),
    "page.settings": Right(RULE_READERS),
    "page.access": Right(LEADERS | ADMIN | INSPECTOR),
}
