"""The live board hears every step within two seconds, resumes where it was, and is told to reload when it cannot."""

import time

from benchmarks import boards
from benchmarks.product import Product as Measured
from services.cli.access import create_token
from services.cli.demo import patiently, until
from tests.journeys.listening import listening
from tests.journeys.road import RECEIVER, office, uploaded
from tests.parts.product import WITH_EVENTS, Product

SECONDS = 2.0
BOARDS, LETTERS, MOST_MORE_MB = 60, 12, 60.0
"""Of a hall full of screens; `benchmarks.boards` opens five hundred."""


async def test_each_step_appears_on_the_board_within_two_seconds(product: Product) -> None:
    async with office(product) as people, listening(people.kadis) as board:
        late = {}

        async def heard(stage: str, letter: str) -> None:
            asked = time.monotonic()
            late[stage] = (await board.until(stage, letter)).at - asked

        letter = await people.upload()
        await heard("captured", letter)
        await people.printed(letter)
        await heard("printed", letter)
        await people.operator.do(f"/letters/{letter}/forward")
        await heard("forwarded", letter)
        await people.initial(letter)
        await heard("released", letter)
        await patiently(people.kasi, f"/dispatches/{letter}/assign", {"courier_id": "caraka-1"})
        await heard("assigned", letter)
        for copy in (await until(people.operator, letter, "assigned"))["copies"]:
            report = {"letter_id": letter, "delivered": True, **RECEIVER}
            await people.courier.do(f"/deliveries/{copy['copy_id']}/record", report)
        await heard("proven", letter)
        await people.operator.do(f"/dispatches/{letter}/archive", {"classification": "005", "place": "Rak 1"})
        await heard("archived", letter)
        assert {stage: seconds for stage, seconds in late.items() if seconds > SECONDS} == {}
        names = [told.id for told in board.told]
        assert len(set(names)) == len(names), "each change once"
        stages = [told.data["stage"] for told in board.told if told.data["case_id"] == letter]
        assert [stage for stage in dict.fromkeys(stages) if stage in late] == list(late), "in order"


async def test_a_board_that_was_away_hears_what_it_missed(product: Product) -> None:
    async with office(product) as people:
        async with listening(people.operator) as board:
            first = await people.upload()
            seen = await board.until("captured", first)
        missed = [await people.upload() for _ in range(3)]
        for letter in missed:
            await until(people.operator, letter, "captured")
        async with listening(people.operator, seen.id) as board:
            for letter in missed:
                await board.until("captured", letter)
            later = await people.upload()
            await board.until("captured", later)
            told = [one.data["case_id"] for one in board.told if one.data["stage"] == "captured"]
            assert [letter for letter in told if letter in {first, *missed, later}] == [*missed, later]


async def test_a_board_that_knows_an_unknown_change_is_told_to_reload(product: Product) -> None:
    async with product.person("operator") as operator:
        for bogus in ("99.1", "1.999999999", "-1.-1", "kemarin", "1.2.3", "1." + "9" * 50, "0.0", "1.\u00b2"):
            async with listening(operator, bogus) as board:
                assert (await board.until_reset()).id, bogus


async def test_a_board_hears_of_its_own_agency_only(product: Product) -> None:
    async with (
        office(product) as people,
        product.person("operator", "purbalingga") as foreigner,
        listening(foreigner) as theirs,
        listening(people.operator) as ours,
    ):
        letter = await people.upload()
        await ours.until("captured", letter)
        own = await uploaded(foreigner)
        await theirs.until("captured", own)
        heard = {told.data["case_id"] for told in theirs.told}
        assert own in heard
        assert heard <= cases_of(product, "purbalingga"), "what others' tests began there may still move"
        assert letter not in heard
        assert "subject" not in str(ours.told), "a change carries no content"


def cases_of(product: Product, agency: str) -> set[str]:
    """Whatever has happened there, to letters, requests, accounts and complaints: their ids."""
    events = [event for service in WITH_EVENTS for event in product.events(service)]
    return {str(value) for event in events if event["agency"] == agency for value in event["data"].values()}


async def test_a_courier_has_no_board(product: Product) -> None:
    async with product.person("caraka-1") as courier:
        answer = await courier.send("GET", "/stream")
        assert (answer.status_code, answer.json()["code"]) == (403, "gateway.forbidden")


async def test_a_hall_full_of_boards_hears_of_each_letter_in_time_and_costs_little(product: Product) -> None:
    pids = tuple(each.pid for each in product.services.values())
    token = (await create_token(product.settings, "pekalongan", "operator", "hall")).split()[-1]
    made = Measured(product.settings, product.settings.http_port, pids, token)
    heard = await boards.measured(made, BOARDS, LETTERS, rate=4)
    delays = heard.delays()  # every board of every letter
    assert len(delays) == BOARDS * LETTERS
    assert delays[-1] <= SECONDS * 1000
    assert heard.most_mb - heard.idle_mb < MOST_MORE_MB, (heard.idle_mb, heard.open_mb, heard.most_mb)
