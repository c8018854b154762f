"""What all kinds of case have: history, the office's own rows, how questions are answered."""
