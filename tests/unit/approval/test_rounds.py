"""Paraf berjenjang: from the lowest tier up, by who holds the position, never by who registered the letter."""

from uuid import UUID

import pytest

from contracts.approval import (
    ApprovalCompleted,
    ApprovalReturned,
    CloseRound,
    InitialLetter,
    OpenRound,
    ReturnLetter,
    RoundClosed,
    RoundOpened,
    TierInitialled,
    TierReturned,
)
from contracts.base import Actor
from contracts.words import Tier
from tests.unit.given_when_then import SERVICE, Desk
from tests.unit.office import (
    APPROVAL,
    CITIZEN,
    COURIER,
    KABID,
    KADIS,
    KASI,
    KASI_PLH_KABID,
    OPERATOR,
    RULES,
    THURSDAY_1400,
    letter_id,
    office,
)

ID = letter_id(1)
INITIAL, TO_OPERATOR = InitialLetter(letter_id=ID), ReturnLetter(letter_id=ID, note="Perihal keliru")
TO_PREVIOUS = ReturnLetter(letter_id=ID, to="previous", note="Mohon dilihat lagi")
TIERS = tuple(Tier.model_validate(tier) for tier in RULES["tiers"])


def opening(revision: int = 1, registrar: str = "operator", tiers: tuple[Tier, ...] = TIERS) -> OpenRound:
    return OpenRound(
        letter_id=ID,
        revision=revision,
        agenda="0844/2026",
        urgency="segera",
        due_at=THURSDAY_1400,
        tiers=tiers,
        registrar_id=registrar,
    )


def opened(registrar: str = "operator") -> Desk:
    return office((APPROVAL,)).when(opening(registrar=registrar)).then(RoundOpened)


def test_three_initials_from_the_bottom_complete_the_round() -> None:
    desk = opened().when(INITIAL, KASI).then(TierInitialled)
    assert desk.fact(TierInitialled).next_position == "kabid-persandian"
    desk.when(InitialLetter(letter_id=ID, note="Setuju"), KABID).then(TierInitialled)
    desk.when(INITIAL, KADIS).then(TierInitialled, ApprovalCompleted)
    last = desk.fact(TierInitialled)
    assert (last.tier, last.next_position, last.by.position, last.by.title) == (2, None, "kadis", "Kepala Dinas")


def test_an_initial_says_in_which_capacity_it_was_given() -> None:
    plh = Actor(id="sekretaris", name="Sekretaris", holdings=(KASI_PLH_KABID.holdings[1],))
    by = opened().when(INITIAL, KASI).when(INITIAL, plh).fact(TierInitialled).by
    assert (by.person_id, by.capacity, by.title) == ("sekretaris", "plh", "Plh. Kepala Bidang Persandian")


@pytest.mark.parametrize("command", [INITIAL, TO_OPERATOR, TO_PREVIOUS])
@pytest.mark.parametrize("actor", [KABID, KADIS])
def test_no_tier_is_skipped(command: InitialLetter | ReturnLetter, actor: Actor) -> None:
    opened().when(command, actor).refused(
        "approval.not-your-turn", next_position="kasi-persandian", next_title="Kepala Seksi Persandian"
    )


@pytest.mark.parametrize("command", [INITIAL, TO_OPERATOR, TO_PREVIOUS])
@pytest.mark.parametrize("actor", [SERVICE, OPERATOR, COURIER, CITIZEN])
def test_who_holds_no_tier_is_no_examiner(command: InitialLetter | ReturnLetter, actor: Actor) -> None:
    opened().when(command, actor).refused("approval.not-an-examiner", next_position="kasi-persandian")


@pytest.mark.parametrize("command", [INITIAL, TO_OPERATOR, TO_PREVIOUS])
def test_nobody_initials_or_returns_a_letter_that_he_registered_himself(command: InitialLetter | ReturnLetter) -> None:
    opened(registrar="kasi").when(command, KASI).refused("approval.own-letter", position="kasi-persandian")


def test_the_registrar_is_barred_at_the_upper_tiers_too() -> None:
    desk = opened(registrar="kadis").when(INITIAL, KASI).when(INITIAL, KABID)
    desk.when(INITIAL, KADIS).refused("approval.own-letter")


def test_initialling_twice_is_one_initial() -> None:
    desk = opened().when(INITIAL, KASI).when(INITIAL, KASI).then()
    desk.when(INITIAL, KABID).when(INITIAL, KASI).then()
    desk.when(INITIAL, KADIS).when(INITIAL, KADIS).then()
    desk.when(InitialLetter(letter_id=ID, note="Baru"), KADIS).refused("approval.already-completed", revision=1)


