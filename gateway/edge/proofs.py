"""Proof of work: a stranger's browser works a second or two for a form that it sends (altcha, all of it our own).

The challenge is bound to the form's slip, so that a proof is worth that one form; nothing is remembered of it.
"""

import asyncio
import json

import altcha

from gateway.edge.slips import Slip

ALGORITHM = "PBKDF2/SHA-256"
COST = 10_000
PREFIX = "00"
"""One try in 256 fits: two and a half million rounds, seconds of a phone while somebody writes; of ours one try."""
LONGEST = 4_096


class Proofs:
    def __init__(self, key: bytes) -> None:
        self._key = key

    def challenge(self, slip: Slip) -> str:
        """What the widget is given: JSON."""
        made = altcha.create_challenge(
            ALGORITHM, COST, key_prefix=PREFIX, expires_at=slip.ends, data={"slip": slip.nonce}, hmac_secret=self._key
        )
        return json.dumps(made.to_dict())

    async def proven(self, payload: str, slip: Slip) -> bool:
        """Whether a browser has worked for this very form."""
        if not payload or len(payload) > LONGEST:
            return False
        return await asyncio.to_thread(self._proven, payload, slip)

    def _proven(self, payload: str, slip: Slip) -> bool:
        if not altcha.verify_solution(payload, self._key).verified:
            return False
        return bool(altcha.Payload.from_base64(payload).challenge.parameters.data == {"slip": slip.nonce})
