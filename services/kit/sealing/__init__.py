"""Sealed fields and the keys that open them."""
