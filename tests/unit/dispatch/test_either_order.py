"""Plan and release come from two streams, in any order. What goes out was initialled, and is the newest."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from contracts.base import Command, Event
from contracts.dispatch import (
    CopyDelivered,
    CopyTransmitted,
    DispatchClosed,
    DispatchHeld,
    DispatchPlanned,
    DispatchProven,
    DispatchRecalled,
    DispatchReleased,
    LetterArchived,
    ProofWaived,
    RevisionRefused,
)
from tests.unit.dispatch.test_dispatch import (
    ARCHIVE,
    CLOSE,
    COPIES,
    MAYOR,
    SCHOOLS,
    SECRETARY,
    assign,
    delivered,
    failed,
    hold,
    plan,
    release,
    sent,
    waive,
)
from tests.unit.office import COURIER, DISPATCH, KASI, OPERATOR, OTHER_COURIER, office


@given(revisions=st.integers(1, 4), again=st.booleans(), order=st.randoms(use_true_random=False))
def test_whichever_comes_first_the_initialled_revision_is_released(
    revisions: int, order: object, *, again: bool
) -> None:
    """The last revision is the one that was initialled; a repeated message changes nothing."""
    plans: list[Command] = [plan(revision) for revision in range(1, revisions + 1)]
    place = order.randint(0, len(plans))  # type: ignore[attr-defined]  # hypothesis's random.Random
    road = [*plans[:place], release(revisions), *plans[place:]]
    desk = office((DISPATCH,))
    for command in [each for each in road for _ in range(1 + again)]:
        desk.when(command)
    out = [recorded.event for recorded in desk.log if isinstance(recorded.event, DispatchReleased)]
    assert [fact.revision for fact in out] == [revisions]
    assert desk.fact(DispatchPlanned).revision == revisions


PEOPLE = st.sampled_from([KASI, OPERATOR, COURIER, OTHER_COURIER])
COPY = st.sampled_from([MAYOR, SCHOOLS, SECRETARY])


class OnTheWay(RuleBasedStateMachine):
    """Anybody asks anything at any time; what has been stored always makes sense."""

    @initialize()
    def begin(self) -> None:
        self.desk = office((DISPATCH,))

    @rule(revision=st.integers(1, 3))
    def plan_it(self, revision: int) -> None:
        self.desk.when(plan(revision))

    @rule(revision=st.integers(1, 3))
    def release_it(self, revision: int) -> None:
        self.desk.when(release(revision))

    @rule(revision=st.integers(1, 3))
    def revise_it(self, revision: int) -> None:
        self.desk.when(hold(revision))

    @rule(who=PEOPLE, copies=st.lists(COPY, max_size=2), to=st.sampled_from([COURIER, OTHER_COURIER]))
    def assign_it(self, who: object, copies: list[object], to: object) -> None:
        self.desk.when(assign(*copies, to=to), who)  # type: ignore[arg-type]  # drawn from the tables above

    @rule(who=PEOPLE, copy_id=COPY, minutes=st.integers(-600, 600), arrived=st.booleans())
    def report(self, who: object, copy_id: object, minutes: int, *, arrived: bool) -> None:
        said = self.desk.now + timedelta(minutes=minutes)
        wish = delivered(copy_id, said) if arrived else failed(copy_id, said)
        self.desk.when(wish, who)  # type: ignore[arg-type]  # drawn from the tables above

    @rule(copy_id=COPY, route=st.sampled_from(["fax", "online", "aide"]))
    def send(self, copy_id: object, route: str) -> None:
        self.desk.when(sent(copy_id, route), OPERATOR)

    @rule(copy_id=COPY)
    def waive_it(self, copy_id: object) -> None:
        self.desk.when(waive(copy_id), KASI)

    @rule()
    def archive(self) -> None:
        self.desk.when(ARCHIVE, OPERATOR)

    @precondition(lambda self: len(self.desk.log) > 12)
    @rule()
    def cancel(self) -> None:
        self.desk.when(CLOSE)

    @rule(minutes=st.integers(1, 600))
    def time_passes(self, minutes: int) -> None:
        self.desk.later(minutes=minutes)

    @invariant()
    def what_goes_out_is_the_newest_plan_and_nothing_goes_while_it_is_revised(self) -> None:
        plan, released, held = None, False, False
        for fact in (recorded.event for recorded in self.desk.log):
            match fact:
                case DispatchPlanned():
                    assert plan is None or fact.revision > plan
                    plan, released, held = fact.revision, False, False
                case DispatchReleased():
                    assert (fact.revision, released, held) == (plan, False, False)
                    released = True
                case DispatchHeld():
                    held = True
                case DispatchRecalled():
                    assert released
                    assert fact.revision == plan
                case CopyDelivered() | CopyTransmitted() | ProofWaived() | DispatchProven() | LetterArchived():
                    assert released
                    assert not held, "words that are being revised were proven"
                case _:
                    pass

    @invariant()
    def each_copy_has_one_proof_and_all_of_them_prove_the_letter(self) -> None:
        facts = self.since_the_plan()
        proofs = [f for f in facts if isinstance(f, CopyDelivered | CopyTransmitted | ProofWaived)]
        proven = [fact for fact in facts if isinstance(fact, DispatchProven)]
        assert len({fact.copy_id for fact in proofs}) == len(proofs)
        assert bool(proven) is (len(proofs) == len(COPIES))
        if proven:
            moments = [fact.waived_at if isinstance(fact, ProofWaived) else fact.happened_at for fact in proofs]
            assert proven[0].completed_at == max(moment for moment in moments if moment)
            assert proven[0].completed_at <= self.desk.now

    @invariant()
    def the_archive_takes_only_what_is_proven_and_the_cancelled_rests(self) -> None:
        kinds = [type(recorded.event) for recorded in self.desk.log]
        for last, after in ((LetterArchived, {RevisionRefused}), (DispatchClosed, set())):
            assert kinds.count(last) <= 1
            if last in kinds:
                assert set(kinds[kinds.index(last) + 1 :]) <= after
        if LetterArchived in kinds:
            assert DispatchProven in map(type, self.since_the_plan())

    def since_the_plan(self) -> list[Event]:
        """What has happened to the present revision's copies."""
        facts = [recorded.event for recorded in self.desk.log]
        plans = [place for place, fact in enumerate(facts) if isinstance(fact, DispatchPlanned)]
        return facts[plans[-1] :] if plans else []


TestOnTheWay = OnTheWay.TestCase
