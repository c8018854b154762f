"""Durable jobs: effects on the outside world after a fact, sent to FastStream workers until each is settled.

The store's table (`services.kit.store.jobtable`) says what is wanted and owns the retries; JetStream only carries.
"""

from services.kit.jobs.effects import Effect, EffectDone

__all__ = ["Effect", "EffectDone"]
