"""What a log and a health report tell of an error: its kind and where it arose. Never its words.

Libraries put into them what they were working on (a statement's parameters, a text that is no number), and that may be
a citizen's.
"""

from __future__ import annotations

import os
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from pydantic import ValidationError

from services.kit.observability.causes import cause_of

MOST_FRAMES = 60


def named(error: BaseException) -> str:
    """In a line: ``OperationalError of ConnectionTimeout (place.py:51)``, and what it means where that is known."""
    first = error
    while isinstance(first, BaseExceptionGroup):
        first = first.exceptions[0]
    frames = traceback.extract_tb(first.__traceback__)
    place = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
    origin, cause = first.__cause__, cause_of(error)
    return f"{_said(first)}{f' of {_said(origin)}' if origin is not None else ''}{place}{cause and f': {cause}'}"


def told(error: BaseException) -> str:
    """The whole chain with its frames."""
    return "\n".join(_lines(error))


def plain_traceback(stream: IO[str], exc_info: Any) -> None:
    """For structlog's console."""
    stream.write("\n" + formatted(exc_info))


def formatted(exc_info: Any) -> str:
    """For structlog's renderer of exceptions."""
    error = exc_info[1] if isinstance(exc_info, tuple) else exc_info
    return told(error) if isinstance(error, BaseException) else ""


def _lines(error: BaseException) -> Iterator[str]:
    cause = error.__cause__
    if cause is None and not error.__suppress_context__:
        cause = error.__context__
    if cause is not None:
        yield from _lines(cause)
        yield "and from it, or while it was handled:"
    yield "Traceback (most recent call last):"
    for frame in traceback.extract_tb(error.__traceback__, limit=-MOST_FRAMES):
        yield f"  {frame.filename}:{frame.lineno} in {frame.name}"
    yield _said(error)
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from (f"  | {line}" for line in _lines(each))


def _said(error: BaseException) -> str:
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    if isinstance(error, ValidationError):
        wrong = sorted({one["type"] for one in error.errors(include_input=False, include_context=False)})
        return f"{name}: {error.title}: {', '.join(wrong)}"
    if isinstance(error, OSError) and error.errno is not None:
        return f"{name}: {os.strerror(error.errno)}"
    return name
