"""Every regular expression of the product, as its source has it, and texts that are unkind to it."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from re import _constants, _parser  # type: ignore[attr-defined] # nothing public tells what a pattern is made of
from typing import Any

ROOT = Path(__file__).parents[2]
HOMES = ("contracts", "services", "gateway")
TAKES = {"compile", "search", "match", "fullmatch", "finditer", "findall", "split", "sub", "subn"}
EVERYWHERE = "findall"
WAYS = dict.fromkeys(TAKES, EVERYWHERE) | {way: way for way in ("search", "match", "fullmatch")}
"""What looks for all of them costs the same, whatever is done with what is found."""
FILLED = "ab"
"""Stands where a pattern is put together."""


@dataclass(frozen=True)
class Pattern:
    """``ways``: how its module uses it; one that is used nowhere there, as the worst does."""

    place: str
    text: str | bytes
    flags: int
    ways: tuple[str, ...]

    @property
    @cache  # noqa: B019 - as long as the tests run
    def compiled(self) -> re.Pattern[Any]:
        return re.compile(self.text, self.flags)


def patterns() -> Iterator[Pattern]:
    for home in HOMES:
        for path in sorted((ROOT / home).rglob("*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            constants = {
                target.id: node.value.value
                for node in tree.body
                if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
                for target in node.targets
                if isinstance(target, ast.Name) and isinstance(node.value.value, str | bytes)
            }
            for node in ast.walk(tree):
                if isinstance(node, ast.Call) and (way := _way(node)) and node.args:
                    text = _text(node.args[0], constants)
                    if text is not None:
                        place = f"{path.relative_to(ROOT).as_posix()}:{node.lineno}"
                        ways = _ways_of(node, tree) if way == "compile" else {WAYS[way]}
                        yield Pattern(place, text, _flags(node), tuple(sorted(ways)))


def calls() -> int:
    """How often `re` is called with a pattern at all: none may be missed."""
    return sum(
        1
        for home in HOMES
        for path in (ROOT / home).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and _way(node) and node.args
    )


def _way(node: ast.Call) -> str:
    called = node.func
    if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name) and called.value.id == "re":
        return called.attr if called.attr in TAKES else ""
    return ""


def _ways_of(compiled: ast.Call, tree: ast.Module) -> set[str]:
    names = {
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and node.value is compiled
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    return {
        WAYS[node.attr]
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in names
        and node.attr in WAYS
    } or {EVERYWHERE}  # fmt: skip


def _text(node: ast.expr, constants: dict[str, str | bytes]) -> str | bytes | None:
    match node:
        case ast.Constant(value=str() | bytes() as text):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(str(part.value) if isinstance(part, ast.Constant) else FILLED for part in parts)
        case ast.Name(id=name) if name in constants:
            return constants[name]
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="format"), keywords=said) if name in constants:
            values = {each.arg: ast.literal_eval(each.value) for each in said if each.arg}
            return str(constants[name]).format(**values)
        case ast.BinOp(left=left, right=right, op=ast.Add()):
            one, other = _text(left, constants), _text(right, constants)
            return one + other if isinstance(one, str) and isinstance(other, str) else None
    return None


def _flags(node: ast.Call) -> int:
    names = {each.attr for each in ast.walk(node) if isinstance(each, ast.Attribute) and each.attr.isupper()}
    return sum(int(getattr(re, name)) for name in names if isinstance(getattr(re, name, None), re.RegexFlag))


def unkind(pattern: Pattern) -> list[tuple[str, str, str]]:
    """(beginning, what is repeated, end): signs that the pattern speaks of, alone, in pairs, after its beginnings."""
    parsed = _parser.parse(pattern.text, pattern.flags)
    liked, samples = _sample_of(parsed), list(dict.fromkeys(_samples(parsed)))
    begins = dict.fromkeys(liked[:cut] for cut in (0, 1, 2, 5, len(liked) - 1))
    alone = [*samples[:12], *(liked[:cut] for cut in (2, 3, 5, 9, 40))]
    pairs = [one + other for one in samples[:6] for other in samples[:6] if one != other]
    bodies = dict.fromkeys(each for each in (*alone, *pairs) if each)
    return [(begin, body, end) for begin in begins for body in bodies for end in ("", "\x01")]


def _samples(parsed: Any) -> Iterator[str]:
    """A sign for everything that a pattern distinguishes."""
    for operation, argument in parsed:
        yield from _signs(operation, argument)
        for inner in _inner(operation, argument):
            yield from _samples(inner)
    yield from (" ", "\n", "a", "0", "\x01")


def _signs(operation: Any, argument: Any) -> Iterator[str]:
    if operation in {_constants.LITERAL, _constants.NOT_LITERAL}:
        yield chr(argument)
    elif operation is _constants.IN:
        for kind, value in argument:
            if kind is _constants.LITERAL:
                yield chr(value)
            elif kind is _constants.RANGE:
                yield chr(value[0])


def _inner(operation: Any, argument: Any) -> Iterator[Any]:
    if operation in {_constants.MAX_REPEAT, _constants.MIN_REPEAT, _constants.POSSESSIVE_REPEAT}:
        yield argument[2]
    elif operation is _constants.SUBPATTERN:
        yield argument[3]
    elif operation is _constants.BRANCH:
        yield from argument[1]
    elif operation in {_constants.ASSERT, _constants.ASSERT_NOT}:
        yield argument[1]
    elif operation is _constants.ATOMIC_GROUP:
        yield argument


def _sample_of(parsed: Any) -> str:
    """A text that the pattern might like."""
    return "".join(_liked(operation, argument) for operation, argument in parsed)


def _liked(operation: Any, argument: Any) -> str:  # noqa: PLR0911 - one row for each
    if operation is _constants.LITERAL:
        return chr(argument)
    if operation is _constants.NOT_LITERAL:
        return "a" if argument != ord("a") else "b"
    if operation is _constants.ANY:
        return "a"
    if operation is _constants.IN:
        return _one_of(argument)
    if operation in {_constants.MAX_REPEAT, _constants.MIN_REPEAT, _constants.POSSESSIVE_REPEAT}:
        return _sample_of(argument[2]) * max(int(argument[0]), 1)
    if operation is _constants.BRANCH:
        return _sample_of(argument[1][0])
    if operation in {_constants.SUBPATTERN, _constants.ATOMIC_GROUP}:
        return "".join(_sample_of(each) for each in _inner(operation, argument))
    return ""


def _one_of(signs: Any) -> str:
    if signs[0][0] is _constants.NEGATE:
        taken = {value for kind, value in signs if kind is _constants.LITERAL}
        return next((sign for sign in "a0 x." if ord(sign) not in taken), "~")
    kind, value = signs[0]
    if kind is _constants.LITERAL:
        return chr(value)
    if kind is _constants.RANGE:
        return chr(value[0])
    return {_constants.CATEGORY_DIGIT: "0", _constants.CATEGORY_SPACE: " "}.get(value, "a")
