"""Where our source uses a name that is not ours and that its owner keeps private."""

import ast
import functools
import importlib
import inspect
import textwrap
from collections.abc import Collection, Iterator

from tests.architecture.tree import Module, modules, read

OURS = ("contracts", "services", "gateway", "benchmarks")
OF_NAMED_TUPLES = {"_asdict", "_fields", "_make", "_replace"}  # public: only apart from the names of fields
REACHING = {"getattr", "setattr", "hasattr", "delattr"}


def uses() -> set[tuple[str, str]]:
    """(module, name); of a class's own storage ``Class.__dict__``, of `object` ``object.__new__``."""
    every = {**modules(), **{module.name: module for module in read("benchmarks")}}
    return {(name, used) for name, module in every.items() for used in used_in(module)}


def used_in(module: Module, ours: Collection[str] = OURS) -> set[str]:
    """``ours``: the packages whose private names are our own affair."""
    return {*_spelled(module, ours), *_inherited(module, ours)}


def _spelled(module: Module, ours: Collection[str]) -> Iterator[str]:
    own = _defined(module.syntax)
    for node in ast.walk(module.syntax):
        for name in (*_accessed(node), *_imported(node, ours)):
            if _is_private(name) and name not in own:
                yield name
        if isinstance(node, ast.Attribute) and _is_storage(node):
            yield ast.unparse(node)


def _accessed(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name) if not name.startswith("__pydantic_"):
            pass  # see `_inherited`
        case ast.Attribute(attr=name):
            yield name
        case ast.Constant(value=str(text)) if text.startswith("__pydantic_"):
            yield text
        case ast.Call(func=ast.Name(id=call), args=[_, ast.Constant(value=str(name)), *_]) if call in REACHING:
            yield name


def _imported(node: ast.AST, ours: Collection[str]) -> Iterator[str]:
    match node:
        case ast.ImportFrom(module=str(origin), names=names) if origin.split(".")[0] not in ours:
            yield from (*origin.split("."), *(each.name for each in names))
        case ast.Import(names=names):
            yield from (part for each in names for part in each.name.split("."))


def _is_storage(node: ast.Attribute) -> bool:
    """``Model.__dict__``, ``type(x).__dict__``, ``object.__new__``; not ``x.__dict__``, Python's public word."""
    match node:
        case ast.Attribute(value=ast.Name(id=name), attr="__dict__"):
            return name[:1].isupper()
        case ast.Attribute(value=ast.Call(func=ast.Name(id="type")), attr="__dict__"):
            return True
        case ast.Attribute(value=ast.Name(id="object"), attr=name):
            return name.startswith("__")
    return False


def _inherited(module: Module, ours: Collection[str]) -> Iterator[str]:
    """What a class takes from a base that is not ours, or puts in its place."""
    loaded = importlib.import_module(module.name)
    for node in ast.walk(module.syntax):
        if isinstance(node, ast.ClassDef) and inspect.isclass(cls := getattr(loaded, node.name, None)):
            own = {name for name in _defined(node) | _of_self(node) if _is_private(name)}
            for base in cls.__mro__ if own else ():
                if base.__module__.split(".")[0] not in ours:
                    yield from own & {*vars(base), *_assigned(base)}


@functools.cache
def _assigned(base: type) -> frozenset[str]:
    """What its own source gives to ``self``."""
    try:
        return frozenset(_defined(ast.parse(textwrap.dedent(inspect.getsource(base)))))
    except (OSError, TypeError):  # it has no source: nothing but what `vars` says
        return frozenset()


def _defined(tree: ast.AST) -> set[str]:
    """Names of functions and classes, of attributes that ``self`` or ``cls`` is given, of what a class declares."""
    found: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                found.add(name)
            case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name, ctx=ast.Store()):
                found.add(name)
            case ast.AnnAssign(target=ast.Name(id=name)) | ast.Name(id=name, ctx=ast.Store()):
                found.add(name)
    return found


def _of_self(tree: ast.AST) -> set[str]:
    return {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in {"self", "cls"}
    }


def _is_private(name: str) -> bool:
    if name == "_" or name in OF_NAMED_TUPLES:
        return False
    return name.startswith("__pydantic_") or (name.startswith("_") and not name.startswith("__"))
