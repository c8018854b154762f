"""The counter of a made-up office that gives out e-mail accounts: its standard, people, and requests in each phase."""

from hashlib import sha256
from typing import Any
from uuid import UUID, uuid5

from contracts.account_provisioning import (
    AbandonProvisioning,
    AdoptStandard,
    Applicant,
    ApplicationLetter,
    ApproveRequest,
    AskForCompletion,
    BeginClaim,
    ConfirmClaimant,
    ConfirmReceipt,
    FileRequest,
    RecordNotice,
    RecordProvisioned,
    RecordProvisioningFailed,
    RecordSecretSet,
    RecordUndone,
    RejectRequest,
    RenewHandOver,
    WithdrawRequest,
)
from contracts.base import Actor, Holding
from contracts.words import StandardRef
from services.account_provisioning import handlers, reactions
from services.account_provisioning.domain import filing
from services.account_provisioning.policy.addresses import candidates
from services.account_provisioning.policy.rules import account_rules
from tests.unit.given_when_then import ROOT, Desk, Tables
from tests.unit.office import _holder, office
from tests.unit.worktime.offices import DEFAULT

ACCOUNTS = Tables.of("account_provisioning", handlers, reactions)
DOMAIN = "purbalinggakab.go.id"
RULES: dict[str, Any] = {
    **DEFAULT,
    "deadline": {"service_minutes": 60},
    "remind_before": 15,
    "clock": {"starts": "complete", "ends": "notified"},
    "pauses": [{"reason": "menunggu-pemohon", "title": "Menunggu pemohon"}],
    "accounts": {
        "domain": DOMAIN,
        "pattern": ["{first}.{last}", "{first}.{last}{n}"],
        "single_name": "{first}.{unit}",
        "reserved": ["dinkominfo"],
        "reviewers": ["staf-informatika-1", "staf-informatika-2"],
        "reject": [{"reason": "bukan-pns", "title": "Bukan PNS Pemkab Purbalingga"}],
        "connector": "ldap",
        "quotas": [1024, 2048],
        "unit_admins": [{"unit": "Dinas Kesehatan", "position": "admin-dinkes"}],
        "needs": ["letter", "nip", "contact"],
    },
}
STANDARD = StandardRef(standard="email-kedinasan", version=1, decree="")
ADOPT = AdoptStandard(standard=STANDARD, valid_from="2022-01-01", rules=RULES)

STAFF = _holder("galih", "staf-informatika-1", "operator", "Staf Bidang Informatika")
OTHER_STAFF = _holder("nurul", "staf-informatika-2", "operator", "Staf Bidang Informatika")
CLERK = Actor(id="loket", name="Nama loket", roles=("operator",))
PERSONNEL = Actor(id="kepegawaian", name="Nama kepegawaian", roles=("personnel",))
UNIT_ADMIN = _holder("wahyu", "admin-dinkes", "unit-admin", "Admin Surel Dinas Kesehatan")
OTHER_ADMIN = _holder("tono", "admin-dinsos", "unit-admin", "Admin Surel Dinas Sosial")
BOTH = Holding(position="staf-informatika-2", title="Staf Bidang Informatika", role="operator")

NIP = "199206102018011911"
LETTER = ApplicationLetter(number="800/123", on="2026-03-11")
SITI = Applicant(name="dr. Hj. Siti Nur'aini, S.Kom.", nip=NIP, unit="Dinas Kesehatan", contact="0812 0000 1111")
READ_BACK = sha256(b"entry").hexdigest()


def subject(nip: str) -> str:
    """Stands for the keyed hash that the service makes."""
    return sha256(nip.encode()).hexdigest()[:32] if nip else ""


def key(number: int = 1) -> UUID:
    return uuid5(ROOT, f"file {number}")


def request_id(number: int = 1) -> UUID:
    return filing.request_id_of(key(number))


def form(applicant: Applicant = SITI, **changes: Any) -> FileRequest:
    wish: dict[str, Any] = {
        "request_kind": "create",
        "applicant": applicant,
        "letter": LETTER,
        "subject_id": subject(applicant.nip),
    }
    return FileRequest(**{**wish, **changes})


