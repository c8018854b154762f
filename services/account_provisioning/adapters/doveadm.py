"""Dovecot's own door for its administrator: it forgets a secret that it remembers, ends what is logged in, and may know
when somebody last was.
"""

from __future__ import annotations

import time
from base64 import b64encode
from datetime import UTC, datetime
from typing import Any

import httpx

from services.account_provisioning.ports import CANNOT_TELL, Away, Refused

SECONDS = 4.0
AGAIN_SECONDS = 0.5
NOBODY = 68
"""Nothing was logged in, or it is not in the dictionary."""


class Doveadm:
    """Over HTTP with a key (``doveadm_api_key``). ``url``: up to the port; plain HTTP to this machine only."""

    def __init__(self, url: str, key: str, logins: str = "") -> None:
        """``logins``: the dictionary in which its plugin last_login keeps them; empty: it keeps none."""
        self._logins = logins
        self._url = f"{url.rstrip('/')}/doveadm/v1"
        self._headers = {"Authorization": f"X-Dovecot-API {_encoded(key)}"}

    def end(self, address: str) -> None:
        """First forgotten, then ended: what comes back finds the new secret. Twice: a login that was on its way at the
        first time is remembered after it.
        """
        self._end(address)
        time.sleep(AGAIN_SECONDS)
        self._end(address)

    def last_login(self, address: str) -> datetime | None:
        """By IMAP or POP, as the plugin was told to note it under its usual key."""
        if not self._logins:
            raise Refused(CANNOT_TELL)
        told = self._asked([["dictGet", {"dictUri": self._logins, "key": f"shared/last-login/{address}"}, "login"]])
        values = [str(row["value"]) for kind, rows, _tag in told if kind == "doveadmResponse" for row in rows]
        return datetime.fromtimestamp(int(values[0]), UTC) if values and values[0].isdecimal() else None

    def _end(self, address: str) -> None:
        self._asked([
            ["authCacheFlush", {"user": [address]}, "flush"],
            ["kick", {"mask": [address]}, "kick"],
        ])  # fmt: skip

    def _asked(self, commands: list[list[Any]]) -> list[list[Any]]:
        """What it answers to each. Raises `Away`."""
        try:
            answer = httpx.post(self._url, json=commands, headers=self._headers, timeout=SECONDS)
            told: list[list[Any]] = answer.json()
        except (httpx.HTTPError, ValueError) as away:
            raise Away("sessions-away") from away
        wrong = [each for each in told if each[0] == "error" and each[1].get("exitCode") != NOBODY]
        if answer.status_code != httpx.codes.OK or wrong:
            raise Away("sessions-refused")
        return told


def _encoded(key: str) -> str:
    return b64encode(key.encode()).decode()
