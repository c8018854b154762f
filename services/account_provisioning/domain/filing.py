"""A request comes in, is completed, or is withdrawn. What is incomplete is taken and numbered too."""

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

from contracts.account_provisioning import (
    AccountRequested,
    ApplicantFiled,
    ApplicationLetter,
    FileRequest,
    RequestFiled,
    RequestNumbered,
    RequestSupplemented,
    RequestWithdrawn,
    SupplementRequest,
    WithdrawRequest,
)
from contracts.base import EMPTY, Event, Officer, Refusal, Sealed
from contracts.words import PersonBlob
from services.account_provisioning import policy
from services.account_provisioning.domain import aliasing, clock, naming, retention, standards
from services.account_provisioning.domain.state import (
    Abandoning,
    Absent,
    Account,
    Asked,
    Closed,
    Failed,
    Incomplete,
    Notified,
    Person,
    Provisioning,
    Received,
    Request,
    Reviewed,
    Waiting,
    Wish,
    account_stream,
    applicant_stream,
    number_stream,
    phase,
    request_stream,
)
from services.account_provisioning.policy import addresses, nip, refuse
from services.account_provisioning.policy.rules import AccountRules, account_rules
from services.kit.deadlines import zone
from services.kit.deciding import Accept, Decision, Given, accept, kept_blob
from services.kit.policy import roles_of
from services.kit.secrets import part_of, proves

OVER = (Absent, Closed, Received)
NEEDS_SUSPENDED, NEEDS_ACTIVE = (policy.RESUME,), (policy.RESET, policy.CHANGE, policy.SUSPEND)


def request_id_of(command_id: UUID) -> UUID:
    """Nobody but this command can have begun it."""
    return uuid5(command_id, "request")


def file(command: FileRequest, state: Request, given: Given) -> Decision:
    """Numbered at once; complete or not."""
    request_id = request_id_of(given.command_id)
    if not isinstance(state, Absent):
        return Accept(result=_told(request_id, state.wish.number, state.wish.missing, state.wish.filed_at, given))
    adopted = standards.in_force(given)
    if isinstance(adopted, Refusal):
        return adopted
    rules = account_rules(adopted.rules)
    if (no := _faulty(command, rules, given.now.astimezone(zone(adopted.rules)).date(), given.now)) is not None:
        return no
    subject = _subject(command, request_id)
    papers = papers_of(subject, request_id)
    unit_admin = _admin_of_unit(command, rules, given)
    if not _files_for(unit_admin, given):
        return refuse("not-your-unit")
    found = _account(command, subject, request_id, given)
    if isinstance(found, Refusal):
        return found
    account_id, address, noted = found
    missing = _missing(rules, command.holder, command.letter, command.applicant.nip, command.applicant.contact)
    number, book, taken = standards.number("requests", request_id, adopted.rules, rules, given)
    letter = command.letter or ApplicationLetter()
    filed = RequestFiled(
        request_id=request_id,
        number=number,
        request_kind=command.request_kind,
        cause=command.cause,
        holder=command.holder,
        channel=command.channel,
        received_at=command.received_at or given.now,
        standard=adopted.ref,
        subject_id=subject,
        name=Sealed.of(command.applicant.name, "applicant", subject),
        nip=_sealed(nip.digits(command.applicant.nip), papers),
        contact=_contact(command.applicant.contact, subject),
        unit=command.applicant.unit,
        account_id=account_id,
        address=address,
        wishes=_sealed("\n".join(command.wishes), papers),
        letter_number=_sealed(letter.number, subject),
        letter_on=letter.on,
        letter=letter.blob,
        scans=_scans(letter, papers),
        missing=missing,
        by=_officer(given),
        code_mac=command.code_mac or "",
        papers_id=papers,
        unit_admin=unit_admin,
        quota=command.quota,
        alias=_sealed(addresses.normal(command.alias), papers),
        alias_ends=addresses.normal(command.alias_ends),
    )
    place = request_stream(request_id)
    numbered = (number_stream(number), RequestNumbered(request_id=request_id, number=number))
    facts: list[tuple[str, Event]] = [(book, taken), (place, filed), numbered, *noted]
    if not missing:
        facts.append((place, clock.completed(request_id, adopted.ref, given)))
    return Accept(tuple(facts), result=_told(request_id, number, missing, given.now, given))