def counter(rules: dict[str, Any] = RULES) -> Desk:
    return office((ACCOUNTS,)).when(ADOPT.model_copy(update={"rules": rules}))


def file(desk: Desk, number: int = 1, wanted: FileRequest | None = None) -> Desk:
    return desk.when(wanted or form(), CLERK, command_id=key(number))


def reviewed(number: int = 1, desk: Desk | None = None, wanted: FileRequest | None = None) -> Desk:
    return file(desk or counter(), number, wanted)


def incomplete() -> Desk:
    return file(counter(), 1, form(letter=None))


def asked() -> Desk:
    return reviewed().when(AskForCompletion(request_id=request_id(), reason="menunggu-pemohon", words="NIP?"), STAFF)


def approval(number: int = 1, applicant: Applicant = SITI, **changes: Any) -> ApproveRequest:
    """As the service completes it."""
    made = candidates(account_rules(RULES), applicant.name, applicant.unit)
    return ApproveRequest(request_id=request_id(number), candidates=made, **changes)


def provisioning(desk: Desk | None = None) -> Desk:
    return (desk or reviewed()).when(approval(), STAFF)


def account_id(number: int = 1) -> UUID:
    return uuid5(request_id(number), "account")


def done(number: int = 1, attempt: int = 1, **changes: Any) -> RecordProvisioned:
    told: dict[str, Any] = {"connector": "ldap", "marker": account_id(), "read_back": READ_BACK}
    return RecordProvisioned(request_id=request_id(number), attempt=attempt, **{**told, **changes})


def not_done(outcome: str = "permanent", attempt: int = 1, reason: str = "foreign-entry") -> RecordProvisioningFailed:
    told = {"request_id": request_id(), "attempt": attempt, "outcome": outcome, "reason": reason}
    return RecordProvisioningFailed.model_validate(told)


def provisioned() -> Desk:
    return provisioning().when(done())


def failed() -> Desk:
    return provisioning().when(not_done())


ABANDON = AbandonProvisioning(request_id=request_id(), reason="Alamat milik orang lain")
UNDONE = RecordUndone(request_id=request_id(), attempt=2)
TELL = RecordNotice(request_id=request_id(), how="phone")
RECEIVED = ConfirmReceipt(request_id=request_id())
REJECT = RejectRequest(request_id=request_id(), reason="bukan-pns", words="Maaf")
CONFIRM = ConfirmClaimant(request_id=request_id(), asker_subject="somebody-else")
RENEW = RenewHandOver(request_id=request_id(), way="slip")
OPENING = uuid5(ROOT, "gesture")
WITHDRAW = WithdrawRequest(request_id=request_id(), reason="Tidak jadi")


def abandoning() -> Desk:
    return failed().when(ABANDON, CLERK)


def given_up() -> Desk:
    return abandoning().when(UNDONE)


def rejected() -> Desk:
    return reviewed().when(REJECT, STAFF)


def withdrawn() -> Desk:
    return reviewed().when(WITHDRAW, CLERK)


def notified() -> Desk:
    return provisioned().when(TELL, CLERK)


def confirmed() -> Desk:
    return notified().when(CONFIRM, PERSONNEL)


def begun(desk: Desk) -> Desk:
    """Somebody with the slip sets his secret now."""
    return desk.when(BeginClaim(request_id=request_id(), generation=1, opening=OPENING, how="slip"))


def with_secret(desk: Desk, number: int = 1, generation: int = 1, former: UUID | None = None) -> Desk:
    """Its holder has set his secret."""
    told: dict[str, Any] = {"request_id": request_id(number), "generation": generation, "opening": OPENING}
    return desk.when(BeginClaim(**told, how="slip")).when(RecordSecretSet(**told, former=former))


def received() -> Desk:
    return with_secret(notified()).when(RECEIVED, CLERK)


def about(kind: str, number: int = 2, **changes: Any) -> FileRequest:
    """A request about Siti's account."""
    return form(request_kind=kind, address=f"Siti.Nuraini@{DOMAIN}", **changes)
