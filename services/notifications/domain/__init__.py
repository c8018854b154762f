"""What is decided of notices."""
