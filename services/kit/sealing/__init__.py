"""Sealed fields and the keys that open them."""

from services.kit.sealing.keyring import Keyring, load_keyring
from services.kit.sealing.keys import Keys, open_keys
from services.kit.sealing.purposes import PURPOSES, Purpose

__all__ = ["PURPOSES", "Keyring", "Keys", "Purpose", "load_keyring", "open_keys"]
