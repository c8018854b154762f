"""Dovecot's own door for its administrator: it forgets a secret that it remembers, and ends what is logged in."""

from __future__ import annotations

import time
from base64 import b64encode

import httpx

from services.account_provisioning.ports import Away

SECONDS = 4.0
AGAIN_SECONDS = 0.5
NOBODY = 68
"""Nothing was logged in."""


class Doveadm:
    """Over HTTP with a key (``doveadm_api_key``). ``url``: up to the port; plain HTTP to this machine only."""

    def __init__(self, url: str, key: str) -> None:
        self._url = f"{url.rstrip('/')}/doveadm/v1"
        self._headers = {"Authorization": f"X-Dovecot-API {_encoded(key)}"}

    def end(self, address: str) -> None:
        """First forgotten, then ended: what comes back finds the new secret. Twice: a login that was on its way at the
        first time is remembered after it.
        """
        self._end(address)
        time.sleep(AGAIN_SECONDS)
        self._end(address)

    def _end(self, address: str) -> None:
        commands = [
            ["authCacheFlush", {"user": [address]}, "flush"],
            ["kick", {"mask": [address]}, "kick"],
        ]
        try:
            answer = httpx.post(self._url, json=commands, headers=self._headers, timeout=SECONDS)
            told = answer.json()
        except (httpx.HTTPError, ValueError) as away:
            raise Away("sessions-away") from away
        wrong = [each for each in told if each[0] == "error" and each[1].get("exitCode") != NOBODY]
        if answer.status_code != httpx.codes.OK or wrong:
            raise Away("sessions-refused")


def _encoded(key: str) -> str:
    return b64encode(key.encode()).decode()
