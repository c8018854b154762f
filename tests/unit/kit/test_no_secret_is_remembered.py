"""What a decision tells its asker is stored in plain text for ever: it can be no secret."""

from typing import Any
from uuid import uuid4

import pytest
from pydantic import SecretStr

from contracts.base import ERASED, Sealed
from services.kit.deciding import Accept, SecretTold, accept


class Handed(str):
    __slots__ = ()


@pytest.mark.parametrize(
    "value",
    [
        SecretStr("hunter2"), Sealed.of("Budi"), ERASED, Handed("x"), b"hunter2", uuid4(), 1.5, object(), {"a"},
        [SecretStr("x")], ("y", Sealed.of("x")), {"deep": {"deeper": SecretStr("x")}}, [{"deep": b"x"}], [["x"]],
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_what_is_sealed_or_wrapped_or_no_plain_json_is_refused(value: Any) -> None:
    with pytest.raises(SecretTold):
        Accept(result={"found": value})


@pytest.mark.parametrize(
    "name", ["password", "first_password", "secret", "client_secret", "token", "pin", "otp_code", "code", "kata_sandi"]
)
def test_what_is_named_like_a_secret_is_refused_whatever_it_holds(name: str) -> None:
    with pytest.raises(SecretTold):
        accept("letter:1", **{name: "x"})
    with pytest.raises(SecretTold):
        Accept(result={"rows": [{name: 1}]})


def test_numbers_ids_and_slugs_are_told() -> None:
    told = {
        "agenda": "0844/2026",
        "number": 3,
        "known": True,
        "of": None,
        "rows": [{"copy_id": str(uuid4())}],
        "ids": ["a"],
    }
    assert Accept(result=told).result == told


def test_what_is_refused_says_no_value() -> None:
    with pytest.raises(SecretTold) as refused:
        Accept(result={"found": SecretStr("hunter2")})
    assert "hunter2" not in str(refused.value)
