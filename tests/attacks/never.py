"""What must never be, in the words of the office: who never reads what of a letter, who never does what.

Written by hand from the service standard and the domain; nothing here comes from the product. Who changes a table of
the product and finds a test failing must decide here, too, whether the office would agree.
"""

from collections.abc import Mapping

Words = frozenset[str]


def words(*said: str) -> Words:
    return frozenset(said)


# ── who ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

HEADS = ("Kasi", "Kabid", "Kadis")
STAND_IN = "courier who would initial it for the Kabid, who registered it himself"
CARRIER = "courier who carries it"
WITHOUT_SANDI = "operator without the qualification sandi"
EVERYBODY = (
    *("operator", WITHOUT_SANDI, *HEADS, "courier", CARRIER, STAND_IN, "administrator", "secretary", "inspector"),
    *("somebody of another agency", "nobody"),
)
OPERATORS = ("operator", WITHOUT_SANDI)
OUTSIDERS = ("courier", "administrator", "secretary", "somebody of another agency", "nobody")

# ── what there is of a letter ────────────────────────────────────────────────────────────────────────────────────────

ROW = "that it is there, and how far it is"
TITLE = "who sent it and about what"
SUMMARY = "what the operator wrote of it"
TEXT = "its text"
ATTACHED = "what is attached to it"
RAW = "the message, byte by byte"
PRINT = "its print pack"
SHEET = "its sheet of initials"
HISTORY = "what happened to it"
STORED = "an event as it is stored"
DUE = "why it is due when it is due"
CHANGE = "at once, that it has moved on"
ALL = words(ROW, TITLE, SUMMARY, TEXT, ATTACHED, RAW, PRINT, SHEET, HISTORY, STORED, DUE, CHANGE)
CONTENTS = words(SUMMARY, TEXT, ATTACHED, RAW, PRINT, SHEET)

ORDINARY, UNREADABLE, HARMFUL, CLASSIFIED = "ordinary", "unreadable", "harmful", "classified"
Reading = Mapping[str, Mapping[str, Words]]

# Why a message was set aside, in the product's words, and what the office makes of it.
SET_ASIDE = {
    CLASSIFIED: words("classified"),
    HARMFUL: words("malware", "archive-bomb"),
    UNREADABLE: words("dmarc", "empty", "oversize", "too-deep", "too-many-parts", "unparsable"),
}

NEVER_READ: Reading = {
    ORDINARY: {
        **dict.fromkeys(OPERATORS, words(STORED)),
        **dict.fromkeys(HEADS, words(RAW, STORED)),
        CARRIER: ALL - {ROW, TITLE},
        STAND_IN: words(RAW, STORED, CHANGE),
        "inspector": words(),
        **dict.fromkeys(OUTSIDERS, ALL),
    },
    # What nobody could read may hold anything, classified matter too: its bytes are for who may hold such.
    UNREADABLE: {
        "operator": CONTENTS - {RAW} | {STORED},
        WITHOUT_SANDI: CONTENTS | {STORED},
        **dict.fromkeys(HEADS, CONTENTS | {STORED}),
        "inspector": CONTENTS,
        **dict.fromkeys((CARRIER, STAND_IN, *OUTSIDERS), ALL),
    },
    # What is known to do harm leaves by no browser.
    HARMFUL: {
        **dict.fromkeys((*OPERATORS, *HEADS), CONTENTS | {STORED}),
        "inspector": CONTENTS,
        **dict.fromkeys((CARRIER, STAND_IN, *OUTSIDERS), ALL),
    },
    # Not printed, not indexed, not opened further: not a word of it to anybody, only that it came.
    CLASSIFIED: {
        **dict.fromkeys((*OPERATORS, *HEADS), CONTENTS | {TITLE, STORED}),
        "inspector": CONTENTS | {TITLE},
        **dict.fromkeys((CARRIER, STAND_IN, *OUTSIDERS), ALL),
    },
}

ARRIVAL = {
    **dict.fromkeys((*OPERATORS, *HEADS), words(ROW, HISTORY, CHANGE)),
    "inspector": words(ROW, HISTORY, STORED, CHANGE),
}
# What everybody must have for his work, so that nobody closes a door by walling it up.
ALWAYS_READ: Reading = {
    ORDINARY: {
        **dict.fromkeys(OPERATORS, ALL - {STORED}),
        **dict.fromkeys(HEADS, ALL - {RAW, STORED}),
        CARRIER: words(TITLE),
        STAND_IN: ALL - {RAW, STORED, CHANGE},
        "inspector": ALL,
    },
    UNREADABLE: {**ARRIVAL, "operator": words(ROW, HISTORY, RAW, CHANGE)},
    HARMFUL: ARRIVAL,
    CLASSIFIED: ARRIVAL,
}

