"""An empty text is stored without a seal (decision 0039), and opens to nothing, whatever happens to keys."""

from base64 import b64encode
from pathlib import Path

import pytest

from contracts.base import ERASED, Sealed
from services.kit.sealing.fields import SealBroken, is_empty
from services.kit.sealing.keys import KEYS, Keys, open_keys
from services.kit.sealing.sealer import Sealer, subject_of
from services.kit.secrets import part_of
from services.kit.settings import Settings

BUDI = ("pekalongan", "applicant", "budi")
OFFICE = ("pekalongan", "archive", "agency")


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    opened = open_keys(Settings(data_dir=tmp_path))
    opened.migrate()
    return opened


def stored(keys: Keys, sealed: Sealed, place: str = "e/f") -> Sealed:
    """As an event holds it, read back."""
    closed = Sealed.model_validate(Sealer(keys, lambda: [BUDI, OFFICE]).of("pekalongan")(sealed, place))
    closed.put_at(place)
    return closed


def made(keys: Keys) -> int:
    with keys._engine.connect() as connection:
        return len(connection.execute(KEYS.select()).all())


def test_an_empty_text_has_neither_key_nor_nonce_nor_ciphertext_and_makes_no_key(keys: Keys) -> None:
    for sealed in (Sealed.of(""), Sealed.of("", "applicant", "budi"), Sealed.of("", "reporter", "agency")):
        closed = stored(keys, sealed)
        assert is_empty(closed)
        assert (closed.seal_class, closed.subject_id) == (sealed.seal_class, sealed.subject_id)
        assert keys.open(closed) == keys.open(sealed) == ""
        assert subject_of(keys, "pekalongan", sealed) is None
    assert made(keys) == 0


def test_an_empty_text_is_not_shared_with_one_that_says_something(keys: Keys) -> None:
    assert Sealed.of("").model_dump() == Sealed.of("Budi").model_dump()
    assert subject_of(keys, "pekalongan", Sealed.of("Budi")) == OFFICE
    assert subject_of(keys, "pekalongan", Sealed.of("")) is None


def test_after_an_erasure_what_was_said_is_erased_and_what_was_empty_is_empty(keys: Keys) -> None:
    name, address = (stored(keys, Sealed.of(said, "applicant", "budi")) for said in ("Budi", ""))
    assert keys.destroy("pekalongan", "budi") == (name.key_id,)
    assert (keys.open(name), keys.open(address)) == (ERASED, "")


def test_an_empty_text_sealed_before_opens_as_it_did_and_is_taken_over_without_a_seal(keys: Keys) -> None:
    keys.ensure([BUDI])
    key = keys.for_sealing(BUDI)
    nonce, closed = "A" * 16, key.cipher.encrypt(bytes(12), b"", b"e/f")
    before = Sealed(
        seal_class="applicant",
        subject_id="budi",
        key_id=key.key_id,
        nonce=nonce,
        ciphertext=b64encode(closed).decode(),
    )
    before.put_at("e/f")
    assert keys.open(before) == ""
    assert is_empty(stored(keys, before, "e2/f"))


def test_a_text_that_has_lost_a_part_of_its_seal_is_broken_and_never_empty(keys: Keys) -> None:
    whole = stored(keys, Sealed.of("Budi", "applicant", "budi"))
    for lost in ("key_id", "ciphertext", "nonce"):
        part = whole.model_copy(update={lost: ""})
        with pytest.raises(SealBroken):
            keys.open(part)
        with pytest.raises(SealBroken):
            stored(keys, part)
    with pytest.raises(SealBroken):
        keys.open(whole.model_copy(update={"key_id": "", "ciphertext": ""}))


def test_a_part_of_a_person_is_destroyed_before_him_or_with_him(keys: Keys) -> None:
    letter, nip = part_of("budi", "1"), part_of("budi", "2")
    of = {each: keys.of_person("pekalongan", "applicant", each)[0] for each in ("budi", letter, nip, "budi2", "bud_")}
    assert keys.destroy("pekalongan", letter) == (of[letter],)
    assert keys.secret_of(of["budi"]) is not None
    assert keys.destroy("pekalongan", "bud_") == (of["bud_"],), "a name is no pattern"
    assert set(keys.destroy("pekalongan", "budi")) == {of["budi"], of[letter], of[nip]}
    assert keys.secret_of(of["budi2"]) is not None
