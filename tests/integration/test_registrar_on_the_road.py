"""The registrar's name is sealed when he registers; it travels with the forwarded letter, also after a restart."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from contracts.base import Accepted, Actor, Ask, Command
from contracts.intake import ExamineMessage, ForwardLetter, LetterForwarded, ProducePrintPack, RegisterLetter
from services.intake.handlers import COMMANDS, STREAMS
from services.kit.codec.envelope import decode
from services.kit.sealing.keyring import load_keyring
from services.kit.sealing.keys import Keys, open_keys
from services.kit.settings import Settings
from services.kit.store.log import open_log
from services.kit.store.opening import open_store
from services.kit.store.writer import Writer
from tests.unit.given_when_then import SERVICE
from tests.unit.office import ADOPT, FIELDS, KASI, OPERATOR, blob, letter_id, message


@contextmanager
def opened(settings: Settings) -> Iterator[tuple[Writer, Keys]]:
    """The intake of one process: its store, its keys, its writer."""
    store, keys = open_store(settings, "intake"), open_keys(settings)
    keys.migrate()
    store.migrate()
    secret = load_keyring(settings).derive("commands")
    writer = Writer(store, "intake", COMMANDS, dict(STREAMS), keys, lambda: datetime.now(UTC), secret)
    writer.start()
    try:
        yield writer, keys
    finally:
        store.close()
        keys.dispose()


async def ask(writer: Writer, command: Command, actor: Actor) -> None:
    identity = uuid4()
    wish = Ask(
        command_id=identity,
        agency="pekalongan",
        kind=command.kind(),
        actor=actor,
        asked_at=datetime.now(UTC),
        correlation_id=identity,
        body=command.model_dump(mode="json"),
    )
    outcome = await writer.execute(wish)
    assert isinstance(outcome, Accepted), outcome


async def test_a_letter_forwarded_after_a_restart_still_names_its_registrar(tmp_path: Path) -> None:
    settings, letter = Settings(data_dir=tmp_path), letter_id(1)
    with opened(settings) as (writer, _):
        for command, actor in (
            (ADOPT, SERVICE),
            (message(1), SERVICE),
            (ExamineMessage(letter_id=letter, fields=FIELDS), OPERATOR),
            (RegisterLetter(letter_id=letter), OPERATOR),
        ):
            await ask(writer, command, actor)
        await writer.stop()
    colleague = KASI.model_copy(update={"id": "operator-2", "name": "Operator Dua", "roles": ("operator",)})
    with opened(settings) as (writer, keys):
        await ask(writer, ProducePrintPack(letter_id=letter, blob=blob("pack"), pages=1), colleague)
        await ask(writer, ForwardLetter(letter_id=letter), colleague)
        await writer.stop()
        log = open_log(settings, "intake")
        facts = [decode(row.position, row.data).event for row in log.read(0, 100)]
        log.close()
        (forwarded,) = (fact for fact in facts if isinstance(fact, LetterForwarded))
        assert forwarded.registrar.person_id == "operator"
        assert keys.open(forwarded.registrar.name) == OPERATOR.name
        assert keys.open(forwarded.by.name) == "Operator Dua"
