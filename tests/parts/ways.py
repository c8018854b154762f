"""The two ways of the road's tests: libraries by their doors, and by their public ways alone (fixture ``way``)."""

import pytest

WAYS = ("doors", "public ways")

ONE_WAY = pytest.mark.parametrize("way", WAYS[:1], indirect=True)
"""For what takes long, or does not depend on it."""
