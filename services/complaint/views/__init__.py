"""What the service tells of a complaint: to its reporter, and to who handles it."""
