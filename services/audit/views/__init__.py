"""The chains as they are kept and asked about: links and heads, breaches, closed epochs."""

from services.audit.views.keeping import METADATA, ChainMoved, Chains
from services.audit.views.patrol import Patrol

__all__ = ["METADATA", "ChainMoved", "Chains", "Patrol"]
