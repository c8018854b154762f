"""``caraka demo``, whole: each of the three services is walked once, against the running product."""

from typing import Any

from services.cli.demo import Say, carry
from services.cli.demo_accounts import carry_account
from services.cli.demo_complaint import carry_complaint
from services.kit.settings import Settings


async def walk(settings: Settings, say: Say) -> list[dict[str, Any]]:
    """A letter to the archive, a complaint to its answer, an application to a login. Raises DemoFailed."""
    roads = (carry, carry_complaint, carry_account)
    return [step for road in roads for step in await road(settings, say)]