def test_another_note_is_another_initial_and_it_is_no_longer_his_turn() -> None:
    opened().when(INITIAL, KASI).when(InitialLetter(letter_id=ID, note="Lain"), KASI).refused("approval.not-your-turn")


def test_adjacent_tiers_of_one_holder_merge_and_both_capacities_are_kept() -> None:
    desk = opened().when(INITIAL, KASI_PLH_KABID).then(TierInitialled, TierInitialled)
    both = [recorded.event for recorded in desk.log if isinstance(recorded.event, TierInitialled)]
    assert [(fact.by.position, fact.by.capacity) for fact in both] == [
        ("kasi-persandian", "holder"), ("kabid-persandian", "plh"),
    ]  # fmt: skip
    desk.when(INITIAL, KASI_PLH_KABID).then().when(INITIAL, KADIS).then(TierInitialled, ApprovalCompleted)


def test_a_return_to_the_previous_tier_lets_him_look_again() -> None:
    desk = opened().when(INITIAL, KASI).when(TO_PREVIOUS, KABID).then(TierReturned)
    assert desk.fact(TierReturned).next_position == "kasi-persandian"
    desk.when(TO_PREVIOUS, KABID).then()
    desk.when(INITIAL, KABID).refused("approval.not-your-turn", next_position="kasi-persandian")
    desk.when(INITIAL, KASI).then(TierInitialled).when(INITIAL, KABID).then(TierInitialled)


def test_the_lowest_tier_can_only_return_to_the_operator() -> None:
    opened().when(TO_PREVIOUS, KASI).then(ApprovalReturned)


def test_nobody_returns_a_letter_to_himself() -> None:
    desk = opened().when(INITIAL, KASI)
    desk.when(TO_PREVIOUS, KASI_PLH_KABID).then(ApprovalReturned)


def test_a_letter_returned_to_the_operator_waits_for_its_next_revision() -> None:
    desk = opened().when(INITIAL, KASI).when(TO_OPERATOR, KABID).then(ApprovalReturned)
    assert desk.fact(ApprovalReturned).note == "Perihal keliru"
    desk.when(TO_OPERATOR, KABID).then()
    desk.when(INITIAL, KABID).refused("approval.returned", revision=1)
    desk.when(opening(2)).then(RoundOpened).when(INITIAL, KASI).then(TierInitialled)
    assert desk.fact(TierInitialled).revision == 2


def test_a_higher_revision_supersedes_an_unfinished_round() -> None:
    desk = opened().when(INITIAL, KASI).when(opening(2)).then(RoundOpened)
    desk.when(INITIAL, KABID).refused("approval.not-your-turn")
    desk.when(opening(1)).refused("approval.older-revision", revision=2)
    first, second = (r.event.round_id for r in desk.log if isinstance(r.event, RoundOpened))
    assert first != second


def test_a_round_is_opened_once() -> None:
    opened().when(opening()).then()


def test_a_complete_round_is_superseded_by_a_higher_revision_alone() -> None:
    desk = opened().when(INITIAL, KASI).when(INITIAL, KABID).when(INITIAL, KADIS)
    desk.when(opening(1)).then().when(CloseRound(letter_id=ID, reason="Batal")).then()
    desk.when(opening(2)).then(RoundOpened).when(INITIAL, KABID).refused("approval.not-your-turn")
    desk.when(INITIAL, KASI).then(TierInitialled)


def test_a_cancelled_letter_is_initialled_no_more() -> None:
    desk = opened().when(CloseRound(letter_id=ID, reason="Batal")).then(RoundClosed)
    desk.when(CloseRound(letter_id=ID, reason="Batal")).then()
    desk.when(INITIAL, KASI).refused("approval.closed", reason="Batal")
    desk.when(TO_OPERATOR, KASI).refused("approval.closed").when(opening(2)).refused("approval.closed")


def test_a_letter_that_never_went_round_has_nothing_to_close_or_initial() -> None:
    desk = office((APPROVAL,)).when(CloseRound(letter_id=ID, reason="Batal")).then()
    desk.when(INITIAL, KASI).refused("approval.unknown-letter").when(TO_OPERATOR, KASI).refused(
        "approval.unknown-letter"
    )


def test_a_round_without_tiers_is_no_round() -> None:
    office((APPROVAL,)).when(opening(tiers=())).refused("approval.no-tiers")


@pytest.mark.parametrize("actor", [OPERATOR, KASI, CITIZEN])
@pytest.mark.parametrize("command", [opening(), CloseRound(letter_id=UUID(int=1), reason="Batal")])
def test_rounds_are_opened_and_closed_by_the_service_alone(command: OpenRound | CloseRound, actor: Actor) -> None:
    office((APPROVAL,)).when(command, actor).refused("approval.not-permitted", needs=["service"])