# ── what can be done ─────────────────────────────────────────────────────────────────────────────────────────────────

READ = "read letters"
READ_ONE = "open a letter by its number"
LOOK = "look at boards, limits and live changes, of whatever he may see"
TAKE_RAW = "take a message as it came"
BEGINS = "see where agenda books begin, and who said so"
INBOX = "look into the inbox"
DESK = "work at the operator's desk: take in, examine, register, print, forward, revise, cancel, archive"
CLOCK = "stop and start a letter's clock"
INITIAL = "initial a letter or give it back"
ASSIGN = "send a courier, or waive a proof"
CARRY = "report a delivery"
STOPS = "see what is to be delivered"
LET_IN = "let people in, give first passwords"
KEYS = "give keys to programs, and take them away"
WAITING = "see who more is to read letters"
TAKE_BACK = "take back what was to let somebody more read letters"
AGREE = "agree that somebody more reads letters"
APPOINT = "appoint, name substitutes, certify qualifications"
ABSENT = "enter who is away"
PUBLISH = "publish a service standard"
CALENDAR = "decide which days are working days"
DRAFT = "prepare next year's calendar"
FORGET = "have a person forgotten"
RESUME = "let a case go on that stands still"
MACHINE = "look after the machine"
CHAINS = "read the proofs of the audit"
RULES = "read the office's rules in the settings"
PEOPLE = "look up who is who"
TELL = "look after notices that were not sent: tell somebody himself, send again, give up"
WRONG_CONTACT = "say that somebody cannot be reached by a way, or can again"
HOOKS = "let other systems hear of facts, and look after the ways by which notices leave"
SENT = "see what was sent and what came of it"
ASK_FOR = "enter a request for an account on behalf of somebody"
COUNTER = "take in requests for e-mail accounts, see them into the directory, tell the applicant"
REVIEW = "decide on requests for e-mail accounts"
ASKED_FOR = "see who asked for an e-mail account, and how far it is"
HEAR = "write down for somebody what he complains of, and what he says to it afterwards"
SORT = "sort complaints: acknowledge, classify, assign, say whom they are about"
REGISTER = "say where the register of complaints begins"
COMPLAINED = "read complaints, each as far as it is his"
BOUND = "take the complaint book away"
ANSWER_FOR = "work on a complaint: note, ask, answer, approve, refer, set aside, hand it up"
VOUCH = "say that who asks for an account is who he says"
LINK = "open an account by a link and a confirmation"
KNOWN = "change the secret of an account by the one that it has now"
EVIDENCE = "look at what a reporter attached"
APPLICANT = "see an applicant's number and how to reach him"
OWN = "see his own tasks, and the rules that hold for all"
FILE = "bring something in without an account"
TRACK = "see by number and code how far a case is, and add to it"
OPEN = "what is open to everybody"

MUST_BE_SOMEBODY = words(
    READ, READ_ONE, TAKE_RAW, BEGINS, INBOX, DESK, CLOCK, INITIAL, ASSIGN, CARRY, STOPS, LET_IN, KEYS, WAITING,
    TAKE_BACK, AGREE, APPOINT, ABSENT, PUBLISH, CALENDAR, DRAFT, FORGET, RESUME, MACHINE, CHAINS, RULES, PEOPLE, OWN,
    TELL, HOOKS, WRONG_CONTACT, SENT, ASK_FOR, COUNTER, REVIEW, ASKED_FOR, APPLICANT, VOUCH, HEAR, SORT, REGISTER,
    ANSWER_FOR, LOOK, COMPLAINED, EVIDENCE, BOUND,
)  # fmt: skip
OF_ACCOUNTS = words(ASK_FOR, COUNTER, REVIEW, ASKED_FOR, APPLICANT, VOUCH)
OF_COMPLAINTS = words(HEAR, SORT, REGISTER, ANSWER_FOR, COMPLAINED, EVIDENCE, BOUND)
OF_LETTERS = words(READ, READ_ONE, LOOK, TAKE_RAW, BEGINS, INBOX, DESK, CLOCK, INITIAL, ASSIGN, CARRY, STOPS)
OF_THE_OFFICE = words(
    LET_IN, KEYS, WAITING, TAKE_BACK, AGREE, APPOINT, ABSENT, PUBLISH, CALENDAR, DRAFT, FORGET, RESUME, MACHINE, CHAINS,
    HOOKS,
)  # fmt: skip
CHANGES = words(
    DESK, CLOCK, INITIAL, ASSIGN, CARRY, LET_IN, KEYS, TAKE_BACK, AGREE, APPOINT, ABSENT, PUBLISH,
    CALENDAR, DRAFT, FORGET, RESUME, TELL, HOOKS, WRONG_CONTACT, ASK_FOR, COUNTER, REVIEW, VOUCH, HEAR, SORT, REGISTER,
    ANSWER_FOR,
)  # fmt: skip

