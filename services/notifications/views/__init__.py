"""What notifications tells of itself, from its own events."""
