"""The peers do the whole work that they are compared by: a peer that cuts corners would flatter us or itself."""

import asyncio
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import orjson
import pytest

from benchmarks.load import Plan, drive_apart
from benchmarks.peers.running import PEERS, Peer, letter_body, letters, running
from benchmarks.peers.schema import TIERS, token
from benchmarks.pg import Postgres, postgres

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with postgres() as started:
        yield started


@pytest.fixture(scope="module", params=PEERS)
def peer(request: pytest.FixtureRequest, server: Postgres) -> Iterator[Peer]:
    with running(request.param, server, workers=2, pool=4) as started:
        yield started


def post(
    peer: Peer, path: str, body: object, position: str = "operator", key: str = "", agency: str = "purbalingga"
) -> httpx.Response:
    heads = {"authorization": f"Bearer {token(agency, position)}", "idempotency-key": key or uuid4().hex}
    return httpx.post(f"http://127.0.0.1:{peer.port}{path}", json=body, headers=heads)


def rows(peer: Peer, asked: str, *values: object) -> list[Any]:
    async def ask() -> list[Any]:
        connection = await asyncpg.connect(peer.dsn)
        try:
            return list(await connection.fetch(asked, *values))
        finally:
            await connection.close()

    return asyncio.run(ask())


def test_numbers_have_no_gap_and_no_twin_under_64_at_once(peer: Peer) -> None:
    seen = drive_apart(Plan(port=peer.port, factory=letters("gapless"), connections=64, count=300))
    assert seen.clean, (seen.statuses, seen.errors, seen.refusals)
    numbers = [r[0] for r in rows(peer, "SELECT agenda_no FROM letters WHERE agency = 'pekalongan' ORDER BY 1")]
    assert numbers == list(range(1, 301))


def test_a_letter_leaves_its_recipients_and_an_audit_row(peer: Peer) -> None:
    made = post(peer, "/letters", letter_body(7)).json()
    copies = rows(
        peer, "SELECT name, class, kind FROM recipients WHERE letter_id = $1 ORDER BY place", made["letter_id"]
    )
    assert [tuple(copy) for copy in copies] == [
        (r["name"], r["recipient_class"], r["kind"])
        for r in letter_body(7)["recipients"]  # type: ignore[attr-defined] # a list
    ]
    [audit] = rows(peer, "SELECT action, position, before, after FROM audit WHERE letter_id = $1", made["letter_id"])
    after = orjson.loads(audit["after"])
    assert (audit["action"], audit["position"], audit["before"]) == ("register", "operator", None)
    assert (after["agenda_no"], after["subject"]) == (made["agenda_no"], letter_body(7)["subject"])
    assert (after["state"], after["version"]) == ("registered", 1)


def test_a_repeated_key_gives_the_first_answer_and_draws_no_number(peer: Peer) -> None:
    first = post(peer, "/letters", letter_body(1), key="the-same-key")
    again = post(peer, "/letters", letter_body(1), key="the-same-key")
    other = post(peer, "/letters", letter_body(2), key="the-same-key")
    following = post(peer, "/letters", letter_body(3))
    assert again.json() == first.json()
    assert other.status_code == 422
    assert following.json()["agenda_no"] == first.json()["agenda_no"] + 1


def test_three_tiers_initial_bottom_up(peer: Peer) -> None:
    made = post(peer, "/letters", letter_body(1)).json()
    path = f"/letters/{made['letter_id']}/initials"
    assert post(peer, path, {"tier": "kabid"}, "kabid").status_code == 409
    assert post(peer, path, {"tier": "kasi"}, "kabid").status_code == 403
    done = [post(peer, path, {"tier": tier, "note": "setuju"}, tier, f"{path}-{tier}"[-90:]) for tier in TIERS]
    assert [(reply.json()["state"], reply.json()["version"]) for reply in done] == [
        ("initialled-kasi", 2),
        ("initialled-kabid", 3),
        ("approved", 4),
    ]
    again = post(peer, path, {"tier": "kasi", "note": "setuju"}, "kasi", f"{path}-kasi"[-90:])
    assert again.json() == done[0].json()
    assert post(peer, path, {"tier": "kadis"}, "kadis").status_code == 409
    trail = rows(
        peer,
        "SELECT before, after FROM audit WHERE letter_id = $1 AND action = 'initial' ORDER BY id",
        made["letter_id"],
    )
    told = [(orjson.loads(row["before"])["version"], orjson.loads(row["after"])["version"]) for row in trail]
    assert told == [(1, 2), (2, 3), (3, 4)]
    assert orjson.loads(trail[0]["after"])["note"] == "setuju"


def test_strangers_and_malformed_letters_are_refused(peer: Peer) -> None:
    made = post(peer, "/letters", letter_body(1)).json()
    path = f"/letters/{made['letter_id']}/initials"
    assert post(peer, path, {"tier": "kasi"}, "kasi", agency="pekalongan").status_code == 404
    assert post(peer, "/letters", letter_body(1), "nobody").status_code == 401
    assert post(peer, "/letters", letter_body(1), "kasi").status_code == 403
    assert post(peer, "/letters", letter_body(1) | {"urgency": "kapan-kapan"}).status_code == 422
    assert post(peer, "/letters", letter_body(1, recipients=0)).status_code == 422


def test_the_database_syncs_every_commit(server: Postgres, peer: Peer) -> None:
    [settings] = rows(peer, "SELECT current_setting('fsync'), current_setting('synchronous_commit')")
    assert tuple(settings) == ("on", "on")