def _admin_of_unit(command: FileRequest, rules: AccountRules, given: Given) -> str | None:
    """Of the unit that the account has now: the form may say where it is to go. Of a new one, what the form says."""
    address = addresses.normal(command.address) if command.request_kind != policy.CREATE else ""
    account_id = naming.account_at(address, given) if address else None
    if account_id is None:
        return rules.admin_of(command.applicant.unit)
    account: Account = given.load(account_stream(account_id))
    return rules.admin_of(account.unit)


def _files_for(unit_admin: str | None, given: Given) -> bool:
    """The counter for everybody; the admin of a unit for it alone."""
    if {policy.OPERATOR, policy.PUBLIC} & roles_of(given.actor):
        return True
    return unit_admin is not None and given.actor.holding(unit_admin) is not None


def _told(request_id: UUID, number: str, missing: tuple[str, ...], filed_at: datetime, given: Given) -> dict[str, Any]:
    """What the strip says; of its id an officer hears alone. The code belongs to the edge."""
    told = {"number": number, "missing": list(missing), "filed_at": filed_at.isoformat()}
    return told if _stranger(given) else {**told, "request_id": str(request_id)}


def supplement(command: SupplementRequest, state: Waiting, given: Given) -> Decision:
    """What was missing comes; the clock starts, or goes on."""
    if (no := not_his(command.code_mac, state.wish, given)) is not None:
        return no
    if isinstance(state, Reviewed):
        return Accept()
    letter, contact, number = command.letter, command.contact.strip(), nip.digits(command.nip)
    if letter is None and not contact and not number and not command.note.strip():
        return refuse("nothing-supplemented")
    wish = state.wish
    if letter is not None and not _is_date(letter.on):
        return refuse("letter-date", letter_on=letter.on)
    named = _named(command, wish, given) if number else ()
    if isinstance(named, Refusal):
        return named
    has = {"contact": bool(contact), "letter": _has(letter), "scan": _scanned(letter), "nip": bool(number)}
    brought = {each for each, there in has.items() if there}
    missing = tuple(each for each in wish.missing if each not in brought)
    fact = RequestSupplemented(
        request_id=command.request_id,
        letter_number=_sealed(letter.number if letter else "", wish.subject_id),
        letter_on=letter.on if letter else "",
        letter=letter.blob if letter else None,
        scans=_scans(letter or ApplicationLetter(), wish.papers_id),
        contact=_contact(contact, wish.subject_id),
        note=_sealed(command.note.strip(), wish.papers_id),
        missing=missing,
        by=_officer(given),
        nip=_sealed(number, wish.papers_id),
        subject_id=command.subject_id if number else "",
    )
    facts: list[Event] = [fact]
    if isinstance(state, Asked):
        facts += clock.DECIDING.resuming(command.request_id, state.clock, given)
    elif not missing:
        facts.append(clock.completed(command.request_id, wish.standard, given))
    place = request_stream(command.request_id)
    return Accept((*((place, each) for each in facts), *named), result={"missing": list(missing)})


def _named(command: SupplementRequest, wish: Wish, given: Given) -> tuple[tuple[str, Event], ...] | Refusal:
    """From now on it is his: of a new account he may have one open request, as if he had said so at once."""
    if wish.numbered:
        return () if command.subject_id == wish.person_id else refuse("nip-given")
    today = given.now.astimezone(zone(clock.rules_of(wish.standard, given))).date()
    if (why := nip.fault(command.nip, today)) is not None:
        return refuse("nip-implausible", part=why)
    if wish.kind != policy.CREATE:
        return ()
    return _only_one(command.subject_id, command.request_id, given)


