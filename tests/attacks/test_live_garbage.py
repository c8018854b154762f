"""The broker can be made to say its own answers on the subject of the open boards: that ends nobody's stream."""

import pytest

from services.kit.bus.wire.feed import Arrival
from tests.unit.gateway.test_live import Doors, PaperBus, ids, opened


@pytest.mark.parametrize("said", [b'{"stream":"EVT_INTAKE","seq":7}', b"", b"no json", b"[]", b'{"id":7}', b"\xff"])
async def test_what_is_no_change_is_passed_over(said: bytes) -> None:
    bus = PaperBus()
    board = opened(bus, Doors())
    await anext(board)
    bus.feed.take(Arrival("live.pekalongan.letters", "", b"", said))
    bus.tell(1)
    assert ids(await anext(board)) == ["1.1"]
