"""A refusal as the console says it: the sentence of the screens, and the code by which it can be found."""

from contracts.base import Refusal


def said(refusal: Refusal) -> str:
    from gateway.edge.messages import sentence  # only where something was refused: it reads the catalogues

    return f"Ditolak: {sentence(refusal.code, refusal.detail, 'id')} ({refusal.code})"
