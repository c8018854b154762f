"""Nobody touches what a library keeps private, but for the doors (`services.kit.door`); each name with its reason."""

import ast
from pathlib import Path

import pytest

from tests.architecture.private import used_in, uses
from tests.architecture.tree import Module, modules, own

WIRE, SLOTS = "services.kit.bus.wire.feed", "services.kit.codec.slots"
ALLOWED = {
    (WIRE, "_process_msg"): "nats-py: a message before it is parsed, queued and handed to a task; there is no hook",
    (WIRE, "_id"): "nats-py: a subscription's number on the wire, by which a message says whose it is",
    (WIRE, "_send_command"): "nats-py: publishing without its checks of headers that are ours: 2 µs instead of 7",
    (WIRE, "_flush_queue"): "nats-py: goes with it, as its own `publish` does",
    (WIRE, "_flush_pending"): "nats-py: same",
    (WIRE, "_error_cb"): "nats-py: FastStream's callback raises, which ends the reconnecting for good",
    (SLOTS, "BaseModel.__dict__"): "pydantic: the setters of the slots below",
    (SLOTS, "__pydantic_fields_set__"): "pydantic: objects made past their validation, five times as quickly",
    (SLOTS, "__pydantic_extra__"): "pydantic: same",
    (SLOTS, "__pydantic_private__"): "pydantic: same",
    (SLOTS, "object.__new__"): "pydantic: same",
    (SLOTS, "__pydantic_decorators__"): "pydantic: whether a class is stored otherwise than its fields say",
    ("services.kit.projections.views", "object.__setattr__"): "our own frozen class, in its `__post_init__`",
    ("services.kit.sandbox.zygote", "_exit"): "os: documented, in spite of its name: the end of a forked child",
}


def test_private_names_of_libraries_are_used_where_that_is_allowed_and_nowhere_else() -> None:
    assert uses() == set(ALLOWED)


def test_a_module_that_uses_some_is_a_door_with_a_public_way_beside_it() -> None:
    assert [
        name for name in (WIRE, SLOTS) if "services.kit.door" not in {own(each) for each in modules()[name].imports}
    ] == []


SAMPLE = """
from collections.abc import Mapping as _Mapping
from typing import _GenericAlias
import asyncio.base_events, _thread
import logging, pydantic

class Own:
    _kept = 1
    def __init__(self):
        self._given = 2
    def also(self, other):
        return self._given, other._kept, _Mapping, other.__dict__

class Quiet(logging.StreamHandler):
    _kept_too = 3
    def __init__(self):
        self._reach = self._name
    def _at_fork_reinit(self):
        self._own()
    def _own(self):
        pass

def reach(x, loop, Model):
    loop._ready.append(x)
    getattr(x, "_hidden")
    getattr(x, "shown")
    x.__pydantic_private__ = Model.__dict__, type(x).__dict__, x.__dict__
    object.__setattr__(x, "y", 1)
"""


def test_the_rule_sees_every_way_to_a_private_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    path = tmp_path / "reaching_sample.py"
    path.write_text(SAMPLE)
    found = used_in(Module(path.stem, path, ast.parse(SAMPLE), frozenset()), ours=("reaching_sample",))
    assert found == {
        *("_GenericAlias", "_thread", "_ready", "_hidden"),
        *("_name", "_at_fork_reinit"),
        *("__pydantic_private__", "Model.__dict__", "type(x).__dict__", "object.__setattr__"),
    }
