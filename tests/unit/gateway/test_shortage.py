"""What the machine could not give is no bug: the client is asked to come again, and the log says what lacked."""

import errno

import pytest

from gateway.edge.problems import told


@pytest.mark.parametrize("error", [MemoryError(), OSError(errno.EMFILE, "too many"), OSError(errno.ENOSPC, "full")])
def test_what_the_machine_could_not_give_may_be_asked_again(error: Exception) -> None:
    problem = told(error, "/api/v1/letters")
    assert (problem.code, problem.status) == ("gateway.unavailable", 503)


def test_a_bug_stays_one() -> None:
    assert told(ValueError("rahasia"), "/api/v1/letters").status == 500
    assert told(FileNotFoundError(errno.ENOENT, "none"), "/api/v1/letters").status == 500
