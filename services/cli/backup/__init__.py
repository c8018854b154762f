"""``caraka backup`` and ``caraka restore``: the whole product to another place, and back."""
