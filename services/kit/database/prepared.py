"""What statements to PostgreSQL are known by, and what comes back."""

from collections.abc import MutableMapping, Sequence
from typing import Any

Row = Sequence[Any]
Prepared = MutableMapping[tuple[bytes, tuple[int, ...]], bytes]
"""Statement and types of its values → the name that a connection knows it by."""