def _only_one(subject: str, request_id: UUID, given: Given) -> tuple[tuple[str, Event], ...] | Refusal:
    """The note that he has asked for a new account; refused while another such request of his is open."""
    person: Person = given.load(applicant_stream(subject))
    if (number := open_request(person.latest, given)) is not None:
        return refuse("open-request-exists", number=number)
    filed = ApplicantFiled(subject_id=subject, request_id=request_id, request_kind=policy.CREATE)
    return ((applicant_stream(subject), filed),)


def withdraw(command: WithdrawRequest, state: Waiting | Closed, given: Given) -> Decision:
    if (no := not_his(command.code_mac, state.wish, given)) is not None:
        return no
    if isinstance(state, Closed):
        return Accept() if not state.how else refuse("already-decided", phase=phase(state))
    fact = RequestWithdrawn(
        request_id=command.request_id,
        reason=_sealed(command.reason, state.wish.papers_id),
        by=_officer(given),
        retain_until=retention.until(state.wish, given.now, given),
    )
    return accept(request_stream(command.request_id), fact)


def unfit(state: Request) -> Refusal:
    """Why a command does not suit the phase of a request."""
    match state:
        case Absent():
            return refuse("unknown-request")
        case Incomplete() | Asked():
            return refuse("not-complete", missing=list(state.wish.missing), phase=phase(state))
        case Reviewed():
            return refuse("not-decided")
        case Provisioning() | Failed() | Abandoning():
            return refuse("being-provisioned", phase=phase(state))
        case _:
            return refuse("already-decided", phase=phase(state))


def open_request(request_id: UUID | None, given: Given, kind: str = policy.RESET, cause: str = "") -> str | None:
    """The number of a request that is still under way. Of one that was told of the way in may still be open: that bars
    another reset alone, unless the secret that still works has become known.
    """
    state: Request = given.load(request_stream(request_id)) if request_id else Absent()
    if isinstance(state, Notified):
        waits = state.hand_over is not None and state.hand_over.phase == "open"
        known = cause == policy.COMPROMISED and state.wish.kind == policy.RESET and state.wish.cause != cause
        return state.wish.number if waits and kind in policy.HANDING and not known else None
    return None if isinstance(state, OVER) else _number(state)


def _number(state: Request) -> str:
    return "" if isinstance(state, Absent) else state.wish.number


def _faulty(  # noqa: PLR0911 - a list: one answer per field of the form
    command: FileRequest, rules: AccountRules, today: date, now: datetime
) -> Refusal | None:
    """What is wrong with the form, whoever he is."""
    known = rules.kinds or policy.KINDS
    if command.request_kind not in known or command.request_kind not in policy.KINDS:
        return refuse("kind-unknown", kind=command.request_kind, known=list(known))
    if (command.request_kind == policy.RESET) != bool(command.cause):
        return refuse("cause-missing", known=list(policy.CAUSES))
    if command.holder not in rules.holders:
        return refuse("holder-unknown", holder=command.holder, known=list(rules.holders))
    if command.quota is not None and (command.request_kind != policy.CHANGE or command.quota not in rules.quotas):
        return refuse("quota-unknown", quota=command.quota, known=list(rules.quotas))
    if (no := aliasing.faulty(command, rules)) is not None:
        return no
    if command.applicant.nip.strip() and (why := nip.fault(command.applicant.nip, today)) is not None:
        return refuse("nip-implausible", part=why)
    if command.letter is not None and not _is_date(command.letter.on):
        return refuse("letter-date", letter_on=command.letter.on)
    if command.received_at is not None and command.received_at > now:
        return refuse("received-in-future", received_at=command.received_at.isoformat(), now=now.isoformat())
    return None


