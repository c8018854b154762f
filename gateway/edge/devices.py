"""Known devices: a browser in which somebody has logged in before has a budget of wrong passwords of its own.

Whoever tries passwords from elsewhere cannot use it up. The cookie opens nothing; it holds a number made by us and a
signature for each login that was right there (OWASP's device cookies, without a table).
"""

import hmac
import secrets
from hashlib import blake2b, sha256

from fastapi import Request, Response

COOKIE = "__Host-caraka-device"
NUMBER_BYTES = 16
SIGNED_BYTES = 16
MOST_LOGINS = 8
LASTS_SECONDS = 180 * 24 * 3600


class Devices:
    def __init__(self, key: bytes) -> None:
        self._key = key

    def known(self, request: Request, login: str) -> str | None:
        """The device's number, hashed, where this login was right before; else None."""
        number, signed = _parts(request)
        mine = self._sign(number, login)
        if not number or not any(hmac.compare_digest(mine.encode(), each.encode()) for each in signed):
            return None
        return sha256(number.encode()).hexdigest()

    def remember(self, request: Request, response: Response, login: str) -> None:
        """After a login that was right."""
        number, signed = _parts(request)
        own = [each for each in signed if number]
        number = number or secrets.token_hex(NUMBER_BYTES)
        mine = self._sign(number, login)
        value = ".".join([number, mine, *(each for each in own if each != mine)][: MOST_LOGINS + 1])
        response.set_cookie(
            COOKIE, value, max_age=LASTS_SECONDS, path="/", secure=True, httponly=True, samesite="strict"
        )

    def _sign(self, number: str, login: str) -> str:
        return blake2b(f"{number} {login}".encode(), key=self._key, digest_size=SIGNED_BYTES).hexdigest()


def _parts(request: Request) -> tuple[str, list[str]]:
    number, *signed = request.cookies.get(COOKIE, "").split(".")
    if len(number) != 2 * NUMBER_BYTES or not number.isascii() or not number.isalnum():
        return "", []
    return number, [each for each in signed[:MOST_LOGINS] if each.isascii()]
