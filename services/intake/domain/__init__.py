"""The letter, its agenda book, its standard: what they are (`state`), what is decided, and what follows (`evolve`)."""