NEVER_DO: Mapping[str, Words] = {
    "operator": OF_THE_OFFICE | {INITIAL, ASSIGN, RULES, VOUCH, SORT, REGISTER, BOUND},
    "complaint officer": OF_THE_OFFICE | OF_LETTERS - {LOOK} | OF_ACCOUNTS | {WRONG_CONTACT},
    "complaint handler": OF_THE_OFFICE
    | OF_LETTERS - {LOOK}
    | OF_ACCOUNTS
    | {TELL, SENT, HEAR, REGISTER, BOUND, WRONG_CONTACT},
    "Kasi": OF_THE_OFFICE
    | {HEAR, REGISTER, BOUND, VOUCH, ASK_FOR, COUNTER, TELL, WRONG_CONTACT, TAKE_RAW, INBOX, DESK, CARRY},
    "Kabid": OF_THE_OFFICE
    | {
        HEAR,
        REGISTER,
        BOUND,
        VOUCH,
        ASK_FOR,
        COUNTER,
        TELL,
        WRONG_CONTACT,
        TAKE_RAW,
        INBOX,
        DESK,
        CARRY,
        CLOCK,
        ASSIGN,
    },
    "Kadis": OF_THE_OFFICE - {PUBLISH, CALENDAR, DRAFT, WAITING, TAKE_BACK, AGREE}
    | {
        HEAR,
        REGISTER,
        BOUND,
        VOUCH,
        ASK_FOR,
        COUNTER,
        TELL,
        WRONG_CONTACT,
        TAKE_RAW,
        INBOX,
        DESK,
        CARRY,
        CLOCK,
        ASSIGN,
    },
    "courier": OF_THE_OFFICE
    | OF_ACCOUNTS
    | OF_COMPLAINTS
    | OF_LETTERS - {CARRY, STOPS}
    | {RULES, PEOPLE, TELL, SENT, WRONG_CONTACT},
    "administrator": OF_LETTERS | OF_ACCOUNTS | OF_COMPLAINTS | {AGREE, TELL},
    "secretary": OF_LETTERS
    | OF_ACCOUNTS
    | OF_COMPLAINTS
    | OF_THE_OFFICE - {ABSENT, DRAFT}
    | {TELL, SENT, WRONG_CONTACT},
    "unit admin": OF_THE_OFFICE
    | OF_LETTERS - {LOOK}
    | OF_COMPLAINTS
    | {COUNTER, REVIEW, APPLICANT, RULES, TELL, SENT, WRONG_CONTACT},
    "inspector": CHANGES | {APPLICANT, EVIDENCE},
    "nobody": MUST_BE_SOMEBODY,
}

# ── by which door of the product ─────────────────────────────────────────────────────────────────────────────────────

