"""What a command is completed with before it is decided."""
