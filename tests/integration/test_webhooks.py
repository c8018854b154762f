"""One webhook to a real server of this machine, and honestly what came of it; and to nowhere else."""

import asyncio
import json
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
import standardwebhooks
import svix

from services.kit.jobs import EffectDone
from services.notifications.adapters import webhooks
from services.notifications.adapters.webhook_queue import secret_of, signed
from services.notifications.adapters.webhooks import posting
from services.notifications.settings import WebhookSettings
from tests.integration.test_smtp import _certificate
from tests.parts.ports import free_port
from tests.parts.receiver import Receiver, receiver

pytestmark = pytest.mark.real
HOOK = UUID("00000000-0000-5000-8000-0000000000aa")
OLD, NEW = (secret_of(b"k" * 32, HOOK, generation) for generation in (1, 2))
BODY = b'{"specversion":"1.0","id":"n-1","type":"intake.LetterRegistered"}'
HERE = WebhookSettings(this_machine=True)
NODE = """
const { createHmac, timingSafeEqual } = require("node:crypto");
const { secret, headers, body } = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
const said = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`;
const mine = createHmac("sha256", key).update(said).digest();
const good = headers["webhook-signature"].split(" ").some((each) => {
  const [version, signature] = each.split(",");
  const theirs = Buffer.from(signature, "base64");
  return version === "v1" && theirs.length === mine.length && timingSafeEqual(theirs, mine);
});
process.stdout.write(String(good));
"""
"""A receiver in another language, by the words of the standard alone."""


@pytest_asyncio.fixture
async def there() -> AsyncIterator[Receiver]:
    async with receiver() as found:
        yield found


def payload(url: str, **changes: Any) -> dict[str, Any]:
    headers = signed(BODY, "n-1", [NEW, OLD], datetime.now(UTC))
    return {"url": url, "body": BODY.decode(), "headers": headers, "ranges": [], "sha256": "ab" * 32, **changes}


async def posted(url: str, settings: WebhookSettings = HERE, **changes: Any) -> EffectDone:
    async with posting(settings) as effects:
        return await effects["webhook"](uuid4(), "pekalongan", payload(url, **changes))


async def test_it_arrives_signed_and_foreign_libraries_verify_it_by_either_secret(there: Receiver) -> None:
    assert (await posted(there.url)).outcome == "accepted"
    (came,) = there.came
    assert came.headers["content-type"] == "application/cloudevents+json"
    assert came.path == "/caraka?kunci=rahasia"
    for secret in (OLD, NEW):
        assert standardwebhooks.Webhook(secret).verify(came.body, came.headers) == json.loads(BODY)
        svix.Webhook(secret).verify(came.body, came.headers)  # raises where it is not good
    with pytest.raises(svix.webhooks.WebhookVerificationError):
        svix.Webhook(secret_of(b"k" * 32, HOOK, 3)).verify(came.body, came.headers)


@pytest.mark.skipif(shutil.which("node") is None, reason="there is no Node on this machine")
async def test_node_verifies_it(there: Receiver) -> None:
    await posted(there.url)
    (came,) = there.came
    node = str(shutil.which("node"))
    for secret, expected in ((OLD, b"true"), (NEW, b"true"), (secret_of(b"x" * 32, HOOK, 1), b"false")):
        said = json.dumps({"secret": secret, "headers": came.headers, "body": came.body.decode()}).encode()
        asked = await asyncio.to_thread(subprocess.run, [node, "-e", NODE], input=said, capture_output=True, check=True)
        assert asked.stdout == expected


@pytest.mark.parametrize(
    ("answer", "outcome", "reason", "later"),
    [
        ("200 OK", "accepted", "", None),
        ("302 Found\r\nLocation: http://localhost/", "temporary", "redirected", None),
        ("301 Moved\r\nLocation: http://169.254.169.254/latest/meta-data", "temporary", "redirected", None),
        ("400 Bad Request", "temporary", "refused", None),
        ("404 Not Found", "temporary", "refused", None),
        ("410 Gone", "permanent", "gone", None),
        ("429 Too Many\r\nRetry-After: 120", "temporary", "too-many", 120),
        ("429 Too Many\r\nRetry-After: kapan-kapan", "temporary", "too-many", None),
        ("429 Too Many\r\nRetry-After: 99999999", "temporary", "too-many", 86_400),
        ("500 Error", "temporary", "server-busy", None),
        ("503 Unavailable\r\nRetry-After: 7", "temporary", "server-busy", 7),
    ],
)
async def test_what_it_answers_is_told_in_a_word(
    there: Receiver, answer: str, outcome: str, reason: str, later: int | None
) -> None:
    there.answer = answer
    done = await posted(there.url)
    assert (done.outcome, done.reason, done.retry_after) == (outcome, reason, later)
    assert len(there.came) == 1, "a redirect is not followed"


