"""Whether a database can be worked in, asked before anything is started."""

import psycopg


class Unreachable(Exception):
    """``refused``: the server answers, and does not let this user into this database."""

    def __init__(self, *, refused: bool) -> None:
        self.refused = refused
        super().__init__("refused" if refused else "no answer")


def reach(url: str, seconds: int) -> None:
    """Raises Unreachable. The server's own words may hold a name and are not passed on; what failed has no code yet."""
    try:
        psycopg.connect(url, connect_timeout=seconds).close()
    except psycopg.OperationalError as error:
        raise Unreachable(refused="FATAL" in str(error)) from None
