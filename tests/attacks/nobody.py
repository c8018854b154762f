"""Another user of the same machine: a process that has become `nobody`, and says what it could get."""

import json
import os
from collections.abc import Callable
from typing import Any

NOBODY = 65534


def as_nobody(look: Callable[[], Any]) -> Any:
    """What `look` returns (as JSON) in a process of the user nobody. Needs root. RuntimeError: it could not look."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:  # no test is run here, and nothing of pytest's is ended
        status = 1
        try:
            os.close(reading)
            os.setgroups([])
            os.setresgid(NOBODY, NOBODY, NOBODY)
            os.setresuid(NOBODY, NOBODY, NOBODY)
            with os.fdopen(writing, "w") as told:
                json.dump(look(), told)
            status = 0
        finally:
            os._exit(status)
    os.close(writing)
    with os.fdopen(reading) as telling:
        said = telling.read()
    if os.waitpid(child, 0)[1]:
        raise RuntimeError("nobody could not look")
    return json.loads(said)
