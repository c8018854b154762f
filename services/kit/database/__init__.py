"""Where a service keeps its tables, its role, and how statements travel there."""
