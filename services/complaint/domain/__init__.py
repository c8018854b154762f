"""Facts, phases and decisions of a complaint. Pure."""
