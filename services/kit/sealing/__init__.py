"""Sealed fields and the keys that open them."""

from services.kit.sealing.keyring import Keyring, load_keyring

__all__ = ["Keyring", "load_keyring"]