DOORS: Mapping[str, str] = {
    READ: "letters.list page.board page.letters",
    LOOK: "dashboards.board dashboards.at-risk stream page.risk",
    READ_ONE: "notices.why "
    "letters.attachment letters.attachment-page page.attachment "
    "letters.show letters.events letters.print-pack letters.initials-sheet letters.deadline approvals.show "
    "approvals.events dispatches.show dispatches.events page.letter page.deadline",
    TAKE_RAW: "letters.raw",
    BEGINS: "books.show",
    INBOX: "page.inbox",
    DESK: "letters.upload letters.enter letters.examine letters.register letters.print letters.forward letters.revise "
    "letters.cancel letters.release letters.confirm books.open books.correct books.reserve dispatches.archive "
    "deliveries.transmit",
    CLOCK: "letters.pause letters.resume",
    ASK_FOR: "requests.file requests.file-files",
    COUNTER: "requests.supplement requests.supplement-files "
    "requests.withdraw requests.retry requests.abandon requests.tell "
    "requests.receive requests.renew requests.slip",
    VOUCH: "requests.confirm",
    LINK: "claims.page claims.set",
    KNOWN: "secrets.page secrets.change",
    REVIEW: "requests.ask requests.approve requests.reject requests.reply",
    ASKED_FOR: "requests.letter requests.list requests.show requests.events requests.deadline page.requests "
    "page.request page.request-deadline page.board.requests accounts.list accounts.show accounts.events "
    "page.directory page.account",
    APPLICANT: "requests.sheet requests.scan requests.scan-page page.request-scan",
    EVIDENCE: "complaints.file complaints.file-page page.complaint-file",
    HEAR: "complaints.enter complaints.enter-files complaints.reply complaints.reply-files "
    "complaints.stance complaints.withdraw complaints.object complaints.accept",
    SORT: "complaints.acknowledge complaints.classify complaints.about complaints.assign "
    "complaints.correct-entry",  # heads: below who is barred
    REGISTER: "complaints.open-register complaints.correct-register",
    COMPLAINED: "complaints.list complaints.show complaints.events complaints.deadline complaints.sheet "
    "complaints.answer-letter "
    "page.complaints page.complaint page.complaint-deadline page.board.complaints",
    BOUND: "complaints.book complaints.register",
    ANSWER_FOR: "complaints.note complaints.ask complaints.answer complaints.propose complaints.approve "
    "complaints.return complaints.refer complaints.set-aside complaints.escalate complaints.insert",
    INITIAL: "approvals.initial approvals.return page.initial",
    ASSIGN: "dispatches.assign dispatches.waive",
    CARRY: "deliveries.record page.courier",
    STOPS: "deliveries.list",
    LET_IN: "people.add people.password people.end",
    KEYS: "tokens.list tokens.issue tokens.renew tokens.revoke",
    WAITING: "access.list page.access",
    TAKE_BACK: "access.refuse",
    AGREE: "access.confirm",
    APPOINT: "positions.appoint positions.establish positions.substitute positions.end qualifications.grant "
    "qualifications.withdraw",
    ABSENT: "absences.enter absences.withdraw",
    PUBLISH: "standards.publish standards.preview notices.publish-routes notices.preview-routes",
    CALENDAR: "calendars.confirm calendars.close calendars.reopen seasons.confirm seasons.withdraw",
    DRAFT: "calendars.draft",
    FORGET: "subjects.erase",
    RESUME: "operations.replay operations.jobs operations.housekeep jobs.retry jobs.discard",
    MACHINE: "page.operations jobs.list jobs.show",
    CHAINS: "audit.heads",
    RULES: "page.settings notices.routes",
    PEOPLE: "people.list",
    HOOKS: "hooks.list hooks.subscribe hooks.rotate hooks.suspend hooks.resume hooks.end hooks.test hooks.allow "
    "hooks.withdraw page.channels channels.test",
    TELL: "notices.again notices.give-up notices.tick page.notice-tell",
    SENT: "notices.log page.notice-log",
    WRONG_CONTACT: "contacts.block contacts.unblock contacts.blocked page.blocked-contacts",
    OWN: "contacts.ways contacts.own contacts.code contacts.verify contacts.prefer page.ways notices.list notices.seen "
    "page.notices people.contact me logout sessions.close sessions.password page.password "
    "page.tasks dashboards.tasks standards.list standards.versions standards.difference "
    "standards.deadline calendars.list positions.list agency.show",
    FILE: "filing.address filing.page filing.submit filing.receipt public.challenge public.complaints "
    "public.complaints-files public.account-requests public.account-requests-files",
    TRACK: "tracking.page tracking.show tracking.reply tracking.letter public.track",
    OPEN: "home login login.submit language static healthz readyz metrics openapi asyncapi copy.verify copy.page "
    "copy.find page.office page.standard page.pledge standard.pdf pledge.pdf sessions.open sessions.first",
}
"""Deed → names of the product's routes; a test holds that every route stands behind exactly one of these words."""

DEED_OF: Mapping[str, str] = {name: deed for deed, names in DOORS.items() for name in names.split()}
