"""What is decided about requests, accounts and addresses; pure."""
