"""However the office works, the agenda book has no gap and no duplicate, and each year begins at 1."""

from datetime import UTC, datetime, timedelta
from itertools import groupby

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

from contracts.base import Refusal
from contracts.intake import (
    AgendaNumberTaken,
    BookOpened,
    CancelLetter,
    EnterLetter,
    ExamineMessage,
    LetterRegistered,
    OpenBook,
    RegisterLetter,
)
from contracts.words import RecipientEntry
from tests.unit.office import FIELDS, OPERATOR, counter, letter_id, message

NOWHERE = FIELDS.model_copy(update={"recipients": (RecipientEntry(recipient_class="dprd", office="DPRD"),)})


class AgendaBook(RuleBasedStateMachine):
    """Messages, paper, cancellations, repeated requests, refused recipients, and the year turning."""

    letters = Bundle("letters")

    @initialize()
    def open_the_office(self) -> None:
        self.desk = counter()
        self.desk.now = datetime(2026, 12, 30, 3, 0, tzinfo=UTC)
        self.count = 0

    @rule(target=letters, twin=st.booleans(), nowhere=st.booleans())
    def receive(self, *, twin: bool, nowhere: bool) -> object:
        self.count += 1
        content = "sama" if twin else f"raw {self.count}"
        self.desk.when(message(self.count, content=content))
        wish = ExamineMessage(letter_id=letter_id(self.count), fields=NOWHERE if nowhere else FIELDS)
        self.desk.when(wish, OPERATOR)
        return multiple(self.count)

    @rule(number=letters)
    def register(self, number: int) -> None:
        self.desk.when(RegisterLetter(letter_id=letter_id(number)), OPERATOR)

    @rule(number=letters)
    def cancel(self, number: int) -> None:
        self.desk.when(CancelLetter(letter_id=letter_id(number), reason="Batal"), OPERATOR)

    @rule(nowhere=st.booleans())
    def enter_paper(self, *, nowhere: bool) -> None:
        fields = NOWHERE if nowhere else FIELDS
        self.desk.when(EnterLetter(received_at=self.desk.now, fields=fields), OPERATOR)
        assert isinstance(self.desk.decision, Refusal) is nowhere

    @rule(days=st.integers(1, 400))
    def time_passes(self, days: int) -> None:
        if self.desk.now.year < 2032:
            self.desk.now += timedelta(days=days)

    @rule(year=st.integers(2026, 2033), opening=st.integers(0, 5))
    def open_a_book(self, year: int, opening: int) -> None:
        self.desk.when(OpenBook(book="masuk", year=year, opening=opening), OPERATOR)

    @invariant()
    def no_gap_and_no_duplicate(self) -> None:
        facts = [recorded.event for recorded in self.desk.log]
        openings = {fact.year: fact.opening for fact in facts if isinstance(fact, BookOpened)}
        taken = [fact for fact in facts if isinstance(fact, AgendaNumberTaken)]
        for year, numbers in groupby(sorted(taken, key=lambda fact: fact.year), key=lambda fact: fact.year):
            allocated = [fact.number for fact in numbers]
            assert allocated == list(range(openings[year] + 1, openings[year] + 1 + len(allocated)))

    @invariant()
    def each_number_is_one_letters_and_each_letter_has_one(self) -> None:
        facts = [recorded.event for recorded in self.desk.log]
        taken = [(f.letter_id, f.year, f.number) for f in facts if isinstance(f, AgendaNumberTaken)]
        registered = [(f.letter_id, f.year, f.number) for f in facts if isinstance(f, LetterRegistered)]
        assert taken == registered
        assert len({letter for letter, *_ in taken}) == len(taken)

    @invariant()
    def a_book_is_opened_once(self) -> None:
        years = [r.event.year for r in self.desk.log if isinstance(r.event, BookOpened)]
        assert len(years) == len(set(years))


TestAgendaBook = AgendaBook.TestCase
