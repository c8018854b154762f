"""A confined place for work on bytes that nobody vouches for."""
