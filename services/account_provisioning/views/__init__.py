"""What is told of a request to who handles it."""
