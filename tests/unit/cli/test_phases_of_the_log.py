"""I12: what the log holds was allowed where it stands, and what went out is what the heads initialled."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import uuid4

import orjson
import pytest

from contracts.approval import ApprovalCompleted
from contracts.base import Actor, Ask, Recorded, Sealed
from contracts.dispatch import CopyDelivered, DispatchHeld
from contracts.intake import PrintPackProduced, StandardAdopted
from contracts.organisation import UserAdded
from services.cli.invariants.ground import Finding, Seen
from services.cli.invariants.phases import Phases
from services.kit.codec.envelope import encode
from services.kit.store.recent import LogRow
from tests.unit.given_when_then import Desk
from tests.unit.office import forwarded, whole_house
from tests.unit.test_first_road import delivered, forwarded_again, initialled, put_away

EMPTY = {"key_id": "", "nonce": "", "ciphertext": ""}


class _Source:
    """As much of a source as a check reads along."""

    def __init__(self, service: str) -> None:
        self.service = service


def closed(sealed: Sealed, _place: str) -> dict[str, str]:
    return {"class": sealed.seal_class, "subject_id": sealed.subject_id, **EMPTY}


def seen(recorded: Recorded, actor: str = "operator") -> Seen:
    ask = Ask(
        command_id=uuid4(), agency=recorded.agency, kind="x", actor=Actor(id=actor), asked_at=recorded.at,
        correlation_id=uuid4(), body={},
    )  # fmt: skip
    data = encode(
        recorded.event, uuid4(), ask=ask, stream=recorded.stream, version=recorded.version, at=recorded.at,
        fingerprint="", close=closed,
    )  # fmt: skip
    row = LogRow(recorded.position, recorded.position - 1, "", recorded.version, recorded.kind, data)
    return Seen(row, orjson.loads(data))


def walked(log: Iterable[Recorded]) -> Finding:
    check, kept = Phases(), list(log)
    for service in ("organisation", "intake", "approval", "dispatch"):
        source = _Source(service)
        check.part(source, [seen(each) for each in kept if each.service == service])  # type: ignore[arg-type]
        check.end(source)  # type: ignore[arg-type]
    return check.finding()


def archived() -> Desk:
    desk = delivered(initialled(forwarded(whole_house()).tell()))
    return put_away(desk)


def test_the_whole_road_with_a_second_round_was_allowed() -> None:
    desk = delivered(initialled(forwarded(whole_house()).tell()))
    finding = walked(put_away(delivered(initialled(forwarded_again(desk)))).log)
    assert finding.ok, finding.breaches


def test_a_proof_of_a_revision_that_no_round_completed_is_named() -> None:
    finding = walked(each for each in archived().log if not isinstance(each.event, ApprovalCompleted))
    assert not finding.ok
    assert "revisi 1 keluar tanpa paraf yang lengkap" in finding.sentence


def test_a_letter_that_was_changed_after_it_was_archived_is_named() -> None:
    desk = archived()
    pack = next(each for each in desk.log if isinstance(each.event, PrintPackProduced))
    finding = walked([*desk.log, pack._replace(position=999)])
    assert not finding.ok
    assert "PrintPackProduced tidak boleh di tahap Shut" in finding.sentence


def test_a_proof_while_the_letter_is_revised_is_named() -> None:
    desk = delivered(initialled(forwarded(whole_house()).tell()))
    forwarded_again(desk)
    held = next(place for place, each in enumerate(desk.log) if isinstance(each.event, DispatchHeld))
    proof = next(each for each in desk.log if isinstance(each.event, CopyDelivered))
    late = [*desk.log[: held + 1], proof._replace(position=999)]
    finding = walked(late)
    assert not finding.ok
    assert "CopyDelivered tidak boleh di tahap Held" in finding.sentence


def with_roles(*granted: tuple[int, tuple[str, ...]], actor: str = "rini") -> Finding:
    """A letter registered by `actor` at minute 0; rini has these roles from these minutes on."""
    log = forwarded(whole_house()).log
    said = [
        log[0]._replace(
            service="organisation", stream="person:rini", version=place, position=place, kind=UserAdded.kind(),
            at=log[0].at + timedelta(minutes=minute),
            event=UserAdded(person_id="rini", name=Sealed.of("Rini"), nip=Sealed.of(""), roles=roles),
        )
        for place, (minute, roles) in enumerate(granted, 1)
    ]  # fmt: skip
    check = Phases()
    for service in ("organisation", "intake"):
        source = _Source(service)
        by = "console" if service == "organisation" else actor
        parts = [seen(each, by) for each in (*said, *log) if each.service == service and of_a_person(each)]
        check.part(source, parts)  # type: ignore[arg-type]
        check.end(source)  # type: ignore[arg-type]
    return check.finding()


def of_a_person(recorded: Recorded) -> bool:
    """A standard is adopted by the service."""
    return not isinstance(recorded.event, StandardAdopted)


@pytest.mark.parametrize(
    ("granted", "fine"),
    [
        ([(-60, ("operator",))], True),
        ([(-60, ("courier",))], False),
        ([(-60, ("courier",)), (-30, ("operator",))], True),
        ([(-60, ("operator",)), (-30, ("courier",))], False),
        ([(-60, ("operator",)), (0, ("courier",))], True),
        ([(-60, ("operator",)), (30, ("courier",))], True),
        ([(-60, ("courier",)), (30, ("operator",))], False),
    ],
)
def test_a_fact_by_whom_the_role_was_not_given_then_is_named(
    granted: list[tuple[int, tuple[str, ...]]], *, fine: bool
) -> None:
    """Within a minute both count: the gateway remembers people for seconds, and clocks differ."""
    finding = with_roles(*granted)
    assert finding.ok == fine, finding.breaches
    assert fine or "rini waktu itu tidak punya peran" in finding.sentence


def test_whom_organisation_does_not_know_is_no_breach() -> None:
    assert with_roles((-60, ("courier",)), actor="console").ok