async def test_who_is_down_slow_or_hangs_up_is_tried_again(there: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (await posted(f"http://localhost:{free_port()}/")).reason == "server-away"
    assert (await posted("https://tidak-ada.invalid/")).reason == "name-unknown"
    there.mute = True
    assert (await posted(there.url)).reason == "server-away"
    there.mute, there.pause = False, 1.0
    monkeypatch.setattr(webhooks, "WHOLE_SECONDS", 0.2)
    assert (await posted(there.url)).reason == "timeout"


async def test_a_certificate_that_is_not_its_own_is_told_nothing(tmp_path: Path) -> None:
    certificate, context = _certificate(tmp_path)
    async with receiver(context) as there:
        url = f"https://127.0.0.1:{there.port}/"
        assert (await posted(url)).reason == "tls"
        assert there.came == []
        assert (await posted(url, WebhookSettings(this_machine=True, ca_file=certificate))).outcome == "accepted"


async def test_many_go_over_a_few_connections(there: Receiver) -> None:
    async with posting(HERE) as effects:
        for _ in range(50):
            assert (await effects["webhook"](uuid4(), "pekalongan", payload(there.url))).outcome == "accepted"
    assert (len(there.came), there.connections) == (50, 1)


# ── nowhere else ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "host",
    ["localhost", "127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "[::]", "169.254.169.254", "10.0.0.1", "[fe80::1]"],
)
async def test_without_leave_nothing_goes_to_this_machine_its_wire_or_an_internal_network(
    there: Receiver, host: str
) -> None:
    for scheme in ("http", "https"):
        done = await posted(f"{scheme}://{host}:{there.port}/", WebhookSettings())
        assert (done.outcome, done.reason) == ("temporary", "address-refused")
    assert there.connections == 0


@pytest.mark.parametrize("host", ["0x7f000001", "2130706433", "0177.0.0.1", "127.1"])
async def test_numbers_that_some_read_as_an_address_are_no_name(there: Receiver, host: str) -> None:
    assert (await posted(f"http://{host}:{there.port}/")).reason == "address-refused"
    assert there.connections == 0


async def test_a_row_for_one_range_opens_no_other(there: Receiver) -> None:
    done = await posted(there.url, WebhookSettings(), ranges=["10.0.0.0/8"])
    assert done.reason == "address-refused"
    assert there.connections == 0


async def test_a_name_that_changes_its_mind_leads_nowhere_else(
    there: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked once it stands for an open address, asked again for this machine: it is asked once for each connection, and
    the connection goes to what was looked at. The dialling itself is written down, and leads nowhere.
    """
    dialled: list[str] = []
    answers = iter(["93.184.215.14", "127.0.0.1"])

    async def once(_loop: object, _host: str, port: int, **_: object) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    async def dial(_self: object, host: str, *_: object, **__: object) -> Any:
        dialled.append(host)
        raise webhooks.httpcore.ConnectError("nobody is called in a test")

    monkeypatch.setattr(type(asyncio.get_running_loop()), "getaddrinfo", once, raising=False)
    monkeypatch.setattr(webhooks.httpcore.AnyIOBackend, "connect_tcp", dial)
    url = f"https://berubah.example:{there.port}/"
    assert (await posted(url, WebhookSettings())).reason == "server-away"
    assert dialled == ["93.184.215.14"], "the address, not the name"
    assert (await posted(url, WebhookSettings())).reason == "address-refused"
    assert dialled == ["93.184.215.14"]


async def test_a_name_that_stands_for_several_addresses_is_refused_for_the_worst_of_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def several(_loop: object, _host: str, port: int, **_: object) -> list[Any]:
        found = ("93.184.215.14", "127.0.0.1")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in found]

    monkeypatch.setattr(type(asyncio.get_running_loop()), "getaddrinfo", several, raising=False)
    assert (await posted("https://dua.example/", WebhookSettings())).reason == "address-refused"
