"""What a worker is for: the effect itself, from what the owner has finished to what came of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from contracts.jobs import Outcome


@dataclass(frozen=True, slots=True)
class EffectDone:
    """``reason``: a line for a person, nothing personal. ``result``: plain JSON that the owner asks back."""

    outcome: Outcome = "accepted"
    reason: str = ""
    result: Mapping[str, Any] = field(default_factory=dict)
    retry_after: int | None = None


Effect = Callable[[UUID, str, Mapping[str, Any]], Awaitable[EffectDone]]
"""``await effect(job_id, agency, payload)``. It may be asked more than once for one job: the id is the key for that.

An exception counts as *temporary*; whoever cannot know whether it was done says *unknown*.
"""
