"""Sealed fields and the keys that open them."""

from services.kit.sealing.keyring import Keyring

__all__ = ["Keyring"]