def _account(
    command: FileRequest, subject: str, request_id: UUID, given: Given
) -> tuple[UUID, str, tuple[tuple[str, Event], ...]] | Refusal:
    """The account that it is about, its address, and the note that it has been asked about; one open request each."""
    if command.request_kind == policy.CREATE:
        noted = _only_one(subject, request_id, given)
        return noted if isinstance(noted, Refusal) else (uuid5(request_id, "account"), "", noted)
    address = addresses.normal(command.address)
    account_id = naming.account_at(address, given) if address else None
    if account_id is None:
        return refuse("account-unknown")
    account: Account = given.load(account_stream(account_id))
    if address not in account.own and account.phase != "closed":
        return refuse("account-unknown")  # an additional one that has ended
    if (no := _unsuited(command.request_kind, account) or aliasing.unfit(command, account, given)) is not None:
        return no
    if (number := open_request(account.latest, given, command.request_kind, command.cause)) is not None:
        return refuse("open-request-exists", number=number)
    asked = AccountRequested(account_id=account_id, request_id=request_id, request_kind=command.request_kind)
    return account_id, account.address, ((account_stream(account_id), asked),)


def _unsuited(kind: str, account: Account) -> Refusal | None:
    if account.phase == "closed":
        return refuse("account-closed")
    if account.phase == "suspended" and kind in NEEDS_ACTIVE:
        return refuse("account-suspended")
    if account.phase == "active" and kind in NEEDS_SUSPENDED:
        return refuse("account-active")
    return None


def _missing(
    rules: AccountRules, holder: str, letter: ApplicationLetter | None, number: str, contact: str
) -> tuple[str, ...]:
    """What the standard needs and the form does not bring, in a fixed order."""
    lacks = {
        "letter": not _has(letter),
        "scan": not _scanned(letter),
        "nip": holder != "unit" and not number.strip(),
        "contact": not contact.strip(),
    }
    return tuple(each for each in lacks if each in rules.needs and lacks[each])


def _has(letter: ApplicationLetter | None) -> bool:
    """Its scan, or its number: then the paper lies before the officer."""
    return letter is not None and (_scanned(letter) or bool(letter.number.strip()))


def _scanned(letter: ApplicationLetter | None) -> bool:
    return letter is not None and (letter.blob is not None or bool(letter.scans))


def _scans(letter: ApplicationLetter, subject: str) -> tuple[PersonBlob, ...]:
    """Without the names of the files: nobody needs them, and some say more than the letter."""
    return tuple(kept_blob(each, "applicant", subject) for each in letter.scans)


def _is_date(text: str) -> bool:
    if not text:
        return True
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _subject(command: FileRequest, request_id: UUID) -> str:
    return subject_of(command.subject_id, request_id)


def subject_of(person: str, request_id: UUID) -> str:
    """Whose key seals it: the person's, or this request's where nobody is known by a number."""
    return person or uuid5(request_id, "applicant").hex


def papers_of(subject: str, request_id: UUID) -> str:
    """Whose key seals what is kept for a while: this request's alone; erasing the person takes it along."""
    return part_of(subject, request_id.hex)


def _sealed(text: str, subject: str) -> Sealed:
    return Sealed.of(text, "applicant", subject) if text else EMPTY


def _contact(text: str, subject: str) -> Sealed:
    return Sealed.of(text.strip(), "contact", subject) if text.strip() else EMPTY


def not_his(code_mac: str | None, wish: Wish, given: Given) -> Refusal | None:
    """A stranger shows his code; an officer needs none."""
    if not _stranger(given) or proves(code_mac or "", wish.code_mac or None):
        return None
    return refuse("wrong-code")


def _stranger(given: Given) -> bool:
    return policy.PUBLIC in given.actor.roles


def _officer(given: Given) -> Officer | None:
    """Who did it on the applicant's behalf; a service asks for nobody."""
    return None if {policy.SERVICE, policy.PUBLIC} & set(given.actor.roles) else given.officer()
