"""From the mailbox to the archive, through the API, on both ways of running the product."""

from collections import Counter
from pathlib import Path

import pytest

from contracts.intake import AgendaNumberTaken
from services.cli.demo import carry, until
from services.cli.demo_complaint import carry_complaint
from services.kit.runtime.libraries import DOORS
from tests.journeys.road import letters, office, until_counted
from tests.parts.books import first_number, this_year
from tests.parts.nats import Nats
from tests.parts.product import Product, start_product

SAMPLES = Path(__file__).parents[2] / "contracts" / "standards" / "pekalongan" / "samples"
ROAD = [
    "MessageCaptured", "MessageExamined", "AgendaNumberTaken", "LetterRegistered", "PrintPackProduced",
    "LetterForwarded", "RoundOpened", "TierInitialled", "TierInitialled", "TierInitialled", "ApprovalCompleted",
    "DispatchPlanned", "DispatchReleased", "CourierAssigned", "CopyDelivered", "CopyDelivered", "DispatchProven",
    "LetterArchived",
]  # fmt: skip


def agendas(product: Product) -> list[int]:
    """The numbers of the agenda book, in the order in which they were taken."""
    return [event["data"]["number"] for event in product.events("intake", AgendaNumberTaken.__name__)]  # type: ignore[index]


async def test_a_sample_message_waits_in_the_inbox_and_reaches_the_archive(product: Product) -> None:
    async with office(product) as people:
        waiting = await until_counted(people.operator, 3)
        letter = next(row["letter_id"] for row in waiting if row["channel"] == "maildir" and row["stage"] == "captured")
        await people.printed(letter)
        await people.operator.do(f"/letters/{letter}/forward")
        await until(people.kasi, letter, "forwarded")
        await people.initial(letter)
        await people.deliver(letter)
        assert not Counter(ROAD) - Counter(await people.story(letter))


async def test_the_demonstration_carries_a_letter_and_says_every_step(product: Product) -> None:
    steps = await carry(product.settings, None)
    assert [step["who"] for step in steps] == [
        "operator", "operator", "operator", "operator", "operator", "kasi", "kabid", "kadis", "kasi",
        "caraka-1", "caraka-1", "operator", "operator",
    ]  # fmt: skip
    assert steps[2]["agenda"].endswith(f"/{this_year()}")


async def test_the_demonstration_carries_a_complaint_to_its_answer(product: Product) -> None:
    steps = await carry_complaint(product.settings, None)
    assert [step["who"] for step in steps] == ["operator", "pengaduan", "pengaduan", "pengaduan"]
    assert steps[-1]["stage"] == "answered"


@pytest.mark.parametrize("public_ways", [False, True], ids=["doors", "public ways"])
async def test_a_letter_is_carried_on_postgresql_with_every_service_in_its_own_process(
    tmp_path: Path, pg_url: str, nats: Nats, *, public_ways: bool
) -> None:
    env = {"CARAKA_PUBLIC_WAYS": str(public_ways)}
    product = start_product(tmp_path / "product", apart=True, pg_url=pg_url, nats=nats, env=env)
    try:
        assert len({server.pid for server in product.services.values()}) == len(product.names)
        for server in product.services.values():
            assert server.words().count(b'"event": "library.public-way"') == len(DOORS) * public_ways
        async with office(product) as people:
            product.drop(next(SAMPLES.glob("*.eml")).read_bytes(), "1.surat.caraka")
            letter = (await until_counted(people.operator, 1))[0]["letter_id"]
            await people.printed(letter)
            await people.operator.do(f"/letters/{letter}/forward")
            await until(people.kasi, letter, "forwarded")
            await people.initial(letter)
            await people.deliver(letter)
            assert not Counter(ROAD) - Counter(await people.story(letter))
        steps = await carry(product.settings, None)
        assert steps[-1]["what"].startswith("lini masa")
        await product.until_quiet()
        first = first_number()
        assert agendas(product) == [first, first + 1]
        status, said = product.try_command("verify")
        assert status == 0, said
    finally:
        product.discard()


async def test_what_is_stopped_in_the_evening_continues_in_the_morning(fresh_product: Product) -> None:
    async with office(fresh_product) as people:
        letter = await people.forwarded()
        await people.initial(letter, "kasi")
    fresh_product.stop()
    assert "Traceback" not in fresh_product.said()
    fresh_product.start()
    async with office(fresh_product) as people:
        await people.initial(letter, "kabid", "kadis")
        await people.deliver(letter)
        assert [row["stage"] for row in await letters(people.operator)] == ["archived"]
