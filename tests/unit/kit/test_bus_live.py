"""What an open board reads: all that has come at once, nothing for ever, and how much a sleeper has missed."""

import asyncio

from nats.aio.subscription import Subscription

from services.kit.bus.live import LiveFeed
from services.kit.bus.wire import Arrival


async def left(_: Subscription) -> None:
    raise AssertionError("there was no subscription to leave")


def told(feed: LiveFeed, *news: bytes) -> None:
    for each in news:
        feed.take(Arrival("live.a.letters", "", b"", each))


async def test_all_that_has_come_is_given_together() -> None:
    feed = LiveFeed(10, left)
    told(feed, b"1", b"2", b"3")
    assert await feed.some() == [b"1", b"2", b"3"]
    asyncio.get_running_loop().call_later(0.01, told, feed, b"4")
    assert await feed.some() == [b"4"]


async def test_where_nothing_comes_nothing_is_given_after_a_while() -> None:
    feed = LiveFeed(10, left)
    assert await feed.some(0.01) == []
    assert await feed.some(0) == []
    told(feed, b"1")
    assert await feed.some(0) == [b"1"]


async def test_a_sleeper_loses_the_oldest_and_can_see_how_many() -> None:
    feed = LiveFeed(2, left)
    told(feed, b"1", b"2", b"3", b"4")
    assert (await feed.some(), feed.lost) == ([b"3", b"4"], 2)


async def test_a_feed_that_is_closed_gives_the_rest_and_then_says_so() -> None:
    feed = LiveFeed(10, left)
    waiting = asyncio.create_task(feed.some())
    await asyncio.sleep(0)
    await feed.aclose()
    assert await waiting is None
    told(feed, b"1")
    assert await feed.some() == [b"1"]
    assert await feed.some() is None
    assert [each async for each in feed] == []
